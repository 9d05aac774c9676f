"""Writes the rewritten text of a file to standard output, to a file, or back in place: whole or not at all.

Tests: tests/cli/test_redact.py, tests/cli/test_repair.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, NamedTuple

import click

from pyplugins.cli import exits
from pyplugins.cli.detector import Detector
from pyplugins.cli.output import standard_output, whole_file
from pyplugins.cli.records import Record
from pyplugins.cli.scanning import STDIN, Batch, Event, Failed, Reading, chunks_of, found_in, opened


class Refused(Exception):
    """What was found forbids writing the text. The message names no scanned text."""


class Place(NamedTuple):
    """Where rewritten texts go."""

    output: str | None
    in_place: bool

    def check(self, paths: tuple[str, ...]) -> None:
        """Refuses what cannot be meant.

        Raises:
            click.UsageError: the paths do not go with the place.
        """
        if self.in_place and (self.output or STDIN in paths):
            raise click.UsageError("--in-place needs FILEs, and goes without --output")
        if len(paths) > 1 and not self.in_place:
            raise click.UsageError("several FILEs need --in-place")
        if paths == (STDIN,) and sys.stdin is not None and sys.stdin.isatty():
            raise click.UsageError("give a FILE, or pipe the text in")

    def of(self, path: str) -> str | None:
        """The file that is written for `path`; `None` is standard output."""
        return path if self.in_place else self.output


class _Unchanged(Exception):
    """Nothing was found in a file that is to be changed in place."""


def rewrite(
    path: str,
    place: Place,
    detector: Detector,
    reading: Reading,
    judge: Callable[[list[Record]], None] = lambda records: None,
) -> Iterator[Event]:
    """Writes what the detector makes of a file.

    Args:
        path: the file, or ``-``.
        place: where the text goes.
        detector: what rewrites.
        reading: how files are read.
        judge: sees the findings of each part before it is written, and may raise `Refused`.
    """
    to = place.of(path)
    try:
        with opened(path) as source, _destination(to) as destination:
            changed = False
            for part, records in found_in(path, detector, chunks_of(source), reading):
                judge(records)
                destination.write(part.output)
                if to is None:
                    destination.flush()
                changed = changed or bool(records)
                yield Batch(len(part.taken), records)
            if place.in_place and not changed:
                raise _Unchanged
    except _Unchanged:
        return
    except BrokenPipeError:
        raise
    except Refused as why:
        yield Failed(str(why))
    except Exception as why:
        yield Failed(exits.describe(why) if _about(why, path) else exits.with_file(why))


def total(paths: tuple[str, ...]) -> int | None:
    """Bytes to read, for the progress bar; `None` for a pipe."""
    if paths == (STDIN,):
        return None
    return sum(os.path.getsize(path) for path in paths if os.path.isfile(path))


def _about(why: Exception, path: str) -> bool:
    return getattr(why, "filename", None) in (None, path)


def _destination(to: str | None) -> AbstractContextManager[BinaryIO]:
    return standard_output() if to is None else whole_file(to)
