"""Counts documents whose value is recovered exactly, by class, and prints repairers beside each other.

For: `test_json_quality.py` and `python -m tests.quality.json`. Never: counts a value that is nearly right.
Tests: `test_json_quality.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .corpus import Pair, same


@dataclass
class Score:
    """What a repairer did with a collection, in the dialect it is measured by."""

    dialect: str
    asked: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Pair, Any]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Share of the documents recovered exactly."""
        return self.exact.total() / self.asked.total()

    def of(self, kind: str) -> float | None:
        """The same for a class; None when the dialect has no such case."""
        return self.exact[kind] / self.asked[kind] if self.asked[kind] else None


def score(pairs: Sequence[Pair], answers: Sequence[Any], dialect: str) -> Score:
    """Counts `answers`, one for each pair; pairs without a value in the dialect are passed over."""
    result = Score(dialect)
    for pair, answer in zip(pairs, answers, strict=True):
        if dialect not in pair.expected:
            continue
        result.asked[pair.kind] += 1
        if same(pair.expected[dialect], answer):
            result.exact[pair.kind] += 1
        else:
            result.wrong.append((pair, answer))
    return result


def table(pairs: Sequence[Pair], scores: dict[str, Score]) -> str:
    """Share recovered exactly by class, one column for each repairer, as a Markdown table."""
    lines = [f"| class | documents | {' | '.join(scores)} |", "|---|--:|" + "--:|" * len(scores)]
    for kind, count in Counter(pair.kind for pair in pairs).items():
        shares = [s.of(kind) for s in scores.values()]
        cells = ["" if share is None else f"{share * 100:.0f} %" for share in shares]
        lines.append(f"| {kind} | {count} | {' | '.join(cells)} |")
    cells = [f"{s.share * 100:.1f} %" for s in scores.values()]
    return "\n".join([*lines, f"| **all** | {len(pairs)} | {' | '.join(cells)} |"])
