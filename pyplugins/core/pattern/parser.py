"""Reads a pattern of the portable grammar (docs/patterns.md) into a tree, or refuses it with reason and place.

The same steps in the same order as rustlib/core/src/pattern/parser.rs, so that both refuse at the same byte for the
same reason. It must never accept what docs/patterns.md does not define. Recursion is bounded by `MAX_DEPTH`.
Tests: tests/unit/test_patterns.py, tests/vectors/patterns.jsonl.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field, replace

from pyplugins.core.pattern import charset
from pyplugins.core.pattern.charset import CharSet
from pyplugins.core.pattern.reasons import PatternError
from pyplugins.core.pattern.tree import (
    Alternation,
    Assertion,
    Capture,
    Chars,
    Concat,
    Empty,
    Look,
    Node,
    Repeat,
)

# Nested groups; keeps every recursion over the tree shallow.
MAX_DEPTH = 32
# The largest number in {n,m}: far above any sensible identifier.
MAX_REPEAT = 1000

_DIGITS = "0123456789"
_NAME_START = string.ascii_letters + "_"
_NAME = _NAME_START + _DIGITS
_CONTROLS = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D, "a": 0x07}
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}
_CLASSES = {
    "d": charset.DIGIT,
    "w": charset.WORD,
    "s": charset.SPACE,
    "D": charset.DIGIT.negate(),
    "W": charset.WORD.negate(),
    "S": charset.SPACE.negate(),
}
_LOOKS = {
    "b": Look.WORD_BOUNDARY,
    "B": Look.NOT_WORD_BOUNDARY,
    "A": Look.TEXT_START,
    "z": Look.TEXT_END,
}
_REFUSED_ESCAPES = {
    "Z": "text_end",
    "0": "octal",
    **dict.fromkeys("123456789kg", "backreference"),
    **dict.fromkeys("pPN", "unicode_property"),
    **dict.fromkeys("<>", "bad_escape"),
}
# What follows "(?" in groups that other engines know.
_REFUSED_GROUPS = (
    ("=", "lookaround"),
    ("!", "lookaround"),
    ("<=", "lookaround"),
    ("<!", "lookaround"),
    (">", "atomic"),
    ("P=", "backreference"),
)
# Flags of Python or of the regex crate that are not part of the grammar, and the end of "(?)".
_OTHER_FLAGS = ("a", "u", "x", "L", "U", "R", ")")


@dataclass(frozen=True, slots=True)
class Options:
    """What the writer of a configuration may allow; the same fields and defaults as in Rust.

    `max_bytes`, `max_alternatives` (``|`` signs) and `max_quantifiers` bound the text of a pattern, `max_size` the
    formula of docs/patterns.md. `ignore_case` is as if the pattern began with ``(?i)``.
    """

    max_bytes: int = 256
    max_alternatives: int = 16
    max_quantifiers: int = 24
    max_size: int = 5_000
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class _Flags:
    i: bool = False
    m: bool = False
    s: bool = False


@dataclass
class Parser:
    """One pass over one pattern; `parse` is called once."""

    text: str
    options: Options
    names: dict[str, int] = field(default_factory=dict)
    groups: int = 0
    _at: int = 0
    _alternatives: int = 0
    _quantifiers: int = 0

    def parse(self) -> Node:
        """The tree.

        Raises:
            PatternError: outside the grammar, or too long, too deep, too many alternatives or quantifiers.
        """
        for index, char in enumerate(self.text):
            if charset.SURROGATES[0] <= ord(char) <= charset.SURROGATES[1]:
                raise self._refused("not_unicode", index)
        if len(self.text.encode()) > self.options.max_bytes:
            raise PatternError("too_long", self.options.max_bytes)
        flags = self._leading_flags()
        node = self._alternation(flags, 0)
        if self._at < len(self.text):
            raise self._refused("unopened_group", self._at)
        return node

    # -- reading -----------------------------------------------------------------------------------------------------

    def _refused(self, reason: str, index: int) -> PatternError:
        return PatternError(reason, len(self.text[:index].encode()))

    def _peek(self, ahead: int = 0) -> str:
        """The character there, or "" behind the end."""
        return self.text[self._at + ahead : self._at + ahead + 1]

    def _take(self, wanted: str) -> bool:
        found = self.text.startswith(wanted, self._at)
        if found:
            self._at += len(wanted)
        return found

    # -- structure ---------------------------------------------------------------------------------------------------

    def _alternation(self, flags: _Flags, depth: int) -> Node:
        branches: list[Node] = []
        items: list[Node] = []
        while (char := self._peek()) not in ("", ")"):
            if char != "|":
                items.append(self._piece(flags, depth))
                continue
            self._alternatives += 1
            if self._alternatives > self.options.max_alternatives:
                raise self._refused("too_many_alternatives", self._at)
            branches.append(_sequence(items))
            items = []
            self._at += 1
        branches.append(_sequence(items))
        return branches[0] if len(branches) == 1 else Alternation(tuple(branches))

    def _piece(self, flags: _Flags, depth: int) -> Node:
        grouped = self._peek() == "("
        node = self._atom(flags, depth)
        if isinstance(node, Assertion) and not grouped:
            if self._peek() in ("*", "+", "?", "{"):
                raise self._refused("nothing_to_repeat", self._at)
            return node
        return self._quantified(node)

    def _atom(self, flags: _Flags, depth: int) -> Node:
        start = self._at
        char = self._peek()
        match char:
            case "(":
                return self._group(flags, depth)
            case "[":
                return Chars(self._class(flags))
            case "\\":
                return self._escape(flags)
            case "*" | "+" | "?":
                raise self._refused("nothing_to_repeat", start)
            case "{":
                raise self._refused("bad_brace", start)
        self._at += 1
        match char:
            case ".":
                return Chars(charset.ANY if flags.s else charset.DOT)
            case "^":
                return Assertion(Look.LINE_START if flags.m else Look.TEXT_START)
            case "$":
                return Assertion(Look.LINE_END if flags.m else Look.TEXT_END)
        return _literal(ord(char), flags)

    # -- quantifiers -------------------------------------------------------------------------------------------------

    def _quantified(self, node: Node) -> Node:
        start = self._at
        bounds = self._bounds()
        if bounds is None:
            return node
        self._quantifiers += 1
        if self._quantifiers > self.options.max_quantifiers:
            raise self._refused("too_many_quantifiers", start)
        lazy = self._take("?")
        following = self._peek()
        if following == "+" and not lazy:
            raise self._refused("possessive", self._at)
        if following in ("*", "+", "?", "{"):
            raise self._refused("multiple_repeat", self._at)
        return Repeat(node, bounds[0], bounds[1], not lazy)

    def _bounds(self) -> tuple[int, int | None] | None:
        match self._peek():
            case "*":
                bounds: tuple[int, int | None] = (0, None)
            case "+":
                bounds = (1, None)
            case "?":
                bounds = (0, 1)
            case "{":
                return self._counted()
            case _:
                return None
        self._at += 1
        return bounds

    def _counted(self) -> tuple[int, int | None]:
        start = self._at
        self._at += 1
        least = self._number()
        most = least
        if least is not None and self._take(","):
            most = self._number()
        if least is None or not self._take("}"):
            raise self._refused("bad_brace", start)
        if max(least, most or 0) > MAX_REPEAT:
            raise self._refused("repeat_too_large", start)
        if most is not None and most < least:
            raise self._refused("repeat_order", start)
        if most == 0:
            raise self._refused("repeat_zero", start)
        return least, most

    def _number(self) -> int | None:
        """The decimal number here, or None; anything over the limit is one more than the limit."""
        value: int | None = None
        while (char := self._peek()) and char in _DIGITS:
            value = min(MAX_REPEAT + 1, (value or 0) * 10 + int(char))
            self._at += 1
        return value

    # -- groups ------------------------------------------------------------------------------------------------------

    def _leading_flags(self) -> _Flags:
        flags = _Flags(i=self.options.ignore_case)
        while self._peek() == "(" and self._peek(1) == "?" and self._peek(2) in ("i", "m", "s", "-"):
            start = self._at
            self._at += 2
            changed = self._flags(flags, start)
            if self._peek() == ":":
                self._at = start
                return flags
            if "-" in self.text[start : self._at]:
                raise self._refused("bad_flags", start)
            self._at += 1
            flags = changed
        return flags

    def _flags(self, flags: _Flags, start: int) -> _Flags:
        """Reads ``im-s`` up to the : or ) behind it, which stays."""
        seen = ""
        value = True
        while (char := self._peek()) not in (":", ")"):
            if char == "-" and value:
                value = False
            elif char and char in "ims" and char not in seen:
                flags = replace(flags, **{char: value})
                seen += char
            else:
                raise self._refused("bad_flags", start)
            self._at += 1
        if not seen or self.text[self._at - 1] == "-":
            raise self._refused("bad_flags", start)
        return flags

    def _group(self, flags: _Flags, depth: int) -> Node:
        start = self._at
        if depth == MAX_DEPTH:
            raise self._refused("too_deep", start)
        self._at += 1
        index = 0
        if not self._take("?"):
            index = self._next_index()
        elif self._peek() in ("i", "m", "s", "-"):
            flags = self._flags(flags, start)
            if self._peek() == ")":
                raise self._refused("flags_position", start)
            self._at += 1
        elif not self._take(":"):
            index = self._named(start)
        body = self._alternation(flags, depth + 1)
        if not self._take(")"):
            raise self._refused("unclosed_group", start)
        return Capture(body, index) if index else body

    def _next_index(self) -> int:
        self.groups += 1
        return self.groups

    def _named(self, start: int) -> int:
        for mark, reason in _REFUSED_GROUPS:
            if self.text.startswith(mark, self._at):
                raise self._refused(reason, start)
        if not (self._take("P<") or self._take("<")):
            raise self._refused("bad_flags" if self._peek() in _OTHER_FLAGS else "bad_group", start)
        name_at = self._at
        while (char := self._peek()) and char in (_NAME if self._at > name_at else _NAME_START):
            self._at += 1
        name = self.text[name_at : self._at]
        if not name or not self._take(">"):
            raise self._refused("bad_group_name", name_at)
        if name in self.names:
            raise self._refused("duplicate_group_name", name_at)
        self.names[name] = self._next_index()
        return self.names[name]

    # -- characters --------------------------------------------------------------------------------------------------

    def _escape(self, flags: _Flags) -> Node:
        char = self._peek(1)
        if char and char in _LOOKS:
            self._at += 2
            return Assertion(_LOOKS[char])
        found = self._escaped()
        return Chars(found) if isinstance(found, CharSet) else _literal(found, flags)

    def _escaped(self) -> CharSet | int:
        """What an escape of characters means, inside and outside a class: a set, or one code point."""
        start = self._at
        char = self._peek(1)
        self._at += 2
        if not char:
            raise self._refused("trailing_backslash", start)
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in _HEX_LENGTHS:
            return self._hex(start, _HEX_LENGTHS[char])
        if char in _CLASSES:
            return _CLASSES[char]
        if char in _REFUSED_ESCAPES or not char.isascii() or char.isalnum():
            raise self._refused(_REFUSED_ESCAPES.get(char, "bad_escape"), start)
        return ord(char)

    def _hex(self, start: int, length: int) -> int:
        digits = self.text[self._at : self._at + length]
        if len(digits) < length or any(digit not in string.hexdigits for digit in digits):
            raise self._refused("bad_hex", start)
        code = int(digits, 16)
        if code > charset.MAX_CODE_POINT:
            raise self._refused("bad_hex", start)
        if charset.SURROGATES[0] <= code <= charset.SURROGATES[1]:
            raise self._refused("surrogate", start)
        self._at += length
        return code

    def _class(self, flags: _Flags) -> CharSet:
        start = self._at
        self._at += 1
        negated = self._take("^")
        first = self._at
        items: list[CharSet] = []
        while (char := self._peek()) != "]" or self._at == first:
            if not char:
                raise self._refused("unclosed_class", start)
            items.append(self._class_item(start, flags))
        self._at += 1
        chars = CharSet.union(items)
        if negated:
            chars = chars.negate()
        if not chars.ranges and not chars.invalid:
            raise self._refused("empty_class", start)
        return chars

    def _class_item(self, opened: int, flags: _Flags) -> CharSet:
        """One character, class escape or range of the class that was opened there."""
        start = self._at
        low = self._class_char()
        is_range = self._peek() == "-" and self._peek(1) != "]"
        if isinstance(low, CharSet):
            if is_range:
                raise self._refused("bad_range", start)
            return low
        # In "[]-a]" the engines see different things.
        if self.text[start] == "]" and is_range:
            raise self._refused("bad_range", start)
        high = low
        if is_range:
            self._class_char()
            if not self._peek():
                raise self._refused("unclosed_class", opened)
            found = self._class_char()
            if isinstance(found, CharSet) or found < low:
                raise self._refused("bad_range", start)
            high = found
        chars = CharSet.of([(low, high)])
        return chars.fold_ascii() if flags.i else chars

    def _class_char(self) -> CharSet | int:
        start = self._at
        char = self._peek()
        if char == "\\":
            if self._peek(1) in ("b", "B", "A", "z"):
                raise self._refused("class_escape", start)
            return self._escaped()
        if char == "[":
            raise self._refused("nested_class", start)
        if char in ("&", "-", "~") and self._peek(1) == char:
            raise self._refused("class_operator", start)
        self._at += 1
        return ord(char)


def _sequence(items: list[Node]) -> Node:
    if not items:
        return Empty()
    return items[0] if len(items) == 1 else Concat(tuple(items))


def _literal(code: int, flags: _Flags) -> Chars:
    chars = CharSet.single(code)
    return Chars(chars.fold_ascii() if flags.i else chars)
