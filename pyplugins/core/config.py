"""Twin of rustlib/core/src/config/schema.rs: a configuration is checked against the engine's schema in document order.

Order of checks at one value: type, enum, range or length, format, then its members or items in document order (for
each member: duplicate, unknown, its value), then missing keys. It must never repair, guess or ignore anything. The
keywords are listed in docs/architecture.md. Tests: tests/unit/test_core_config.py, tests/vectors/config.jsonl.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pyplugins.core import data
from pyplugins.core.faults import fault
from pyplugins.core.strict_json import MAX_DEPTH, Members, decoded, parse

Schema: TypeAlias = Mapping[str, Any]
#: Decides about a string whose schema has a `format`: gets format, string and JSON path, and raises what is wrong.
Check: TypeAlias = Callable[[str, str, str], None]

_I64 = (-(2**63), 2**63 - 1)
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def read(schema: Schema, text: str | bytes, check: Check | None = None) -> dict[str, Any]:
    """The configuration as plain values: members in document order, then the defaults of absent ones.

    Args:
        schema: the parsed `rules/schema.json` of an engine.
        text: one JSON object.
        check: judges strings that have a `format`; without it they all pass.

    Raises:
        ConfigError: the first thing that is wrong, in document order; `path` names it.

    >>> read({"type": "object", "properties": {"n": {"type": "integer", "default": 3}}}, "{}")
    {'n': 3}
    """
    value = parse(text)
    _Judge(check or _pass).judge(schema, value, "$")
    if not isinstance(value, Members):
        raise fault("config_type", "$")
    filled: dict[str, Any] = _filled(schema, value)
    return filled


def check_format(name: str, text: str, path: str) -> None:
    """The formats that schemas use: `portable-pattern` is accepted or refused by its grammar.

    Raises:
        ConfigError: the pattern is refused; the message says where and why.
    """
    if name == "portable-pattern":
        from pyplugins.core.pattern import parsed  # loaded when a configuration holds a pattern; most hold none

        parsed(text, path)


def read_for(kind: str, text: str | bytes) -> dict[str, Any]:
    """`read` by the schema of an engine, its formats checked."""
    return read(data.load(kind, "schema.json"), text, check_format)


def to_json(config: Any) -> str:
    """A configuration object as the JSON text that every implementation then reads.

    Args:
        config: `None` (all defaults), JSON text, a mapping, or a model with `model_dump`.

    Raises:
        ConfigError: something in it is not JSON; `path` names it.

    >>> to_json({"a": (1, None)})
    '{"a": [1, null]}'
    """
    if config is None:
        return "{}"
    if isinstance(config, (str, bytes)):
        return decoded(config)
    if callable(getattr(config, "model_dump", None)):
        config = config.model_dump()
    # ASCII text carries a lone surrogate as an escape, which the readers then refuse alike.
    return json.dumps(_json_value(config, "$", 0), ensure_ascii=True, allow_nan=False)


def _json_value(value: Any, path: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise fault("config_depth", a=MAX_DEPTH)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        _within("config_range", value, *_I64, path)
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return {_key(key, path): _json_value(part, member_path(path, key), depth + 1) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_value(part, f"{path}[{index}]", depth + 1) for index, part in enumerate(value)]
    raise fault("config_type", path)


def _key(key: Any, path: str) -> str:
    if isinstance(key, str):
        return key
    raise fault("config_type", path)


def member_path(path: str, key: Any) -> str:
    """`.key` for a plain name, else ``["key"]`` with the key as JSON writes it."""
    if not isinstance(key, str):
        return path
    return f"{path}.{key}" if _PLAIN_KEY.match(key) else f"{path}[{json.dumps(key, ensure_ascii=False)}]"


class _Judge:
    """The walk; every method either returns or raises the fault."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def judge(self, schema: Schema, value: Any, path: str) -> None:
        self._judge_alone(schema, value, path)
        if isinstance(value, Members):
            self._judge_members(schema, value, path)
        elif isinstance(value, list):
            inner = schema.get("items", {})
            for index, item in enumerate(value):
                self.judge(inner, item, f"{path}[{index}]")

    def _judge_alone(self, schema: Schema, value: Any, path: str) -> None:
        """What can be said of a value without looking into it."""
        kind = _type_of(value)
        if not _allowed(schema.get("type"), kind):
            raise fault("config_type", path)
        choices = schema.get("enum")
        if choices and not any(kind == _type_of(choice) and value == choice for choice in choices):
            raise fault("config_enum", path)
        if kind in ("integer", "number"):
            _within("config_range", value, schema.get("minimum", _I64[0]), schema.get("maximum", _I64[1]), path)
        elif kind == "array":
            _within("config_length", len(value), 0, schema.get("maxItems", _I64[1]), path)
        elif kind == "string":
            bounds = schema.get("minLength", 0), schema.get("maxLength", _I64[1])
            _within("config_length", len(value.encode("utf-8")), *bounds, path)
            if "format" in schema:
                self._check(schema["format"], value, path)

    def _judge_members(self, schema: Schema, members: Members, path: str) -> None:
        properties = schema.get("properties", {})
        closed = schema.get("additionalProperties") is False
        seen: set[str] = set()
        for key, value in members:
            place = member_path(path, key)
            if key in seen:
                raise fault("config_duplicate_key", place)
            seen.add(key)
            if closed and key not in properties:
                raise fault("config_unknown_key", place)
            self.judge(properties.get(key, {}), value, place)
        for key in schema.get("required", ()):
            if key not in seen:
                raise fault("config_missing_key", member_path(path, key))


def _pass(_format: str, _text: str, _path: str) -> None:
    pass


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Members | dict):
        return "object"
    return _TYPES[type(value)]


_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}


def _allowed(keyword: str | list[str] | None, kind: str) -> bool:
    if keyword is None:
        return True
    names = keyword if isinstance(keyword, list) else [keyword]
    return kind in names or (kind == "integer" and "number" in names)


def _within(id: str, value: float, least: int, most: int, path: str) -> None:
    if not least <= value <= most:
        raise fault(id, path, least, most)


def _filled(schema: Schema, value: Any) -> Any:
    """Plain dicts and lists, with the defaults of absent members at every depth."""
    if isinstance(value, list) and not isinstance(value, Members):
        return [_filled(schema.get("items", {}), item) for item in value]
    if not isinstance(value, Members | dict):
        return value
    members = dict(value)
    properties = schema.get("properties", {})
    made = {key: _filled(properties.get(key, {}), part) for key, part in members.items()}
    absent = {key: inner["default"] for key, inner in properties.items() if key not in members and "default" in inner}
    return made | {key: _filled(properties[key], default) for key, default in absent.items()}
