"""Step `phone`.

Tests: tests/unit/test_pii_fallback_parts.py, tests/vectors/pii_filter.jsonl.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyplugins.pii_filter import _tables as tables
from pyplugins.pii_filter._addresses import V4
from pyplugins.pii_filter._place import LOOSE_RIGHT, Hit, Place

#: Least digits of a labelled number, most digits of any (E.164).
_LEAST, _MOST = 7, 15

_FIRST_GROUP = re.compile("[0-9]+")
# `(0)` is the trunk prefix, which is not dialled with a country code and not counted.
_NEXT_GROUP = re.compile(r"( ?\(0\) ?|[ \-./()]{1,3})([0-9]+)")
_LOOSE = re.compile(LOOSE_RIGHT)
_NANP = re.compile(
    r"(?:1(?:[ .-]|(?=\()))?"
    r"(?:\(([0-9]{3})\)[ .-]?([0-9]{3})[ .-]|([0-9]{3})(?:\.([0-9]{3})\.|[ -]([0-9]{3})[ -]))"
    r"[0-9]{4}" + LOOSE_RIGHT
)
_V4 = re.compile(V4 + r"(?![0-9]|\.[0-9])")
_NANP_PUNCTUATION = re.compile("[().-]")


def phone(place: Place) -> Hit | None:
    """International, NANP, or behind a label; the first that holds."""
    if place.before() == "+":
        return _international(place)
    return _nanp(place) or _labelled(place)


class _Groups(NamedTuple):
    digits: str
    #: For each group the gap before it and its length.
    shape: list[tuple[str, int]]
    end: int
    #: The parenthesis before the first group was closed between two groups.
    closed_first: bool


def _read_groups(text: str, start: int, *, opened: bool, least: int, most: int) -> _Groups | None:
    """Groups until the next one would pass `most`; from `least` on only such of two digits behind one character."""
    first = _FIRST_GROUP.match(text, start)
    if not first or len(first[0]) > most:
        return None
    digits, end, shape = first[0], first.end(), [("", len(first[0]))]
    state = _Parentheses(opened)
    while group := _NEXT_GROUP.match(text, end):
        gap, length = group[1], len(group[2])
        enough = len(digits) >= least
        if len(digits) + length > most or (enough and (len(gap) > 1 or length < 2)) or not state.take(gap):
            break
        digits, end = digits + group[2], group.end()
        shape.append((gap, length))
    return _Groups(digits, shape, end, state.closed_first)


class _Parentheses:
    """At most one is open at a time."""

    def __init__(self, opened: bool) -> None:
        self._open = self._first_open = opened
        self.closed_first = False

    def take(self, gap: str) -> bool:
        """Follows the parentheses in a gap; False when they do not fit."""
        if "0" in gap:
            return True
        for character in gap:
            if character == "(":
                if self._open:
                    return False
                self._open = True
            elif character == ")":
                if not self._open:
                    return False
                self.closed_first |= self._first_open
                self._open = self._first_open = False
        return True


def _international(place: Place) -> Hit | None:
    text, before = place.text, place.before(2)
    if before == "+" or (before.isascii() and (before.isalnum() or before == "_")):
        return None
    first = _FIRST_GROUP.match(text, place.w)
    codes = tables.phone_digits()
    code = next((first[0][:n] for n in (1, 2, 3) if first and first[0][:n] in codes), None)
    if code is None:
        return None
    least, most = codes[code]
    groups = _read_groups(text, place.w, opened=before == "(", least=least, most=most)
    if groups is None or len(groups.digits) < least or not _LOOSE.match(text, groups.end):
        return None
    if code == "1" and not _is_nanp(groups.digits[1:4], groups.digits[4:7]):
        return None
    return Hit(place.w - 1 - groups.closed_first, groups.end, labelled=True)


def _is_nanp(area: str, exchange: str) -> bool:
    """Area and exchange `[2-9]dd`, neither `d11`; the exchange of the example area is not examined."""
    return _is_assignable(area) and (area == tables.example_area() or _is_assignable(exchange))


def _is_assignable(code: str) -> bool:
    return code[0] not in "01" and code[1:] != "11"


def _nanp(place: Place) -> Hit | None:
    start = place.w - 1 if place.before() == "(" else place.w
    found = _NANP.match(place.text, start) or _NANP.match(place.text, place.w)
    if not found or not _is_nanp(found[1] or found[3], found[2] or found[4] or found[5]):
        return None
    spaces_only = not _NANP_PUNCTUATION.search(found[0])
    if spaces_only and not place.is_alone("phone", found.end()):
        return None
    return None if place.is_joined_left("phone", found.start()) else Hit(*found.span())


def _labelled(place: Place) -> Hit | None:
    label = place.label
    if label is None or label.says != "phone":
        return None
    least = max(_LEAST, label.min_digits)
    groups = _read_groups(place.text, place.w, opened=place.before() == "(", least=least, most=_MOST)
    if groups is None or len(groups.digits) < least or _begins_like_a_date(groups.shape):
        return None
    if _V4.match(place.text, place.w) or not _LOOSE.match(place.text, groups.end):
        return None
    return Hit(place.w - groups.closed_first, groups.end, labelled=True)


def _begins_like_a_date(shape: list[tuple[str, int]]) -> bool:
    """4-2-2 digits, or 1-2, 1-2 and 4."""
    if len(shape) < 3:
        return False
    (_, first), (gap, second), (other_gap, third) = shape[:3]
    gaps = {gap, other_gap}
    if (first, second, third) == (4, 2, 2):
        return gaps <= {"-", "/", "."}
    return first <= 2 and second <= 2 and third == 4 and gaps <= {"/", "."}
