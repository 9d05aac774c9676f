"""Classes and case folding of all scripts, from rules/unicode_patterns.json, which both implementations read.

It must never ask the host's Unicode data. Tests: tests/unit/test_patterns_unicode.py.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import cache

from pyplugins.core import data
from pyplugins.core.pattern.charset import CharSet


@cache
def table(name: str) -> CharSet:
    """The set ``"digit"``, ``"word"`` or ``"space"``."""
    return CharSet.of((low, high) for low, high in data.load("core", "unicode_patterns.json")[name])


CLASSES: dict[str, Callable[[], CharSet]] = {
    "d": lambda: table("digit"),
    "w": lambda: table("word"),
    "s": lambda: table("space"),
}


def fold(chars: CharSet) -> CharSet:
    """The set with everything that is the same as a member but for case."""
    codes, orbits = _folds()
    extra = [
        (code, code)
        for low, high in chars.ranges
        for orbit in orbits[bisect_left(codes, low) : bisect_right(codes, high)]
        for code in orbit
    ]
    return CharSet.of((*chars.ranges, *extra), chars.invalid)


@cache
def _folds() -> tuple[list[int], list[list[int]]]:
    """Every character that has another case, ascending, and beside it all that are the same but for case."""
    orbits = data.load("core", "unicode_patterns.json")["folds"]
    rows = sorted((code, orbit) for orbit in orbits for code in orbit)
    return [code for code, _ in rows], [orbit for _, orbit in rows]
