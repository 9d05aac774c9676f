"""Runs the Rust side's own measurement (rustlib/engines/<name>/examples/measure.rs) on the same corpora.

Tests: tests/bench/test_report.py.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench import corpora
from bench.processes import ROOT

CORPORA = ("prose", "prose with numbers", "log", "dense", "german", "russian", "chinese")


def build(example: str) -> Path:
    """Builds an example of the engine, optimised as the library is but for its last step (docs/building.md).

    Raises:
        OSError: there is no cargo.
        subprocess.CalledProcessError: it does not compile.
    """
    command = [
        "cargo",
        "build",
        "--quiet",
        "--locked",
        "--release",
        "-p",
        "gwplugins-pii-filter",
        "--example",
        example,
        "--message-format",
        "json",
    ]
    built = subprocess.run(command, cwd=ROOT / "rustlib", stdout=subprocess.PIPE, text=True, check=True)
    messages = map(json.loads, built.stdout.splitlines())
    return next(
        Path(one["executable"]) for one in messages if one.get("executable") and one["target"]["name"] == example
    )


def measure() -> dict[str, Any]:
    """What `measure.rs` prints."""
    program = build("measure")
    with tempfile.TemporaryDirectory() as folder:
        for name in CORPORA:
            (Path(folder) / f"{name}.txt").write_text(corpora.text(name, corpora.MIB), encoding="utf-8")
        done = subprocess.run([program, folder], stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures
