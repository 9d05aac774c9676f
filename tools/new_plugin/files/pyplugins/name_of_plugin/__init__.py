"""FILL IN: what it does, in one sentence.

`NameOfPlugin` is the direct API, `NameOfPluginPlugin` the plugin class; importing the first loads no framework.
README.md says what is found. Tests: tests/unit/test_name_of_plugin*.py, tests/parity/test_name_of_plugin_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.name_of_plugin.api import NameOfPlugin, NameOfPluginPython, NameOfPluginRust
    from pyplugins.name_of_plugin.name_of_plugin import NameOfPluginPlugin

__all__ = ["NameOfPlugin", "NameOfPluginPlugin", "NameOfPluginPython", "NameOfPluginRust"]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "NameOfPlugin": "api",
        "NameOfPluginPython": "api",
        "NameOfPluginRust": "api",
        "NameOfPluginPlugin": "name_of_plugin",
    },
)
