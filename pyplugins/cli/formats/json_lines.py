"""One JSON object on each line for each finding, and nothing else. Tests: tests/cli/test_formats.py."""

from __future__ import annotations

from pyplugins.cli.formats.base import Format, dump
from pyplugins.cli.records import Record


class JsonLines(Format):
    """For pipes."""

    def record(self, record: Record) -> None:
        """One line."""
        self._out.write(dump(record.public()) + "\n")
