"""`read`: one JSON text becomes a value that keeps what Python's own would lose. Twin of src/json.rs.

Tests: tests/unit/test_vectors.py, tests/parity/.
"""

from __future__ import annotations

from json import JSONDecoder
from typing import Any, Final, NoReturn

from pyplugins.toon_encoder._text import NotJson


class Number(str):
    """A number as it is spelt."""

    __slots__ = ()


class Members(list[tuple[str, Any]]):
    """The members of an object that has a key twice."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Members:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Members(pairs)


def _refuse(_: str) -> NoReturn:
    raise ValueError


_DECODER: Final = JSONDecoder(object_pairs_hook=_members, parse_int=Number, parse_float=Number, parse_constant=_refuse)


def read(text: str, max_depth: int) -> Any:
    """The value of a JSON text: objects are `dict` or `Members`, numbers `Number`.

    Raises:
        NotJson: it is none, or nested deeper than allowed.

    >>> read('{"a": [1.50, "1"]}', 9)
    {'a': ['1.50', '1']}
    """
    try:
        text.encode()
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise NotJson from None
    if text.count("[") + text.count("{") > max_depth and _is_deeper(value, max_depth):
        raise NotJson
    return value


def is_scalar(value: Any) -> bool:
    """Neither an array nor an object."""
    return not isinstance(value, (dict, list))


def _is_deeper(value: Any, max_depth: int) -> bool:
    """Level by level."""
    level = [value]
    for _ in range(max_depth):
        level = [inner for outer in level if not is_scalar(outer) for inner in _inner(outer) if not is_scalar(inner)]
        if not level:
            return False
    return True


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return [inner for _, inner in value] if isinstance(value, Members) else value
