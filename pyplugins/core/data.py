"""Finds the data files that Rust and Python both read: messages, schemas, rules, Unicode tables.

An installed package carries copies; a source checkout reads the originals beside the Rust engines. Nothing here writes.
Tests: tests/unit/test_core_data.py.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent
_SOURCES = _PACKAGE.parent / "rustlib"


def path(plugin: str, file: str) -> Path:
    """Where `file` of the plugin's rules is; ``"core"`` names the data all engines share.

    Raises:
        FileNotFoundError: neither the package nor a source checkout around it has the file.
    """
    original = _SOURCES / ("core" if plugin == "core" else f"engines/{plugin}") / "rules" / file
    copy = _PACKAGE / plugin / "rules" / file
    # A checkout wins over copies that an earlier build may have left in it.
    for candidate in (original, copy):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"gwplugins data file {plugin}/{file} is missing")


def text(plugin: str, file: str) -> str:
    """The file's text."""
    return path(plugin, file).read_text(encoding="utf-8")


@cache
def load(plugin: str, file: str) -> Any:
    """The parsed JSON file. Read once and shared: callers must not change it.

    >>> load("core", "messages.json")[0]["id"]
    'null_arg'
    """
    return json.loads(text(plugin, file))
