"""Edits: what a repair changes, in the order of the text, and the output they make.

Twin of `rustlib/engines/json_repair/src/edit.rs`. An edit is a list ``[start, end, kind, put, guess]``; kinds are
numbers, in the order of `rules/kinds.json`. Tests: tests/unit/test_json_repair_fallback.py.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from pyplugins.core import data

Edit: TypeAlias = list[Any]

START, END, KIND, PUT, GUESS = range(5)

(
    NO_JSON,
    PROSE,
    CODE_FENCE,
    BYTE_ORDER_MARK,
    WHITE_SPACE,
    COMMENT,
    VALUE_LIST,
    MISSING_BRACKET,
    WRONG_BRACKET,
    EXTRA_BRACKET,
    MISSING_COMMA,
    TRAILING_COMMA,
    EXTRA_COMMA,
    MISSING_COLON,
    EXTRA_COLON,
    MISSING_KEY,
    MISSING_VALUE,
    MISSING_QUOTE,
    EXTRA_QUOTE,
    QUOTE_STYLE,
    UNESCAPED_QUOTE,
    CONTROL_CHARACTER,
    BAD_ESCAPE,
    ESCAPED_JSON,
    CONCATENATION,
    STRING_PREFIX,
    PYTHON_CONSTANT,
    JAVASCRIPT_CONSTANT,
    TRUNCATED_CONSTANT,
    NUMBER,
    FUNCTION_CALL,
    ELLIPSIS,
    UNEXPECTED,
    INVALID_UTF8,
    LONE_SURROGATE,
    NON_ASCII,
) = range(36)


@cache
def names() -> tuple[str, ...]:
    """Names of the kinds of edits."""
    return tuple(row["name"] for row in data.load("json_repair", "kinds.json"))


def apply(text: str, edits: list[Edit]) -> str:
    """The text with the edits applied.

    >>> apply("[1,]", [[2, 3, TRAILING_COMMA, "", False]])
    '[1]'
    """
    pieces: list[str] = []
    last = 0
    for start, end, _, put, _ in edits:
        pieces += (text[last:start], put)
        last = end
    pieces.append(text[last:])
    return "".join(pieces)
