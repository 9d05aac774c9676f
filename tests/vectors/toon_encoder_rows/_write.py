"""Rows from what RULES.md says: a text, and what it becomes. Nothing here may ask an engine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]

#: Everything is converted, however small.
ALL = {"min_size_bytes": 0, "only_smaller": False}
DECODE = {"direction": "decode"}


def render(rows: Iterable[Row]) -> str:
    """The file, ASCII only."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def converted(name: str, text: str, output: str, config: Row, rule: str) -> Row:
    """A text that becomes another one; what is its own conversion is left alone."""
    if text == output:
        return left(name, text, config)
    sizes = {"input_bytes": _size(text), "output_bytes": _size(output)}
    expect = {"findings": [[rule, 0, len(text), "replace", 0]], "details": [sizes], "output": output}
    return {"id": name, "config": config, "input": text, "expect": expect}


def encoded(name: str, text: str, output: str, **config: Any) -> Row:
    """JSON and its TOON."""
    return converted(name, text, output, ALL | config, "encoded")


def decoded(name: str, text: str, output: str, **config: Any) -> Row:
    """TOON and its JSON."""
    return converted(name, text, output, DECODE | config, "decoded")


def left(name: str, text: str, config: Row) -> Row:
    """A text that is left alone."""
    return {"id": name, "config": config, "input": text, "expect": {"findings": [], "details": [], "output": text}}


def failed(name: str, text: str, code: int, config: Row, path: str = "") -> Row:
    """A text, or with a path a configuration, that is an error."""
    error = {"class": "ConfigError" if path else "InputTooLarge", "code": code, "path": path}
    return {"id": name, "config": config, "input": text, "expect": {"error": error}}
