"""Sections and charts as one HTML page that loads nothing. Tests: tests/bench/test_report.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from bench.tables import Section

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #1b2430 }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-size: 13px }
th, td { padding: .2rem .7rem; border-bottom: 1px solid #dde3ea; text-align: right; font-variant-numeric: tabular-nums }
th { background: #f3f6f9 } th:first-child, td:first-child { text-align: left }
.miss { color: #b3261e; font-weight: 600 } .met { color: #1e7a3c }
svg { max-width: 100%; height: auto; margin: 1rem 0 }
"""


def page(runs: Iterable[tuple[Sequence[Section], Sequence[str]]]) -> str:
    """The page; the charts of each run stand behind its first section."""
    blocks = []
    for (first, *rest), charts in runs:
        blocks += [_section(first), *charts, *map(_section, rest)]
    body = "\n".join(blocks)
    head = f'<meta charset="utf-8"><title>gwplugins benchmarks</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en">{head}\n{body}\n</html>\n'


def _section(part: Section) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in part.lines)
    return f"<h2>{escape(part.title)}</h2>{lines}{_table(part)}"


def _table(part: Section) -> str:
    if not part.rows:
        return ""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in part.header)
    rows = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in part.rows)
    return f"<table><tr>{head}</tr>\n{rows}</table>"


def _cell(text: str) -> str:
    kind = {"met": ' class="met"', "NOT MET": ' class="miss"'}.get(text, "")
    return f"<td{kind}>{escape(text)}</td>"
