"""Steps `passport`, `driver_license` and `medical_record`: identifiers that only a label makes out.

Tests: tests/unit/test_pii_fallback_parts.py, tests/vectors/pii_filter.jsonl.
"""

from __future__ import annotations

import re

from pyplugins.pii_filter._place import FREE_RIGHT, Hit, Place

_PASSPORT = re.compile(r"(?:[A-Za-z0-9]{6,9}|[0-9]{4} [0-9]{6}|[0-9]{2} [0-9]{2} [0-9]{6})" + FREE_RIGHT)


def passport(place: Place) -> Hit | None:
    """6 to 9 characters, or digits in groups 4+6 or 2+2+6."""
    found = _PASSPORT.match(place.text, place.w)
    return Hit(*found.span(), labelled=True) if found and place.is_labelled("passport") else None


def _identifier(least: int, most: int) -> re.Pattern[str]:
    """`least` to `most` letters and digits, in groups parted by single hyphens."""
    return re.compile(f"[A-Za-z0-9](?:-?[A-Za-z0-9]){{{least - 1},{most - 1}}}{FREE_RIGHT}")


_LICENSE = _identifier(5, 20)
_RECORD = _identifier(6, 12)
_LICENSE_GROUPS = re.compile(
    r"(?:[0-9]{4} [0-9]{6}|[0-9]{2} [0-9]{2} [0-9]{6}|[0-9]{3} [0-9]{3} [0-9]{3})" + FREE_RIGHT
)
_DIGIT = re.compile("[0-9]")


def driver_license(place: Place) -> Hit | None:
    """Digits in groups, or 5 to 20 characters."""
    found = _LICENSE_GROUPS.match(place.text, place.w)
    if found and place.is_labelled("driver_license"):
        return Hit(*found.span(), labelled=True)
    return _labelled_identifier(place, "driver_license", _LICENSE)


def medical_record(place: Place) -> Hit | None:
    """6 to 12 characters."""
    return _labelled_identifier(place, "medical_record", _RECORD)


def _labelled_identifier(place: Place, kind: str, pattern: re.Pattern[str]) -> Hit | None:
    found = pattern.match(place.text, place.w)
    label = place.label
    if not found or label is None or label.says != kind:
        return None
    enough = len(_DIGIT.findall(found[0])) >= max(1, label.min_digits)
    return Hit(*found.span(), labelled=True) if enough else None


# `G-667000`, over a text that was turned around.
_LETTERS_BEFORE = re.compile("-[A-Za-z]{1,3}(?![A-Za-z0-9_])")


def lettered(place: Place) -> Place | None:
    """The place of a value that begins with one to three letters and a hyphen before the token."""
    found = _LETTERS_BEFORE.match(place.text[max(place.w - 5, 0) : place.w][::-1])
    return Place(place.text, place.w - found.end(), found.end() - 1) if found else None
