"""`decode`: the lines of a TOON document become JSON without blanks. Twin of src/decode.rs and src/lines.rs.

What it writes it writes in the order of the engine, so that the first thing to go wrong is the same. Two Python frames
for each level of nesting, which `max_depth` bounds. Tests: tests/unit/test_vectors.py, tests/parity/.
"""

from __future__ import annotations

import re
import sys
from typing import Final, NamedTuple

from pyplugins.core import units
from pyplugins.toon_encoder._text import Full, NotToon, TooDeep, is_number, quote, unescape

#: Spaces that a level is indented by.
_INDENT: Final = 2
_WORDS: Final = frozenset({"true", "false", "null"})

_QUOTED: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_BARE_KEY: Final = re.compile(r"[^:\[]++")
_HEADER: Final = re.compile(r"\[([0-9]{1,18})([|\t]?)\] *+")
_COLUMN: Final = {
    d: re.compile(rf' *+({_QUOTED.pattern}|[^"{{}}{d}][^{{}}{d}]*+) *+([{d}}}])', re.DOTALL) for d in ",\t|"
}
_CELL: Final = {d: re.compile(rf" *+(?:{_QUOTED.pattern})?+[^{d}]*+", re.DOTALL) for d in ",\t|"}


class _Line(NamedTuple):
    #: Counted from 1.
    number: int
    #: Levels of indentation; more than any there can be where the indentation is wrong.
    depth: int
    #: Without indentation and trailing spaces.
    content: str
    #: The line before it is blank.
    after_blank: bool


class _Header(NamedTuple):
    length: int
    delimiter: str
    #: Names of the columns as they are spelt; none when it is no table.
    columns: list[str]
    #: What stands behind the colon.
    rest: str


