"""Reading the text: classes of characters, white space, and looking ahead without changing anything.

Twin of `rustlib/engines/json_repair/src/chars.rs`, under the same names; a place is an index of the `str`. Characters
beyond ASCII matter only where they are quotes, white space or signs; all others are taken in runs, so that escaped
bytes are read like any. Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

import re
from typing import Final

#: Which quotes can close a string, by the quote that opened it.
STRAIGHT, DOUBLE, APOSTROPHE, SINGLE, ESCAPED = range(5)

DOUBLES: Final = "\u201c\u201d\u201e\u201f\uff02"
SINGLES: Final = "\u00b4\u2018\u2019\u201a\u201b\uff07"
SPACES: Final = (
    "\x85\xa0\u1680\u180e" + "".join(map(chr, range(0x2000, 0x2010))) + "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
COMMA: Final = "\uff0c"
COLON: Final = "\uff1a"
ELLIPSIS: Final = "\u2026"

_SPECIAL: Final = frozenset(DOUBLES + SINGLES + SPACES + COMMA + COLON + ELLIPSIS)


def _others() -> str:
    """What a class of a pattern holds of the characters beyond ASCII without a meaning of their own."""
    ranges, first = "", 0x80
    for code in sorted(map(ord, _SPECIAL)):
        if code > first:
            ranges += f"\\U{first:08x}-\\U{code - 1:08x}"
        first = code + 1
    return f"{ranges}\\U{first:08x}-\\U0010ffff"


OTHERS: Final = _others()

_WHITE: Final = re.compile(f"[\\x00-\\x20\\x7f{SPACES}]*")
_ODD: Final = re.compile(f"[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f{SPACES}]+")
_NAME: Final = re.compile(f"[A-Za-z0-9_$\\-{OTHERS}]*")
_OTHER: Final = re.compile(f"[{OTHERS}]*")
_DOTS: Final = re.compile(r"\.{2,}|\u2026")

#: Everything that white space may be.
_WHITES: Final = frozenset("".join(map(chr, range(0x21))) + "\x7f" + SPACES)
PLAIN_WHITE: Final = frozenset(" \t\r\n")
_NAMES: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$-")

#: From the inside of a string to behind its next quote on the line. Before other quotes than these a backslash means
#: nothing, inside a string too.
_STRING_END: Final = {
    STRAIGHT: re.compile(r"""[^"\\\n]*+(?:\\["'\\]?+[^"\\\n]*+)*+\""""),
    DOUBLE: re.compile(f'[^"{DOUBLES}\\\\\\n]*+(?:\\\\["\'\\\\]?+[^"{DOUBLES}\\\\\\n]*+)*+["{DOUBLES}]'),
    APOSTROPHE: re.compile(r"""[^'\\\n]*+(?:\\["'\\]?+[^'\\\n]*+)*+'"""),
    SINGLE: re.compile(f"[^'`{SINGLES}\\\\\\n]*+(?:\\\\[\"'\\\\]?+[^'`{SINGLES}\\\\\\n]*+)*+['`{SINGLES}]"),
    ESCAPED: re.compile(r"""[^"\\\n]*+(?:\\(?:['\\]|(?!["\n]))[^"\\\n]*+)*+\\\""""),
}

_CLOSERS: Final = {
    STRAIGHT: frozenset('"'),
    DOUBLE: frozenset('"' + DOUBLES),
    APOSTROPHE: frozenset("'"),
    SINGLE: frozenset("'`" + SINGLES),
    ESCAPED: frozenset('"'),
}

_FAMILIES: Final = {
    '"': STRAIGHT,
    "'": APOSTROPHE,
    "`": SINGLE,
    "\\": ESCAPED,
    **dict.fromkeys(DOUBLES, DOUBLE),
    **dict.fromkeys(SINGLES, SINGLE),
}

_COMMENT_AFTER_HASH: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")


