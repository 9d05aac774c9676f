"""Builds and runs examples of an engine: `examples/measure.rs` measures in Rust what only Rust can, on the same texts.

Tests: tests/bench/test_report.py.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.plugin import Plugin
from bench.processes import ROOT


def build(plugin: str, example: str) -> Path:
    """Builds an example of the plugin's engine, optimised as the library is but for its last step (docs/building.md).

    Raises:
        OSError: there is no cargo.
        subprocess.CalledProcessError: it does not compile.
    """
    return program(example, "-p", f"gwplugins-{plugin.replace('_', '-')}", "--example", example)


def program(name: str, *words: str) -> Path:
    """Builds the program of this name; `words` tell cargo which it is.

    Raises:
        OSError: there is no cargo.
        subprocess.CalledProcessError: it does not compile.
    """
    command = ["cargo", "build", "--quiet", "--locked", "--release", *words, "--message-format", "json"]
    built = subprocess.run(command, cwd=ROOT / "rustlib", stdout=subprocess.PIPE, text=True, check=True)
    messages = map(json.loads, built.stdout.splitlines())
    return next(Path(one["executable"]) for one in messages if one.get("executable") and one["target"]["name"] == name)


def measure(plugin: Plugin) -> dict[str, Any]:
    """What the section's own programs print, or `measure.rs` of the plugin's engine; empty where there is neither."""
    if plugin.programs is not None:
        return plugin.programs()
    if plugin.rust_texts is None:
        return {}
    measuring = build(plugin.name, "measure")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in plugin.rust_texts().items():
            (Path(folder) / f"{name}.txt").write_text(text, encoding="utf-8")
        done = subprocess.run([measuring, folder], stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures
