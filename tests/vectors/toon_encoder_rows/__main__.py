"""Writes `tests/vectors/toon_encoder.jsonl`."""

from pathlib import Path

from . import decode, encode, limits
from ._write import Row, render

FILE = Path(__file__).resolve().parent.parent / "toon_encoder.jsonl"


def all_rows() -> list[Row]:
    """Every row, in the order of the file."""
    return [row for module in (encode, limits, decode) for row in module.all_rows()]


if __name__ == "__main__":
    FILE.write_text(render(all_rows()), encoding="utf-8")
