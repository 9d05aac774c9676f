"""The report's tables, the same for text and HTML. Tests: tests/bench/test_report.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import geometric_mean, mean, median
from typing import Any

from bench.promises import checks
from bench.report.results import Results
from bench.tables import Section, figure, number, times

_COUNTS = ("no", "one", "two", "three", "four", "five")
#: Average speedup of Rust over our own Python, and what it is called.
THRESHOLDS = ((10.0, "EXCELLENT"), (5.0, "GOOD"), (2.0, "MODERATE"), (0.0, "POOR"))


def _counted(count: int) -> str:
    """A small number as a word."""
    return _COUNTS[count] if count < len(_COUNTS) else str(count)


def overview(runs: Sequence[Results]) -> Section:
    """One line for each plugin, where a run measured several."""
    rows = []
    for results in runs:
        found = checks(results)
        average, word = _verdict(results)
        rows.append(
            [results.plugin.name, times(average), f"{sum(one.met for one in found)} of {len(found)}", word.lower()]
        )
    header = ["plugin", "average speedup of Rust over Python", "promises met", "verdict"]
    return Section("gwplugins: benchmark", [], header, rows)


def sections(results: Results) -> list[Section]:
    """The report of one plugin."""
    return [
        _facts(results),
        _main(results),
        _average(results),
        _promises(results),
        _losses(results),
        _timings(results),
        _fallbacks(results),
        *_concurrency(results),
        *_quality(results),
        *results.plugin.sections(results),
        _resources(results),
        _agreed(results),
    ]


def _facts(results: Results) -> Section:
    facts = results.document["facts"]
    lines = [
        f"{facts['date']}, commit {facts['commit'][:12]}{', with changes' if facts['uncommitted changes'] else ''}",
        f"{facts['cpu']}, {facts['cores']} cores, {', '.join(facts['vector units'])}, cache {facts['cache']}",
        f"{facts['system']}, load before {facts['load before']}",
        ", ".join(f"{name} {version}" for name, version in facts["versions"].items()),
        "Each subject runs in a process of its own; they take turns, and a ratio is the median of the rounds' ratios.",
        f"Before anything was timed, {results.plugin.verified}. MB is 10^6 bytes of UTF-8.",
    ]
    return Section(f"gwplugins {results.plugin.name}: benchmark", lines)


def _main(results: Results) -> Section:
    peers = _peers(results)
    header = [
        "workload",
        "Python ms",
        "Python MB/s",
        "Rust ms",
        "Rust MB/s",
        "speedup",
        *(f"x {results.subjects[peer]}" for peer in peers),
    ]
    rows = []
    for name in results.sizes:
        if results.has("cffi", name) and results.has("python", name):
            pairs = [
                cell
                for subject in ("python", "cffi")
                for cell in (_ms(results, subject, name), number(results.speed(subject, name)))
            ]
            rows.append(
                [
                    name,
                    *pairs,
                    times(results.ratio(name, "cffi", "python")),
                    *(times(results.ratio(name, "cffi", peer)) for peer in peers),
                ]
            )
    return Section("Python and Rust", [], header, rows)


def _ms(results: Results, subject: str, workload: str) -> str:
    return number(results.timing(subject, workload).median * 1e3)


def _speedups(results: Results) -> list[float]:
    """Rust over our own Python, on every workload with a text."""
    return [
        ratio
        for name, size in results.sizes.items()
        if size and (ratio := results.ratio(name, "cffi", "python")) is not None
    ]


def _verdict(results: Results) -> tuple[float, str]:
    """The average speedup and what it is called."""
    average = mean(_speedups(results))
    return average, next(word for least, word in THRESHOLDS if average >= least)


def _average(results: Results) -> Section:
    ratios = _speedups(results)
    average, word = _verdict(results)
    named = [
        ratio
        for one in results.plugin.workloads
        if one.named and (ratio := results.ratio(one.name, "cffi", "python")) is not None
    ]
    found = checks(results)
    scale = ", ".join(f"{word} from {least:g}x" for least, word in THRESHOLDS)
    return Section(
        "Verdict",
        [
            f"Average speedup of Rust over Python: {times(average)} "
            f"(geometric mean {times(geometric_mean(ratios))}, least {times(min(ratios))})",
            *([f"Average of the {_counted(len(named))} named workloads: {times(mean(named))}"] if named else []),
            f"Verdict: {word} ({scale}); {sum(one.met for one in found)} of {len(found)} promises met",
        ],
    )


def _promises(results: Results) -> Section:
    found = checks(results)
    rows = [
        [
            one.promise,
            one.against,
            one.target,
            figure(one.measured, one.unit),
            one.verdict,
        ]
        for one in found
    ]
    met = sum(one.met for one in found)
    return Section("Promises", [f"{met} of {len(found)} met"], ["promise", "against", "target", "measured", ""], rows)


def _losses(results: Results) -> Section:
    """Rust through cffi line by line; the fallbacks, which lose often, in a table of their own."""
    lines = []
    for peer in _peers(results):
        for name in results.sizes:
            ratio = results.ratio(name, "cffi", peer)
            if ratio is not None and ratio < 1:
                lines.append(f"{name}: {number(1 / ratio)} times as long as {results.subjects[peer]}")
    missed = [one for one in checks(results) if not one.met]
    lines += [f"{one.promise}: {figure(one.measured, one.unit)}, promised {one.target}" for one in missed]
    return Section("Where we lose", lines or ["Nowhere in this run."])


def _fallbacks(results: Results) -> Section:
    pairs = [("ctypes", "python"), *((mine, peer) for mine in ("ctypes", "python") for peer in _peers(results))]
    header = ["workload", *(f"{results.subjects[mine]} / {results.subjects[theirs]}" for mine, theirs in pairs)]
    rows = [
        [name, *(times(results.ratio(name, mine, theirs)) for mine, theirs in pairs)]
        for name in results.sizes
        if results.has("ctypes", name)
    ]
    return Section("The fallbacks: how many times faster than (below 1: slower)", [], header, rows)


def _peers(results: Results) -> list[str]:
    return [peer for peer in results.plugin.peers() if peer in results.subjects]


def _timings(results: Results) -> Section:
    rows = []
    for name in results.sizes:
        for subject, title in results.subjects.items():
            if results.has(subject, name):
                timing = results.timing(subject, name)
                speed = number(results.speed(subject, name))
                rows.append(
                    [
                        name,
                        title,
                        *(number(seconds * 1e6) for seconds in timing),
                        speed,
                        str(results.samples(subject, name)),
                    ]
                )
    return Section("All timings", [], ["workload", "subject", "min us", "median us", "p99 us", "MB/s", "samples"], rows)


def _concurrency(results: Results) -> list[Section]:
    pairs = [
        [
            results.subjects[name],
            times(median(one["two"] / one["one"] for one in rounds)),
            *(number(median(one[key] for one in rounds)) for key in ("one", "two")),
        ]
        for name, rounds in results.document["threads"].items()
    ]
    spins = [
        [results.subjects[name], *(number(seconds * 1e6) for when in ("alone", "beside") for seconds in found[when])]
        for name, found in results.document["spin"].items()
    ]
    titles = results.plugin.concurrency
    if titles is None:
        return []
    return [
        Section(
            f"Two threads, {titles.threads_title}",
            [],
            ["subject", "two threads / one", "calls/s of one", "calls/s of two"],
            pairs,
        ),
        Section(
            f"{titles.spin_title}, alone and while another Python thread spins",
            [],
            ["subject", "alone p50 us", "p99 us", "max us", "beside p50 us", "p99 us", "max us"],
            spins,
        ),
    ]


def _quality(results: Results) -> list[Section]:
    """How well it is done, where the section measures that; the sets are described in docs/quality.md."""
    if not results.quality:
        return []
    names = [name for name in results.plugin.subjects if any(name in figures for figures in results.quality.values())]
    rows = [[what, *(number(figures.get(name)) for name in names)] for what, figures in results.quality.items()]
    return [Section("Quality", [], ["figure", *(results.plugin.subjects[name].title for name in names)], rows)]


def _resources(results: Results) -> Section:
    document = results.document
    operation = results.plugin.memory.operation if results.plugin.memory else ""
    rows = [
        [f"peak memory of {operation}, bytes for each byte of text, {name}", results.subjects[subject], number(value)]
        for subject, by_text in document["memory"].items()
        for name, value in by_text.items()
    ]
    rows += [
        [f"{what}, ms", results.subjects[subject], number(value)]
        for subject, by_step in document["imports"].items()
        for what, value in by_step.items()
    ]
    rows += [["size, bytes", name, f"{size:,}"] for name, size in document["sizes"].items()]
    rows += _instructions(document["instructions"])
    return Section("Also recorded", [], ["what", "of", ""], rows)


def _instructions(counts: dict[str, Any]) -> Iterable[list[str]]:
    if "left out" in counts:
        return [["instructions", f"left out: {counts['left out']}", "-"]]
    return [["instructions of one scan, AVX2", name, f"{count:,}"] for name, count in counts.items()]


def _agreed(results: Results) -> Section:
    rows = [
        [name, ", ".join(f"{kind} {count}" for kind, count in counts["findings"].items()) or "none"]
        for name, counts in results.document["agreed"].items()
    ]
    title, column = results.plugin.verified_title
    return Section(title, [], ["workload", column], rows)
