"""The direct API: `NameOfPlugin`, `NameOfPluginRust`, `NameOfPluginPython`. Tests: tests/unit/test_name_of_plugin.py."""

from __future__ import annotations

from typing import Any

from pyplugins.core.protocol import Guard
from pyplugins.direct import DirectGuard

__all__ = ["NameOfPlugin", "NameOfPluginPython", "NameOfPluginRust"]


class NameOfPlugin(DirectGuard):
    """FILL IN: what it does; see `DirectGuard` for arguments, attributes and errors.

    >>> NameOfPlugin().process("FILL IN: a text")
    'FILL IN: what becomes of it'
    """

    kind = "name_of_plugin"

    @staticmethod
    def _python(config: str) -> Guard:
        from pyplugins.name_of_plugin.fallback import NameOfPluginFallback

        return NameOfPluginFallback.open(config)


class NameOfPluginRust(NameOfPlugin):
    """`NameOfPlugin` of the native library, never of Python."""

    def __init__(self, config: Any = None, implementation: str = "rust") -> None:
        super().__init__(config, implementation)


class NameOfPluginPython(NameOfPlugin):
    """`NameOfPlugin` in pure Python.

    >>> NameOfPluginPython().implementation
    'python'
    """

    def __init__(self, config: Any = None, implementation: str = "python") -> None:
        super().__init__(config, implementation)
