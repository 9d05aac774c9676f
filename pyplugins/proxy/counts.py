"""Counts what a chain did with messages, per plugin, code and rule; never what it found.

Written as JSON, whole or not at all, so that a file can be read while the proxy runs.
Tests: tests/proxy/test_counts.py.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyplugins.mcp import Outcome, Run

#: Names that one counter may hold. Codes and rules are the configuration's, not the traffic's: this is a last resort.
_MOST_NAMES = 1000
_OTHERS = "(others)"


class _Names(Counter[str]):
    """A counter that does not grow without end."""

    def one(self, name: str) -> None:
        """Counts a name."""
        self[name if name in self or len(self) < _MOST_NAMES else _OTHERS] += 1


class _Blocks:
    """How often each code was given, and which rules had found something in those messages."""

    def __init__(self) -> None:
        self.codes = _Names()
        self.rules: dict[str, _Names] = {}

    def one(self, code: str, rules: list[str]) -> None:
        """Counts a message."""
        self.codes.one(code)
        for rule in rules:
            self.rules.setdefault(code, _Names()).one(rule)

    def public(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            code: {"messages": count, "rules": dict(self.rules.get(code, {}))} for code, count in self.codes.items()
        }


class _Plugin:
    """What one plugin did."""

    def __init__(self) -> None:
        self.runs = self.changed = self.failed = 0
        self.found = _Names()
        self.blocked = _Blocks()
        self.would_block = _Blocks()

    def take(self, run: Any, rules: list[str]) -> None:
        """Takes one execution record, and the rules that had found something."""
        self.runs += 1
        self.changed += bool(run.payload_modified)
        self.failed += str(run.status.value) != "completed"
        for rule in rules:
            self.found.one(rule)
        if not run.effective_allow:
            self.blocked.one(run.error_code or "REFUSED", rules)
        elif run.requested_allow is False:
            self.would_block.one(run.error_code or "REFUSED", rules)

    def public(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "runs": self.runs,
            "changed": self.changed,
            "failed": self.failed,
            "found": dict(self.found),
            "blocked": self.blocked.public(),
            "would_block": self.would_block.public(),
        }


class Counts:
    """Counts of one proxy, over all its sessions."""

    def __init__(self) -> None:
        #: `from_client`, `from_server`, `read`, `changed`, `refused`, `not_checked`, `bad`, `too_large`, `dropped`.
        self.messages: Counter[str] = Counter()
        self._plugins: dict[str, _Plugin] = {}

    def take(self, outcome: Outcome) -> None:
        """Takes what a chain said about one message."""
        self.messages["read"] += 1
        if outcome.refusal is not None:
            self.messages["not_checked" if outcome.refusal.failed else "refused"] += 1
        elif outcome.changed:
            self.messages["changed"] += 1
        for run in outcome.runs:
            name = run.record.plugin_name
            plugin = self._plugins.get(name)
            if plugin is None:
                plugin = self._plugins[name] = _Plugin()
            plugin.take(run.record, list(_rules(run)))

    def public(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "messages": dict(self.messages),
            "plugins": {name: plugin.public() for name, plugin in self._plugins.items()},
        }

    def line(self) -> str:
        """One line for people."""
        parts = [f"{count} {name.replace('_', ' ')}" for name, count in self.messages.items() if count]
        return f"messages: {', '.join(parts) or 'none'}"

    def write(self, path: Path) -> None:
        """Writes the file, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(self.public(), indent=1) + "\n", encoding="utf-8")
        draft.replace(path)


def _rules(run: Run) -> Iterator[str]:
    """Names of rules or types by the usual keys of metadata, which a plugin writes under the name of its kind."""
    if not run.metadata:
        return
    kind = str(run.record.plugin_kind).split(".")
    for name, told in run.metadata.items():
        if name in kind and isinstance(told, Mapping):
            for key, value in told.items():
                if (key == "rules" or key.endswith("_types")) and isinstance(value, list):
                    yield from map(str, value)
