"""Bodies that need not end, cut into records that are scanned one by one: server-sent events, and lines of JSON.

A record is scanned when it is complete; what it says is never read across its ends. Comments, names and ids of an event
are read too. Tests: tests/integrations/test_records.py.
"""

from __future__ import annotations

import re
from typing import Any

from pyplugins.integrations._bodies import EVENTS, Unreadable, dump_json, parse_text_as_json

# One end of a line is CRLF, LF or CR, and a CR before an LF is never an end by itself.
_LINE_END = re.compile(rb"\r\n|\r|\n")
_TEXT_LINE_END = re.compile(r"\r\n|\r|\n")
_EVENT_END = re.compile(rb"(?>\r\n|\r|\n){2}")
_NDJSON_END = re.compile(rb"\n")
_LONGEST_END = 4  # bytes: CRLF CRLF
_KEEP = "surrogateescape"


class Records:
    """Cuts a body at the ends of its records.

    Args:
        kind: `EVENTS` or `LINES`.
        max_bytes: the longest record.
    """

    def __init__(self, kind: str, max_bytes: int) -> None:
        self._end = _EVENT_END if kind == EVENTS else _NDJSON_END
        self._max_bytes = max_bytes
        self._buffer = bytearray()

    def feed(self, part: bytes) -> list[bytes]:
        """The records that are complete now, with their ends.

        Raises:
            Unreadable: a record is too long.
        """
        searched = max(0, len(self._buffer) - _LONGEST_END)
        self._buffer += part
        records: list[bytes] = []
        start = 0
        for end in self._end.finditer(self._buffer, searched):
            records.append(bytes(self._buffer[start : end.end()]))
            start = end.end()
        del self._buffer[:start]
        if any(len(record) > self._max_bytes for record in (self._buffer, *records)):
            raise Unreadable(f"a part of the stream is longer than {self._max_bytes} bytes", "TOO_LARGE", 413)
        return records

    def rest(self) -> bytes:
        """What came after the last end."""
        return bytes(self._buffer)


def parse_line(line: bytes) -> Any:
    """What a line of JSON says; a line that is none is a text."""
    return parse_text_as_json(line.decode("utf-8", _KEEP))


def render_line(data: Any, line: bytes) -> bytes:
    """The line for changed data."""
    if isinstance(data, str):
        return data.encode("utf-8", _KEEP)
    return dump_json(data) + (b"\n" if line.endswith(b"\n") else b"")


def parse_event(event: bytes) -> dict[str, Any]:
    """What an event says: its data, from JSON if it is, and its other lines."""
    data: list[str] = []
    others: list[str] = []
    for line in _LINE_END.split(event):
        text = line.decode("utf-8", _KEEP)
        name, colon, value = text.partition(":")
        if name == "data" and colon:
            data.append(value.removeprefix(" "))
        elif text:
            others.append(text)
    return {"data": parse_text_as_json("\n".join(data)) if data else None, "others": others}


def render_event(said: dict[str, Any]) -> bytes:
    """The event for changed data."""
    data = said["data"]
    lines = [_TEXT_LINE_END.sub(" ", other) for other in said["others"]]
    if data is not None:
        text = data if isinstance(data, str) else dump_json(data).decode("ascii")
        lines += [f"data: {line}" for line in _TEXT_LINE_END.split(text)]
    return "\n".join((*lines, "", "")).encode("utf-8", _KEEP)
