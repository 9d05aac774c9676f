"""SARIF 2.1.0 (OASIS), which code-scanning dashboards and editors read.

Section numbers are of the specification. Tests: tests/cli/test_sarif.py.
"""

from __future__ import annotations

import os
from typing import Any, TextIO
from urllib.parse import quote

from pyplugins.cli.exits import printable
from pyplugins.cli.formats.base import Format, Header, Members, dump
from pyplugins.cli.records import Record
from pyplugins.cli.scanning import STDIN
from pyplugins.cli.summary import Summary

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: 3.27.10; by what the engine proposes to do with the finding.
_LEVELS = {"audit": "note", "replace": "warning", "block": "error"}


class Sarif(Format):
    """One run."""

    def __init__(self, out: TextIO, header: Header) -> None:
        super().__init__(out, header)
        self._results = Members(out)
        self._index = {rule: index for index, rule in enumerate(header.rules)}

    def begin(self) -> None:
        """Opens the log and the run, and describes the tool."""
        driver = {
            "name": "gwplugins",
            "version": self._header.version,
            "rules": [self._rule(name) for name in self._header.rules],
            "properties": {"plugin": self._header.plugin, "implementation": self._header.implementation},
        }
        log = {"$schema": SCHEMA, "version": "2.1.0"}
        # columnKind (3.14.17) must be said: the default is not code points.
        run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints"}
        self._out.write(f'{dump(log)[:-1]}, "runs": [{dump(run)[:-1]}, "results": [')

    def record(self, record: Record) -> None:
        """One result."""
        self._results.add(self._result(record))

    def end(self, summary: Summary) -> None:
        """Says how the run went, and closes everything."""
        self._out.write(f'\n], "invocations": [{dump(_invocation(summary))}]}}]}}\n')

    def _rule(self, name: str) -> dict[str, Any]:
        words = name.replace("_", " ")
        return {
            "id": self._id(name),
            "name": "".join(word.capitalize() for word in words.split()),
            "shortDescription": {"text": f"{words} ({self._header.plugin})"},
        }

    def _id(self, rule: str) -> str:
        return f"{self._header.plugin}/{rule}"

    def _result(self, record: Record) -> dict[str, Any]:
        shown = record.preview if record.value is None else printable(record.value)
        result: dict[str, Any] = {
            "ruleId": self._id(record.rule),
            "level": _LEVELS[record.action],
            "message": {"text": f"{record.rule.replace('_', ' ')}: {shown}"},
            "locations": [{"physicalLocation": _location(record)}],
            "properties": _properties(record),
        }
        if record.rule in self._index:
            result["ruleIndex"] = self._index[record.rule]
        return result


def _location(record: Record) -> dict[str, Any]:
    region = {
        "startLine": record.line,
        "startColumn": max(record.column, 1),
        "endLine": record.end_line,
        "endColumn": max(record.end_column, 1),
        "byteOffset": record.start,
        "byteLength": record.end - record.start,
    }
    return {"artifactLocation": {"uri": uri(record.path)}, "region": region}


def uri(path: str) -> str:
    """A path as a URI reference (3.4.3): relative ones stay relative."""
    if path == STDIN:
        return "stdin"
    quoted = quote(os.fsencode(path.replace(os.sep, "/")), safe="/")
    # A first segment with a colon would be read as a scheme; quote has turned every colon into %3A.
    return f"file://{quoted}" if os.path.isabs(path) else quoted


def _properties(record: Record) -> dict[str, Any]:
    public = record.public()
    return {name: public[name] for name in ("score", "action", "guess", "derived", "detail") if name in public}


def _invocation(summary: Summary) -> dict[str, Any]:
    notifications = [
        {
            "level": "error",
            "message": {"text": f"{printable(path)}: {why}"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(path)}}}],
        }
        for path, why in summary.errors
    ]
    return {
        "executionSuccessful": not summary.errors,
        "exitCode": summary.exit_code,
        "toolExecutionNotifications": notifications,
        "properties": {"skipped": dict(sorted(summary.skipped.items()))},
    }