def decode(text: str, max_depth: int, limit: int) -> str:
    """The JSON text that a document is.

    Raises:
        NotToon: a line is wrong.
        TooDeep: it is nested deeper than `max_depth`.
        Full: the JSON would pass `limit` UTF-8 bytes.

    >>> decode("id: 1\\ntags[2]: a,b", 9, 99)
    '{"id":1,"tags":["a","b"]}'
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotToon(text.count("\n", 0, error.start) + 1) from None
    decoder = _Decoder(_lines(text), max_depth, limit)
    decoder.root()
    left = decoder.peek()
    if left is not None:
        raise NotToon(left.number)
    return "".join(decoder.parts)


def _lines(text: str) -> list[_Line]:
    lines = []
    after_blank = False
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        content = line.strip(" ")
        if content:
            lines.append(_Line(number, _depth(line), content, after_blank))
        after_blank = not content
    return lines


def _depth(line: str) -> int:
    content = line.lstrip(" ")
    spaces = len(line) - len(content)
    return sys.maxsize if spaces % _INDENT or content[0] == "\t" else spaces // _INDENT


def split_key(content: str) -> tuple[str, str] | None:
    """A key as it is spelt, and what follows, which begins with a colon or bracket. `None`: the line has no key."""
    found = (_QUOTED if content[0] == '"' else _BARE_KEY).match(content)
    if found is None:
        return None
    key, rest = found[0].strip(" "), content[found.end() :].strip(" ")
    # Without a colon it is no key, whatever else it is.
    return (key, rest) if key and rest[:1] in (":", "[") and ":" in rest else None


def token(text: str, line: int) -> str:
    """The content of a token; in quotes it must end with the closing quote."""
    if text[:1] != '"':
        return text
    content = unescape(text[1:-1]) if _QUOTED.fullmatch(text) else None
    if content is None:
        raise NotToon(line)
    return content


def header(text: str, line: int) -> _Header:
    """Reads what begins with `[`."""
    found = _HEADER.match(text)
    if found is None:
        raise NotToon(line)
    delimiter, at = found[2] or ",", found.end()
    columns = []
    more = text[at : at + 1] == "{"
    is_table = more
    while more:
        column = _COLUMN[delimiter].match(text, at + 1)
        if column is None:
            raise NotToon(line)
        columns.append(column[1].rstrip(" "))
        more, at = column[2] != "}", column.end() - 1
    rest = text[at + is_table :].lstrip(" ")
    if rest[:1] != ":":
        raise NotToon(line)
    return _Header(int(found[1]), delimiter, columns, rest[1:].strip(" "))


def split_row(text: str, delimiter: str) -> list[str] | None:
    """The values of a row; one that is empty too. `None`: a quoted one has no end."""
    if '"' not in text:
        return [value.strip(" ") for value in text.split(delimiter)]
    values = []
    at = 0
    while True:
        end = _CELL[delimiter].match(text, at).end()  # type: ignore[union-attr]  # it matches the empty string
        value = text[at:end].strip(" ")
        if value.startswith('"') and not _QUOTED.match(value):
            return None
        values.append(value)
        at = end + 1
        if at > len(text):
            return values


class _Decoder:
    def __init__(self, lines: list[_Line], max_depth: int, limit: int) -> None:
        self.lines = lines
        self.at = 0
        self.max_depth = max_depth
        #: Arrays and objects that are open.
        self.open = 0
        #: Arrays of which an item has been read: no blank line may follow.
        self.inside = 0
        self.parts: list[str] = []
        self.size = 0
        self.limit = limit

    def put(self, text: str) -> None:
        self.size += units.utf8_length(text)
        if self.size > self.limit:
            raise Full(self.size)
        self.parts.append(text)

    def peek(self) -> _Line | None:
        return self.lines[self.at] if self.at < len(self.lines) else None

    def take(self, depth: int, owner: int) -> _Line:
        """The next line, which must stand at this depth."""
        line = self.peek()
        if line is None:
            raise NotToon(owner)
        if line.depth != depth or (self.inside and line.after_blank):
            raise NotToon(line.number)
        self.at += 1
        return line

    def is_deeper(self, depth: int) -> bool:
        """There is a next line, and it stands deeper."""
        line = self.peek()
        return line is not None and line.depth > depth

    def enter(self) -> None:
        self.open += 1
        if self.open > self.max_depth:
            raise TooDeep

    def root(self) -> None:
        """An array, one value, or the members of an object."""
        first = self.peek()
        if first is None:
            self.put("{}")
        elif first.content[0] == "[":
            self.take(0, first.number)
            if first.content == "[]":
                self.put("[]")
            else:
                self.array(header(first.content, first.number), 0, first.number)
        elif split_key(first.content):
            self.fields(0, None)
        else:
            self.take(0, first.number)
            self.value(first.content, first.number)

    def fields(self, depth: int, first: _Line | None) -> None:
        """Members, one on a line of this depth. The first may stand behind a hyphen."""
        self.enter()
        self.put("{")
        line = first
        count = 0
        while True:
            if line is None:
                if not self.is_deeper(depth - 1):
                    break
                line = self.take(depth, 0)
            if count:
                self.put(",")
            count += 1
            self.field(line.content, depth, line.number)
            line = None
        self.open -= 1
        self.put("}")

    def field(self, content: str, depth: int, number: int) -> None:
        split = split_key(content)
        if split is None:
            raise NotToon(number)
        key, rest = split
        self.put(quote(token(key, number)))
        self.put(":")
        if rest[0] == "[":
            self.array(header(rest, number), depth, number)
            return
        value = rest[1:].strip(" ")
        if value == "[]":
            self.put("[]")
        elif value:
            self.value(value, number)
        elif self.is_deeper(depth):
            self.fields(depth + 1, None)
        else:
            self.put("{}")

    def array(self, head: _Header, depth: int, number: int) -> None:
        """Values on the line of the header, rows of a table, or items."""
        self.enter()
        self.put("[")
        if head.columns:
            self.table(head, depth, number)
        elif head.rest:
            for place, value in enumerate(self.row(head, head.rest, head.length, number)):
                if place:
                    self.put(",")
                self.value(value, number)
        else:
            for place in range(head.length):
                if place:
                    self.put(",")
                line = self.take(depth + 1, number)
                self.inside += place == 0
                self.item(line, depth + 1)
            self.inside -= head.length > 0
        self.open -= 1
        self.put("]")

    def row(self, head: _Header, text: str, count: int, number: int) -> list[str]:
        """Splits a row, which must hold so many values."""
        values = split_row(text, head.delimiter)
        if values is None or len(values) != count:
            raise NotToon(number)
        return values

    def table(self, head: _Header, depth: int, number: int) -> None:
        if head.rest:
            raise NotToon(number)
        names = [quote(token(name, number)) for name in head.columns]
        self.enter()
        for place in range(head.length):
            line = self.take(depth + 1, number)
            self.inside += place == 0
            values = self.row(head, line.content, len(names), line.number)
            for column, (name, value) in enumerate(zip(names, values, strict=True)):
                self.put("," if column else ",{" if place else "{")
                self.put(name)
                self.put(":")
                self.value(value, line.number)
            self.put("}")
        self.open -= 1
        self.inside -= head.length > 0

    def item(self, line: _Line, depth: int) -> None:
        """What stands behind a hyphen at this depth."""
        if line.content[0] != "-" or line.content[1:2] not in ("", " "):
            raise NotToon(line.number)
        content = line.content[1:].strip(" ")
        if not content:
            if self.is_deeper(depth):
                self.fields(depth + 1, None)
            else:
                self.put("{}")
        elif content[0] == "[":
            self.array(header(content, line.number), depth, line.number)
        elif split_key(content):
            self.fields(depth + 1, line._replace(content=content))
        else:
            self.value(content, line.number)

    def value(self, text: str, number: int) -> None:
        """A string in quotes, a literal, or else a string."""
        if text in _WORDS or is_number(text):
            self.put(text)
        else:
            self.put(quote(token(text, number)))
