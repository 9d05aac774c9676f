"""Patterns of `blocked_statements`, in the portable grammar. Loaded when a configuration holds one that is no verb.

It must never hand a pattern to `re` as it came. Tests: tests/vectors/sql_sanitizer.jsonl.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

from pyplugins.core.faults import fault
from pyplugins.core.pattern import Options, Pattern, parsed

__all__ = ["Pattern", "check", "parse", "search"]

# A surrogate that was encoded in three bytes is one character to a pattern (docs/patterns.md).
_FIRST: Final = "\udced"
_ENCODED_SURROGATE: Final = re.compile(f"{_FIRST}[\udca0-\udcbf][\udc80-\udcbf]")


def check(text: str, path: str) -> None:
    """Refuses what the portable grammar does not know."""
    parsed(text, path)


def parse(text: str, path: str) -> Pattern:
    """The pattern; letters match in any case unless it begins with flags or a group of its own kind."""
    pattern = parsed(text, path, Options(ignore_case=not text.startswith("(?")))
    if pattern.can_be_empty:
        raise fault("pattern_empty", path)
    return pattern


def search(pattern: Pattern, text: str) -> tuple[int, int] | None:
    """The first match."""
    if _FIRST not in text:
        return pattern.search(text)
    places: list[int] = []
    last = 0
    for found in _ENCODED_SURROGATE.finditer(text):
        places += range(last, found.start() + 1)
        last = found.end()
    places += range(last, len(text) + 1)
    span = pattern.search(_ENCODED_SURROGATE.sub("\ud800", text), bisect_left(places, 0))
    return (places[span[0]], places[span[1]]) if span else None
