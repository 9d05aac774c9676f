"""Promises and how they are judged: what was measured beside its target. A section lists its own.

Tests: tests/bench/test_report.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench.texts import KIB

if TYPE_CHECKING:
    from bench.report.results import Results


class Check(NamedTuple):
    """One measured figure beside its target; `measured` is `None` when it could not be had."""

    promise: str
    against: str
    target: str
    measured: float | None
    met: bool
    unit: str = "x"

    @property
    def verdict(self) -> str:
        """One word or two."""
        return "not measured" if self.measured is None else "met" if self.met else "NOT MET"


def at_least(promise: str, against: str, least: float, measured: float | None, unit: str = "x") -> Check:
    """A figure that must not be lower."""
    return Check(promise, against, f">= {least:g}{unit}", measured, measured is not None and measured >= least, unit)


def at_most(promise: str, against: str, most: float, measured: float | None, unit: str = "x") -> Check:
    """A figure that must not be higher."""
    return Check(promise, against, f"<= {most:g}{unit}", measured, measured is not None and measured <= most, unit)


@dataclass(frozen=True)
class Against:
    """Ratios of one of ours to somebody else on some workloads."""

    theirs: str
    title: str
    least: float
    workloads: tuple[str, ...]
    mine: str = "cffi"

    def __call__(self, results: Results) -> Iterator[Check]:
        """A check for each workload."""
        for workload in self.workloads:
            yield at_least(workload, self.title, self.least, results.ratio(workload, self.mine, self.theirs))


@dataclass(frozen=True)
class Speed:
    """MB a second that one of ours never falls below on some workloads."""

    least: float
    workloads: tuple[str, ...]
    mine: str = "cffi"

    def __call__(self, results: Results) -> Iterator[Check]:
        """A check for each workload."""
        for workload in self.workloads:
            speed = results.speed(self.mine, workload) if results.has(self.mine, workload) else None
            yield at_least(workload, "absolute floor", self.least, speed, " MB/s")


@dataclass(frozen=True)
class Within:
    """Milliseconds that one of ours never takes longer than on some workloads."""

    most: float
    workloads: tuple[str, ...]
    mine: str = "cffi"

    def __call__(self, results: Results) -> Iterator[Check]:
        """A check for each workload."""
        for workload in self.workloads:
            took = results.timing(self.mine, workload).median * 1e3 if results.has(self.mine, workload) else None
            yield at_most(workload, f"{results.subjects.get(self.mine, self.mine)}, absolute", self.most, took, " ms")


@dataclass(frozen=True)
class Everywhere:
    """Every workload that both ran, in one line: how many meet it, and the least. `smallest` and `largest` in bytes."""

    what: str
    theirs: str
    title: str
    least: float
    mine: str = "cffi"
    smallest: int = 1
    largest: int | None = None

    def __call__(self, results: Results) -> Iterator[Check]:
        """One check."""
        ratios = {
            name: ratio
            for name, size in results.sizes.items()
            if self.smallest <= size and (self.largest is None or size <= self.largest)
            if (ratio := results.ratio(name, self.mine, self.theirs))
        }
        worst = min(ratios, key=lambda name: ratios[name], default=None)
        met = sum(ratio >= self.least for ratio in ratios.values())
        promise = f"{self.what}: {met} of {len(ratios)}; least: {worst}"
        yield at_least(promise, self.title, self.least, ratios[worst] if worst else None)


def own_python(small: float, large: float) -> tuple[Everywhere, Everywhere]:
    """Every text workload against our own pure-Python engine, by size."""
    return (
        Everywhere("texts under 4 KiB", "python", "our own Python", small, largest=4 * KIB - 1),
        Everywhere("texts of 4 KiB and more", "python", "our own Python", large, smallest=4 * KIB),
    )


@dataclass(frozen=True)
class Threads:
    """Calls a second of two threads against one."""

    promise: str
    least: float

    def __call__(self, results: Results) -> Iterator[Check]:
        """One check."""
        rounds = results.document["threads"].get("cffi", [])
        ratio = median(one["two"] / one["one"] for one in rounds) if rounds else None
        yield at_least(self.promise, "one thread", self.least, ratio)


@dataclass(frozen=True)
class Spin:
    """A small call while another Python thread spins: 99th percentile against the same call alone."""

    promise: str
    most: float

    def __call__(self, results: Results) -> Iterator[Check]:
        """One check."""
        found = results.document["spin"].get("cffi")
        ratio = found["beside"][1] / found["alone"][1] if found else None
        yield at_most(self.promise, "the same call alone", self.most, ratio)


@dataclass(frozen=True)
class Figure:
    """A figure of quality of one of ours, and its bound."""

    what: str
    least: float | None = None
    most: float | None = None
    mine: str = "cffi"

    def __call__(self, results: Results) -> Iterator[Check]:
        """A check for each bound."""
        measured = results.quality.get(self.what, {}).get(self.mine)
        if self.least is not None:
            yield at_least(self.what, "absolute", self.least, measured, "")
        if self.most is not None:
            yield at_most(self.what, "absolute", self.most, measured, "")


@dataclass(frozen=True)
class Above:
    """A figure of quality that is higher for one of ours than for each of the others."""

    what: str
    theirs: tuple[str, ...]
    mine: str = "cffi"

    def __call__(self, results: Results) -> Iterator[Check]:
        """A check for each of the others."""
        figures = results.quality.get(self.what, {})
        mine = figures.get(self.mine)
        for name in self.theirs:
            other = figures.get(name)
            title = results.subjects.get(name, name)
            if mine is None or other is None:
                yield Check(self.what, title, "higher", None, False, "")
            else:
                yield Check(self.what, title, f"> {other:.4g}", mine, mine > other, "")


def checks(results: Results) -> list[Check]:
    """All figures of the plugin's table, in its order."""
    return [check for promise in results.plugin.promises for check in promise(results)]
