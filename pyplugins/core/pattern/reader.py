"""The lowest level of the parser: the place in a pattern, escapes, classes.

The same steps in the same order as rustlib/core/src/pattern/reader.rs. It must never know groups or quantifiers.
Tests: tests/unit/test_patterns.py, tests/vectors/patterns.jsonl.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

from pyplugins.core.pattern import charset, unicode
from pyplugins.core.pattern.charset import CharSet
from pyplugins.core.pattern.reasons import PatternError
from pyplugins.core.pattern.tree import Assertion, Chars, Look, Node

_CONTROLS = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D, "a": 0x07}
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}
_CLASSES = "dwsDWS"
_LOOKS = {
    "b": Look.WORD_BOUNDARY,
    "B": Look.NOT_WORD_BOUNDARY,
    "A": Look.TEXT_START,
    "z": Look.TEXT_END,
}
_UNICODE_LOOKS = {"b": Look.UNICODE_BOUNDARY, "B": Look.NOT_UNICODE_BOUNDARY}
_REFUSED_ESCAPES = {
    "Z": "text_end",
    "0": "octal",
    **dict.fromkeys("123456789kg", "backreference"),
    **dict.fromkeys("pPN", "unicode_property"),
    **dict.fromkeys("<>", "bad_escape"),
}


@dataclass
class Reader:
    """A place in a pattern; `unicode` chooses the tables."""

    text: str
    unicode: bool
    at: int = 0

    def refused(self, reason: str, index: int) -> PatternError:
        """The error for what is at that character."""
        return PatternError(reason, len(self.text[:index].encode()))

    def peek(self, ahead: int = 0) -> str:
        """The character there, or "" behind the end."""
        return self.text[self.at + ahead : self.at + ahead + 1]

    def take(self, wanted: str) -> bool:
        """Whether `wanted` was here; the place is then behind it."""
        found = self.text.startswith(wanted, self.at)
        if found:
            self.at += len(wanted)
        return found

    def literal(self, code: int, ignore_case: bool) -> Chars:
        """One character, or its cases."""
        return Chars(self._folded(CharSet.single(code), ignore_case))

    def _folded(self, chars: CharSet, ignore_case: bool) -> CharSet:
        if not ignore_case:
            return chars
        return unicode.fold(chars) if self.unicode else chars.fold_ascii()

    def escape(self, ignore_case: bool) -> Node:
        """The assertion or the character that a backslash begins."""
        char = self.peek(1)
        if char and char in _LOOKS:
            self.at += 2
            return Assertion(_UNICODE_LOOKS.get(char, _LOOKS[char]) if self.unicode else _LOOKS[char])
        found = self._escaped()
        return Chars(found) if isinstance(found, CharSet) else self.literal(found, ignore_case)

    def _escaped(self) -> CharSet | int:
        """What an escape of characters means, inside and outside a class: a set, or one code point."""
        start = self.at
        char = self.peek(1)
        self.at += 2
        if not char:
            raise self.refused("trailing_backslash", start)
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in _HEX_LENGTHS:
            return self._hex(start, _HEX_LENGTHS[char])
        if char in _CLASSES:
            found = (unicode.CLASSES if self.unicode else charset.CLASSES)[char.lower()]()
            return found.negate() if char.isupper() else found
        if char in _REFUSED_ESCAPES or not char.isascii() or char.isalnum():
            raise self.refused(_REFUSED_ESCAPES.get(char, "bad_escape"), start)
        return ord(char)

    def _hex(self, start: int, length: int) -> int:
        digits = self.text[self.at : self.at + length]
        if len(digits) < length or any(digit not in string.hexdigits for digit in digits):
            raise self.refused("bad_hex", start)
        code = int(digits, 16)
        if code > charset.MAX_CODE_POINT:
            raise self.refused("bad_hex", start)
        if charset.SURROGATES[0] <= code <= charset.SURROGATES[1]:
            raise self.refused("surrogate", start)
        self.at += length
        return code

    def char_class(self, ignore_case: bool) -> CharSet:
        """The members of the class that begins here."""
        start = self.at
        self.at += 1
        negated = self.take("^")
        first = self.at
        items: list[CharSet] = []
        while (char := self.peek()) != "]" or self.at == first:
            if not char:
                raise self.refused("unclosed_class", start)
            items.append(self._class_item(start, ignore_case))
        self.at += 1
        chars = CharSet.union(items)
        if negated:
            chars = chars.negate()
        if not chars.ranges and not chars.invalid:
            raise self.refused("empty_class", start)
        return chars

    def _class_item(self, opened: int, ignore_case: bool) -> CharSet:
        """One character, class escape or range of the class that was opened there."""
        start = self.at
        low = self._class_char()
        is_range = self.peek() == "-" and self.peek(1) != "]"
        if isinstance(low, CharSet):
            if is_range:
                raise self.refused("bad_range", start)
            return low
        # In "[]-a]" the engines see different things.
        if self.text[start] == "]" and is_range:
            raise self.refused("bad_range", start)
        high = low
        if is_range:
            self._class_char()
            if not self.peek():
                raise self.refused("unclosed_class", opened)
            found = self._class_char()
            if isinstance(found, CharSet) or found < low:
                raise self.refused("bad_range", start)
            high = found
        return self._folded(CharSet.of([(low, high)]), ignore_case)

    def _class_char(self) -> CharSet | int:
        start = self.at
        char = self.peek()
        if char == "\\":
            if self.peek(1) in ("b", "B", "A", "z"):
                raise self.refused("class_escape", start)
            return self._escaped()
        if char == "[":
            raise self.refused("nested_class", start)
        if char in ("&", "-", "~") and self.peek(1) == char:
            raise self.refused("class_operator", start)
        self.at += 1
        return ord(char)
