"""The vectors of the PII filter, on every implementation that works here."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from pyplugins.core import data
from pyplugins.errors import PluginError
from pyplugins.native import status
from pyplugins.pii_filter.api import PIIDetector

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))
from vectors.pii_filter_rows import __main__ as source  # noqa: E402
from vectors.pii_filter_rows._write import render  # noqa: E402

ROWS = [json.loads(line) for line in source.FILE.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module", params=["cffi", "ctypes", "python"])
def implementation(request: pytest.FixtureRequest) -> str:
    """Each implementation in turn; what is missing here is skipped, or fails where everything native is required."""
    name: str = request.param
    attempt = status()["attempts"].get(name, {"works": True})
    if not attempt["works"]:
        required = os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") not in ("", "0")
        (pytest.fail if required else pytest.skip)(f"{name} does not work here: {attempt['why']}")
    return name


def answer(row: dict[str, Any], implementation: str) -> dict[str, Any]:
    """What the implementation says, in the form of `expect`."""
    config = row.get("config_text") or row["config"]
    text = bytes.fromhex(row["input_hex"]) if "input_hex" in row else row["input"]
    try:
        result = PIIDetector(config, implementation).scan(text)
    except PluginError as error:
        return {"error": {"class": type(error).__name__, "code": error.code, "path": error.path}}
    found = [[one.rule, one.start, one.end, one.action, one.score] for one in result.findings]
    assert result.changed == (result.output != text)
    assert result.blocked == any(one.action == "block" for one in result.findings)
    if isinstance(result.output, bytes):
        return {"findings": found, "output_hex": result.output.hex()}
    return {"findings": found, "output": result.output}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_row(row: dict[str, Any], implementation: str) -> None:
    assert answer(row, implementation) == row["expect"]


def test_the_file_is_what_its_source_writes() -> None:
    assert source.FILE.read_text("utf-8") == render(source.all_rows())


def test_ids_are_unique() -> None:
    ids = [row["id"] for row in ROWS]
    assert sorted(set(ids)) == sorted(ids)


def test_every_type_is_found_and_every_defect_of_the_peers_has_a_row() -> None:
    found = {finding[0] for row in ROWS for finding in row["expect"].get("findings", ())}
    assert found == {kind["name"] for kind in data.load("pii_filter", "types.json")} | {"custom"}
    defects = {row["id"][7:9] for row in ROWS if row["id"].startswith("defect-")}
    assert defects == {f"{number:02}" for number in range(1, 12)}
