"""A part of the report, and how figures are written in it. Tests: tests/bench/test_report.py."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """A title, lines of text, and perhaps a table. The first column is text, the others numbers."""

    title: str
    lines: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def number(value: float | None, digits: int = 3) -> str:
    """A figure in few digits; a dash where there is none."""
    if value is None:
        return "-"
    return (
        f"{value:,.0f}"
        if abs(value) >= 10**digits
        else f"{value:.{digits}g}"
        if abs(value) >= 1e-3
        else f"{value:.6f}".rstrip("0").rstrip(".")
    )


def figure(value: float | None, unit: str) -> str:
    """A figure with its unit."""
    return "-" if value is None else f"{number(value)}{unit}"


def times(ratio: float | None) -> str:
    """A ratio."""
    return figure(ratio, "x")
