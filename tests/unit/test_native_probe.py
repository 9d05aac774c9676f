"""The bindings with the test-only engine: scores, details, empty and derived spans, actions, panics, streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gw_tests import ROOT, missing

VECTORS = ROOT / "tests/vectors/probe.jsonl"
ROWS = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def outcomes(probe_library: Path) -> dict[str, list[Any]]:
    """What each binding answers, in the order of the vectors."""
    return {name: _ask(name, probe_library) for name in ("cffi", "ctypes")}


def _ask(binding: str, library: Path) -> list[Any]:
    env = dict(os.environ)
    if binding == "ctypes":
        env["GWPLUGINS_LIBRARY"] = str(library)
    else:  # the search path of the environment comes before the extension's own
        env["LD_LIBRARY_PATH"] = str(library.parent)
    script = Path(__file__).with_name("probe_outcomes.py")
    command = [sys.executable, str(script), binding, str(VECTORS)]
    result = subprocess.run(command, env=env, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("index", range(len(ROWS)), ids=[row["id"] for row in ROWS])
def test_vectors(outcomes: dict[str, list[Any]], binding: str, index: int) -> None:
    if binding == "cffi" and not sys.platform.startswith("linux"):
        missing("LD_LIBRARY_PATH is Linux's")
    expected = dict(ROWS[index]["expect"])
    if "details" in expected:
        expected["details"] = [json.loads(detail) for detail in expected["details"]]
    assert outcomes[binding][index] == expected
