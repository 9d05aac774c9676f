"""What there is to scan under the given paths: files in a fixed order, and what was left out or could not be read.

A path that is named is always scanned. Inside a directory, hidden directories and symbolic links are left out unless
asked for; hidden files are not, because that is where secrets lie (`.env`). Tests: tests/cli/test_walk.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from pyplugins.cli import exits
from pyplugins.cli.scanning import STDIN, Failed, Skipped

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "CVS"})

HIDDEN = Skipped("hidden directory")
LINK = Skipped("symbolic link")
SPECIAL = Skipped("special file")


class Target(NamedTuple):
    """Something under the given paths; without a verdict it is a file to scan."""

    path: str
    verdict: Skipped | Failed | None = None


@dataclass(frozen=True)
class Rules:
    """What to take of a directory. A pattern without ``/`` is for names, one with ``/`` for the path below the
    directory."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    hidden: bool = False
    follow: bool = False

    def takes(self, name: str, below: str) -> bool:
        """Whether a file is to be scanned."""
        return not self.leaves_out(name, below) and (not self.include or _matches(self.include, name, below))

    def leaves_out(self, name: str, below: str) -> bool:
        """Whether a file or directory is excluded."""
        return _matches(self.exclude, name, below)


def _matches(patterns: Iterable[str], name: str, below: str) -> bool:
    return any(fnmatchcase(below if "/" in pattern else name, pattern) for pattern in patterns)


def targets(paths: Iterable[str], rules: Rules) -> Iterator[Target]:
    """Everything to scan, in the order of the paths and, in directories, of the names."""
    for path in paths:
        if path != STDIN and os.path.isdir(path):
            yield from _Tree(path, rules).targets()
        else:
            yield Target(path)


class _Tree:
    """One walk; iterative, so that no depth is too deep."""

    def __init__(self, root: str, rules: Rules) -> None:
        self._root = root
        self._rules = rules
        #: Directories that were entered, by device and inode: a link may lead back to one.
        self._seen: set[tuple[int, int]] = set()

    def targets(self) -> Iterator[Target]:
        stack: list[Iterator[os.DirEntry[str]]] = []
        yield from self._enter(self._root, stack)
        while stack:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
                continue
            try:
                yield from self._entry(entry, stack)
            except OSError as why:
                yield Target(entry.path, Failed(exits.describe(why)))

    def _entry(self, entry: os.DirEntry[str], stack: list[Iterator[os.DirEntry[str]]]) -> Iterator[Target]:
        below = os.path.relpath(entry.path, self._root).replace(os.sep, "/")
        if self._rules.leaves_out(entry.name, below):
            return
        if entry.is_symlink():
            if not self._rules.follow:
                yield Target(entry.path, LINK)
                return
            entry.stat()  # raises for a link that leads nowhere or to itself
        if entry.is_dir():
            if entry.name in _VERSION_CONTROL or (entry.name.startswith(".") and not self._rules.hidden):
                yield Target(entry.path, HIDDEN)
            else:
                yield from self._enter(entry.path, stack)
        elif not entry.is_file():
            yield Target(entry.path, SPECIAL)
        elif self._rules.takes(entry.name, below):
            yield Target(entry.path)

    def _enter(self, path: str, stack: list[Iterator[os.DirEntry[str]]]) -> Iterator[Target]:
        try:
            status = os.stat(path)
            if (status.st_dev, status.st_ino) in self._seen:
                return
            self._seen.add((status.st_dev, status.st_ino))
            with os.scandir(path) as entries:
                stack.append(iter(sorted(entries, key=lambda entry: entry.name)))
        except OSError as why:
            yield Target(path, Failed(exits.describe(why)))
