"""Levels paired by size: what is promised of a pair, and the table of all pairs.

Tests: tests/bench/test_compression_section.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bench.promises import Check, at_least
from bench.tables import Section, number, times

if TYPE_CHECKING:
    from bench.report.results import Results

#: Sizes of a pair differ by no more than so many percent of ours.
WITHIN = 3.0


class Pair(NamedTuple):
    """What ours and a peer made of one text."""

    ours: int
    theirs: int
    level: int | None

    @property
    def percent(self) -> float:
        """How much larger theirs is."""
        return 100 * (self.theirs - self.ours) / self.ours


def pair_of(results: Results, workload: str, theirs: str) -> Pair | None:
    """`None` when not both took part."""
    agreed = results.document["agreed"].get(workload, {})
    sizes, levels = agreed.get("sizes", {}), agreed.get("levels", {})
    return (
        Pair(sizes["cffi"], sizes[theirs], levels[theirs]) if {"cffi", theirs} <= {*sizes} & {"cffi", *levels} else None
    )


@dataclass(frozen=True)
class Paired:
    """Ratios of ours to a peer's level of the nearest size, where that is near enough; the table has the others."""

    theirs: str
    title: str
    least: float
    workloads: tuple[str, ...]
    within: float = WITHIN

    def __call__(self, results: Results) -> Iterator[Check]:
        """A check for each workload."""
        for workload in self.workloads:
            pair = pair_of(results, workload, self.theirs)
            if pair is None or abs(pair.percent) <= self.within:
                at = "" if pair is None or pair.level is None else f", level {pair.level}"
                yield at_least(workload, self.title + at, self.least, results.ratio(workload, "cffi", self.theirs))


def sections(results: Results) -> list[Section]:
    """All pairs."""
    rows = []
    for workload, agreed in results.document["agreed"].items():
        for theirs, level in agreed.get("levels", {}).items():
            if pair := pair_of(results, workload, theirs):
                at = "" if level is None else f" {level}"
                near = "" if abs(pair.percent) <= WITHIN else "  (not within 3 %)"
                rows.append(
                    [
                        f"{workload}, {results.subjects[theirs]}{at}",
                        number(pair.ours, 9),
                        number(pair.theirs, 9),
                        f"{pair.percent:+.1f} %{near}",
                        times(results.ratio(workload, "cffi", theirs)),
                    ]
                )
    lines = [
        "Of the peer's levels the one whose output is nearest in size to ours, on each text. Promises are judged where",
        "the sizes differ by 3 % at most, beside the standard library by 10 %.",
    ]
    header = ["workload, peer and its level", "ours, bytes", "theirs", "theirs is larger by", "ours is faster"]
    return [Section("Levels, paired by size", lines, header, rows)] if rows else []
