"""Twin of rustlib/engines/rate_limiter/src/pattern.rs: `*` stands for any bytes, everything else for itself.

Tests: tests/unit/test_rate_limiter_parts.py.
"""

from __future__ import annotations


class Patterns:
    """A list of patterns, of which the first that fits a value counts.

    >>> patterns = Patterns()
    >>> for index, pattern in enumerate(["team-*", "alice"]):
    ...     patterns.add(pattern, index)
    >>> patterns.find(b"alice"), patterns.find(b"team-a"), patterns.find(b"bob")
    (1, 0, None)
    """

    def __init__(self) -> None:
        self._exact: dict[bytes, int] = {}
        self._starred: list[tuple[list[bytes], int]] = []

    def __bool__(self) -> bool:
        return bool(self._exact or self._starred)

    def add(self, pattern: str, index: int) -> None:
        """Adds the pattern with number `index`; numbers ascend."""
        data = pattern.encode()
        if b"*" in data:
            self._starred.append((data.split(b"*"), index))
        else:
            self._exact.setdefault(data, index)

    def find(self, value: bytes) -> int | None:
        """The number of the first pattern that fits."""
        exact = self._exact.get(value)
        for parts, index in self._starred:
            if exact is not None and index > exact:
                break
            if _fits(parts, value):
                return index
        return exact


def _fits(parts: list[bytes], value: bytes) -> bool:
    """`parts` are what stands between the stars; each is looked for from left to right, the first place counts."""
    first, *middle, last = parts
    if len(first) + len(last) > len(value) or not value.startswith(first) or not value.endswith(last):
        return False
    place, end = len(first), len(value) - len(last)
    for part in middle:
        found = value.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
