"""name_of_plugin in pure Python: the steps of `rustlib/engines/name_of_plugin/RULES.md`, under the same names.

It must never depend on cffi or ctypes, and no message may hold scanned text.
Tests: tests/unit/test_vectors.py, tests/parity/test_name_of_plugin_parity.py.
"""

from __future__ import annotations

from typing import Any

from pyplugins.core import config as configuration
from pyplugins.core.guard import PythonGuard
from pyplugins.core.overlap import Candidate

#: The rules, by the number that findings carry.
_RULES = ("example",)


class NameOfPluginFallback(PythonGuard):
    """The guard. `settings` is what the configuration reader made of a configuration."""

    def __init__(self, settings: dict[str, Any]) -> None:
        limits = {name: settings[name] for name in ("max_text_bytes", "max_findings")}
        super().__init__("name_of_plugin", {"rules": [{"name": name} for name in _RULES], "limits": limits})

    @classmethod
    def open(cls, config: str) -> NameOfPluginFallback:
        """The guard for a configuration, JSON text."""
        return cls(configuration.read_for("name_of_plugin", config))

    def find(self, text: str, start: int = 0) -> list[Candidate]:
        """What is found in `text`; overlaps are resolved later."""
        # FILL IN: the steps of RULES.md.
        return []

    def replacement(self, value: str, candidate: Candidate, errors: str) -> str | None:
        """What takes the place of `value`."""
        # FILL IN.
        return ""
