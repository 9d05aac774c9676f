"""Counts hits, misses and false alarms of a detector on labelled lines, and prints them.

For: `test_pii_quality.py` and `python -m tests.quality.pii`. Never: forgives a span that is one character off, except
under `lenient`,
which is for peers whose spans include the label. Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .model import TYPES, Line, Span

Found = tuple[str, int, int]
"""Type, start, end: half-open, in code points."""
Finder = Callable[[str], list[Found]]


@dataclass
class Tally:
    """Counts of one type."""

    truths: int = 0
    hits: int = 0
    partial: int = 0
    wrong_type: int = 0
    alarms: int = 0

    @property
    def recall(self) -> float:
        """Share of the true values found."""
        return self.hits / self.truths if self.truths else 1.0

    @property
    def precision(self) -> float:
        """Share of the findings that are true."""
        return self.hits / (self.hits + self.alarms) if self.hits + self.alarms else 1.0


@dataclass
class Score:
    """Everything counted over a corpus."""

    lines: int = 0
    types: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in TYPES})
    decoys: Counter[str] = field(default_factory=Counter)
    alarms_on: Counter[str] = field(default_factory=Counter)
    misses: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    false_alarms: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def total(self) -> Tally:
        """All types together."""
        sums = {name: sum(getattr(t, name) for t in self.types.values()) for name in Tally.__dataclass_fields__}
        return Tally(**sums)


def overlaps(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether two half-open ranges share a position."""
    return a[0] < b[1] and b[0] < a[1]


def _hit(span: Span, found: Iterable[Found], lenient: bool) -> bool:
    if lenient:
        return any(f[0] == span.type and overlaps((span.start, span.end), f[1:]) for f in found)
    return (span.type, span.start, span.end) in found


def _alarm_place(line: Line, found: Found) -> str:
    """What a false alarm lies on: a kind of decoy, a true value (wrong span or type), or other text."""
    for decoy in line.decoys:
        if overlaps((decoy.start, decoy.end), found[1:]):
            return decoy.kind
    touched = any(overlaps((s.start, s.end), found[1:]) for s in line.spans)
    return "a true value, wrong span or type" if touched else "other text"


def score(lines: Iterable[Line], finder: Finder, *, lenient: bool = False) -> Score:
    """What `finder` does on `lines`; exact span and type, or any overlap with the right type when `lenient`."""
    result = Score()
    for line in lines:
        result.lines += 1
        result.decoys.update(d.kind for d in line.decoys)
        found = finder(line.text)
        for span in line.spans:
            tally = result.types[span.type]
            tally.truths += 1
            if _hit(span, found, lenient):
                tally.hits += 1
                continue
            touching = [f for f in found if overlaps((span.start, span.end), f[1:])]
            tally.partial += any(f[0] == span.type for f in touching)
            tally.wrong_type += bool(touching) and all(f[0] != span.type for f in touching)
            result.misses[span.type].append(
                {"text": line.text, "value": span.value, "found": touching, "source": line.source}
            )
        for f in found:
            if any(_hit(s, [f], lenient) for s in line.spans):
                continue
            place = _alarm_place(line, f)
            result.types[f[0]].alarms += 1
            result.alarms_on[place] += 1
            result.false_alarms[f[0]].append(
                {"text": line.text, "value": line.text[f[1] : f[2]], "on": place, "source": line.source}
            )
    return result


def table(result: Score) -> str:
    """Precision and recall by type, as a Markdown table."""
    rows = [
        "| type | values | found | partly | other type | false alarms | precision | recall |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, t in [*result.types.items(), ("all", result.total)]:
        rows.append(
            f"| {name} | {t.truths} | {t.hits} | {t.partial} | {t.wrong_type} | {t.alarms} "
            f"| {t.precision:.4f} | {t.recall:.4f} |"
        )
    return "\n".join(rows)


def decoy_table(result: Score) -> str:
    """How often each kind of decoy occurred and was taken for personal data, as a Markdown table."""
    rows = ["| decoy | occurred | false alarms |", "|---|--:|--:|"]
    rows += [f"| {kind} | {count} | {result.alarms_on[kind]} |" for kind, count in sorted(result.decoys.items())]
    rows += [
        f"| ({kind}) | | {count} |" for kind, count in sorted(result.alarms_on.items()) if kind not in result.decoys
    ]
    return "\n".join(rows)


def summary(result: Score, examples: int = 0) -> dict[str, Any]:
    """The same as plain data, with up to `examples` misses and false alarms of each type."""
    return {
        "lines": result.lines,
        "types": {
            name: vars(t) | {"precision": t.precision, "recall": t.recall}
            for name, t in [*result.types.items(), ("all", result.total)]
        },
        "decoys": {
            kind: {"occurred": count, "false_alarms": result.alarms_on[kind]}
            for kind, count in sorted(result.decoys.items())
        },
        "alarms_on": dict(result.alarms_on),
        "misses": {name: rows[:examples] for name, rows in result.misses.items()} if examples else {},
        "false_alarms": {name: rows[:examples] for name, rows in result.false_alarms.items()} if examples else {},
    }
