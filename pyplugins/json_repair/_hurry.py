"""Hurry: what leaves no doubt is taken by one pattern a step. Most of a broken document is not broken.

What a pattern accepts, the steps of the machine would read alike, only slower. The Rust engine does the same for runs
of members and items: `rustlib/engines/json_repair/src/run.rs`.
Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

import re
from typing import Final

from pyplugins.json_repair._state import AFTER, ARRAY, CLOSER, IN_COLON, KEY, OBJECT, VALUE, State

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


class Hurry(State):
    """The state, with a way to go on quickly."""

    __slots__ = ()

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
