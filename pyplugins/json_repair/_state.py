"""What the machine knows: levels, edits, the last value and comma; and the small steps that all others are made of.

Twin of the first half of `rustlib/engines/json_repair/src/machine.rs`, under the same names. It must never look at what
a place means; that is for the modules on top of it.
Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._edit import Edit
from pyplugins.json_repair._text import PLAIN_WHITE, Text

# What stands on the stack.
OBJECT, ARRAY, GHOST, CALL, TUPLE, SET = range(6)
#: The bracket that closes a level in the text.
CLOSER: Final = ("}", "]", "}", ")", ")", "}")
#: What closes it in the output.
WRITTEN: Final = ("}", "]", "", "", "]", "]")
HAS_KEYS: Final = frozenset((OBJECT, GHOST))
HAS_ITEMS: Final = frozenset((ARRAY, TUPLE, SET))

# What the machine expects: a key, a colon, a value, or what follows a value.
KEY, IN_COLON, VALUE, AFTER = range(4)

# Where a string or bare word stands decides what may follow it.
ROLE_KEY, MEMBER, ITEM, ARGUMENT, ROOT = range(5)
_ROLES: Final = (MEMBER, ITEM, MEMBER, ARGUMENT, ITEM, ITEM)

_BLANKS: Final = re.compile(r"[ \t\r\n]*+")

#: A place of the text and the number of edits before it.
Mark: TypeAlias = tuple[int, int]
#: The comma before the item or member that is read: its mark, its length, and whether it is an edit, at the mark's.
Comma: TypeAlias = tuple[Mark, int, bool]


class TooDeep(Exception):
    """Nested deeper than allowed."""


class State(Text):
    """The state of the machine over one text."""

    __slots__ = (
        "at",
        "calls",
        "closed",
        "comma",
        "edits",
        "endless",
        "fenced",
        "fresh",
        "ghostly",
        "max_depth",
        "open",
        "python",
        "run",
        "set_at",
        "stack",
        "state",
        "string_close",
        "value_end",
        "value_start",
    )

    def __init__(self, text: str, python: bool, max_depth: int) -> None:
        super().__init__(text)
        self.python = python
        self.max_depth = max_depth
        self.edits: list[Edit] = []
        self.at = 0
        self.stack: list[int] = []
        #: Open levels by closing bracket.
        self.open = {"}": 0, "]": 0, ")": 0}
        #: Edits that opened the calls on the stack.
        self.calls: list[int] = []
        self.state = VALUE
        self.comma: Comma | None = None
        #: Nothing has been read since the bracket that opened the level.
        self.fresh = False
        #: Nothing has been read since the bracket that opened the ghost on top.
        self.ghostly = False
        #: Where the first key of an object may turn out to be the first item of a set: behind the `{`.
        self.set_at: Mark | None = None
        self.value_start = self.value_end = (0, 0)
        #: The last value is a string whose closing quote begins here.
        self.string_close: Mark | None = None
        #: The last value ended with this `}` of the text.
        self.closed: Mark | None = None
        #: End of the run of closing brackets that was counted, and how many of them are still ahead.
        self.run = (0, 0)
        #: The value stands in a code block that is still open.
        self.fenced = False
        #: Families of quotes of which a key had no end.
        self.endless: set[int] = set()

    # Small parts.

    def mark(self) -> Mark:
        return (self.at, len(self.edits))

    def edit(self, start: int, end: int, kind: int, put: str) -> None:
        self.edits.append([start, end, kind, put, False])

    def guess(self, start: int, end: int, kind: int, put: str) -> None:
        self.edits.append([start, end, kind, put, True])

    def remove(self, length: int, kind: int) -> None:
        self.edit(self.at, self.at + length, kind, "")
        self.at += length

    def top(self) -> int | None:
        return self.stack[-1] if self.stack else None

    def outer(self) -> int | None:
        """The level under the top."""
        return self.stack[-2] if len(self.stack) > 1 else None

    def is_open(self, closer: str) -> bool:
        return self.open[closer] > 0

    def empty_value(self) -> str:
        return '""' if self.python else "null"

    def role(self) -> int:
        """Where the value that is read stands."""
        return _ROLES[self.stack[-1]] if self.stack else ROOT

    def push(self, level: int) -> None:
        if len(self.stack) >= self.max_depth:
            raise TooDeep
        self.open[CLOSER[level]] += 1
        self.stack.append(level)
        self.comma = None
        self.fresh = True
        self.set_at = None
        self.state = KEY if level in HAS_KEYS else VALUE

    def pop(self) -> int | None:
        if not self.stack:
            return None
        level = self.stack.pop()
        self.open[CLOSER[level]] -= 1
        if level == CALL:
            self.calls.pop()
        return level

    def skip(self) -> str:
        """Removes white space that JSON does not know, comments and escapes of white space; steps over the rest.

        Returns:
            The character at the place where it ends; empty at the end of the text.
        """
        text = self.text
        while True:
            char = text[self.at : self.at + 1]
            if char in PLAIN_WHITE:
                self.at = _BLANKS.match(text, self.at).end()  # type: ignore[union-attr]  # it matches the empty string
            elif (char == "/" or char == "#") and Text.comment(self, self.at):
                self.remove_comment()
            elif char == "\\" and text[self.at + 1 : self.at + 2] in ("n", "r", "t"):
                self.edit(self.at, self.at + 2, kinds.ESCAPED_JSON, "")
                self.at += 2
            elif char == "\\" and text.startswith("\n", self.at + 1):
                self.edit(self.at, self.at + 1, kinds.WHITE_SPACE, "")
                self.at += 1
            elif char < " " or char >= "\x7f":
                start = self.at
                self.at = self.odd_space(start)
                if self.at == start:
                    return char
                if start == 0 and self.at == 1 and char == "\ufeff":
                    self.edit(0, 1, kinds.BYTE_ORDER_MARK, "")
                else:
                    self.edit(start, self.at, kinds.WHITE_SPACE, " ")
            else:
                return char

    def remove_comment(self) -> None:
        end = self.comment_end(self.at)
        self.edit(self.at, end, kinds.COMMENT, "")
        self.at = end

    # Ends and commas.

    def ended(self) -> None:
        """A value ends at the current place."""
        self.value_end = (self.at, len(self.edits))
        self.string_close = None
        self.closed = None
        self.fresh = False
        self.comma = None
        self.state = AFTER

    def end_of_text(self) -> None:
        """Everything that is open ends here."""
        if self.state == IN_COLON:
            self.value_is_missing(colon=True)
        elif self.state == VALUE and self.lacks_value():
            self.value_is_missing(colon=False)
        else:
            self.drop_comma()
        closers = "".join([WRITTEN[level] for level in reversed(self.stack)])
        self.stack.clear()
        self.calls.clear()
        self.open = {"}": 0, "]": 0, ")": 0}
        if closers:
            self.edit(self.at, self.at, kinds.MISSING_BRACKET, closers)
        self.ended()

    def drop_comma(self) -> None:
        """The comma before the current place has no item behind it."""
        if self.comma is None:
            return
        (at, index), length, added = self.comma
        self.comma = None
        if added:
            del self.edits[index]
            return
        # A comma of another sign was replaced by an edit, which goes.
        if index < len(self.edits):
            start, end, kind, _, _ = self.edits[index]
            if start == at and end > at and kind == kinds.MISSING_COMMA:
                del self.edits[index]
        self.edits.insert(index, [at, at + length, kinds.TRAILING_COMMA, "", False])

    def add_comma(self) -> None:
        """A comma is added behind the last value."""
        mark = self.value_end
        self.edits.insert(mark[1], [mark[0], mark[0], kinds.MISSING_COMMA, ",", False])
        self.comma = (mark, 0, True)

    def take_comma(self, length: int) -> None:
        """Reads the comma at the current place."""
        mark = self.mark()
        if self.text[self.at] != ",":
            self.edit(self.at, self.at + length, kinds.MISSING_COMMA, ",")
        self.comma = (mark, length, False)
        self.at += length

    def next_state(self) -> None:
        """What comes next in a level of this kind."""
        self.state = KEY if self.top() in HAS_KEYS else VALUE
        self.fresh = False

    def lacks_value(self) -> bool:
        """A value has to stand here: behind a colon, and in a call that holds none yet."""
        role = self.role()
        return role == MEMBER or (role == ARGUMENT and self.fresh)

    def value_is_missing(self, *, colon: bool) -> None:
        """A key without a value, or a colon without one."""
        self.guess(self.at, self.at, kinds.MISSING_VALUE, (":" if colon else "") + self.empty_value())
        self.ended()


def behind_one(comma: Comma) -> Comma:
    """The comma, with one more edit before it."""
    (at, index), length, added = comma
    return ((at, index + 1), length, added)
