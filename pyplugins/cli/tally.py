"""Counts what a chain found and masked, from the metadata of its results. Tests: tests/cli/test_run.py."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from pyplugins.cli import exits
from pyplugins.cli.chain import Answer


class Tally:
    """Counts of one run.

    Metadata is read by its usual keys, whichever plugin wrote it: ``total_detections``, ``total_masked``, a list of
    types under a key that ends in ``_types``, and counts by type under ``detection_counts`` where the plugin was told
    to give them.
    """

    def __init__(self) -> None:
        self.lines: Counter[str] = Counter()
        #: plugin -> type -> messages, found, masked; the type "" holds what was given without types.
        self._rows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def add(self, answer: Answer) -> None:
        """Takes one answer."""
        self.lines["blocked" if answer.payload is None else "changed" if answer.changed else "unchanged"] += 1
        for plugin, told in answer.metadata.items():
            if isinstance(told, Mapping) and isinstance(told.get("total_detections"), int):
                self._take(plugin, told)

    def _take(self, plugin: str, told: Mapping[str, Any]) -> None:
        total, masked = told["total_detections"], told.get("total_masked", 0)
        if not total:
            return
        self._rows[plugin, "total"].update(messages=1, found=total, masked=masked)
        types = next((value for key, value in told.items() if key.endswith("_types") and isinstance(value, list)), [])
        counts = told.get("detection_counts") or ({types[0]: total} if len(types) == 1 else {})
        for name in types:
            self._rows[plugin, str(name)].update(messages=1)
            if name in counts:
                # All or nothing is masked in one message.
                self._rows[plugin, str(name)].update(
                    found=counts[name], masked=counts[name] if masked else 0, counted=1
                )

    @property
    def found(self) -> bool:
        """Whether anything was found, changed or refused."""
        return bool(self._rows or self.lines["changed"] or self.lines["blocked"])

    @property
    def exit_code(self) -> int:
        """As everywhere: an error weighs more than findings."""
        if self.lines["failed"]:
            return exits.ERROR
        return exits.FINDINGS if self.found else exits.CLEAN

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Plugin, type, messages, found, masked; a plugin's total comes last."""
        ordered = sorted(self._rows.items(), key=lambda row: (row[0][0], row[0][1] == "total", row[0][1]))
        return [(plugin, name, str(counts["messages"]), *_numbers(name, counts)) for (plugin, name), counts in ordered]

    def line(self) -> str:
        """One line for a reader."""
        parts = [
            f"{self.lines[what]} {what}" for what in ("changed", "blocked", "unchanged", "failed") if self.lines[what]
        ]
        total = self.lines.total()
        return f"{total} message{'' if total == 1 else 's'}" + (f": {', '.join(parts)}" if parts else "")


def _numbers(name: str, counts: Counter[str]) -> tuple[str, str]:
    # A plugin that was not told to count by type leaves that unknown in messages with several types.
    if name != "total" and counts["counted"] < counts["messages"]:
        return "-", "-"
    return str(counts["found"]), str(counts["masked"])