class Text:
    """The text under repair, and what can be asked of it."""

    __slots__ = ("size", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.size = len(text)

    def char(self, place: int) -> str:
        """The character at a place; empty at and behind the end."""
        return self.text[place : place + 1]

    def odd_space(self, place: int) -> int:
        """Where the white space ends that JSON does not know: control characters and Unicode's."""
        found = _ODD.match(self.text, place)
        return found.end() if found else place

    def after_white(self, place: int) -> int:
        """What follows the white space at `place`."""
        if self.text[place : place + 1] in _WHITES:
            return _WHITE.match(self.text, place).end()  # type: ignore[union-attr]  # it matches the empty string
        return place

    def after_escapes(self, place: int) -> int:
        """What follows the white space at `place`, and the escapes of white space."""
        at = self.after_white(place)
        while self.text.startswith(("\\n", "\\r", "\\t"), at):
            at = self.after_white(at + 2)
        return at

    def crossed_line(self, start: int, end: int) -> bool:
        """A line feed lies between the places."""
        return end > start and self.text.find("\n", start, end) >= 0

    def trimmed(self, floor: int, place: int) -> int:
        """The end of what lies before the plain white space that ends at `place`, not before `floor`."""
        text = self.text
        while place > floor and text[place - 1] in PLAIN_WHITE:
            place -= 1
        return place

    def opens(self, place: int) -> tuple[int, int] | None:
        """The quote that opens a string at `place`: its family and length."""
        char = self.text[place : place + 1]
        family = _FAMILIES.get(char)
        if family is None:
            return None
        if char == "\\":
            return (ESCAPED, 2) if self.text.startswith('\\"', place) else None
        if char == "`" and self.text.startswith("```", place):
            return None
        return family, 1

    def closing(self, place: int, family: int) -> bool:
        """A quote that can close a string of `family` stands at `place`. An escaped quote is read with its escape."""
        return self.text[place : place + 1] in _CLOSERS[family]

    def string_end(self, place: int, family: int) -> int | None:
        """The end of a string whose inside begins at `place`, by its next quote on the line; `None` without one."""
        found = _STRING_END[family].match(self.text, place)
        return found.end() if found else None

    def in_name(self, place: int) -> bool:
        """May be part of a bare name: `A-Za-z0-9_$-` and characters beyond ASCII without a meaning of their own."""
        char = self.text[place : place + 1]
        return char in _NAMES or (char >= "\x80" and char not in _SPECIAL)

    def is_other(self, place: int) -> int:
        """Where the characters beyond ASCII end that have no meaning of their own."""
        return _OTHER.match(self.text, place).end()  # type: ignore[union-attr]  # it matches the empty string

    def name_end(self, place: int) -> int:
        """The end of the bare name at `place`; `place` itself if there is none."""
        return _NAME.match(self.text, place).end()  # type: ignore[union-attr]  # it matches the empty string

    def colon(self, place: int) -> int:
        """Length of a colon, or of what stands for one, at `place`; 0 if none does."""
        char = self.text[place : place + 1]
        if char == ":" or char == COLON:
            return 1
        if char == "=":
            return 2 if self.text.startswith(">", place + 1) else 1
        return 0

    def comma_length(self, place: int) -> int:
        """Length of a comma, or of what stands for one, at `place`; 0 if none does."""
        char = self.text[place : place + 1]
        return 1 if char == "," or char == ";" or char == COMMA else 0

    def ellipsis(self, place: int) -> int:
        """Length of an ellipsis at `place`: two dots or more, or `…`; 0 if there is none."""
        found = _DOTS.match(self.text, place)
        return found.end() - place if found else 0

    def key_at(self, place: int) -> bool:
        """A key and its colon stand at `place`: a string or a bare name, then a colon."""
        quote = self.opens(place)
        if quote:
            end = self.string_end(place + quote[1], quote[0])
            return end is not None and self.colon(self.after_white(end)) > 0
        end = self.name_end(place)
        return end > place and self.colon(self.after_white(end)) > 0

    def comment(self, place: int) -> bool:
        """A comment begins at `place`: `//`, `/*`, or a `#` that no letter or digit follows."""
        char = self.text[place : place + 1]
        if char == "/":
            return self.text.startswith(("//", "/*"), place)
        return char == "#" and self.text[place + 1 : place + 2] not in _COMMENT_AFTER_HASH

    def comment_end(self, place: int) -> int:
        """The end of the comment that begins at `place`."""
        if self.text.startswith("/*", place):
            end = self.text.find("*/", place + 2)
            return end + 2 if end >= 0 else self.size
        end = self.text.find("\n", place)
        return end if end >= 0 else self.size

    def after_comments(self, place: int) -> int:
        """What follows white space and comments at `place`."""
        at = self.after_white(place)
        while self.comment(at):
            at = self.after_white(self.comment_end(at))
        return at
