"""One measured run: opens the subjects, verifies, then times them in turns.

Within a round every subject is timed on one workload before the next workload comes, and a ratio is the median of the
rounds' ratios; so a noisy moment hits both sides. Samples go into the result as a pyperf suite. It must never time what
was not verified. Tests: tests/bench/test_worker.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pyperf

from bench import facts, instructions, rust
from bench.plugin import Plugin, Workload
from bench.processes import ROOT, Process, WorkerFailed, peers_folder, python_for


@dataclass(frozen=True)
class Effort:
    """How long everything is measured."""

    rounds: int = 9
    #: Seconds for one subject on one workload in a round; one call is made in any case.
    round_seconds: float = 0.04
    round_samples: int = 12
    thread_seconds: float = 0.08
    spin_seconds: float = 0.7
    #: Seconds of a round in which several clients wait for a server.
    clients_seconds: float = 0.4
    memory_bytes: int = 8 << 20
    imports: int = 9
    in_rust: bool = True


#: Enough to see that everything runs; figures that mean nothing.
QUICK = Effort(2, 0.005, 2, 0.01, 0.05, 0.05, 1 << 20, 1, in_rust=False)


def say(what: str) -> None:
    """Progress, for who waits."""
    print(what, file=sys.stderr, flush=True)


def run(plugin: Plugin, compare: bool, effort: Effort) -> dict[str, Any]:
    """The result document: facts, what was verified, samples, and the figures that are no samples.

    Raises:
        verify.Disagreement: a subject answers something else than it must.
        WorkerFailed: a subject cannot be opened.
    """
    names = [name for name, subject in plugin.subjects.items() if compare or subject.environment == "here"]
    processes = {name: Process(plugin, name) for name in names}
    threads, spins, further = {}, {}, {}
    try:
        versions = {
            name: version for process in processes.values() for name, version in process.ask("versions").items()
        }
        say(f"{plugin.name}: checking the answers ...")
        agreed = plugin.verify(processes, plugin, plugin.workloads)
        for workload, counts in agreed.items():
            say(f"  {workload}: {counts}")
        suite = _suite(processes, plugin, effort)
        if plugin.concurrency:
            say("threads ...")
            beside = plugin.concurrency
            busy = {name: processes[name] for name in beside.subjects if name in processes}
            threads = {name: _threads(process, beside.threads, effort) for name, process in busy.items()}
            spins = {
                name: process.ask("spin", workload=beside.spin, seconds=effort.spin_seconds)
                for name, process in busy.items()
            }
        if plugin.further:
            say("what only this section measures ...")
            further = plugin.further(processes, effort)
    finally:
        for process in processes.values():
            process.close()
    say("memory, imports, sizes ...")
    resources = [name for name in names if plugin.subjects[name].program]
    titles = {name: plugin.subjects[name].title for name in names}
    return {
        "format": 2,
        "plugin": plugin.name,
        "facts": facts.collect() | {"versions": facts.versions() | versions, "subjects": titles},
        "agreed": agreed,
        "threads": threads,
        "spin": spins,
        "memory": {name: _memory(plugin, name, effort) for name in resources if _has_memory(plugin, name)},
        "imports": {name: _imports(plugin, name, effort) for name in resources},
        "sizes": _sizes(plugin, compare),
        "quality": plugin.quality(list(names)) if plugin.quality else {},
        "further": further,
        "rust": _or_why_not(lambda: rust.measure(plugin), effort),
        "instructions": _or_why_not(lambda: instructions.count(plugin.name), effort),
        "suite": json.loads(_dumped(suite)),
    }


def _suite(processes: Mapping[str, Process], plugin: Plugin, effort: Effort) -> pyperf.BenchmarkSuite:
    runs: dict[tuple[str, str], list[pyperf.Run]] = {}
    limits = {"seconds": effort.round_seconds, "most": effort.round_samples}
    for number in range(effort.rounds):
        say(f"round {number + 1} of {effort.rounds}")
        for workload in plugin.workloads:
            for name in _turn(plugin.takers(workload), processes, number):
                sampled = processes[name].ask("time", workload=workload.name, **limits)
                runs.setdefault((name, workload.name), []).append(_run(name, workload, sampled))
    return pyperf.BenchmarkSuite([pyperf.Benchmark(found) for found in runs.values()])


def _turn(takers: Iterable[str], processes: Mapping[str, Process], number: int) -> Iterable[str]:
    """Who takes part, another one first in each round."""
    names = [name for name in takers if name in processes]
    first = number % max(1, len(names))
    return names[first:] + names[:first]


def _run(name: str, workload: Workload, sampled: Mapping[str, Any]) -> pyperf.Run:
    metadata = {
        "name": f"{name}: {workload.name}",
        "loops": sampled["loops"],
        "subject": name,
        "workload": workload.name,
        "bytes": workload.size(),
    }
    warmups = [(1, value) for value in sampled["warmups"]]
    return pyperf.Run(sampled["values"], warmups=warmups or None, metadata=metadata, collect_metadata=False)


def _dumped(suite: pyperf.BenchmarkSuite) -> str:
    file = ROOT / "build" / "bench-suite.json"
    file.parent.mkdir(exist_ok=True)
    suite.dump(str(file), replace=True)
    return file.read_text()


def _threads(process: Process, workload: str, effort: Effort) -> list[dict[str, float]]:
    return [process.ask("threads", workload=workload, seconds=effort.thread_seconds) for _ in range(effort.rounds)]


def _has_memory(plugin: Plugin, name: str) -> bool:
    return plugin.memory is not None and name in (plugin.memory.subjects or plugin.subjects)


def _memory(plugin: Plugin, name: str, effort: Effort) -> dict[str, float]:
    process = Process(plugin, name)
    try:
        found: dict[str, float] = process.ask("memory", size=effort.memory_bytes)
        return found
    finally:
        process.close()


def _imports(plugin: Plugin, name: str, effort: Effort) -> dict[str, float]:
    """Milliseconds that a fresh interpreter takes to import and to make a guard, beyond one that does nothing."""
    program = plugin.subjects[name].program
    python = python_for(plugin, name)
    started = "import time; t = time.perf_counter()"
    tail = "print(time.perf_counter() - t)"
    steps = {"import": program.split(";")[0], "import and first guard": program}
    return {what: _middle([python, "-c", f"{started}; {step}; {tail}"], effort) for what, step in steps.items()}


def _middle(command: list[str], effort: Effort) -> float:
    times = [
        float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        for _ in range(effort.imports)
    ]
    return median(times) * 1e3


def _sizes(plugin: Plugin, compare: bool) -> dict[str, int]:
    native = ROOT / "pyplugins" / "native"
    files = [file for pattern in ("libgwplugins.*", "_gwp*.so") for file in sorted(native.glob(pattern))]
    for pattern in plugin.peer_files if compare else ():
        files += sorted(peers_folder(plugin).glob(f"lib/python*/site-packages/{pattern}"))
    return {file.name: file.stat().st_size for file in files}


def _or_why_not(measure: Callable[[], Any], effort: Effort) -> Any:
    """The figures, or why they could not be had."""
    if not effort.in_rust:
        return {"left out": "a quick run"}
    try:
        return measure()
    except (OSError, subprocess.CalledProcessError, WorkerFailed) as error:
        say(f"left out: {error}")
        return {"left out": str(error)}


def write(documents: Sequence[Mapping[str, Any]], folder: Path) -> Path:
    """Writes the run of one plugin as `<date>-<machine>-<plugin>.json`, of several as `<date>-<machine>.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = documents[0]["facts"]
    only = f"-{documents[0]['plugin'].replace('_', '-')}" if len(documents) == 1 else ""
    file = folder / f"{found['date'][:10]}-{facts.slug(found)}{only}.json"
    whole = documents[0] if len(documents) == 1 else {"format": 2, "runs": documents}
    file.write_text(json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    return file
