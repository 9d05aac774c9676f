"""Writes `tests/vectors/regex_filter.jsonl`."""

from pathlib import Path

from . import sequence, settings, templates, words
from ._write import Row, render

FILE = Path(__file__).resolve().parent.parent / "regex_filter.jsonl"


def all_rows() -> list[Row]:
    """Every row, in the order of the file."""
    return [row for module in (sequence, templates, words, settings) for row in module.all_rows()]


if __name__ == "__main__":
    FILE.write_text(render(all_rows()), encoding="utf-8")
