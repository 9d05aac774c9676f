"""The machine: members and items, and what is missing or too much between them.

Twin of `rustlib/engines/json_repair/src/machine.rs` and `states.rs`, step by step under the same names. It reads the
text once, from left to right, with an explicit stack, and writes nothing but edits. It must never recurse.
Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

import re
from typing import Final

from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._brackets import Brackets
from pyplugins.json_repair._state import (
    AFTER,
    ARRAY,
    CALL,
    CLOSER,
    GHOST,
    HAS_ITEMS,
    HAS_KEYS,
    IN_COLON,
    ITEM,
    KEY,
    MEMBER,
    OBJECT,
    ROLE_KEY,
    SET,
    TUPLE,
    VALUE,
    WRITTEN,
    Comma,
    Mark,
    behind_one,
)

_PREFIX: Final = re.compile(r"""[bBfFrRuU]{1,2}(?=["'])""")


class Containers(Brackets):
    """The machine without its strings, bare words and what stands around the value."""

    __slots__ = ()

    # What the other parts bring.

    def string(self, family: int, length: int, role: int) -> None:
        raise NotImplementedError

    def string_rest(self, inside: int, family: int, role: int) -> None:
        raise NotImplementedError

    def bare(self, role: int) -> None:
        raise NotImplementedError

    def stray_word(self, at: int) -> int | None:
        raise NotImplementedError

    def bare_key(self) -> None:
        raise NotImplementedError

    # One value of the text, with everything in it.

    def value_of_root(self) -> None:
        """Reads the value or container at the current place, until the stack is empty."""
        self.state = VALUE
        self.comma = None
        self.fresh = True
        self.go_on()

    def go_on(self) -> None:
        """Goes on until the stack is empty and a value has been read."""
        text = self.text
        while self.stack or self.state != AFTER:
            if self.stack and self.hurry():
                continue
            char = self.skip()
            if not char or (char == "`" and text.startswith("```", self.at)):
                self.end_of_text()
                return
            state = self.state
            if state == VALUE:
                self.value(char)
            elif state == AFTER:
                self.after(char)
            elif state == KEY:
                self.key(char)
            else:
                self.colon_expected(char)

    def object_without_bracket(self) -> None:
        """An object that begins without its bracket: the key stands at the current place."""
        self.guess(self.at, self.at, kinds.MISSING_BRACKET, "{")
        self.push(OBJECT)
        self.fresh = False
        self.go_on()

    def reopen(self, closed: Mark, comma: Comma) -> None:
        """The object that ended at `closed` goes on: its bracket was one too many. The comma has been read."""
        self.edits.insert(closed[1], [closed[0], closed[0] + 1, kinds.EXTRA_BRACKET, "", True])
        self.push(OBJECT)
        self.fresh = False
        self.comma = behind_one(comma)

    # State: a value has been read.

    def after(self, char: str) -> None:
        at = self.at
        if char == "," or self.comma_length(at):
            self.take_comma(1)
            if self.stack[-1] == CALL:
                self.call_is_list()
            else:
                self.next_state()
        elif char in CLOSER:
            self.close(char)
        elif self.concatenated():
            pass
        elif self.colon(at) > 0:
            self.colon_after_value()
        elif self.ellipsis(at) > 0:
            self.remove(self.ellipsis(at), kinds.ELLIPSIS)
        elif self.starts_item(char):
            self.add_comma()
            if self.top() == CALL:
                self.call_is_list()
            else:
                self.next_state()
        else:
            self.unexpected()

    def starts_item(self, char: str) -> bool:
        """Something that can begin a key or a value."""
        return char in "{[-$@(" or self.in_name(self.at) or self.opens(self.at) is not None

    def unexpected(self) -> None:
        """Signs that mean nothing here, to the next that may."""
        start = self.at
        self.at = self.is_other(start + 1)
        self.guess(start, self.at, kinds.UNEXPECTED, "")

    def call_is_list(self) -> None:
        """A call with several arguments is an array of them."""
        if self.calls and self.stack:
            edit = self.edits[self.calls.pop()]
            self.stack[-1] = TUPLE
            edit[kinds.PUT] = "["
            edit[kinds.GUESS] = True
        self.next_state()

    def colon_after_value(self) -> None:
        """`"a": "b": 1`: the string before the colon is a key, and its object has no bracket."""
        room = len(self.stack) < self.max_depth
        if self.string_close is not None and room and self.top() != CALL:
            mark = self.value_start
            self.edits.insert(mark[1], [mark[0], mark[0], kinds.MISSING_BRACKET, "{", True])
            self.push(OBJECT)
            self.fresh = False
            self.state = IN_COLON
        else:
            length = self.colon(self.at)
            self.guess(self.at, self.at + length, kinds.EXTRA_COLON, "")
            self.at += length

    def concatenated(self) -> bool:
        """`"a" + "b"`, or in an object `"a" "b"`: the parts are one string. True if that is what stands here."""
        close = self.string_close
        if close is None:
            return False
        plus = self.text.startswith("+", self.at)
        following = self.after_comments(self.at + 1) if plus else self.at
        quote = self.opens(following)
        if quote is None:
            if plus:
                self.remove(1, kinds.CONCATENATION)
            return plus
        if not plus and (self.role() != MEMBER or self.key_at(following)):
            return False
        family, length = quote
        del self.edits[close[1] :]
        self.edits.append([close[0], following + length, kinds.CONCATENATION, "", not plus])
        self.string_rest(following + length, family, self.role())
        return True

    # State: a key is expected.

    def key(self, char: str) -> None:
        at = self.at
        quote = self.opens(at)
        if quote:
            self.begin_key()
            self.string(quote[0], quote[1], ROLE_KEY)
            self.state = IN_COLON
        elif char in CLOSER:
            self.close(char)
        elif char == "{":
            self.bracket_for_key()
        elif char == "[" or char == "(":
            self.unexpected()
        elif self.comma_length(at):
            self.remove(1, kinds.EXTRA_COMMA)
        elif self.colon(at) > 0:
            self.begin_key()
            self.guess(at, at, kinds.MISSING_KEY, '""')
            self.set_at = None
            self.state = IN_COLON
        elif self.ellipsis(at) > 0:
            self.remove(self.ellipsis(at), kinds.ELLIPSIS)
        elif self.prefixed_string():
            pass
        elif self.stray_word(at) is not None:
            end = self.name_end(at)
            self.guess(at, end, kinds.UNEXPECTED, "")
            self.at = end
        elif self.in_name(at) or char not in "\\/#`<>|":
            self.begin_key()
            self.bare_key()
            self.state = IN_COLON
        else:
            self.unexpected()

    def begin_key(self) -> None:
        real = self.fresh and self.top() == OBJECT and self.at > 0
        self.set_at = self.value_start if real else None
        self.value_start = self.mark()
        self.fresh = False
        self.ghostly = False
        self.comma = None

    def bracket_for_key(self) -> None:
        """`{` where a key is expected."""
        comma = self.comma
        if comma is not None and self.outer() in HAS_ITEMS and self.top() == OBJECT:
            # [{"a": 1, {"b": 2}]: the object before has no end.
            at, index = comma[0]
            self.edits.insert(index, [at, at, kinds.MISSING_BRACKET, "}", True])
            self.comma = behind_one(comma)
            self.pop()
            self.state = VALUE
        else:
            self.guess(self.at, self.at + 1, kinds.EXTRA_BRACKET, "")
            self.at += 1
            self.push(GHOST)
            self.comma = comma
            self.fresh = False
            self.ghostly = True

    # State: a colon is expected.

    def colon_expected(self, char: str) -> None:
        at = self.at
        length = self.colon(at)
        if length > 0:
            if char != ":":
                self.edit(at, at + length, kinds.MISSING_COLON, ":")
            self.at += length
            self.set_at = None
            self.state = VALUE
            return
        ends = self.comma_length(at) > 0 or char == "}"
        set_at, self.set_at = self.set_at, None
        if set_at is not None and self.python and ends:
            self.object_is_set(set_at)
        elif ends or char == "]" or char == ")":
            self.value_is_missing(colon=True)
        elif self.ellipsis(at) > 0 or not (self.starts_item(char) or char in "+."):
            self.unexpected()
        else:
            place, index = self.value_end
            self.edits.insert(index, [place, place, kinds.MISSING_COLON, ":", False])
            self.state = VALUE

    def object_is_set(self, set_at: Mark) -> None:
        """`{"a", "b"}`: what looked like an object is an array. Its first item is read again."""
        del self.edits[set_at[1] :]
        self.guess(set_at[0] - 1, set_at[0], kinds.WRONG_BRACKET, "[")
        self.stack[-1] = SET
        self.at = set_at[0]
        self.comma = None
        self.fresh = True
        self.state = VALUE

    # State: a value is expected.

    def value(self, char: str) -> None:
        at = self.at
        role = self.role()
        if char == "{" or char == "[":
            self.at += 1
            self.push(OBJECT if char == "{" else ARRAY)
            self.value_start = self.mark()
            return
        if char in CLOSER:
            if self.lacks_value():
                self.value_is_missing(colon=False)
            else:
                self.close(char)
            return
        if char == "(" and self.python:
            self.edit(at, at + 1, kinds.WRONG_BRACKET, "[")
            self.at += 1
            self.push(TUPLE)
            return
        quote = self.opens(at)
        if quote:
            if role == ITEM and self.key_at(at):
                self.key_in_list()
                return
            self.value_start = self.mark()
            self.string(quote[0], quote[1], role)
        elif self.comma_length(at):
            if role == MEMBER:
                self.value_is_missing(colon=False)
            else:
                self.remove(1, kinds.EXTRA_COMMA)
        elif self.colon(at) > 0:
            self.remove(self.colon(at), kinds.EXTRA_COLON)
        elif self.ellipsis(at) > 0:
            self.remove(self.ellipsis(at), kinds.ELLIPSIS)
        elif self.prefixed_string():
            pass
        elif char == "`" or self.text.startswith("\\\\", at):
            self.unexpected()
        elif role == ITEM and self.bare_key_in_list(char):
            self.key_in_list()
        else:
            self.value_start = self.mark()
            self.bare(role)

    def bare_key_in_list(self, char: str) -> bool:
        """`[name: 1]`, where the name is a word and no address."""
        if not (char.isascii() and (char.isalpha() or char == "_" or char == "$")):
            return False
        colon = self.after_white(self.name_end(self.at))
        return self.text.startswith(":", colon) and not self.text.startswith("/", colon + 1)

    def key_in_list(self) -> None:
        """A key and its colon, in an array."""
        comma, closed = self.comma, self.closed
        if comma is not None and closed is not None and closed[0] + 1 == self.value_end[0]:
            self.reopen(closed, comma)
        elif comma is not None and self.outer() in HAS_KEYS:
            at, index = comma[0]
            level = self.pop()
            written = "" if level is None else WRITTEN[level]
            self.edits.insert(index, [at, at, kinds.MISSING_BRACKET, written, True])
            self.comma = behind_one(comma)
            self.state = KEY
        else:
            self.guess(self.at, self.at, kinds.MISSING_BRACKET, "{")
            self.push(OBJECT)
            self.fresh = False

    def prefixed_string(self) -> bool:
        """`u"…"`, `b'…'`: the letters before a string of Python. True if they stood here and are removed."""
        found = _PREFIX.match(self.text, self.at)
        if found is None:
            return False
        # `b": 1` is a key that lost its first quote, `b",` such a string.
        behind = self.after_white(found.end() + 1)
        if self.colon(behind) > 0 or self.char(behind) in (",", "}", "]"):
            return False
        self.remove(found.end() - self.at, kinds.STRING_PREFIX)
        return True

    def call(self, end: int) -> None:
        """Opens a call: `name(` has been recognised up to `end`."""
        index = len(self.edits)
        self.edit(self.at, end, kinds.FUNCTION_CALL, "")
        self.at = end
        self.push(CALL)
        self.calls.append(index)
