"""The Lua scripts: which parts make one, and its SHA-1, by which the server knows it.

Tests: tests/redis/test_commands.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pyplugins.core import data
from pyplugins.rate_limiter._windows import Bucket, Counter, Fixed, Leases, Log, Window

#: What a kind of window is called in a class's text.
LETTERS: Final[dict[type[Window], str]] = {Bucket: "b", Fixed: "f", Counter: "c", Log: "l", Leases: "m"}
OPERATIONS: Final = ("check", "settle", "release", "reset")
#: The part of a script for each, in the order in which they are put together.
_PARTS: Final = {
    "b": "bucket",
    "f": "fixed_window",
    "c": "sliding_window_counter",
    "l": "sliding_window_log",
    "m": "concurrency",
}


@dataclass(frozen=True, slots=True)
class Script:
    """A script's text and its SHA-1 in lower-case hexadecimal."""

    text: str = field(repr=False)
    sha: str


@cache
def script(operation: str, letters: frozenset[str]) -> Script:
    """The script of one of the `OPERATIONS` for a limiter with windows of these kinds."""
    parts = ["head", *(part for letter, part in _PARTS.items() if letter in letters), operation]
    text = "".join(data.text("rate_limiter", f"{part}.lua") for part in parts)
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())
