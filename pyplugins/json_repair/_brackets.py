"""Closing brackets: which level one closes, and what it means when it fits none.

Twin of `rustlib/engines/json_repair/src/brackets.rs`, step by step under the same names.
Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

from typing import Final

from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._hurry import Hurry
from pyplugins.json_repair._state import AFTER, CALL, CLOSER, GHOST, HAS_KEYS, OBJECT, WRITTEN

#: Closing brackets farther away are not asked for, so that the work stays linear.
_REACH: Final = 32


class Brackets(Hurry):
    """The machine's closing brackets."""

    __slots__ = ()

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

    def brackets_close(self, start: int, end: int) -> int | None:
        """How many levels the closing brackets in `text[start:end]` close; `None` if one closes none."""
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
