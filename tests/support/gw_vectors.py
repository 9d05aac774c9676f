"""Runs the rows of `tests/vectors/<plugin>.jsonl` through a plugin's direct API; twin of rustlib/vectors.

A row's `expect` holds `findings` (rule, start, end, action, score, then ``guess`` and ``derived`` where they are set),
`output` or `output_hex`, `details`, `score` (what is left out is not compared), or `error` (class, code, path).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gw_tests import ROOT

from pyplugins.core.result import Finding, ScanResult
from pyplugins.errors import PluginError

VECTORS = ROOT / "tests/vectors"


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a file, in order."""
    # Not splitlines: a row may hold a character that Python takes for the end of a line.
    return [json.loads(line) for line in (VECTORS / f"{name}.jsonl").read_text("utf-8").split("\n") if line]


def config_of(row: dict[str, Any]) -> str:
    """The configuration, JSON text."""
    return row.get("config_text") or json.dumps(row["config"])


def input_of(row: dict[str, Any]) -> str | bytes:
    """The text of a row; it has none when its configuration is refused."""
    return bytes.fromhex(row["input_hex"]) if "input_hex" in row else row.get("input", "")


def answer(api: Any, row: dict[str, Any], implementation: str) -> dict[str, Any]:
    """What the implementation says, in the form and with the keys of `expect`."""
    try:
        result = api(config_of(row), implementation).scan(input_of(row))
    except PluginError as error:
        return {"error": {"class": type(error).__name__, "code": error.code, "path": error.path}}
    assert result.changed == (result.output != input_of(row))
    assert result.blocked == any(one.action == "block" for one in result.findings)
    return {key: value for key, value in _told(result) if key in row["expect"]}


def _told(result: ScanResult[Any]) -> Iterator[tuple[str, Any]]:
    yield "findings", [_plain(found) for found in result.findings]
    yield "details", [found.detail for found in result.findings]
    yield "score", result.score
    if isinstance(result.output, bytes):
        yield "output_hex", result.output.hex()
    else:
        yield "output", result.output


def _plain(found: Finding) -> list[Any]:
    marks = [name for name in ("guess", "derived") if getattr(found, name)]
    return [found.rule, found.start, found.end, found.action, found.score, *marks]
