"""Patterns of values: `*` stands for any bytes. Twin of rustlib/engines/rate_limiter/src/pattern.rs."""

from __future__ import annotations

import re


class Patterns:
    """A list of patterns, of which the first that fits a value counts. Exact ones are looked up, others tried."""

    def __init__(self, patterns: list[str]) -> None:
        self._exact: dict[bytes, int] = {}
        self._starred: list[tuple[re.Pattern[bytes], int]] = []
        for index, text in enumerate(patterns):
            pattern = text.encode("utf-8")
            if b"*" in pattern:
                self._starred.append((_compiled(pattern), index))
            else:
                self._exact.setdefault(pattern, index)

    def __bool__(self) -> bool:
        return bool(self._exact or self._starred)

    def find(self, value: bytes) -> int | None:
        """The number of the first pattern that fits."""
        exact = self._exact.get(value)
        for pattern, index in self._starred:
            if exact is not None and index > exact:
                break
            if pattern.fullmatch(value):
                return index
        return exact


def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    """What stands between two stars is looked for from left to right, the first place counts: hence atomic groups."""
    first, *middle, last = (re.escape(part) for part in pattern.split(b"*"))
    sought = b"".join(b"(?>.*?" + part + b")" for part in middle if part)
    return re.compile(first + sought + b".*" + last, re.DOTALL)
