"""One JSON document: what scanned, the findings, and the summary with errors. Tests: tests/cli/test_formats.py."""

from __future__ import annotations

from typing import Any, TextIO

from pyplugins.cli.formats.base import Format, Header, Members, dump
from pyplugins.cli.records import Record
from pyplugins.cli.summary import Summary


class JsonDocument(Format):
    """For programs that read it as a whole."""

    def __init__(self, out: TextIO, header: Header) -> None:
        super().__init__(out, header)
        self._findings = Members(out)

    def begin(self) -> None:
        """Opens the document."""
        known: dict[str, Any] = {
            "version": self._header.version,
            "plugin": self._header.plugin,
            "implementation": self._header.implementation,
        }
        self._out.write(dump(known)[:-1] + ', "findings": [')

    def record(self, record: Record) -> None:
        """One member of `findings`."""
        self._findings.add(record.public())

    def end(self, summary: Summary) -> None:
        """Closes the document."""
        self._out.write(f'\n], "summary": {dump(summary.public())}}}\n')
