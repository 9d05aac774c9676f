"""A finding as the command shows it: where it is, what it is, and a preview that does not show it.

The value itself is kept only when `--show-values` asks for it. Tests: tests/cli/test_records.py.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

#: Characters of a preview or of a shown value in text output; longer ones end in an ellipsis.
WIDTH = 48

_KEPT = frozenset(" .-_/@:+()")


@dataclass(frozen=True, slots=True)
class Record:
    """One finding in one file. `start` and `end` are byte offsets; lines and columns count from 1, columns in code
    points."""

    path: str
    rule: str
    action: str
    score: int
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
    preview: str
    guess: bool = False
    derived: bool = False
    #: Only with `--show-values`; a detail may quote the text.
    value: str | None = None
    detail: Any = None

    def public(self) -> dict[str, Any]:
        """The fields that say something, for JSON."""
        everything = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in everything.items() if value is not None and value is not False}


def preview(value: bytes) -> str:
    """The shape of a value: letters as `x`, digits as `#`, usual separators as they are, the rest as `?`.

    >>> preview(b"jo.doe1@example.com")
    'xx.xxx#@xxxxxxx.xxx'
    >>> preview(b"@@@")
    '***'
    """
    text = value[: 4 * (WIDTH + 1)].decode("utf-8", "replace")
    shape = "".join(map(_shape, text))
    return shorten("*" * len(shape) if shape == text else shape)


def _shape(character: str) -> str:
    if character in _KEPT:
        return character
    return "#" if character.isdecimal() else "x" if character.isalpha() else "?"


def shorten(text: str) -> str:
    """`text`, at most `WIDTH` characters of it."""
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."
