"""Portable patterns: the grammar of docs/patterns.md, which means the same to Rust and to Python.

The twin of rustlib/core/src/pattern. It must never hand a user's pattern to `re` as it came, never take more than
linear time for one search, and never quote a pattern or a text.
Tests: tests/unit/test_patterns.py, tests/vectors/patterns.jsonl.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from pyplugins.core.faults import fault
from pyplugins.core.pattern import pike, tree
from pyplugins.core.pattern.automaton import Automaton
from pyplugins.core.pattern.linear import is_linear
from pyplugins.core.pattern.options import Options
from pyplugins.core.pattern.parser import Parser
from pyplugins.core.pattern.printer import to_re
from pyplugins.core.pattern.program import Program
from pyplugins.core.pattern.reasons import PatternError
from pyplugins.core.pattern.text import decode

__all__ = ["Options", "Pattern", "PatternError", "PatternSet", "Span", "TooMuchWork", "decode"]

# What searches may read behind their matches, for each character of the text and on top of that.
_ALLOWANCE = (8, 100_000)


class TooMuchWork(Exception):
    """A text would take a pattern more than linear time."""


# Half-open, in code points of the text.
Span = tuple[int, int]


class Pattern:
    """One parsed pattern. Immutable and safe to share between threads.

    Attributes:
        text: as it was written.
        size: by the formula of docs/patterns.md.
        lengths: least and greatest length of a match, in code points and bytes; a least of 0 means it can be empty.
        prefix: literal text that every match starts with, often empty.
        capital_prefix: the same with ASCII letters in any case, as capitals.
        group_count: capturing groups.
        group_names: name to index.

    >>> list(Pattern.parse("[a-c]+").finditer("ab-c"))
    [(0, 2), (3, 4)]
    """

    def __init__(self, text: str, node: tree.Node, groups: int, group_names: dict[str, int], size: int) -> None:
        self.text = text
        self.size = size
        self.lengths = tree.lengths(node)
        self.prefix = tree.prefix(node)
        self.capital_prefix = tree.capital_prefix(node)
        self.group_count = groups
        self.group_names = group_names
        self.node = node

    @staticmethod
    def parse(text: str, options: Options | None = None) -> Pattern:
        """The pattern, by the grammar and nothing else.

        Raises:
            PatternError: refused, with reason and place.
        """
        options = options or Options()
        parser = Parser(text, options)
        node = parser.parse()
        size = tree.size(node)
        if size > options.max_size:
            raise PatternError("too_big", 0, size)
        return Pattern(text, node, parser.groups, parser.names, size)

    @property
    def can_be_empty(self) -> bool:
        """Whether the tree allows an empty match."""
        return self.lengths.min_chars == 0

    @property
    def compiled(self) -> re.Pattern[str] | None:
        """What `re` matches with, where that is the fast way; an empty match is not for it to iterate over."""
        return self._re if self._unbound is None else None

    @property
    def runs_on_re(self) -> bool:
        """Whether `re` does the matching, which is decided when the pattern is first used."""
        return self._re is not None

    @cached_property
    def _program(self) -> Program:
        return Program(self.node, self.group_count)

    @cached_property
    def _re(self) -> re.Pattern[str] | None:
        if not is_linear(self.node, self._program):
            return None
        return re.compile(to_re(self.node), re.ASCII)

    @cached_property
    def _unbound(self) -> re.Pattern[str] | None:
        """The pattern without its boundaries of all scripts, which are slow: it finds where a match can begin."""
        bare = tree.without_unicode_looks(self.node)
        if bare is self.node or not is_linear(bare, Program(bare, self.group_count)):
            return None
        return re.compile(to_re(bare), re.ASCII)

    @cached_property
    def _automaton(self) -> Automaton:
        return Automaton(self._program, self.prefix)

    def search(self, text: str, start: int = 0) -> Span | None:
        """The leftmost match at or behind `start`; what stands before `start` counts for ``^`` and ``\\b``."""
        if start > len(text):
            return None
        if self._unbound is not None:
            found = self._unbound.search(text, start)
            if found is None:
                return None
            start = found.start()
        if self._re is not None:
            found = self._re.search(text, start)
            return found.span() if found else None
        return self._automaton.search(text, start)

    def finditer(self, text: str, start: int = 0) -> Iterator[Span]:
        """All matches from `start` on: each begins at or behind the end of the one before, an empty one behind it."""
        if self._re is not None and self._unbound is None and not self.can_be_empty:
            for found in self._re.finditer(text, start):
                yield found.span()
            return
        last = -1
        while (span := self.search(text, start)) is not None:
            if span == (last, last):
                start += 1
                span = self.search(text, start)
                if span is None:
                    return
            yield span
            start = last = span[1]

    def limited(self, text: str) -> Iterator[Span]:
        """`finditer`, but for a text that would take more than linear time: ``.*b|a`` reads the rest of a text without
        ``b`` behind every ``a``.

        Raises:
            TooMuchWork: searches have read far more behind their matches than the text is long.
        """
        if self._re is not None:
            yield from self.finditer(text)
            return
        allowance = _ALLOWANCE[0] * len(text) + _ALLOWANCE[1]
        start, last = 0, -1
        while start <= len(text):
            if self._unbound is not None and (begun := self._unbound.search(text, start)):
                start = begun.start()
            span, read = self._automaton.search_far(text, start)
            if span is None:
                return
            allowance -= max(read - span[1], 0)
            if allowance < 0:
                raise TooMuchWork
            if span == (last, last):
                start += 1
                last = -1
                continue
            yield span
            start = last = span[1]

    def captures_at(self, text: str, start: int) -> list[Span | None] | None:
        """Like `search`, with the span of every group: index 0 is the match, None a group that took no part."""
        if start > len(text):
            return None
        if self._re is not None:
            found = self._re.search(text, start)
            return [_span(*pair) for pair in found.regs] if found else None
        found_at = self._automaton.search(text, start)
        slots = pike.search(self._program, text, found_at[0]) if found_at else None
        return [_span(*slots[at : at + 2]) for at in range(0, len(slots), 2)] if slots else None


def parsed(text: str, path: str, options: Options | None = None) -> Pattern:
    """A pattern of a configuration; what the grammar refuses becomes the fault of its JSON path.

    Raises:
        ConfigError: outside the grammar or over a limit; code, place and reason as in Rust.
    """
    options = options or Options()
    try:
        return Pattern.parse(text, options)
    except PatternError as error:
        if error.size:
            raise fault("pattern_size", path, error.size, options.max_size) from None
        raise fault("pattern_syntax", path, error.offset, error.number) from None


def _span(start: int, end: int) -> Span | None:
    return (start, end) if start >= 0 else None


class PatternSet:
    """Several patterns over the same text, each on its own: matches of different patterns may overlap."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)

    def finditer(self, text: str, start: int = 0) -> Iterator[tuple[int, int, int]]:
        """(pattern index, start, end), all of the first pattern, then all of the second, and so on."""
        for index, pattern in enumerate(self.patterns):
            for span in pattern.finditer(text, start):
                yield index, *span

    def is_match(self, text: str) -> bool:
        """Whether any pattern matches anywhere."""
        return any(pattern.search(text) for pattern in self.patterns)
