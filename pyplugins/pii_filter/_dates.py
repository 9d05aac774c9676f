"""Step `date_of_birth`.

Tests: tests/unit/test_pii_fallback_parts.py, tests/vectors/pii_filter.jsonl.
"""

from __future__ import annotations

import re
from functools import cache

from pyplugins.pii_filter import _tables as tables
from pyplugins.pii_filter._labels import MACHINE, NOT_BIRTH, labels
from pyplugins.pii_filter._place import FREE_RIGHT, Hit, Place

_KIND = "date_of_birth"
_YEARS = range(1900, 2100)
#: Stands for a year of two digits: day and month must exist in some year.
_LEAP_YEAR = 2000
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# Right side of a labelled date: no digit, no letter, except a `T` with a time.
_END = r"(?![0-9A-SU-Za-z]|T(?![0-9]))"
_ORDINAL = "(?:[sS][tT]|[nN][dD]|[rR][dD]|[tT][hH])?"
_GAP = "[ .,-]{1,4}"
_OF = "(?:(?<= )(?:[dD][eE][lL]?|[oO][fF]) )?"

_BARE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})" + FREE_RIGHT + r"(?![/:]|[ ,T]{0,2}[0-9]{1,2}:[0-9]{2})")
_NUMERIC = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})" + _END)
_YEAR_FIRST = re.compile(
    r"([0-9]{4})(?:([/.-])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2})| ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?日)"
    + _END
)
_DAY_FIRST = re.compile(f"([0-9]{{1,2}}){_ORDINAL}{_GAP}{_OF}([^ .,0-9-]{{3,12}}){_GAP}{_OF}([0-9]{{4}}){_END}")
_MONTH_FIRST = re.compile(f"([0-9]{{1,2}}){_ORDINAL}{_GAP}([0-9]{{4}}){_END}")
_GAP_BEFORE = re.compile("[ .,-]{1,5}")


def date_of_birth(place: Place) -> Hit | None:
    """Any existing date with a label; without one only `d/d/dddd`, where nothing says that it is another date."""
    written = None if place.after_email else _written(place)
    if written and (_is_birth_before(place, written[0]) or _birth_label_behind().match(place.text, written[1])):
        return Hit(*written, labelled=True)
    return _bare(place)


def _is_birth_before(place: Place, start: int) -> bool:
    label = place.label if start == place.w else labels().before(place.text, start)
    return label is not None and label.says == _KIND


@cache
def _birth_label_behind() -> re.Pattern[str]:
    phrases = "|".join(map(re.escape, tables.birth_labels_behind()))
    return re.compile(f" ?(?ai:{phrases})")


def _exists(year: int, month: int, day: int) -> bool:
    if year not in _YEARS or not 1 <= month <= 12:
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _DAYS[month - 1] + leap


def _exists_either_way(year: int, one: int, other: int) -> bool:
    return _exists(year, one, other) or _exists(year, other, one)


def _bare(place: Place) -> Hit | None:
    found = _BARE.match(place.text, place.w)
    if not found or place.before() == "/" or not _exists_either_way(int(found[3]), int(found[1]), int(found[2])):
        return None
    label = place.label
    if (label is not None and label.says in (MACHINE, NOT_BIRTH, _KIND)) or place.is_joined_left(_KIND):
        return None
    return Hit(*found.span())


def _written(place: Place) -> tuple[int, int] | None:
    """Start and end of the date that is written around the anchor, if it exists."""
    end = _numeric(place) or _year_first(place) or _day_first(place)
    return _month_first(place) if end is None else (place.w, end)


def _numeric(place: Place) -> int | None:
    found = _NUMERIC.match(place.text, place.w)
    if not found:
        return None
    year = int(found[4]) if len(found[4]) == 4 else _LEAP_YEAR
    return found.end() if _exists_either_way(year, int(found[1]), int(found[3])) else None


def _year_first(place: Place) -> int | None:
    found = _YEAR_FIRST.match(place.text, place.w)
    if not found:
        return None
    year, month, day = int(found[1]), found[3] or found[5] or found[7], found[4] or found[6] or found[8]
    return found.end() if _exists(year, int(month), int(day)) else None


def _day_first(place: Place) -> int | None:
    found = _DAY_FIRST.match(place.text, place.w)
    month = tables.months().get(tables.lowered(found[2])) if found else None
    return found.end() if found and month and _exists(int(found[3]), month, int(found[1])) else None


def _month_first(place: Place) -> tuple[int, int] | None:
    """`March 5, 1980`: the anchor is the day."""
    text, w = place.text, place.w
    found = _MONTH_FIRST.match(text, w)
    gap = _GAP_BEFORE.match(text[max(w - 5, 0) : w][::-1]) if found else None
    if not found or not gap or gap.end() > 4:
        return None
    start, month = _month_before(text, w - gap.end())
    return (start, found.end()) if month and _exists(int(found[2]), month, int(found[1])) else None


def _month_before(text: str, end: int) -> tuple[int, int]:
    """Where the longest month name that ends at `end` begins, and its month; month 0 for none."""
    names = tables.months()
    for length in range(max(map(len, names)), 2, -1):
        start = end - length
        month = names.get(tables.lowered(text[start:end])) if start >= 0 else None
        if month:
            before = text[start - 1 : start] if start else ""
            return (start, 0) if before.isascii() and before.isalpha() else (start, month)
    return end, 0
