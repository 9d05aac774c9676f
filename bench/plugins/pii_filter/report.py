"""What is promised of pii_filter, and the tables that only it has. Tests: tests/bench/test_report.py."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from bench.promises import Against, Check, Spin, Threads, at_least, own_python
from bench.tables import Section, number

if TYPE_CHECKING:
    from bench.report.results import Results

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
        yield at_least(f"clean ASCII, in Rust, {size}", "memchr, absent byte", least, ratio)


def adversarial(results: Results) -> Iterator[Check]:
    """The slowest adversarial input in Rust."""
    slowest = results.document["rust"].get("adversarial", {}).get("slowest", [])
    worst = min((median(one["speeds"]) for one in slowest), default=None)
    yield at_least(
        "worst adversarial input, in Rust, findings only",
        "absolute floor",
        150,
        worst / 1e6 if worst else None,
        " MB/s",
    )


PROMISES = (
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
    *own_python(small=5.0, large=15.0),
    Against("finditer", "one re.finditer per type", 3, (_LOG,), mine="python"),
    Threads("two threads, ASCII log text", 1.7),
    Spin("100-byte call while a Python thread spins, p99", 5),
    adversarial,
)


def sections(results: Results) -> list[Section]:
    """What the engine's `measure.rs` measured."""
    figures = results.document["rust"]
    if "left out" in figures:
        return [Section("In Rust", [f"left out: {figures['left out']}"])]
    names = list(next(iter(figures["paths"].values())))
    speeds = [
        [corpus, *(number(median(by_path[name]) / 1e6) for name in names)]
        for corpus, by_path in figures["paths"].items()
    ]
    beside = [
        [size, *(number(median(rounds[key]) / 1e9) for key in ("memchr", "scan"))]
        for size, rounds in figures["memchr"].items()
    ]
    slow = [
        [repr(one["unit"]), number(median(one["speeds"]) / 1e6), number(max(one["speeds"]) / 1e6), str(one["findings"])]
        for one in figures["adversarial"]["slowest"]
    ]
    allocated = f"A scan of 1 MiB of clean text allocates {figures['clean_scan_allocates_bytes']} bytes."
    return [
        Section("In Rust, findings only, MB/s of each code path", [allocated], ["corpus, 1 MiB", *names], speeds),
        Section("In Rust, clean ASCII beside memchr, GB/s", [], ["size", "memchr", "scan"], beside),
        Section(
            f"In Rust, the slowest of {figures['adversarial']['inputs']} adversarial inputs, 1 MiB, MB/s",
            [],
            ["repeated", "median", "best", "findings"],
            slow,
        ),
    ]
