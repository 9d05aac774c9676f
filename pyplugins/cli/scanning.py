"""Scans one file or pipe: events that say what was read and found, in order, and never an exception.

An event can be sent to another process. Tests: tests/cli/test_scanning.py.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from pyplugins.cli import exits
from pyplugins.cli.detector import Detector, Part
from pyplugins.cli.output import Identity, identity
from pyplugins.cli.positions import Positions
from pyplugins.cli.records import Record, preview

STDIN = "-"
#: Large enough that a call's cost vanishes and the GIL is released, small enough that the findings of some chunks fit
#: in memory.
CHUNK_BYTES = 256 * 1024
#: A NUL this early means binary: the rule of git and grep.
_BINARY_PROBE_BYTES = 8000


@dataclass(frozen=True, slots=True)
class Batch:
    """Bytes were read, and these findings are complete."""

    read: int
    records: list[Record]


@dataclass(frozen=True, slots=True)
class Skipped:
    """The file was left out, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The file could not be scanned to its end; what was found before stands."""

    why: str


Event: TypeAlias = Batch | Skipped | Failed


@dataclass(frozen=True)
class Reading:
    """How files are read."""

    binary: bool = False
    show_values: bool = False
    #: Files that are being written while others are read: reading them would never end.
    outputs: frozenset[Identity] = frozenset()


def scan_file(path: str, detector: Detector, reading: Reading) -> Iterator[Event]:
    """Scans the file, or standard input for ``-``."""
    try:
        with opened(path) as source:
            if reading.outputs and identity(source) in reading.outputs:
                yield Skipped("output file")
                return
            chunks = chunks_of(source)
            first = next(chunks, b"")
            if path != STDIN and not reading.binary and b"\0" in first[:_BINARY_PROBE_BYTES]:
                yield Skipped("binary file")
                return
            for part, records in found_in(path, detector, _again(first, chunks), reading):
                yield Batch(len(part.taken), records)
    except Exception as why:
        yield Failed(exits.describe(why))


def found_in(
    path: str, detector: Detector, chunks: Iterator[bytes], reading: Reading
) -> Iterator[tuple[Part, list[Record]]]:
    """The parts of a text with their findings as records."""
    positions = Positions()
    for part in detector.parts(chunks):
        positions.feed(part.taken)
        yield part, [_record(path, finding, positions, reading) for finding in part.findings]


def _record(path: str, finding: Any, positions: Positions, reading: Reading) -> Record:
    line, column, end_line, end_column, value = positions.place(finding.start, finding.end)
    return Record(
        path=path,
        rule=finding.rule,
        action=finding.action,
        score=finding.score,
        start=finding.start,
        end=finding.end,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        preview=preview(value),
        guess=finding.guess,
        derived=finding.derived,
        value=value.decode("utf-8", "backslashreplace") if reading.show_values else None,
        detail=finding.detail if reading.show_values else None,
    )


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The file, or standard input, which stays open."""
    if path == STDIN:
        if sys.stdin is None:
            raise OSError(errno.EBADF, "standard input is closed")
        yield sys.stdin.buffer
        return
    with open(path, "rb") as source:
        yield source


def chunks_of(source: BinaryIO) -> Iterator[bytes]:
    """What there is to read, as soon as there is any."""
    read = getattr(source, "read1", source.read)
    while chunk := read(CHUNK_BYTES):
        yield chunk


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
