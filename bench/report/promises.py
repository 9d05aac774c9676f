"""The table of promises: workload, against what, at least how much, and what was measured.

Tests: tests/bench/test_report.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from bench.corpora import KIB
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


def _check(promise: str, against: str, least: float, measured: float | None, unit: str = "x") -> Check:
    return Check(promise, against, f">= {least:g}{unit}", measured, measured is not None and measured >= least, unit)


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
            yield _check(workload, self.title, self.least, results.ratio(workload, self.mine, self.theirs))


_CPEX = "cpex-pii-filter 0.3.9"
_LANGUAGES = tuple(f"mask, {language}, 2 % PII lines, fresh str" for language in ("German", "Russian", "Chinese"))
_LOG = "detect, log lines, 2 % with PII"


def memchr(results: Results) -> Iterator[Check]:
    """Clean text in Rust against `memchr` for an absent byte."""
    sizes = results.document["rust"].get("memchr", {})
    for size, least in (("1 MiB", 0.25), ("256 MiB", 0.7)):
        rounds = sizes.get(size)
        ratio = (
            median(scan / find for scan, find in zip(rounds["scan"], rounds["memchr"], strict=True)) if rounds else None
        )
        yield _check(f"clean ASCII, in Rust, {size}", "memchr, absent byte", least, ratio)


def own_python(results: Results) -> Iterator[Check]:
    """Every text workload against our own pure-Python engine: how many meet it, and the least."""
    texts = {name: results.ratio(name, "cffi", "python") for name, size in results.sizes.items() if size}
    for title, least, is_one in (("texts under 4 KiB", 5.0, False), ("texts of 4 KiB and more", 15.0, True)):
        ratios = {name: ratio for name, ratio in texts.items() if ratio and (results.sizes[name] >= 4 * KIB) is is_one}
        worst = min(ratios, key=lambda name: ratios[name], default=None)
        met = sum(ratio >= least for ratio in ratios.values())
        promise = f"{title}: {met} of {len(ratios)}; least: {worst}"
        yield _check(promise, "our own Python", least, ratios[worst] if worst else None)


def threads(results: Results) -> Iterator[Check]:
    """Two threads on ASCII log text."""
    rounds = results.document["threads"].get("cffi", [])
    ratio = median(one["two"] / one["one"] for one in rounds) if rounds else None
    yield _check("two threads, ASCII log text", "one thread", 1.7, ratio)


def spin(results: Results) -> Iterator[Check]:
    """A small call while another Python thread spins: 99th percentile against the same call alone."""
    found = results.document["spin"].get("cffi")
    ratio = found["beside"][1] / found["alone"][1] if found else None
    met = ratio is not None and ratio <= 5
    yield Check("100-byte call while a Python thread spins, p99", "the same call alone", "<= 5x", ratio, met)


def adversarial(results: Results) -> Iterator[Check]:
    """The slowest adversarial input in Rust."""
    slowest = results.document["rust"].get("adversarial", {}).get("slowest", [])
    worst = min((median(one["speeds"]) for one in slowest), default=None)
    yield _check(
        "worst adversarial input, in Rust, findings only",
        "absolute floor",
        150,
        worst / 1e6 if worst else None,
        " MB/s",
    )


PROMISES: tuple[Callable[[Results], Iterator[Check]], ...] = (
    Against("cpex", _CPEX, 25, ("mask, clean ASCII prose",)),
    Against("cpex", _CPEX, 10, ("mask, log lines, 2 % with PII",)),
    Against("cpex", _CPEX, 20, ("mask, a finding every 64 bytes",)),
    Against("cpex", _CPEX, 100, _LANGUAGES),
    Against("cpex", _CPEX, 2, ("detect, 20-byte e-mail", "detect, 52-byte SSN + e-mail", "detect, 100-byte clean")),
    Against("cpex", _CPEX, 1.5, ("detect, 160-byte log line", "detect, 160-byte log line, 1 finding")),
    Against("cpex", _CPEX, 8, ("process_nested, 40 strings, clean", "process_nested, 40 strings, 2 findings")),
    Against("cpex", _CPEX, 20, ("new detector, default config",)),
    Against("hyperscan", "Hyperscan, the peer's patterns", 5, (_LOG,)),
    memchr,
    own_python,
    Against("finditer", "one re.finditer per type", 3, (_LOG,), mine="python"),
    threads,
    spin,
    adversarial,
)


def checks(results: Results) -> list[Check]:
    """All figures of the table, in its order."""
    return [check for promise in PROMISES for check in promise(results)]
