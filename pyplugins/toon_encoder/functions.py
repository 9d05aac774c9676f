"""Drop-ins for functions of the gateway's `plugins.toon_encoder.toon`: `encode`, `decode`, `estimate_token_savings`.

What differs on purpose is listed in README.md. Tests: tests/unit/test_toon_encoder.py.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pyplugins.core import units
from pyplugins.core.faults import fault
from pyplugins.errors import PluginError
from pyplugins.toon_encoder.api import ToonEncoder

__all__ = ["decode", "decode_to_json", "encode", "encode_json", "estimate_token_savings"]


@cache
def _converting(direction: str, delimiter: str = "comma") -> ToonEncoder:
    """An engine that converts everything it can, and says so when it cannot."""
    limits = {"min_size_bytes": 0, "max_size_bytes": 2**40, "max_depth": 256}
    return ToonEncoder({"direction": direction, "delimiter": delimiter, "only_smaller": False, "strict": True} | limits)


def encode(value: Any, *, delimiter: str = "comma") -> str:
    """A value as TOON.

    Args:
        value: what `json.dumps` takes: mappings, lists, tuples, texts, numbers, booleans, `None`. A `str` is a text,
            also when it holds JSON; for that there is `encode_json`.
        delimiter: ``comma``, ``tab`` or ``pipe``: what stands between the values of a line.

    Raises:
        TypeError: something in the value is nothing that JSON has.
        ValueError: a float is not finite, or the value contains itself.
        InputTooLarge: the value passes a limit: 10 MiB as JSON, 64 MiB as TOON, or 256 levels of nesting.
        ConfigError: there is no such delimiter.

    >>> print(encode({"name": "alice", "scores": [1, 2.5], "tags": []}))
    name: alice
    scores[2]: 1,2.5
    tags[0]:
    """
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    except RecursionError:
        raise _too_deep() from None
    return encode_json(text, delimiter=delimiter)


def encode_json(text: str, *, delimiter: str = "comma") -> str:
    """A JSON text as TOON; numbers keep their spelling.

    Raises:
        InputTooLarge: the text is not JSON, or passes a limit of `encode`.
        ConfigError: there is no such delimiter.

    >>> encode_json('{"a": [1.50, "x|y"]}', delimiter="pipe")
    'a[2|]: 1.50|"x|y"'
    """
    return _converting("encode", delimiter).process(text)


def decode(text: str) -> Any:
    """The value of a TOON text, as `json.loads` would make it.

    Raises:
        InputTooLarge: a `ValueError`: a line is not TOON (the message says which), or a limit is passed: 10 MiB as
            TOON, 64 MiB as JSON, or 256 levels of nesting.

    >>> decode("users[2]{id,name}:\\n  1,Ada\\n  2,Bob")
    {'users': [{'id': 1, 'name': 'Ada'}, {'id': 2, 'name': 'Bob'}]}
    """
    try:
        return json.loads(decode_to_json(text))
    except RecursionError:
        raise _too_deep() from None


def decode_to_json(text: str) -> str:
    """A TOON text as JSON without blanks; numbers keep their spelling, repeated keys stay.

    Raises:
        InputTooLarge: as `decode`.

    >>> decode_to_json("a: 1.50\\nb: yes")
    '{"a":1.50,"b":"yes"}'
    """
    return _converting("decode").process(text)


def estimate_token_savings(json_str: str) -> tuple[int, int, float]:
    """UTF-8 bytes of a JSON text, of the same as TOON, and how many percent less that is: tokens follow bytes roughly.

    What cannot be encoded saves nothing.

    >>> estimate_token_savings('[{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}]')
    (52, 29, 44.230769230769226)
    >>> estimate_token_savings("no JSON")
    (7, 7, 0.0)
    """
    before = units.utf8_length(json_str)
    try:
        after = units.utf8_length(encode_json(json_str))
    except PluginError:
        return before, before, 0.0
    return before, after, (before - after) / before * 100


def _too_deep() -> PluginError:
    depth = _converting("decode").describe()["limits"]["max_depth"]
    return fault("too_deep", b=depth)
