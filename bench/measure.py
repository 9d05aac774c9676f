"""One measured run: opens the subjects, verifies, then times them in turns.

Within a round every subject is timed on one workload before the next workload comes, and a ratio is the median of the
rounds' ratios; so a noisy moment hits both sides. Samples go into the result as a pyperf suite. It must never time what
was not verified. Tests: tests/bench/test_worker.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import pyperf

from bench import facts, instructions, rust, verify
from bench.processes import PEERS_FOLDER, ROOT, Process, WorkerFailed, python_for
from bench.subjects import OPENERS, OWN, PEERS, TITLES
from bench.workloads import SMALL_CALL, THREADS, WORKLOADS, Workload

ROUNDS = 9
#: Seconds for one subject on one workload in a round; one call is made in any case.
ROUND_SECONDS = 0.04
ROUND_SAMPLES = 12
THREAD_SECONDS = 0.08
SPIN_SECONDS = 0.7
MEMORY_BYTES = 8 << 20
IMPORTS = 9

IMPORT_PROGRAMS = {
    "cffi": "from pyplugins.pii_filter import PIIDetector as d; d({}, 'cffi')",
    "ctypes": "from pyplugins.pii_filter import PIIDetector as d; d({}, 'ctypes')",
    "python": "from pyplugins.pii_filter import PIIDetector as d; d({}, 'python')",
    "cpex": "from cpex_pii_filter.pii_filter_rust import PIIDetectorRust as d; d({})",
}


def say(what: str) -> None:
    """Progress, for who waits."""
    print(what, file=sys.stderr, flush=True)


def run(compare: bool) -> dict[str, Any]:
    """The result document: facts, what all agree on, samples, and the figures that are no samples.

    Raises:
        verify.Disagreement: a subject finds something else than the others.
        WorkerFailed: one of our own implementations cannot be opened.
    """
    names = [name for name in OPENERS if compare or name not in PEERS]
    processes = {name: Process(name, python_for(name)) for name in names}
    try:
        versions = {
            name: version for process in processes.values() for name, version in process.ask("versions").items()
        }
        say("checking that all agree ...")
        agreed = verify.check_all(processes)
        for workload, counts in agreed.items():
            say(f"  {workload}: {counts}")
        suite = _suite(processes)
        say("threads ...")
        threads = {name: _threads(processes[name]) for name in names if name in ("cffi", "ctypes", "cpex")}
        spins = {name: processes[name].ask("spin", workload=SMALL_CALL, seconds=SPIN_SECONDS) for name in threads}
    finally:
        for process in processes.values():
            process.close()
    say("memory, imports, sizes ...")
    return {
        "format": 1,
        "facts": facts.collect()
        | {"versions": facts.versions() | versions, "subjects": {name: TITLES[name] for name in names}},
        "agreed": agreed,
        "threads": threads,
        "spin": spins,
        "memory": {name: _memory(name) for name in (*OWN, "cpex") if name in names},
        "imports": {name: _imports(name) for name in (*OWN, "cpex") if name in names},
        "sizes": _sizes(compare),
        "rust": _or_why_not(rust.measure),
        "instructions": _or_why_not(instructions.count),
        "suite": json.loads(_dumped(suite)),
    }


def _suite(processes: Mapping[str, Process]) -> pyperf.BenchmarkSuite:
    runs: dict[tuple[str, str], list[pyperf.Run]] = {}
    for number in range(ROUNDS):
        say(f"round {number + 1} of {ROUNDS}")
        for workload in WORKLOADS:
            for name in _turn(workload, processes, number):
                sampled = processes[name].ask("time", workload=workload.name, seconds=ROUND_SECONDS, most=ROUND_SAMPLES)
                runs.setdefault((name, workload.name), []).append(_run(name, workload, sampled))
    return pyperf.BenchmarkSuite([pyperf.Benchmark(found) for found in runs.values()])


def _turn(workload: Workload, processes: Mapping[str, Process], number: int) -> Iterable[str]:
    """Who takes part, another one first in each round."""
    names = [name for name in workload.subjects if name in processes]
    first = number % len(names)
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


def _threads(process: Process) -> list[dict[str, float]]:
    return [process.ask("threads", workload=THREADS, seconds=THREAD_SECONDS) for _ in range(ROUNDS)]


def _memory(name: str) -> dict[str, float]:
    process = Process(name, python_for(name))
    try:
        found: dict[str, float] = process.ask("memory", size=MEMORY_BYTES)
        return found
    finally:
        process.close()


def _imports(name: str) -> dict[str, float]:
    """Milliseconds that a fresh interpreter takes to import and to make a detector, beyond one that does nothing."""
    program = IMPORT_PROGRAMS[name]
    started = "import time; t = time.perf_counter()"
    tail = "print(time.perf_counter() - t)"
    first = program.split(";")[0]
    return {
        "import": _best([python_for(name), "-c", f"{started}; {first}; {tail}"]),
        "import and first detector": _best([python_for(name), "-c", f"{started}; {program}; {tail}"]),
    }


def _best(command: list[str]) -> float:
    times = [
        float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        for _ in range(IMPORTS)
    ]
    return median(times) * 1e3


def _sizes(compare: bool) -> dict[str, int]:
    native = ROOT / "pyplugins" / "native"
    files = [file for pattern in ("libgwplugins.*", "_gwp*.so") for file in sorted(native.glob(pattern))]
    if compare:
        files += sorted(PEERS_FOLDER.glob("lib/python*/site-packages/cpex_pii_filter/*.so"))
    return {file.name: file.stat().st_size for file in files}


def _or_why_not(measure: Callable[[], Any]) -> Any:
    """The figures, or why they could not be had."""
    try:
        return measure()
    except (OSError, subprocess.CalledProcessError, WorkerFailed) as error:
        say(f"left out: {error}")
        return {"left out": str(error)}


def write(document: Mapping[str, Any], folder: Path) -> Path:
    """Writes the document as `<date>-<machine>.json` and answers the path."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{document['facts']['date'][:10]}-{facts.slug(document['facts'])}.json"
    file.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    return file
