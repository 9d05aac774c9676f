"""Line and column of findings in a text that passes once, in bounded memory.

Findings arrive in order but later than their bytes, because a stream holds some back. So the last part of the text is
kept as it is, and of what lies before only the count of lines and columns. Tests: tests/cli/test_positions.py.
"""

from __future__ import annotations

from typing import NamedTuple

#: Bytes kept behind the last one. A stream holds back a small multiple of its engine's reach: some hundred bytes for
#: built-in rules, and for patterns of a configuration at most their size limit (docs/patterns.md: 5,000 characters).
KEEP = 4 * 1024 * 1024

_BOM = b"\xef\xbb\xbf"
_CONTINUATION = bytes(range(0x80, 0xC0))


class Place(NamedTuple):
    """Where a finding is, and its bytes. The end is the place of the first character behind it."""

    line: int
    column: int
    end_line: int
    end_column: int
    value: bytes


class Positions:
    """Takes a text in parts and answers for ascending offsets in it."""

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self._window = bytearray()
        #: Offset, line and column of the first byte of the window.
        self._base, self._line, self._column = 0, 1, 1

    def feed(self, chunk: bytes) -> None:
        """Takes the next part."""
        if self._base == 0 and not self._window and chunk.startswith(_BOM):
            self._column = 0  # no editor counts a byte order mark
        self._window += chunk
        if len(self._window) > 2 * self._keep:
            self._advance(len(self._window) - self._keep)

    def place(self, start: int, end: int) -> Place:
        """The place of `[start, end)`; `start` must not lie before the one asked for last."""
        if start < self._base:
            raise ValueError("the place has been forgotten")
        self._advance(start - self._base)
        value = bytes(self._window[: end - start])
        return Place(self._line, self._column, *_after(value, self._line, self._column), value)

    def _advance(self, length: int) -> None:
        if length:
            self._line, self._column = _after(self._window[:length], self._line, self._column)
            del self._window[:length]
            self._base += length


def _after(text: bytes | bytearray, line: int, column: int) -> tuple[int, int]:
    """Line and column behind `text` that begins at `line` and `column`."""
    newlines = text.count(b"\n")
    if newlines:
        return line + newlines, 1 + _characters(text[text.rindex(b"\n") + 1 :])
    return line, column + _characters(text)


def _characters(text: bytes | bytearray) -> int:
    # The ABI's rule for code points: every byte that does not continue one, valid or not.
    return len(text) if text.isascii() else len(text.translate(None, _CONTINUATION))
