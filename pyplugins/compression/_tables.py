"""What is known of the codecs: `rules/codecs.json`, which the engine reads too.

Tests: tests/unit/test_compression_api.py.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from pyplugins.core import data

#: The name that stands for the format the data itself names: for decompression only.
AUTO = "auto"


class Facts(NamedTuple):
    """One row of the table."""

    name: str
    #: Least and most; `None` for a format without levels.
    levels: tuple[int, int] | None
    default_level: int | None
    #: Its name in HTTP (Content-Encoding); `None` when HTTP has none.
    coding: str | None
    #: What its files end in.
    suffix: str
    #: Several streams, one after the other, are one.
    concatenated: bool
    #: What a stream begins with; empty when it cannot be told.
    magic: bytes


@cache
def codecs() -> dict[str, Facts]:
    """The codecs by name, in the order of preference."""
    return {row["name"]: _facts(row) for row in data.load("compression", "codecs.json")}


def _facts(row: dict[str, object]) -> Facts:
    magic, levels = row["magic"], row["levels"]
    assert isinstance(magic, list)
    pair = (int(levels[0]), int(levels[1])) if isinstance(levels, list) else None
    values = {key: value for key, value in row.items() if key not in ("magic", "levels")}
    return Facts(**values, levels=pair, magic=bytes.fromhex("".join(magic)))  # type: ignore[arg-type]
