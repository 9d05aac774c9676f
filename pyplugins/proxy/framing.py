"""Cuts a stream of bytes into lines of bounded size. Tests: tests/proxy/test_framing.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: What is kept of both ends of a line that is too large: enough for the id and the method.
KEPT = 512


@dataclass(frozen=True)
class TooLarge:
    """A line over the limit; it is not kept, the next one is whole again."""

    head: bytes
    tail: bytes
    size: int


class Lines:
    """Takes bytes as they come and gives lines, without the newline.

    Memory is bounded by the limit and the largest piece that is fed.

    Arguments:
        limit: bytes of the longest line, without its newline.
        blank: whether blank lines mean something and are given too.
    """

    def __init__(self, limit: int, *, blank: bool = False) -> None:
        self._limit = limit
        self._blank = blank
        self._parts: list[bytes] = []
        #: Bytes of the line so far.
        self._size = 0
        self._head = b""
        self._tail = b""

    def feed(self, data: bytes) -> Iterator[bytes | TooLarge]:
        """The lines that these bytes complete."""
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            self._add(data[start:end])
            start = end + 1
            yield from self.finish()
        if start < len(data):
            self._add(data[start:])

    def finish(self) -> Iterator[bytes | TooLarge]:
        """The line so far, when the stream ends without a newline."""
        size = self._size
        line = b"".join(self._parts)
        head, tail = self._head, self._tail
        self._parts, self._size, self._head, self._tail = [], 0, b"", b""
        if size > self._limit:
            yield TooLarge(head, tail, size)
        elif self._blank or (line and not line.isspace()):
            yield line

    def _add(self, part: bytes) -> None:
        before = self._size
        self._size += len(part)
        if self._size <= self._limit:
            self._parts.append(part)
            return
        if before <= self._limit:
            begun = b"".join(self._parts)
            self._parts = []
            self._head = (begun + part[:KEPT])[:KEPT]
            self._tail = begun[-KEPT:]
        self._tail = (self._tail + part[-KEPT:])[-KEPT:]
