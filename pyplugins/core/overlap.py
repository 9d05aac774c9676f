"""Twin of rustlib/core/src/overlap.rs: the one rule by which overlapping candidates are resolved.

Earliest start first, then longest, then the lower rule number, then the higher score; a candidate that starts before
the end of the last one kept is dropped. Tests: tests/unit/test_core_overlap.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple

AUDIT, REPLACE, BLOCK = 0, 1, 2
FLAG_ACTION = 0b11
FLAG_GUESS = 1 << 2
FLAG_DERIVED = 1 << 3
SCORE_SHIFT = 16


class Candidate(NamedTuple):
    """Something a matcher found, before overlaps are resolved. Offsets are indices of the `str` that was searched."""

    start: int
    end: int
    rule: int
    flags: int = REPLACE
    detail: Any = None


def _order(candidate: Candidate) -> tuple[int, int, int, int]:
    return candidate[0], -candidate[1], candidate[2], -candidate[3]


def resolve(candidates: list[Candidate]) -> list[Candidate]:
    """The winners among `candidates`, in order.

    >>> [c.rule for c in resolve([Candidate(5, 9, 1), Candidate(0, 4, 2), Candidate(0, 6, 3), Candidate(6, 7, 4)])]
    [3, 4]
    """
    if len(candidates) < 2:
        return candidates
    kept = []
    last_end = 0
    for candidate in sorted(candidates, key=_order):
        if candidate[0] >= last_end:
            kept.append(candidate)
            last_end = candidate[1]
    return kept
