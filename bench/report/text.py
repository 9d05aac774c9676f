"""Sections as plain text. Tests: tests/bench/test_report.py."""

from __future__ import annotations

from collections.abc import Iterable

from bench.tables import Section


def as_text(parts: Iterable[Section]) -> str:
    """Titles underlined, columns aligned."""
    return "\n".join(_section(part) for part in parts)


def _section(part: Section) -> str:
    lines = [part.title, "=" * len(part.title), *part.lines]
    if part.rows:
        table = [part.header, *part.rows]
        widths = [max(len(row[column]) for row in table) for column in range(len(part.header))]
        words = [all(not row[column][:1].isdigit() for row in part.rows) for column in range(len(part.header))]
        words[0] = True
        for row in table:
            cells = [
                cell.ljust(width) if word else cell.rjust(width)
                for cell, width, word in zip(row, widths, words, strict=True)
            ]
            lines.append("  ".join(cells).rstrip())
        lines.insert(-len(part.rows), "  ".join("-" * width for width in widths))
    return "\n".join(lines) + "\n"
