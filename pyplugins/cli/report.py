"""Carries events to a format, to the summary and to standard error. Tests: tests/cli/test_scan.py."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from pyplugins.cli import exits, formats, versions
from pyplugins.cli.detector import Detector
from pyplugins.cli.output import whole_file
from pyplugins.cli.progress import Bar
from pyplugins.cli.records import Record
from pyplugins.cli.scanning import Batch, Event, Failed, Skipped
from pyplugins.cli.summary import Summary


class Report:
    """Everything that is told about a run while it goes on and at its end."""

    def __init__(self, out: TextIO, style: str, detector: Detector, bar: Bar) -> None:
        self.summary = Summary()
        self._out = out
        self._bar = bar
        self._format = formats.make(style, out, _header(out, detector))
        self._format.begin()

    def events(self, path: str, events: Iterator[Event]) -> None:
        """Takes the events of one file."""
        found = 0
        scanned = True
        for event in events:
            if isinstance(event, Batch):
                found += len(event.records)
                self.records(event.records)
                self.summary.bytes += event.read
                self._bar.advance(event.read)
            elif isinstance(event, Skipped):
                scanned = False
                self.summary.skipped[event.reason] += 1
            else:
                scanned = False
                self.failed(path, event)
        self.summary.files += scanned
        self.summary.files_with_findings += bool(found)

    def records(self, records: list[Record]) -> None:
        """Writes findings, at once: a reader at the other end of a pipe may be waiting."""
        if not records:
            return
        with self._bar.aside():
            for record in records:
                self._format.record(record)
            self._out.flush()
        self.summary.findings.update(record.rule for record in records)

    def failed(self, path: str, failure: Failed) -> None:
        """Tells of an error, and goes on."""
        self.summary.errors.append((path, failure.why))
        with self._bar.aside():
            exits.complain(f"{exits.printable(path) or 'the empty path'}: {failure.why}")

    def close(self, *, quiet: bool) -> None:
        """Ends the output."""
        self._bar.close()
        self._format.end(self.summary)
        self._out.flush()
        if not quiet:
            click.echo(f"gwplugins: {self.summary.line()}", err=True)


def _header(out: TextIO, detector: Detector) -> formats.Header:
    colour = out.isatty() and "NO_COLOR" not in os.environ
    guard = detector.guard
    return formats.Header(
        detector.settings.plugin, guard.implementation, versions.package(), detector.rule_names(), colour
    )


@contextmanager
def sink(file: str | None, otherwise: TextIO) -> Iterator[TextIO]:
    """Where findings are written: a file that appears whole, or the given stream."""
    if file is None:
        yield otherwise
        return
    with whole_file(file) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", errors="backslashreplace", newline="\n")
        yield text
        text.detach()
