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
        everything = ((name, getattr(self, name)) for name in _NAMES)
        return {name: value for name, value in everything if value is not None and value is not False}


_NAMES = tuple(field.name for field in fields(Record))


def preview(value: bytes) -> str:
    """The shape of a value: letters as `x`, digits as `#`, usual separators as they are, the rest as `?`.

    >>> preview(b"jo.doe1@example.com")
    'xx.xxx#@xxxxxxx.xxx'
    >>> preview(b"@@@")
    '***'
    """
    text = value[: 4 * (WIDTH + 1)].decode("utf-8", "replace")
    shape = text.translate(_SHAPES)
    return shorten("*" * len(shape) if shape == text else shape)


class _Shapes(dict[int, str]):
    """The shape of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = character if character in _KEPT else "?"
        return self.setdefault(code, "#" if character.isdecimal() else "x" if character.isalpha() else kept)


_SHAPES = _Shapes()


def shorten(text: str) -> str:
    """`text`, at most `WIDTH` characters of it."""
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."
