"""The strict configuration reader: the shared vectors, and what only Python can be given."""

from __future__ import annotations

import enum
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from pyplugins.core import config, data
from pyplugins.core.faults import fault
from pyplugins.errors import ConfigError, PluginError

VECTORS = Path(__file__).parents[1] / "vectors/config.jsonl"
ROWS = [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]


def check(format: str, text: str, path: str) -> None:
    """Formats of the vectors: everything passes but the pattern ``(``."""
    if format == "portable-pattern" and text == "(":
        raise fault("pattern_syntax", path, 0, 1)


def outcome(schema: dict[str, Any], text: str | bytes) -> dict[str, Any]:
    try:
        return {"value": config.read(schema, text, check)}
    except PluginError as error:
        return {"error": {"code": error.code, "path": error.path, "message": str(error)}}


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_vectors(row: dict[str, Any]) -> None:
    text = row["text"] if "text" in row else bytes.fromhex(row["text_hex"])
    got, expected = outcome(row["schema"], text), row["expect"]
    if "error" not in expected:
        assert json.dumps(got) == json.dumps(expected)  # 1, 1.0 and true differ, and so does the order of keys
        return
    template = next(m for m in data.load("core", "messages.json") if m["id"] == expected["error"]["id"])
    assert (got["error"]["code"], got["error"]["path"]) == (template["code"], expected["error"]["path"])
    if "{a}" not in template["text"]:
        assert got["error"]["message"] == template["text"].replace("{path}", expected["error"]["path"])


def test_there_are_vectors() -> None:
    assert len(ROWS) >= 80


class Colour(str, enum.Enum):  # noqa: UP042 - the older form, on purpose
    RED = "red"


class Model:
    def model_dump(self) -> dict[str, Any]:
        return {"a": 1}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (None, "{}"),
        ('{"as": "it is"}', '{"as": "it is"}'),
        (b"{}", "{}"),
        ({"a": (1, [2.5], None, True)}, '{"a": [1, [2.5], null, true]}'),
        (MappingProxyType({"a": {}}), '{"a": {}}'),
        ({"a": Colour.RED}, '{"a": "red"}'),
        ({"a": "\N{SNOWMAN}"}, '{"a": "\\u2603"}'),
        (Model(), '{"a": 1}'),
    ],
)
def test_to_json(given: Any, text: str) -> None:
    assert config.to_json(given) == text


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"a": [{"b": object()}]}, 23, "$.a[0].b"),
        ({"a": {1, 2}}, 23, "$.a"),
        ({"a b": float("nan")}, 23, '$["a b"]'),
        ({1: 2}, 23, "$"),
        ({"a": 2**63}, 24, "$.a"),
        ({"a": -(2**63) - 1}, 24, "$.a"),
        ([object()], 23, "$[0]"),
        (object(), 23, "$"),
        (b"\xff", 21, ""),
    ],
)
def test_to_json_names_what_is_no_json(given: Any, code: int, path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.to_json(given)
    assert (caught.value.code, caught.value.path) == (code, path)


def test_to_json_ends_on_cycles() -> None:
    cycle: dict[str, Any] = {}
    cycle["a"] = cycle
    with pytest.raises(ConfigError) as caught:
        config.to_json(cycle)
    assert caught.value.code == 21


def test_a_lone_surrogate_is_refused_by_the_reader() -> None:
    with pytest.raises(ConfigError) as caught:
        config.read({}, config.to_json({"a": "\ud800"}))
    assert caught.value.code == 21


def test_defaults_are_not_shared_between_configurations() -> None:
    schema = {"type": "object", "properties": {"list": {"type": "array", "default": []}}}
    config.read(schema, "{}")["list"].append(1)
    assert config.read(schema, "{}") == {"list": []}
