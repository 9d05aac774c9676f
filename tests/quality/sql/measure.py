"""Counts hits and false alarms by class, and prints them beside each other.

For: `test_sql_quality.py` and `python -m tests.quality.sql`. Never: counts a row of the label `apart`.
Tests: `test_sql_quality.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from .corpus import APART, ATTACK, BENIGN, Row


@dataclass
class Tally:
    """Rows of a class, and those that were flagged."""

    rows: int = 0
    flagged: int = 0

    @property
    def share(self) -> float:
        """Share of the rows flagged."""
        return self.flagged / self.rows if self.rows else 0.0


@dataclass
class Score:
    """What a detector says of a collection."""

    classes: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    labels: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    templates: dict[tuple[str, str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    wrong: list[Row] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the attacks flagged."""
        return self.labels[ATTACK].share

    @property
    def alarms(self) -> float:
        """Share of the benign values flagged."""
        return self.labels[BENIGN].share

    def clean(self, label: str) -> float:
        """Share of the templates of a label without one wrong answer: rows of one template are much alike."""
        wanted = label == ATTACK
        tallies = [t for (of, _, _), t in self.templates.items() if of == label]
        return sum(t.flagged == (t.rows if wanted else 0) for t in tallies) / len(tallies)


def score(rows: Sequence[Row], answers: Sequence[bool]) -> Score:
    """Counts `answers`, one for each row."""
    result = Score()
    for row, flagged in zip(rows, answers, strict=True):
        places = (
            result.classes[row.label, row.kind],
            result.labels[row.label],
            result.templates[row.label, row.kind, row.template],
        )
        for tally in places:
            tally.rows += 1
            tally.flagged += flagged
        if row.label != APART and flagged != (row.label == ATTACK):
            result.wrong.append(row)
    return result


def table(scores: dict[str, Score], label: str) -> str:
    """Share flagged by class, one column for each detector, as a Markdown table."""
    first = next(iter(scores.values()))
    digits = 1 if label == ATTACK else 2
    lines = [f"| {label} | rows | {' | '.join(scores)} |", "|---|--:|" + "--:|" * len(scores)]
    for (kind_label, kind), tally in first.classes.items():
        if kind_label == label:
            shares = [f"{s.classes[label, kind].share * 100:.{digits}f} %" for s in scores.values()]
            lines.append(f"| {kind} | {tally.rows} | {' | '.join(shares)} |")
    if label != APART:
        shares = [f"{s.labels[label].share * 100:.2f} %" for s in scores.values()]
        lines.append(f"| **all** | {first.labels[label].rows} | {' | '.join(shares)} |")
        count = sum(of == label for of, _, _ in first.templates)
        shares = [f"{s.clean(label) * 100:.1f} %" for s in scores.values()]
        lines.append(f"| templates without a wrong row | {count} | {' | '.join(shares)} |")
    return "\n".join(lines)
