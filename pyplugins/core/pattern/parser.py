"""Reads a pattern of the portable grammar (docs/patterns.md) into a tree, or refuses it with reason and place.

The same steps in the same order as rustlib/core/src/pattern/parser.rs, so that both refuse at the same byte for the
same reason. It must never accept what docs/patterns.md does not define. Recursion is bounded by `MAX_DEPTH`.
Tests: tests/unit/test_patterns.py, tests/vectors/patterns.jsonl.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, replace

from pyplugins.core.pattern import charset
from pyplugins.core.pattern.options import Options
from pyplugins.core.pattern.reader import Reader
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
class _Flags:
    i: bool = False
    m: bool = False
    s: bool = False


class Parser(Reader):
    """One pass over one pattern; `parse` is called once."""

    def __init__(self, text: str, options: Options) -> None:
        super().__init__(text, options.unicode)
        self.options = options
        self.names: dict[str, int] = {}
        self.groups = 0
        self._alternatives = 0
        self._quantifiers = 0

    def parse(self) -> Node:
        """The tree.

        Raises:
            PatternError: outside the grammar, or too long, too deep, too many alternatives or quantifiers.
        """
        for index, char in enumerate(self.text):
            if charset.SURROGATES[0] <= ord(char) <= charset.SURROGATES[1]:
                raise self.refused("not_unicode", index)
        if len(self.text.encode()) > self.options.max_bytes:
            raise PatternError("too_long", self.options.max_bytes)
        flags = self._leading_flags()
        node = self._alternation(flags, 0)
        if self.at < len(self.text):
            raise self.refused("unopened_group", self.at)
        if not self.options.whole_word:
            return node
        before, behind = (
            (Look.NO_UNICODE_WORD_BEFORE, Look.NO_UNICODE_WORD_BEHIND)
            if self.unicode
            else (Look.NO_WORD_BEFORE, Look.NO_WORD_BEHIND)
        )
        return Concat((Assertion(before), node, Assertion(behind)))

    # -- structure ---------------------------------------------------------------------------------------------------

    def _alternation(self, flags: _Flags, depth: int) -> Node:
        branches: list[Node] = []
        items: list[Node] = []
        while (char := self.peek()) not in ("", ")"):
            if char != "|":
                items.append(self._piece(flags, depth))
                continue
            self._alternatives += 1
            if self._alternatives > self.options.max_alternatives:
                raise self.refused("too_many_alternatives", self.at)
            branches.append(_sequence(items))
            items = []
            self.at += 1
        branches.append(_sequence(items))
        return branches[0] if len(branches) == 1 else Alternation(tuple(branches))

    def _piece(self, flags: _Flags, depth: int) -> Node:
        grouped = self.peek() == "("
        node = self._atom(flags, depth)
        if isinstance(node, Assertion) and not grouped:
            if self.peek() in ("*", "+", "?", "{"):
                raise self.refused("nothing_to_repeat", self.at)
            return node
        return self._quantified(node)

    def _atom(self, flags: _Flags, depth: int) -> Node:
        start = self.at
        char = self.peek()
        match char:
            case "(":
                return self._group(flags, depth)
            case "[":
                return Chars(self.char_class(flags.i))
            case "\\":
                return self.escape(flags.i)
            case "*" | "+" | "?":
                raise self.refused("nothing_to_repeat", start)
            case "{":
                raise self.refused("bad_brace", start)
        self.at += 1
        match char:
            case ".":
                return Chars(charset.ANY if flags.s else charset.DOT)
            case "^":
                return Assertion(Look.LINE_START if flags.m else Look.TEXT_START)
            case "$":
                return Assertion(Look.LINE_END if flags.m else Look.TEXT_END)
        return self.literal(ord(char), flags.i)

    # -- quantifiers -------------------------------------------------------------------------------------------------

    def _quantified(self, node: Node) -> Node:
        start = self.at
        bounds = self._bounds()
        if bounds is None:
            return node
        self._quantifiers += 1
        if self._quantifiers > self.options.max_quantifiers:
            raise self.refused("too_many_quantifiers", start)
        lazy = self.take("?")
        following = self.peek()
        if following == "+" and not lazy:
            raise self.refused("possessive", self.at)
        if following in ("*", "+", "?", "{"):
            raise self.refused("multiple_repeat", self.at)
        return Repeat(node, bounds[0], bounds[1], not lazy)

    def _bounds(self) -> tuple[int, int | None] | None:
        match self.peek():
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
        self.at += 1
        return bounds

    def _counted(self) -> tuple[int, int | None]:
        start = self.at
        self.at += 1
        least = self._number()
        most = least
        if least is not None and self.take(","):
            most = self._number()
        if least is None or not self.take("}"):
            raise self.refused("bad_brace", start)
        if max(least, most or 0) > MAX_REPEAT:
            raise self.refused("repeat_too_large", start)
        if most is not None and most < least:
            raise self.refused("repeat_order", start)
        if most == 0:
            raise self.refused("repeat_zero", start)
        return least, most

    def _number(self) -> int | None:
        """The decimal number here, or None; anything over the limit is one more than the limit."""
        value: int | None = None
        while (char := self.peek()) and char in _DIGITS:
            value = min(MAX_REPEAT + 1, (value or 0) * 10 + int(char))
            self.at += 1
        return value

    # -- groups ------------------------------------------------------------------------------------------------------

    def _leading_flags(self) -> _Flags:
        flags = _Flags(self.options.ignore_case, self.options.multi_line, self.options.dot_all)
        while self.peek() == "(" and self.peek(1) == "?" and self.peek(2) in ("i", "m", "s", "-"):
            start = self.at
            self.at += 2
            changed = self._flags(flags, start)
            if self.peek() == ":":
                self.at = start
                return flags
            if "-" in self.text[start : self.at]:
                raise self.refused("bad_flags", start)
            self.at += 1
            flags = changed
        return flags

    def _flags(self, flags: _Flags, start: int) -> _Flags:
        """Reads ``im-s`` up to the : or ) behind it, which stays."""
        seen = ""
        value = True
        while (char := self.peek()) not in (":", ")"):
            if char == "-" and value:
                value = False
            elif char and char in "ims" and char not in seen:
                flags = replace(flags, **{char: value})
                seen += char
            else:
                raise self.refused("bad_flags", start)
            self.at += 1
        if not seen or self.text[self.at - 1] == "-":
            raise self.refused("bad_flags", start)
        return flags

    def _group(self, flags: _Flags, depth: int) -> Node:
        start = self.at
        if depth == MAX_DEPTH:
            raise self.refused("too_deep", start)
        self.at += 1
        index = 0
        if not self.take("?"):
            index = self._next_index()
        elif self.peek() in ("i", "m", "s", "-"):
            flags = self._flags(flags, start)
            if self.peek() == ")":
                raise self.refused("flags_position", start)
            self.at += 1
        elif not self.take(":"):
            index = self._named(start)
        body = self._alternation(flags, depth + 1)
        if not self.take(")"):
            raise self.refused("unclosed_group", start)
        return Capture(body, index) if index else body

    def _next_index(self) -> int:
        self.groups += 1
        return self.groups

    def _named(self, start: int) -> int:
        for mark, reason in _REFUSED_GROUPS:
            if self.text.startswith(mark, self.at):
                raise self.refused(reason, start)
        if not (self.take("P<") or self.take("<")):
            raise self.refused("bad_flags" if self.peek() in _OTHER_FLAGS else "bad_group", start)
        name_at = self.at
        while (char := self.peek()) and char in (_NAME if self.at > name_at else _NAME_START):
            self.at += 1
        name = self.text[name_at : self.at]
        if not name or not self.take(">"):
            raise self.refused("bad_group_name", name_at)
        if name in self.names:
            raise self.refused("duplicate_group_name", name_at)
        self.names[name] = self._next_index()
        return self.names[name]


def _sequence(items: list[Node]) -> Node:
    if not items:
        return Empty()
    return items[0] if len(items) == 1 else Concat(tuple(items))
