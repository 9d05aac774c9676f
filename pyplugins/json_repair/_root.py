"""The whole text: values, and what stands around them: prose, code fences, calls, several values one after the other.

Twin of `rustlib/engines/json_repair/src/root.rs`, step by step under the same names.
Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

import re
from typing import Final

from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._bare import Bare
from pyplugins.json_repair._constants import is_constant
from pyplugins.json_repair._state import Comma

# How a scalar stands at the top.
_VALUE, _KEY, _NONE = range(3)

_CANDIDATE: Final = re.compile(r"[{\[]|```")
_BRACKET: Final = re.compile(r"[{\[]")
_NUMBER: Final = re.compile(r"[0-9+.eE-]*")
_FENCE: Final = re.compile(r"`+([A-Za-z0-9_+.-]*)")
_SCALAR_END: Final = re.compile(r"[,\n]")


class Found:
    """What has been found at the top so far."""

    __slots__ = ("begins", "bracketless", "comma", "count", "first", "last_end", "prose")

    def __init__(self) -> None:
        self.count = 0
        self.first = self.last_end = (0, 0)
        self.comma: Comma | None = None
        #: Prose has been removed: bare words and numbers are no longer read as values.
        self.prose = False
        #: Nothing has been read in this code block or text: whatever looks like a bracket is one.
        self.begins = True
        #: No bracket opens from here on; known once it is looked for.
        self.bracketless: bool | None = None


class Machine(Bare):
    """The whole machine.

    >>> machine = Machine("{a: 1", python=True, max_depth=9)
    >>> machine.repair()
    >>> kinds.apply(machine.text, machine.edits)
    '{"a": 1}'
    """

    __slots__ = ()

    def repair(self) -> None:
        """Repairs the whole text."""
        found = Found()
        text = self.text
        while True:
            char = self.skip()
            at = self.at
            if not char:
                break
            if char == "`" and text.startswith("```", at):
                self.fence(found)
            elif char == "," and found.count > 0 and found.comma is None:
                self.take_comma(1)
                found.comma, self.comma = self.comma, None
            elif char == ",":
                self.remove(1, kinds.EXTRA_COMMA)
            elif char == "+" and found.comma is None and not found.prose and self.concatenated():
                found.last_end = self.value_end
            elif char == ";":
                self.remove(1, kinds.UNEXPECTED)
            elif char == "}" or char == "]" or (char == ")" and found.count > 0):
                self.extra_bracket()
            elif (char in "{[" and self.plausible(at, found)) or self.wrapped(char, found):
                self.begin_value(found)
                self.value_of_root()
                found.last_end = self.value_end
            else:
                scalar = _NONE if found.prose else self.scalar(at, found)
                if scalar == _VALUE:
                    self.begin_value(found)
                    self.value_of_root()
                    found.last_end = self.value_end
                elif scalar == _KEY:
                    self.key_of_root(found)
                else:
                    self.prose(found)
        self.finish(found)

    def begin_value(self, found: Found) -> None:
        """A value begins here; the second makes all of them an array."""
        if found.count > 0 and found.comma is None:
            at, index = found.last_end
            self.edits.insert(index, [at, at, kinds.VALUE_LIST, ",", False])
        if found.count == 1:
            at, index = found.first
            self.edits.insert(index, [at, at, kinds.VALUE_LIST, "[", False])
        if found.count == 0:
            found.first = self.mark()
        found.comma = None
        found.begins = False
        found.count += 1

    def key_of_root(self, found: Found) -> None:
        """A key and its colon at the top: the object before goes on, or one begins without its bracket."""
        comma, closed = found.comma, self.closed
        if comma is not None and closed is not None and closed[0] + 1 == self.value_end[0]:
            found.comma = None
            self.reopen(closed, comma)
            self.go_on()
        else:
            self.begin_value(found)
            self.object_without_bracket()
        found.last_end = self.value_end

    def plausible(self, at: int, found: Found) -> bool:
        """A bracket that opens a value, not one of prose."""
        if found.begins:
            return True
        following = self.after_white(at + 1)
        char = self.char(following)
        if not char or char in "{\\" or self.opens(following) or self.comment(following):
            return True
        if self.text[at] == "{":
            return (char == "}" and self.empty_is_value(following, found)) or self.key_at(following)
        if char == "[":
            return True
        if char == "]":
            return self.empty_is_value(following, found)
        if char in "0123456789-.":
            end = _NUMBER.match(self.text, following).end()  # type: ignore[union-attr]  # it matches the empty string
            behind = self.char(self.after_white(end))
            return behind in ("", ",") or (behind == "]" and not found.prose)
        return is_constant(self.text[following : self.name_end(following)])

    def empty_is_value(self, close: int, found: Found) -> bool:
        """`{}` and `[]` in prose are a value if no other bracket opens behind them."""
        return not found.prose or (found.count == 0 and _BRACKET.search(self.text, close) is None)

    def wrapped(self, char: str, found: Found) -> bool:
        """A call around a value (JSONP, a MongoDB type), or a tuple of Python."""
        at = self.at
        if char == "(":
            following = self.after_white(at + 1)
            char = self.char(following)
            value = (char != "" and char in "{[0123456789-") or self.opens(following) is not None
            last = self.trimmed(at, self.size)
            return self.python and found.begins and value and (self.fenced or self.text[last - 1] == ")")
        end = self.call_at(at)
        if end is None:
            return False
        following = self.after_white(end)
        char = self.char(following)
        return (char != "" and char in "{[") or (not found.prose and char != ")" and char != "")

    def scalar(self, at: int, found: Found) -> int:
        """What the word or string at the top is."""
        quote = self.opens(at)
        if quote:
            end = self.string_end(at + quote[1], quote[0])
            if end is not None:
                following = self.after_white(end)
                char = self.char(following)
                if char == ":":
                    return _KEY
                if not char or char == "," or char == "+" or self.crossed_line(end, following):
                    return _VALUE
            if found.bracketless is None:
                found.bracketless = _BRACKET.search(self.text, at) is None
            return _VALUE if found.bracketless else _NONE
        stop = _SCALAR_END.search(self.text, at)
        end = self.trimmed(at, stop.start() if stop else self.size)
        return _VALUE if self.is_scalar(at, end) else _NONE

    def prose(self, found: Found) -> None:
        """Removes prose, to the next place where a value or a code block may begin."""
        found.prose = True
        found.begins = False
        start = self.at
        candidate = _CANDIDATE.search(self.text, start + 1)
        while candidate and self.text[candidate.start()] != "`" and not self.plausible(candidate.start(), found):
            candidate = _CANDIDATE.search(self.text, candidate.end())
        self.at = candidate.start() if candidate else self.size
        self.edit(start, self.at, kinds.PROSE, "")

    def fence(self, found: Found) -> None:
        """The mark of a code block: the word behind it belongs to it."""
        start = self.at
        marks = _FENCE.match(self.text, start)
        if marks is None:
            raise AssertionError("a code block begins here")
        if self.fenced:
            found.prose = True
            end = marks.start(1)
        else:
            end = marks.end()
            found.begins = self.char(self.after_white(end)) in ("{", "[", "(")
        self.fenced = not self.fenced
        self.edit(start, end, kinds.CODE_FENCE, "")
        self.at = end

    def finish(self, found: Found) -> None:
        """What the text as a whole lacks."""
        if found.count == 0:
            return self.no_json()
        if found.comma is not None:
            (at, index), length, _ = found.comma
            self.edits.insert(index, [at, at + length, kinds.TRAILING_COMMA, "", False])
        if found.count > 1:
            at, index = found.last_end
            self.edits.insert(index, [at, at, kinds.VALUE_LIST, "]", False])
        return None

    def no_json(self) -> None:
        """There is no value: Python's library gives nothing, npm's the text as a string."""
        self.edits.clear()
        start = self.after_white(0)
        if self.python or start >= self.size:
            return self.guess(0, self.size, kinds.NO_JSON, self.empty_value())
        end = self.trimmed(start, self.size)
        self.guess(0, start, kinds.NO_JSON, '"')
        self.bare_inside(start, end)
        return self.guess(end, self.size, kinds.NO_JSON, '"')
