"""Where the parts of a rewritten text come from in the caller's text.

Twin of rustlib/engines/regex_filter/src/origins.rs: both keep the same pieces, because an empty match asks for the
piece it stands in. It must never say a span smaller than what produced a match.
Tests: tests/unit/test_regex_filter_parts.py, tests/vectors/regex_filter.jsonl.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T", str, bytes)

#: `text[start:end]` gives way to `written`.
Edit = tuple[int, int, T]
#: A span of the caller's text, and whether it was found in rewritten text.
Origin = tuple[int, int, bool]


class Origins:
    """The pieces of one text, none of them empty: kept from the caller's text, or written in place of a span of it.

    >>> Origins.of(10).rewritten([(2, 4, "XYZ")]).locate(3, 6)
    (2, 5, True)
    """

    __slots__ = ("_ends", "_from", "_kept", "_length", "_to")

    def __init__(self, length: int) -> None:
        self._length = length
        self._ends: list[int] = []
        self._from: list[int] = []
        self._to: list[int] = []
        self._kept: list[bool] = []

    @staticmethod
    def of(length: int) -> Origins:
        """Those of the caller's text itself."""
        made = Origins(length)
        made._push(length, 0, length, True)
        return made

    def locate(self, start: int, end: int) -> Origin:
        """The smallest span of the caller's text that produced ``start..end``."""
        if start == end:
            return self._locate_empty(start)
        first, last = self._piece_at(start), self._piece_at(end - 1)
        begin = self._from[first] + (start - self._begin(first) if self._kept[first] else 0)
        finish = self._to[last] - (self._ends[last] - end if self._kept[last] else 0)
        kept = all(self._kept[first : last + 1]) and finish - begin == end - start
        return begin, finish, not kept

    def _locate_empty(self, at: int) -> Origin:
        behind = self._piece_at(at) if at < self._end() else None
        if behind is not None and self._kept[behind]:
            place = self._from[behind] + at - self._begin(behind)
            return place, place, False
        before = self._piece_at(at - 1) if at > 0 else None
        if before is not None and self._kept[before]:
            place = self._to[before] - (self._ends[before] - at)
            return place, place, False
        if before is not None and before == behind:
            return self._from[before], self._to[before], True
        if before is not None:
            place = self._to[before]
            return place, place if behind is None else max(place, self._from[behind]), True
        if behind is not None:
            return self._from[behind], self._from[behind], True
        return 0, self._length, self._length > 0

    def rewritten(self, edits: Iterable[Edit[T]]) -> Origins:
        """Those of the text that edits, in order and apart, make of this one."""
        made = Origins(self._length)
        at = 0
        for start, end, written in edits:
            self._copy(at, start, made)
            begin, finish, _ = self.locate(start, end)
            made._push(len(written), begin, finish, False)
            at = end
        self._copy(at, self._end(), made)
        return made

    def _copy(self, start: int, end: int, made: Origins) -> None:
        index = self._piece_at(start)
        while start < end:
            stop = min(self._ends[index], end)
            if self._kept[index]:
                finish = self._to[index] - (self._ends[index] - stop)
                made._push(stop - start, finish - (stop - start), finish, True)
            else:
                made._push(stop - start, self._from[index], self._to[index], False)
            start = stop
            index += 1

    def _push(self, length: int, begin: int, finish: int, kept: bool) -> None:
        """Appends a piece; two that go on as one are one."""
        if length == 0:
            return
        end = self._end() + length
        if self._ends and kept == self._kept[-1]:
            if kept and self._to[-1] == begin:
                self._ends[-1] = end
                self._to[-1] = finish
                return
            if not kept and (self._from[-1], self._to[-1]) == (begin, finish):
                self._ends[-1] = end
                return
        self._ends.append(end)
        self._from.append(begin)
        self._to.append(finish)
        self._kept.append(kept)

    def _end(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _begin(self, index: int) -> int:
        return self._ends[index - 1] if index else 0

    def _piece_at(self, at: int) -> int:
        """The piece that holds this character."""
        return bisect_right(self._ends, at)
