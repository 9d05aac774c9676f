"""Sets of characters: sorted ranges of scalar values, and whether an invalid byte or lone surrogate is a member.

An invalid character has no code point, therefore only a negated set or the dot holds it. It must never depend on the
host's Unicode data. Tests: tests/unit/test_patterns.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

MAX_CODE_POINT = 0x10FFFF
SURROGATES = (0xD800, 0xDFFF)
Range = tuple[int, int]


@dataclass(frozen=True)
class CharSet:
    """`ranges` are sorted, disjoint, not adjacent, and hold no surrogate."""

    ranges: tuple[Range, ...]
    invalid: bool = False

    @staticmethod
    def of(ranges: Iterable[Range], invalid: bool = False) -> CharSet:
        """The set of these ranges in any order; surrogates are left out."""
        merged: list[Range] = []
        for low, high in sorted(_without_surrogates(ranges)):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return CharSet(tuple(merged), invalid)

    @staticmethod
    def single(code: int) -> CharSet:
        """The set of one character."""
        return CharSet(((code, code),))

    @staticmethod
    def union(sets: Iterable[CharSet]) -> CharSet:
        """Members of any of them."""
        sets = tuple(sets)
        return CharSet.of((pair for one in sets for pair in one.ranges), any(one.invalid for one in sets))

    def negate(self) -> CharSet:
        """Everything else, an invalid character included."""
        gaps: list[Range] = []
        low = 0
        for start, end in self.ranges:
            gaps.append((low, start - 1))
            low = end + 1
        gaps.append((low, MAX_CODE_POINT))
        return CharSet.of((gap for gap in gaps if gap[0] <= gap[1]), not self.invalid)

    def fold_ascii(self) -> CharSet:
        """The set with the other case of each ASCII letter in it."""
        extra: list[Range] = []
        for first, last, shift in ((0x41, 0x5A, 32), (0x61, 0x7A, -32)):
            for start, end in self.ranges:
                low, high = max(start, first), min(end, last)
                if low <= high:
                    extra.append((low + shift, high + shift))
        return CharSet.of(self.ranges + tuple(extra), self.invalid)

    @property
    def is_single(self) -> bool:
        """Whether exactly one character belongs to it."""
        return len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1] and not self.invalid

    def as_single(self) -> str:
        """The only character that belongs to it, or ""."""
        return chr(self.ranges[0][0]) if self.is_single else ""

    def as_capital(self) -> str:
        """The only character, or the ASCII capital of the only letter, in one case or both; or ""."""
        if len(self.ranges) == 2 and not self.invalid:
            (capital, end), (small, last) = self.ranges
            pair = capital == end and small == last == capital + 32 and 0x41 <= capital <= 0x5A
            return chr(capital) if pair else ""
        char = self.as_single()
        return char.upper() if char.isascii() else char

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.ranges]

    def __contains__(self, code: int) -> bool:
        """Membership of a code point; any surrogate stands for an invalid character."""
        if SURROGATES[0] <= code <= SURROGATES[1]:
            return self.invalid
        index = bisect_right(self._starts, code) - 1
        return index >= 0 and code <= self.ranges[index][1]


def _without_surrogates(ranges: Iterable[Range]) -> Iterable[Range]:
    for low, high in ranges:
        if high < SURROGATES[0] or low > SURROGATES[1]:
            yield low, high
            continue
        if low < SURROGATES[0]:
            yield low, SURROGATES[0] - 1
        if high > SURROGATES[1]:
            yield SURROGATES[1] + 1, high


WORD = CharSet(((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)))
NEWLINE = CharSet.single(0x0A)
DOT = NEWLINE.negate()
ANY = CharSet(()).negate()
# What a backslash and this letter mean; `unicode.CLASSES` is the same for all scripts.
CLASSES: dict[str, Callable[[], CharSet]] = {
    "d": lambda: CharSet(((0x30, 0x39),)),
    "w": lambda: WORD,
    "s": lambda: CharSet(((0x09, 0x0D), (0x20, 0x20))),
}
