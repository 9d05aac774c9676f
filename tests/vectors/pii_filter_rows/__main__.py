"""Writes `tests/vectors/pii_filter.jsonl`."""

from pathlib import Path

from . import contacts, machines, numbers, papers, settings
from ._write import Row, render

FILE = Path(__file__).resolve().parent.parent / "pii_filter.jsonl"


def all_rows() -> list[Row]:
    """Every row, in the order of the file."""
    return [row for module in (numbers, contacts, papers, machines, settings) for row in module.all_rows()]


if __name__ == "__main__":
    FILE.write_text(render(all_rows()), encoding="utf-8")
