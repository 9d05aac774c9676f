"""The report of a run: numbers read from the recorded document only, written as text, SVG and one HTML page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.report.charts import speedups, throughput
from bench.report.page import page
from bench.report.results import Results
from bench.report.sections import sections
from bench.report.text import as_text


def write(document: Mapping[str, Any], base: Path) -> str:
    """Writes `base` with `.txt`, `.html` and two `.svg` beside it; answers the text."""
    results = Results(document)
    charts = {"speedup": speedups(results), "throughput": throughput(results)}
    for name, svg in charts.items():
        base.with_name(f"{base.stem}-{name}.svg").write_text(svg, encoding="utf-8")
    parts = sections(results)
    text = as_text(parts)
    base.with_suffix(".txt").write_text(text, encoding="utf-8")
    base.with_suffix(".html").write_text(page(parts, list(charts.values())), encoding="utf-8")
    return text
