"""Why a pattern is refused: numbers, ids and texts from rules/pattern_reasons.json, and the exception with them.

It must never quote the pattern or a scanned text. Tests: tests/unit/test_patterns.py.
"""

from __future__ import annotations

from pyplugins.core import data

_REASONS: dict[str, dict[str, int | str]] = {row["id"]: row for row in data.load("core", "pattern_reasons.json")}


class PatternError(ValueError):
    """The pattern is outside the portable grammar or over a limit.

    Attributes:
        reason: the reason's id, e.g. ``"lookaround"``.
        number: the reason's number, the same in every implementation.
        offset: where in the pattern, in bytes of its UTF-8 form.
        size: the pattern's size when the reason is ``"too_big"``, else 0.
    """

    def __init__(self, reason: str, offset: int, size: int = 0) -> None:
        row = _REASONS[reason]
        super().__init__(f"pattern refused at byte {offset}: {row['text']}")
        self.reason = reason
        self.number = int(row["number"])
        self.offset = offset
        self.size = size
