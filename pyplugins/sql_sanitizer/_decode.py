"""The forms in which a value may arrive: decoded once or twice, and without the comments inside of words.

Twin of rustlib/engines/sql_sanitizer/src/inject/decode.rs. A form knows where each of its characters comes from. An
encoded character that is no ASCII becomes one that means nothing.
Tests: tests/unit/test_sql_sanitizer_injection.py, tests/vectors/sql_sanitizer.jsonl.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_SINGLE: Final = "\u2018\u2019\u02bc\u02b9\u2032"
_DOUBLE: Final = "\u201c\u201d\u2033"
#: Encoded characters; groups in the order of `_character`.
_UNIT: Final = re.compile(
    r"%[eE][fF]%[bB]([cCdD])%([0-9A-Fa-f]{2})"  # 1, 2: full-width ASCII
    r"|%[cC]([01])%([0-9A-Fa-f]{2})"  # 3, 4: ASCII in two bytes
    r"|%[eE]2%80%(98|99|9[cCdD])"  # 5: typographic quotes
    r"|%([0-9A-Fa-f]{2})"  # 6
    r"|[%\\][uU]([0-9A-Fa-f]{4})"  # 7
    r"|\\[xX]([0-9A-Fa-f]{2})"  # 8
    r"|&#[xX]([0-9A-Fa-f]{2,9});?"  # 9
    r"|&#([0-9]{2,9});?"  # 10
    r"|&(quot|apos|amp|lt|gt|QUOT|APOS|AMP|LT|GT);"  # 11
    rf"|([\uff01-\uff5e{_SINGLE}{_DOUBLE}])"  # 12
    r"|\\(['\"nrt])"  # 13
)
_ENTITIES: Final = {"quot": '"', "apos": "'", "amp": "&", "lt": "<", "gt": ">"}
#: A character that means nothing.
OTHER: Final = "\x80"

_COMMENT_IN_WORD: Final = re.compile(r"(?<=[A-Za-z])/\*[A-Za-z0-9_! ]{0,16}\*/(?=[A-Za-z])")


class Form(NamedTuple):
    """A form of a value."""

    text: str
    #: Where each character, and the end, is in the value; `None` for the value itself.
    places: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of the value that gave ``text[start:end]``."""
        return (start, end) if self.places is None else (self.places[start], self.places[end])


def decoded(form: Form) -> Form | None:
    """The form with one level of encoding undone; `None` when there is none."""
    text = form.text
    units = [(unit.start(), unit.end(), _character(unit)) for unit in _UNIT.finditer(text)]
    spaces = "+" in text and " " not in text
    return _replaced(form, units, spaces=spaces) if units or spaces else None


def joined(form: Form) -> Form | None:
    """The form without the comments inside of words; `None` when there are none."""
    units = [(unit.start(), unit.end(), "") for unit in _COMMENT_IN_WORD.finditer(form.text)]
    return _replaced(form, units, spaces=False) if units else None


def _replaced(form: Form, units: list[tuple[int, int, str]], *, spaces: bool) -> Form:
    """The form with what is in `units` replaced, and spaces for the plus signs elsewhere."""
    text = form.text
    parts: list[str] = []
    places: list[int] = []
    last = 0
    for start, end, new in (*units, (len(text), len(text), "")):
        part = text[last:start]
        parts += (part.replace("+", " ") if spaces else part, new)
        places += range(last, start + len(new))
        last = end
    places.append(len(text))
    if form.places is not None:
        places = [form.places[place] for place in places]
    return Form("".join(parts), places)


def _character(unit: re.Match[str]) -> str:
    group = unit.lastindex or 0
    value = unit[group]
    if group == 2:
        code = int(value, 16)
        wide = unit[1] in "cC"
        least, most, distance = (0x81, 0xBF, 0x60) if wide else (0x80, 0x9E, 0x20)
        return chr(code - distance) if least <= code <= most else OTHER
    if group == 4:
        code = int(value, 16)
        return chr(code - (0x80 if unit[3] == "0" else 0x40)) if 0x80 <= code <= 0xBF else OTHER
    if group == 5:
        return "'" if value in ("98", "99") else '"'
    if group == 11:
        return _ENTITIES[value.lower()]
    if group == 13:
        return value if value in ("'", '"') else " "
    return _plain(ord(value) if group == 12 else int(value, 10 if group == 10 else 16))


def _plain(code: int) -> str:
    """The ASCII character that a database may take this one for."""
    if code < 0x80:
        return chr(code)
    if code in (0xA0, 0x3000):
        return " "
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    if code > 0xFFFF:
        return OTHER
    return "'" if chr(code) in _SINGLE else '"' if chr(code) in _DOUBLE else OTHER
