"""A detector's settings from `--config`, `-o key=value` and `--implementation`.

Only the syntax is judged here; what a key means and which values it takes is decided by the engine.
Tests: tests/cli/test_settings.py.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pyplugins.cli import discovery, exits
from pyplugins.cli.exits import Failure


@dataclass(frozen=True)
class Settings:
    """Everything that a detector is made from; plain data, so that it can be sent to another process."""

    plugin: str
    config: dict[str, Any]
    implementation: str = "auto"
    #: The configuration file, for messages.
    source: str | None = None


def collect(plugin: str, file: str | None, assignments: Sequence[str], implementation: str) -> Settings:
    """Settings from what was given on the command line; assignments win over the file."""
    schema = discovery.schema(plugin)
    config = read(file) if file else {}
    if "plugins" in config and "plugins" not in schema.get("properties", {}):
        raise Failure(f"{exits.printable(str(file))}: this is a plugin chain, for run and check-config")
    for assignment in assignments:
        _assign(config, assignment, schema)
    return Settings(plugin, config, implementation, file)


def read(file: str) -> dict[str, Any]:
    """The mapping in a YAML or JSON file.

    Raises:
        Failure: the file cannot be read or is not one mapping; the message says where.
    """
    name = exits.printable(file)
    try:
        parsed = yaml.load(Path(file).read_text(encoding="utf-8"), _StrictLoader)
    except OSError as why:
        raise Failure(f"{name}: {exits.describe(why)}") from None
    except UnicodeDecodeError:
        raise Failure(f"{name}: not UTF-8") from None
    except (yaml.YAMLError, ValueError) as why:
        raise Failure(f"{name}: {_place(why)}not valid YAML or JSON{_reason(why)}") from None
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise Failure(f"{name}: must be a mapping of keys to values")
    return parsed


def _place(why: Exception) -> str:
    mark = getattr(why, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""


def _reason(why: Exception) -> str:
    problem = getattr(why, "problem", None)
    return f": {problem}" if problem else ""


class _StrictLoader(yaml.SafeLoader):
    """Plain YAML data, and a key that is written twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                mark = node.value[index][0].start_mark
                raise yaml.constructor.ConstructorError(None, None, "a key is written twice", mark)
        return super().construct_mapping(node, deep)


def _assign(config: dict[str, Any], assignment: str, schema: Mapping[str, Any]) -> None:
    key, equals, text = assignment.partition("=")
    if not key or not equals:
        raise Failure(f"-o {exits.printable(assignment.partition('=')[0])}: must be written as key=value")
    *parents, last = key.split(".")
    target = config
    for parent in parents:
        target = target.setdefault(parent, {})
        schema = _member(schema, parent)
        if not isinstance(target, dict):
            raise Failure(f"-o {key}: {parent} is not a mapping")
    target[last] = _value(key, text, _member(schema, last))


def _member(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    member: Mapping[str, Any] = schema.get("properties", {}).get(key, {})
    return member


def _value(key: str, text: str, schema: Mapping[str, Any]) -> Any:
    # A string is taken as it stands: `-o redaction_text=123` and `-o redaction_text=[X]` need no quotes.
    types = schema.get("type")
    if types == "string" or (isinstance(types, list) and "string" in types and text != "null"):
        return text
    try:
        return yaml.load(text, _StrictLoader)
    except (yaml.YAMLError, ValueError):
        raise Failure(f"-o {key}: the value is not valid YAML or JSON") from None
