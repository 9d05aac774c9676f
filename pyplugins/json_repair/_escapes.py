"""The inside of strings: where the next sign is that needs a look, escapes, control characters.

Twin of `rustlib/engines/json_repair/src/escapes.rs`, step by step under the same names.
Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

import re
from typing import Final

from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._machine import Containers
from pyplugins.json_repair._text import APOSTROPHE, DOUBLE, DOUBLES, ESCAPED, SINGLE, SINGLES, STRAIGHT

#: From the inside of a string to the first place that needs a look.
PLAIN: Final = {
    STRAIGHT: re.compile(r'[^"\\\x00-\x1f]*+'),
    DOUBLE: re.compile(f'[^"{DOUBLES}\\\\\\x00-\\x1f]*+'),
    APOSTROPHE: re.compile(r"""[^"'\\\x00-\x1f]*+"""),
    SINGLE: re.compile(f"[^\"'`{SINGLES}\\\\\\x00-\\x1f]*+"),
    ESCAPED: re.compile(r'[^"\\\x00-\x1f]*+'),
}
_ESCAPES: Final = frozenset('"\\/bfnrt')
_HEX: Final = re.compile(r"[0-9A-Fa-f]{0,4}")
_HEX2: Final = re.compile(r"[0-9A-Fa-f]{2}")
_CONTROLS: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


class Escapes(Containers):
    """The machine with what it does inside strings."""

    __slots__ = ()

    def control(self, at: int) -> None:
        """A control character at `at` is written as an escape."""
        char = self.text[at]
        self.edit(at, at + 1, kinds.CONTROL_CHARACTER, _CONTROLS.get(char) or f"\\u{ord(char):04x}")

    def escape(self, at: int, family: int) -> int:
        """The backslash at `at`; where to go on."""
        if at + 1 >= self.size:
            self.guess(at, at + 1, kinds.BAD_ESCAPE, "")
            return at + 1
        char = self.text[at + 1]
        if family == ESCAPED and char == "\\":
            return self.escaped_escape(at)
        if char in _ESCAPES:
            return at + 2
        if char == "u":
            return self.unicode_escape(at)
        if char == "'":
            self.edit(at, at + 1, kinds.BAD_ESCAPE, "")
            return at + 2
        if char == "x" and self.python and _HEX2.match(self.text, at + 2):
            self.edit(at, at + 2, kinds.BAD_ESCAPE, "\\u00")
            return at + 4
        if char == "\n":
            # A line that goes on.
            self.edit(at, at + 2, kinds.BAD_ESCAPE, "")
            return at + 2
        if self.python:
            self.edit(at, at, kinds.BAD_ESCAPE, "\\")
        else:
            self.edit(at, at + 1, kinds.BAD_ESCAPE, "")
        return at + 1

    def unicode_escape(self, at: int) -> int:
        end = _HEX.match(self.text, at + 2).end()  # type: ignore[union-attr]  # it matches the empty string
        if end == at + 6:
            return end
        if end >= self.size:
            self.guess(at, end, kinds.BAD_ESCAPE, "")
            return end
        self.edit(at, at, kinds.BAD_ESCAPE, "\\")
        return at + 2

    def escaped_escape(self, at: int) -> int:
        """Two backslashes in a string whose quotes are escaped: with what follows they are one escape of the text
        inside."""
        third, fourth = self.char(at + 2), self.char(at + 3)
        if third == "\\" and fourth in ('"', "\\"):
            self.edit(at, at + 2, kinds.ESCAPED_JSON, "")
            return at + 4
        if third == "u" and _HEX.match(self.text, at + 3).end() == at + 7:  # type: ignore[union-attr]  # never `None`
            self.edit(at, at + 1, kinds.ESCAPED_JSON, "")
            return at + 7
        if third in ('"', "/", "b", "f", "n", "r", "t"):
            self.edit(at, at + 1, kinds.ESCAPED_JSON, "")
            return at + 3
        return at + 2

    def bare_inside(self, start: int, end: int) -> None:
        """Escapes what a bare word must not hold once it stands in quotes."""
        at = start
        plain_end = PLAIN[STRAIGHT].match
        while True:
            at = plain_end(self.text, at, end).end()  # type: ignore[union-attr]  # it matches the empty string
            if at >= end:
                return
            char = self.text[at]
            if char == '"':
                self.edit(at, at, kinds.UNESCAPED_QUOTE, "\\")
                at += 1
            elif char == "\\":
                before = len(self.edits)
                following = self.escape(at, STRAIGHT)
                if following > end:
                    # The escape reaches over the end: the backslash is meant as it stands.
                    del self.edits[before:]
                    self.edit(at, at, kinds.BAD_ESCAPE, "\\")
                    at += 1
                else:
                    at = following
            else:
                self.control(at)
                at += 1
