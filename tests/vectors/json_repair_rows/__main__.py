"""Writes `tests/vectors/json_repair.jsonl`."""

from pathlib import Path

from . import around, limits, strings, structure, words
from ._write import Row, render

FILE = Path(__file__).resolve().parent.parent / "json_repair.jsonl"


def all_rows() -> list[Row]:
    """Every row, in the order of the file."""
    return [row for module in (structure, strings, words, around, limits) for row in module.all_rows()]


if __name__ == "__main__":
    FILE.write_text(render(all_rows()), encoding="utf-8")
