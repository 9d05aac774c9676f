"""The machine: containers, members and items, and what is missing or too much between them.

Twin of `rustlib/engines/json_repair/src/machine.rs`, step by step under the same names. It reads the text once, from
left to right, with an explicit stack, and writes nothing but edits. Runs of well-formed members and items are taken by
one pattern each; what the pattern accepts, the steps would read alike. It must never recurse.
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

#: Closing brackets farther away are not asked for, so that the work stays linear.
_REACH: Final = 32

_PLAIN_STRING: Final = r'"[^"\\\x00-\x1f]*+"'
_NUMBER: Final = r"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?+[0-9]++)?+"
_W: Final = r"[ \t\r\n]*+"
_VALUE: Final = f"(?:{_PLAIN_STRING}|{_NUMBER}|true|false|null)"
_KEY: Final = f"{_PLAIN_STRING}{_W}:"
_ITEM_AHEAD: Final = rf"(?=[ \t\r]*+(?:{_PLAIN_STRING}[ \t\r]*+[,\]]|-?+[0-9.eE+-]++[ \t\r]*+[,\]]|[\[{{]|\n))"

# Parts of a text that leave no doubt: the steps of the machine would read them alike, only slower.
#: Members that end with a comma and a key behind it; then perhaps a key and its colon.
_MEMBERS: Final = re.compile(f"((?:{_W}{_KEY}{_W}{_VALUE}{_W},(?={_W}{_KEY}))*+)((?:{_W}{_KEY})?+)")
#: Items that end with a comma and an item behind it.
_ITEMS: Final = re.compile(f"(?:{_W}{_VALUE}{_W},{_ITEM_AHEAD})++")
#: A bracket that opens, or a value and the bracket behind it, which ends more than a word of prose.
_LAST: Final = re.compile(rf"{_W}(?:([{{\[])|{_VALUE}{_W}([}}\]])(?=[ \t\r]*+(?:[\n,}}\])]|\Z)))")
_AFTER: Final = re.compile(rf"{_W}([,}}\]])")
_BLANKS: Final = re.compile(r"[ \t\r\n]*+")
_PREFIX: Final = re.compile(r"""[bBfFrRuU]{1,2}(?=["'])""")


#: A place of the text and the number of edits before it.
Mark: TypeAlias = tuple[int, int]
#: The comma before the item or member that is read: its mark, its length, and whether it is an edit, at the mark's.
Comma: TypeAlias = tuple[Mark, int, bool]


class TooDeep(Exception):  # noqa: N818 - never seen by a caller
    """Nested deeper than allowed."""


class Containers(Text):
    """The machine over one text, without its strings, bare words and what stands around the value."""

    __slots__ = (
        "at",
        "calls",
        "closed",
        "comma",
        "edits",
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

    # What the other parts bring.

    def string(self, family: int, length: int, role: int) -> None:
        raise NotImplementedError

    def string_rest(self, inside: int, family: int, role: int) -> None:
        raise NotImplementedError

    def bare(self, role: int) -> None:
        raise NotImplementedError

    def bare_key(self) -> None:
        raise NotImplementedError

    # Small parts.

    def mark(self) -> Mark:
        return (self.at, len(self.edits))

    def edit(self, start: int, end: int, kind: int, put: str) -> None:
        self.edits.append([start, end, kind, put, False])

    def guess(self, start: int, end: int, kind: int, put: str) -> None:
        self.edits.append([start, end, kind, put, True])

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
                self.remove_comment(char)
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

    def remove_comment(self, first: str) -> None:
        if first == "/" and self.text.startswith("*", self.at + 1):
            end = self.text.find("*/", self.at + 2) + 2
            end = end if end > 1 else self.size
        else:
            end = self.text.find("\n", self.at)
            end = end if end >= 0 else self.size
        self.edit(self.at, end, kinds.COMMENT, "")
        self.at = end

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

    def hurry(self) -> bool:
        """Takes what leaves no doubt, one pattern a step. True when nothing is left to read of the value."""
        text, stack, count = self.text, self.stack, len(self.edits)
        at, state = self.at, self.state
        while True:
            top = stack[-1]
            if top > ARRAY or state == IN_COLON:
                break
            if state == KEY:
                members = _MEMBERS.match(text, at)
                run, end = members.end(1), members.end()  # type: ignore[union-attr]  # it matches the empty string
                if end == at:
                    break
                if run > at:
                    self.comma = ((run - 1, count), 1, False)
                self.fresh = self.ghostly = False
                self.closed = self.set_at = None
                at = end
                if run == end:
                    break
                self.comma = None
                state = VALUE
            elif state == VALUE:
                if top == ARRAY:
                    items = _ITEMS.match(text, at)
                    if items:
                        at = items.end()
                        self.comma = ((at - 1, count), 1, False)
                        self.fresh = False
                        self.closed = None
                last = _LAST.match(text, at)
                if last is None:
                    break
                if last[1]:
                    if len(stack) >= self.max_depth:
                        break
                    at = last.end()
                    self.push(OBJECT if last[1] == "{" else ARRAY)
                    self.value_start = (at, count)
                    state = self.state
                elif last[2] == CLOSER[top]:
                    at = last.end()
                    self.closes_plainly(top, at, count)
                    state = AFTER
                    if not stack:
                        break
                else:
                    break
            else:
                after = _AFTER.match(text, at)
                if after is None:
                    break
                if after[1] == ",":
                    at = after.end()
                    self.comma = ((at - 1, count), 1, False)
                    self.fresh = False
                    state = VALUE if top == ARRAY else KEY
                elif after[1] == CLOSER[top]:
                    at = after.end()
                    self.closes_plainly(top, at, count)
                    if not stack:
                        break
                else:
                    break
        self.at, self.state = at, state
        return not stack

    def closes_plainly(self, top: int, end: int, count: int) -> None:
        """The bracket before `end` closes the top level behind a value."""
        self.stack.pop()
        self.open[CLOSER[top]] -= 1
        if end <= self.run[0]:
            self.run = (self.run[0], max(self.run[1] - 1, 0))
        self.value_end = (end, count)
        self.string_close = self.comma = None
        self.closed = (end - 1, count) if top == OBJECT else None
        self.fresh = False

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
        self.comma = _behind_one(comma)

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

    def ended(self) -> None:
        """A value ends at the current place."""
        self.value_end = (self.at, len(self.edits))
        self.string_close = None
        self.closed = None
        self.fresh = False
        self.comma = None
        self.state = AFTER

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

    def remove(self, length: int, kind: int) -> None:
        self.edit(self.at, self.at + length, kind, "")
        self.at += length

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
        following = self.after_white(self.at + 1) if plus else self.at
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

    # Brackets.

    def close(self, char: str) -> None:
        """The closing bracket at the current place."""
        self.count_run()
        if not self.stack:
            self.extra_bracket()
            return
        top = self.stack[-1]
        if CLOSER[top] == char:
            self.close_top(top, char)
            return
        if not self.is_open(char):
            self.extra_bracket()
            return
        wrong = self.is_wrong_bracket(char)
        self.drop_comma()
        if wrong:
            self.pop()
            self.guess(self.at, self.at + 1, kinds.WRONG_BRACKET, WRITTEN[top])
            self.at += 1
            self.ended()
            return
        closers = ""
        while self.stack and CLOSER[self.stack[-1]] != char:
            closers += WRITTEN[self.stack[-1]]
            self.pop()
        if closers:
            # Behind the last value, before white space: the bracket that follows may stand on a line of its own.
            mark = self.value_end
            if mark[0] > self.at or self.state != AFTER:
                mark = self.mark()
            self.edits.insert(mark[1], [mark[0], mark[0], kinds.MISSING_BRACKET, closers, True])
        if self.stack:
            self.close_top(self.stack[-1], char)

    def close_top(self, top: int, char: str) -> None:
        """The bracket fits the top level."""
        if top == GHOST and self.ghostly:
            self.pop()
            self.extra_bracket()
            return
        behind_member = self.state == AFTER
        self.drop_comma()
        self.pop()
        start, end = self.at, self.at + 1
        written = WRITTEN[top]
        closed = self.mark()
        if not written:
            self.edit(start, end, kinds.FUNCTION_CALL if top == CALL else kinds.EXTRA_BRACKET, "")
        elif written != char:
            self.edit(start, end, kinds.WRONG_BRACKET, written)
        self.at = end
        self.ended()
        if top == OBJECT and behind_member:
            self.closed = closed

    def extra_bracket(self) -> None:
        self.guess(self.at, self.at + 1, kinds.EXTRA_BRACKET, "")
        self.at += 1

    def count_run(self) -> None:
        """Counts the closing brackets that follow this one, once for each run of them."""
        end, left = self.run
        if self.at < end:
            self.run = (end, max(left - 1, 0))
            return
        at, count = self.at + 1, 0
        while True:
            following = self.after_white(at)
            if self.text[following : following + 1] not in CLOSER:
                break
            count += 1
            at = following + 1
        self.run = (at, count)

    def is_wrong_bracket(self, char: str) -> bool:
        """The bracket stands for the one that closes the top level, rather than for one that closes more."""
        depth = len(self.stack)
        reach = next((n for n in range(min(_REACH, depth)) if CLOSER[self.stack[-1 - n]] == char), None)
        if reach is None:
            return False
        # What would be open if it closed the nearest level that it fits, or only the top.
        far, near = depth - reach - 1, depth - 1
        run_end, left = self.run
        behind = self.after_white(run_end)
        comma = self.comma_length(behind)
        if behind >= self.size or (far == 0 and left == 0 and comma == 0):
            return left != far and left == near
        if left > 0 or comma == 0:
            return False
        is_key = self.key_at(self.after_white(behind + comma))

        def fits(open_levels: int) -> bool:
            return open_levels > 0 and (self.stack[open_levels - 1] in HAS_KEYS) == is_key

        return not fits(far) and fits(near)

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
            self.comma = _behind_one(comma)
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
        self.edit(set_at[0] - 1, set_at[0], kinds.WRONG_BRACKET, "[")
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
            self.comma = _behind_one(comma)
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
        self.remove(found.end() - self.at, kinds.STRING_PREFIX)
        return True

    def call(self, end: int) -> None:
        """Opens a call: `name(` has been recognised up to `end`."""
        index = len(self.edits)
        self.edit(self.at, end, kinds.FUNCTION_CALL, "")
        self.at = end
        self.push(CALL)
        self.calls.append(index)

    def brackets_close(self, start: int, end: int) -> int | None:
        """How many levels, from the innermost, the closing brackets in `text[start:end]` close; `None` if one does not."""
        count = 0
        for char in self.text[start:end]:
            if char == "}" or char == "]":
                if count >= len(self.stack) or CLOSER[self.stack[-1 - count]] != char:
                    return None
                count += 1
        return count

    def level_under(self, count: int) -> int | None:
        """The level that would be on top after `count` brackets had closed theirs."""
        return self.stack[-1 - count] if count < len(self.stack) else None


def _behind_one(comma: Comma) -> Comma:
    """The comma, with one more edit before it."""
    (at, index), length, added = comma
    return ((at, index + 1), length, added)
