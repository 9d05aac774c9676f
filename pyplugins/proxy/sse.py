"""Server-sent events: bytes in, events out, and back. Tests: tests/proxy/test_sse.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyplugins.proxy.framing import KEPT, Lines, TooLarge


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Fields that the standard does not know are left out: nobody has read them."""

    data: bytes | None = None
    id: bytes | None = None
    event: bytes | None = None
    retry: bytes | None = None

    def encoded(self) -> bytes:
        """The event as it is sent; its data may have any of the three line endings."""
        fields = ((b"id", self.id), (b"event", self.event), (b"retry", self.retry))
        lines = [name + b": " + value + b"\n" for name, value in fields if value is not None]
        if self.data is not None:
            lines += [b"data: " + line + b"\n" for line in _one_ending(self.data).split(b"\n")]
        return b"".join(lines) + b"\n"


def _one_ending(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


#: A comment, which keeps connections open.
PING = b": ping\n\n"


class Events:
    """Takes bytes as they come and gives events.

    Arguments:
        limit: bytes of the longest data of one event, and of the longest line.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lines = Lines(limit + len(b"data: "), blank=True)
        self._fields: dict[bytes, bytes] = {}
        self._data: list[bytes] = []
        self._size = 0
        self._lost: TooLarge | None = None
        self._held = b""

    def feed(self, data: bytes) -> Iterator[Event | TooLarge | None]:
        """The events that these bytes complete, and None for each comment."""
        data = self._held + data
        # Three line endings are allowed. One that stands at the end may be the first half of another.
        self._held = b"\r" if data.endswith(b"\r") else b""
        for line in self._lines.feed(_one_ending(data.removesuffix(b"\r"))):
            if isinstance(line, TooLarge):
                self._lost = TooLarge(line.head.partition(b":")[2], line.tail, line.size)
            elif not line:
                yield from self._finish()
            elif line.startswith(b":"):
                yield None
            else:
                self._take(line)

    def _take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._size += len(value) + 1
            if self._size <= self._limit + 1:
                self._data.append(value)
            else:
                self._lost = TooLarge(b"".join(self._data)[:KEPT], value[-KEPT:], self._size)
                self._data = []
        elif name in (b"id", b"event", b"retry"):
            self._fields[name] = value

    def _finish(self) -> Iterator[Event | TooLarge]:
        fields, data, lost = self._fields, self._data, self._lost
        self._fields, self._data, self._size, self._lost = {}, [], 0, None
        if lost is not None:
            yield lost
        elif data or fields:
            joined = b"\n".join(data) if data else None
            yield Event(joined, fields.get(b"id"), fields.get(b"event"), fields.get(b"retry"))
