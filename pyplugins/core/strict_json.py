"""Twin of rustlib/core/src/config/json.rs: text to values, strictly, keeping the order and the repeats of object keys.

No BOM, NaN, lone-surrogate escape, number of 2^63 or more, nesting over 64 or text behind the value. Iterators and
recursion are bounded by the depth. Tests: tests/unit/test_core_config.py, tests/vectors/config.jsonl.
"""

from __future__ import annotations

import re
from json.decoder import (  # type: ignore[attr-defined]  # typeshed does not list scanstring
    JSONDecodeError,
    scanstring,
)
from typing import Any

from pyplugins.core.faults import fault

#: Deepest nesting of objects and arrays in a configuration.
MAX_DEPTH = 64
#: Floats from here on could be integers outside i64 that lost their last digits; no option needs them.
_TOO_BIG = 2**63

_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}


class Members(list[tuple[str, Any]]):
    """The members of an object in the document's order; a key may stand in it twice."""


def parse(text: str | bytes) -> Any:
    """One JSON text as None, bool, int, float, str, list or `Members`.

    Raises:
        ConfigError: the text is not strict JSON, or nested too deep.

    >>> parse('{"a": [1, 2.5]}')
    [('a', [1, 2.5])]
    """
    reader = _Reader(decoded(text))
    value = reader.value(0)
    if reader.peek():
        raise _refused(reader.text, reader.at)
    return value


def decoded(text: str | bytes) -> str:
    """`text` as `str`; bytes that are not UTF-8 are no JSON."""
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8")
        raise _refused(before, len(before)) from None


def _refused(text: str, at: int) -> Exception:
    line = text.count("\n", 0, at) + 1
    return fault("config_syntax", a=line, b=at - text.rfind("\n", 0, at))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches the empty string
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Any:
        first = self.peek()
        if first == "{":
            return self._object(_inner(depth))
        if first == "[":
            return self._array(_inner(depth))
        if first == '"':
            return self._string()
        if first in _WORDS:
            word, value = _WORDS[first]
            self._expect(word)
            return value
        return self._number()

    def _object(self, depth: int) -> Members:
        self._expect("{")
        members = Members()
        if self.peek() != "}":
            members.append(self._member(depth))
            while self.peek() == ",":
                self.at += 1
                members.append(self._member(depth))
        self._expect("}")
        return members

    def _member(self, depth: int) -> tuple[str, Any]:
        self.peek()
        key = self._string()
        self.peek()
        self._expect(":")
        return key, self.value(depth)

    def _array(self, depth: int) -> list[Any]:
        self._expect("[")
        items = []
        if self.peek() != "]":
            items.append(self.value(depth))
            while self.peek() == ",":
                self.at += 1
                items.append(self.value(depth))
        self._expect("]")
        return items

    def _string(self) -> str:
        start = self.at
        self._expect('"')
        try:
            value: str
            value, self.at = scanstring(self.text, self.at, True)
        except JSONDecodeError as error:
            raise _refused(self.text, error.pos) from None
        if _SURROGATE.search(value):
            raise _refused(self.text, start)
        return value

    def _number(self) -> int | float:
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            raise _refused(self.text, self.at)
        written = found[0]
        is_float = found[1] is not None or found[2] is not None or written == "-0"
        # Twenty characters hold every i64; longer digit strings are not worth converting.
        value = float(written) if is_float or len(written) > 20 else int(written)
        if not (-_TOO_BIG < value < _TOO_BIG or (value == -_TOO_BIG and not is_float)):
            raise _refused(self.text, self.at)
        self.at = found.end()
        return value

    def _expect(self, word: str) -> None:
        if not self.text.startswith(word, self.at):
            raise _refused(self.text, self.at)
        self.at += len(word)


def _inner(depth: int) -> int:
    if depth == MAX_DEPTH:
        raise fault("config_depth", a=MAX_DEPTH)
    return depth + 1
