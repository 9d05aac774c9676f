"""The report of a recorded run: ratios round by round, promises, verdict, and pages that load nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

pyperf = pytest.importorskip("pyperf", reason="the bench extra is not installed")

from bench import facts, measure, report  # noqa: E402
from bench.plugins.pii_filter import PLUGIN as PII  # noqa: E402
from bench.processes import ROOT  # noqa: E402
from bench.promises import checks  # noqa: E402
from bench.report import charts  # noqa: E402
from bench.report.results import Results  # noqa: E402
from bench.report.sections import sections  # noqa: E402
from bench.report.text import as_text  # noqa: E402
from bench.tables import number  # noqa: E402

RESULTS = ROOT / "bench" / "results"

#: Seconds for one call of each subject, the same for all workloads.
SECONDS = {"cffi": 0.001, "ctypes": 0.002, "python": 0.04, "finditer": 0.16, "cpex": 0.15, "hyperscan": 0.006}
RUST = {
    "path": "Avx2",
    "clean_scan_allocates_bytes": 0,
    "memchr": {size: {"memchr": [4e9, 4e9], "scan": [2e9, 2e9]} for size in ("1 MiB", "256 MiB")},
    "paths": {"log": {"Avx2": [1e9], "Sse2": [8e8], "Portable": [4e8]}},
    "adversarial": {"inputs": 10, "slowest": [{"unit": "1 <", "speeds": [1.6e8, 1.4e8, 1.5e8], "findings": 0}]},
}


def document(slower: Callable[[int], float] = lambda _: 1.0, **changed: Any) -> dict[str, Any]:
    """A run in which round n takes `slower(n)` times as long, for everybody."""
    benchmarks = [
        pyperf.Benchmark(
            [
                measure._run(name, workload, {"loops": 1, "warmups": [1.0], "values": [SECONDS[name] * slower(n)] * 3})
                for n in range(5)
            ]
        )
        for workload in PII.workloads
        for name in PII.takers(workload)
    ]
    whole = {
        "facts": facts.collect() | {"versions": facts.versions(), "subjects": {name: name for name in SECONDS}},
        "agreed": {workload.name: {"findings": {"ssn": 1}} for workload in PII.workloads},
        "threads": {"cffi": [{"one": 100.0, "two": 190.0}]},
        "spin": {"cffi": {"alone": [1e-7, 2e-7, 1e-6], "beside": [1e-7, 9e-7, 5e-3]}},
        "memory": {"cffi": {"log": 1.9}},
        "imports": {"cffi": {"import": 20.0}},
        "sizes": {"libgwplugins.so": 1400000},
        "rust": RUST,
        "instructions": {"clean 100 B": 600},
        "suite": json.loads(measure._dumped(pyperf.BenchmarkSuite(benchmarks))),
    }
    return whole | changed


def test_a_ratio_is_that_of_the_same_round() -> None:
    noisy = Results(document(slower=lambda n: 50.0 if n % 2 else 1.0))
    assert noisy.ratio("mask, clean ASCII prose", "cffi", "cpex") == pytest.approx(150)
    assert noisy.ratio("mask, clean ASCII prose", "cffi", "hyperscan") is None


def test_timings_and_speeds() -> None:
    results = Results(document(slower=lambda n: n + 1.0))
    timing = results.timing("cffi", "mask, clean ASCII prose")
    assert timing == pytest.approx((0.001, 0.003, 0.005))
    assert results.speed("cffi", "mask, clean ASCII prose") == pytest.approx((1 << 20) / 0.003 / 1e6)
    assert results.speed("cffi", "new detector, default config") is None
    assert results.samples("cffi", "mask, clean ASCII prose") == 15


def test_each_promise_of_the_table_is_judged() -> None:
    found = {check.promise: check for check in checks(Results(document()))}
    assert len(found) == 23 - 1  # the log lines stand against Hyperscan and against re.finditer
    assert found["mask, German, 2 % PII lines, fresh str"].verdict == "met"
    assert found["mask, German, 2 % PII lines, fresh str"].measured == pytest.approx(150)
    assert found["clean ASCII, in Rust, 1 MiB"].measured == pytest.approx(0.5)
    assert found["clean ASCII, in Rust, 256 MiB"].verdict == "NOT MET"
    assert found["two threads, ASCII log text"].verdict == "met"
    assert found["100-byte call while a Python thread spins, p99"].measured == pytest.approx(4.5)
    assert found["worst adversarial input, in Rust, findings only"].measured == pytest.approx(150)
    large = next(check for name, check in found.items() if name.startswith("texts of 4 KiB and more"))
    assert large.measured == pytest.approx(40)


def test_a_busy_neighbour_may_cost_five_times_at_most() -> None:
    slow = {"cffi": {"alone": [1e-7, 2e-7, 1e-6], "beside": [1e-7, 1.1e-6, 5e-3]}}
    found = {check.promise: check for check in checks(Results(document(spin=slow)))}
    assert found["100-byte call while a Python thread spins, p99"].verdict == "NOT MET"


def test_what_was_not_measured_is_not_met() -> None:
    results = Results(document(rust={"left out": "no cargo"}, threads={}, spin={}))
    found = {check.promise: check for check in checks(results)}
    for promise in ("clean ASCII, in Rust, 1 MiB", "two threads, ASCII log text"):
        assert found[promise].verdict == "not measured"
        assert not found[promise].met
    assert "left out: no cargo" in as_text(sections(results))


def test_the_text_has_the_named_workloads_first_the_average_and_the_verdict() -> None:
    text = as_text(sections(Results(document())))
    lines = text.splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("---"))
    named = ["Single SSN Detection", "Multiple PII Types Detection", "Large Text Performance (1000 PII instances)"]
    for line, name in zip(lines[first + 1 :], named, strict=False):
        assert line.startswith(name)
        assert "40x" in line
        assert "150x" in line
    assert "Average speedup of Rust over Python: 40x (geometric mean 40x, least 40x)" in text
    assert "Verdict: EXCELLENT (EXCELLENT from 10x, GOOD from 5x, MODERATE from 2x, POOR from 0x); 22 of 23" in text


def test_losses_are_told() -> None:
    text = as_text(sections(Results(document())))
    lost = text[text.index("Where we lose") : text.index("All timings")]
    assert "clean ASCII, in Rust, 256 MiB: 0.5x, promised >= 0.7x" in lost


def test_a_run_without_peers_is_reported_too() -> None:
    alone = document()
    own = {name: name for name in ("cffi", "ctypes", "python", "finditer")}
    alone["facts"] = alone["facts"] | {"subjects": own}
    kept = [one for one in alone["suite"]["benchmarks"] if one["metadata"]["subject"] in own]
    text = as_text(sections(Results(alone | {"suite": alone["suite"] | {"benchmarks": kept}})))
    assert "not measured" in text
    assert "Average speedup" in text


def test_pages_are_well_formed_and_load_nothing(tmp_path: Path) -> None:
    text = report.write(document(), tmp_path / "run.json")
    assert (tmp_path / "run.txt").read_text(encoding="utf-8") == text
    page = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "1 &lt;" in page
    assert not re.search(r"<script|<link|src=|href=|url\(", page)
    for name in ("speedup", "throughput"):
        chart = ElementTree.parse(tmp_path / f"run-{name}.svg").getroot()
        assert len(list(chart)) > 50


def test_a_section_without_large_texts_has_an_empty_chart() -> None:
    results = Results(document())
    results.sizes.clear()
    assert ElementTree.fromstring(charts.throughput(results)).tag.endswith("svg")


def test_facts_name_no_host_and_no_path() -> None:
    found = json.dumps(facts.collect())
    assert "/home" not in found
    assert facts.slug({"cpu": "AMD EPYC 9B14 (x86)", "cores": 2}) == "amd-epyc-9b14-x86-2-cores"


@pytest.mark.parametrize(
    ("value", "shown"), [(0.000123, "0.000123"), (0.1234, "0.123"), (12.34, "12.3"), (1234.5, "1,234"), (None, "-")]
)
def test_figures_have_few_digits(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_a_run_of_several_plugins_is_one_report(tmp_path: Path) -> None:
    one = document()
    several = measure.write([one, document(plugin="pii_filter")], tmp_path)
    assert several.stem == f"{one['facts']['date'][:10]}-{facts.slug(one['facts'])}"
    text = report.write(json.loads(several.read_text(encoding="utf-8")), several)
    assert text.startswith("gwplugins: benchmark\n")
    assert text.count("22 of 23") == 2 * 3
    assert text.count("gwplugins pii_filter: benchmark") == 2
    assert several.with_suffix(".html").read_text(encoding="utf-8").count("<svg") == 4
    assert several.with_name(f"{several.stem}-pii-filter-speedup.svg").exists()
    assert measure.write([document(plugin="pii_filter")], tmp_path).stem == f"{several.stem}-pii-filter"


@pytest.mark.parametrize("file", sorted(RESULTS.glob("*.json")), ids=lambda file: file.stem)
def test_a_committed_report_is_what_its_samples_say(file: Path, tmp_path: Path) -> None:
    text = report.write(json.loads(file.read_text(encoding="utf-8")), tmp_path / file.name)
    for one in tmp_path.iterdir():
        assert (RESULTS / one.name).read_text(encoding="utf-8") == one.read_text(encoding="utf-8"), one.name
    assert text


def test_the_factor_of_the_log_line_was_measured() -> None:
    """`x-speedup` promises no more, at either end, than the newest committed report shows for texts."""
    schema = json.loads((ROOT / "rustlib" / "engines" / "pii_filter" / "rules" / "schema.json").read_text())
    low, high = map(float, schema["x-speedup"].removesuffix("x").split("-"))
    runs = [run for file in sorted(RESULTS.glob("*.json")) for run in report.runs(json.loads(file.read_text("utf-8")))]
    results = [results for results in runs if results.plugin is PII][-1]
    ratios = [results.ratio(one.name, "cffi", "python") for one in PII.workloads if one.operation != "new"]
    measured = [ratio for ratio in ratios if ratio is not None]
    assert low <= min(measured)
    assert high <= max(measured)
