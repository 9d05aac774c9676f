"""The report of a run: numbers read from the recorded document only, written as text, SVG and one HTML page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.report.charts import speedups, throughput
from bench.report.page import page
from bench.report.results import Results
from bench.report.sections import overview, sections
from bench.report.text import as_text


def runs(document: Mapping[str, Any]) -> list[Results]:
    """The run of each plugin."""
    return [Results(run) for run in document.get("runs", [document])]


def write(document: Mapping[str, Any], base: Path) -> str:
    """Writes `base` with `.txt`, `.html` and two `.svg` for each plugin beside it; answers the text."""
    found = runs(document)
    parts, pages = [], []
    for results in found:
        tables = sections(results)
        charts = {"speedup": speedups(results), "throughput": throughput(results)}
        only = "" if len(found) == 1 else f"-{results.plugin.name.replace('_', '-')}"
        for name, svg in charts.items():
            base.with_name(f"{base.stem}{only}-{name}.svg").write_text(svg, encoding="utf-8")
        parts += tables
        pages.append((tables, list(charts.values())))
    if len(found) > 1:
        first = overview(found)
        parts.insert(0, first)
        pages.insert(0, ([first], []))
    text = as_text(parts)
    base.with_suffix(".txt").write_text(text, encoding="utf-8")
    base.with_suffix(".html").write_text(page(pages), encoding="utf-8")
    return text
