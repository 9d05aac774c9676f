"""`encode`: the value of a JSON text becomes the lines of a TOON document. Twin of src/encode.rs.

One Python frame for each level of nesting, which the reader has bounded.
Tests: tests/unit/test_vectors.py, tests/parity/.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyplugins.core import units
from pyplugins.toon_encoder._json import Members, Number, is_scalar
from pyplugins.toon_encoder._text import Full, is_plain_key, needs_quotes, quote

_WORDS = {None: "null", True: "true", False: "false"}


def encode(value: Any, delimiter: str, limit: int) -> str:
    """The document that a value of `_json.read` is.

    Raises:
        Full: it would pass `limit` UTF-8 bytes.

    >>> print(encode([{"id": Number("1"), "name": "Ada"}, {"id": Number("2"), "name": "Bob"}], ",", 99))
    [2]{id,name}:
      1,Ada
      2,Bob
    """
    writer = _Writer(delimiter, limit)
    if isinstance(value, (dict, Members)):
        writer.fields(value, 0, "")
    elif isinstance(value, list):
        writer.array("", value, 0, tabular=True)
    else:
        writer.put(writer.scalar(value))
    document = "\n".join(writer.lines)
    size = units.utf8_length(document)
    if size > limit:
        raise Full(size)
    return document


class _Writer:
    def __init__(self, delimiter: str, limit: int) -> None:
        self.delimiter = delimiter
        self.lines: list[str] = []
        self.limit = limit
        #: Code points written, and the line ends between them: never more than bytes.
        self.size = -1

    def put(self, line: str) -> None:
        """Writes a line."""
        self.size += len(line) + 1
        if self.size > self.limit:
            raise Full(self.size)
        self.lines.append(line)

    def fields(self, value: dict[str, Any] | Members, depth: int, hyphen: str) -> None:
        """The members of an object, each on a line; the first stands behind `hyphen`, if there is one."""
        indent = "  " * depth
        start = hyphen or indent
        for name, member in value.items() if isinstance(value, dict) else value:
            head = start + (name if is_plain_key(name) else quote(name))
            start = indent
            if isinstance(member, (dict, Members)):
                self.put(head + ":")
                self.fields(member, depth + 1, "")
            elif isinstance(member, list):
                self.array(head, member, depth, tabular=True)
            else:
                self.put(f"{head}: {self.scalar(member)}")

    def array(self, head: str, value: list[Any], depth: int, *, tabular: bool) -> None:
        """The header, then values on its line, rows of a table, or items; no table in an item of another array."""
        head += f"[{len(value)}{'' if self.delimiter == ',' else self.delimiter}]"
        if not value:
            self.put(head + ":")
        elif all(map(is_scalar, value)):
            self.put(f"{head}: {self.row(value)}")
        elif tabular and is_table(value):
            self.table(head, value, depth)
        else:
            self.put(head + ":")
            indent = "  " * (depth + 1)
            for item in value:
                if isinstance(item, (dict, Members)):
                    if item:
                        self.fields(item, depth + 2, indent + "- ")
                    else:
                        self.put(indent + "-")
                elif isinstance(item, list):
                    self.array(indent + "- ", item, depth + 1, tabular=False)
                else:
                    self.put(f"{indent}- {self.scalar(item)}")

    def table(self, head: str, value: list[dict[str, Any]], depth: int) -> None:
        """The columns in the header, then a row for each object."""
        columns = list(value[0])
        names = self.delimiter.join(name if is_plain_key(name) else quote(name) for name in columns)
        self.put(f"{head}{{{names}}}:")
        indent = "  " * (depth + 1)
        for item in value:
            self.put(indent + self.row(item[name] for name in columns))

    def row(self, values: Iterable[Any]) -> str:
        """Values with delimiters between them."""
        return self.delimiter.join(map(self.scalar, values))

    def scalar(self, value: Any) -> str:
        """A literal as it stands, a string in quotes where it needs them."""
        if type(value) is Number:
            return value
        if isinstance(value, str):
            return quote(value) if needs_quotes(value, self.delimiter) else value
        return _WORDS[value]


def is_table(value: list[Any]) -> bool:
    """`columns`: every item is an object with the same keys, none of them twice, and scalar values."""
    first = value[0]
    if not isinstance(first, dict) or not first:
        return False
    keys = first.keys()
    return all(isinstance(item, dict) and item.keys() == keys and all(map(is_scalar, item.values())) for item in value)
