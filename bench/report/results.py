"""Figures of a recorded run: medians, percentiles, and ratios taken round by round.

Tests: tests/bench/test_report.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from statistics import median
from typing import Any, NamedTuple

import pyperf

from bench import plugins


class Timing(NamedTuple):
    """Seconds for one call."""

    least: float
    median: float
    p99: float


class Results:
    """A result document with its samples at hand: rounds of seconds for each call, by subject and workload."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.plugin = plugins.load(document.get("plugin", plugins.FIRST))
        #: Figures by name, and of each subject.
        self.quality: dict[str, dict[str, float]] = document.get("quality", {})
        self.subjects: dict[str, str] = document["facts"]["subjects"]
        self._rounds: dict[tuple[str, str], list[list[float]]] = {}
        self.sizes: dict[str, int] = {}
        for benchmark in pyperf.BenchmarkSuite.loads(json.dumps(document["suite"])):
            metadata = benchmark.get_metadata()
            workload = str(metadata["workload"])
            self._rounds[str(metadata["subject"]), workload] = [list(run.values) for run in benchmark.get_runs()]
            self.sizes[workload] = int(metadata["bytes"])

    def has(self, subject: str, workload: str) -> bool:
        """Whether this subject ran this workload."""
        return (subject, workload) in self._rounds

    def timing(self, subject: str, workload: str) -> Timing:
        """Least, median and 99th percentile (nearest rank) of all samples."""
        values = sorted(value for values in self._rounds[subject, workload] for value in values)
        return Timing(values[0], median(values), values[min(len(values) - 1, len(values) * 99 // 100)])

    def samples(self, subject: str, workload: str) -> int:
        """Number of samples."""
        return sum(map(len, self._rounds[subject, workload]))

    def speed(self, subject: str, workload: str) -> float | None:
        """MB (10^6 bytes) a second at the median; `None` where the workload has no size."""
        size = self.sizes[workload]
        return size / self.timing(subject, workload).median / 1e6 if size else None

    def ratio(self, workload: str, mine: str, theirs: str) -> float | None:
        """How many times longer `theirs` takes: the median of the rounds' ratios; `None` when either did not run."""
        if not (self.has(mine, workload) and self.has(theirs, workload)):
            return None
        pairs = zip(self._rounds[theirs, workload], self._rounds[mine, workload], strict=True)
        return median(median(slow) / median(fast) for slow, fast in pairs)
