"""Finds the data files that Rust and Python both read: messages, schemas, rules, Unicode tables.

An installed package carries copies; a source checkout reads the originals beside the Rust engines. Nothing here writes.
(No pathlib: importing it costs more than everything else here.) Tests: tests/unit/test_core_data.py.
"""

from __future__ import annotations

import json
import os.path
from functools import cache
from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_SOURCES = os.path.join(os.path.dirname(_PACKAGE), "rustlib")


def path(plugin: str, file: str) -> str:
    """Where `file` of the plugin's rules is; ``"core"`` names the data all engines share.

    Raises:
        FileNotFoundError: neither the package nor a source checkout around it has the file.
    """
    crate = "core" if plugin == "core" else os.path.join("engines", plugin)
    original = os.path.join(_SOURCES, crate, "rules", file)
    copy = os.path.join(_PACKAGE, plugin, "rules", file)
    # A checkout wins over copies that an earlier build may have left in it.
    for candidate in (original, copy):
        if os.path.isfile(candidate):
            return candidate
    raise FileNotFoundError(f"gwplugins data file {plugin}/{file} is missing")


def text(plugin: str, file: str) -> str:
    """The file's text."""
    with open(path(plugin, file), encoding="utf-8") as source:
        return source.read()


@cache
def load(plugin: str, file: str) -> Any:
    """The parsed JSON file. Read once and shared: callers must not change it.

    >>> load("core", "messages.json")[0]["id"]
    'null_arg'
    """
    return json.loads(text(plugin, file))
