"""One line for each finding: `path:line:column: rule  preview`, as compilers and grep write. Tests:
tests/cli/test_formats.py."""

from __future__ import annotations

import click

from pyplugins.cli.exits import printable
from pyplugins.cli.formats.base import Format
from pyplugins.cli.records import Record, shorten


class Text(Format):
    """For readers and editors."""

    def record(self, record: Record) -> None:
        """One line."""
        shown = record.preview if record.value is None else shorten(printable(record.value))
        place = f"{printable(record.path)}:{record.line}:{record.column}"
        rule = click.style(record.rule, bold=True) if self._header.colour else record.rule
        self._out.write(f"{place}: {rule}{_marks(record)}  {shown}\n")


def _marks(record: Record) -> str:
    # "replace" is what findings usually ask for.
    marks = [record.action] * (record.action != "replace") + ["guess"] * record.guess + ["derived"] * record.derived
    return f" [{', '.join(marks)}]" if marks else ""
