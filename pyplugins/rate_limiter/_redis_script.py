"""The Lua scripts: which parts make one, and its SHA-1, by which the server knows it.

Tests: tests/redis/test_commands.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from pyplugins.core import data

#: The part of each kind of window, in the order in which they are put together, and its letter in a class's text.
PARTS = {
    "bucket": "b",
    "fixed_window": "f",
    "sliding_window_counter": "c",
    "sliding_window_log": "l",
    "concurrency": "m",
}


@dataclass(frozen=True, slots=True)
class Script:
    """A script's text and its SHA-1 in lower-case hexadecimal."""

    text: str
    sha: str


@cache
def script(operation: str, kinds: frozenset[str]) -> Script:
    """The script of an operation (`check`, `settle`, `release`, `reset`) for a limiter with windows of these kinds."""
    parts = ["head", *(part for part in PARTS if part in kinds), operation]
    text = "".join(data.text("rate_limiter", f"{part}.lua") for part in parts)
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())
