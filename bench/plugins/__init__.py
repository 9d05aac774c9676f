"""The sections, one folder for each plugin, found by looking: a new one adds its folder and touches nothing else.

Tests: tests/bench/test_sections.py.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from bench.plugin import Plugin

FOLDER = Path(__file__).parent
#: What was measured before results said so.
FIRST = "pii_filter"


def names() -> list[str]:
    """Every plugin with a section."""
    return sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))


@cache
def load(name: str) -> Plugin:
    """The section of a plugin."""
    plugin: Plugin = import_module(f"{__name__}.{name}").PLUGIN
    return plugin
