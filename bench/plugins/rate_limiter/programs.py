"""Checks without Python, over 100,000 keys: in Rust beside `governor`, and through the C ABI; by one thread and by two.

Both programs verify their answers before they time them. Tests: tests/bench/test_limiter_programs.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench import rust
from bench.processes import ROOT
from bench.promises import Check, at_least
from bench.tables import Section, number

if TYPE_CHECKING:
    from bench.report.results import Results

_HERE = Path(__file__).parent
_ROUNDS = 15
_RUST, _C = "gwplugins, in Rust", "gwplugins, in C"
_TWO = ("two, keys of their own", "two, the same keys")


def build_rust() -> Path:
    """The program of `rust/`."""
    manifest, target = _HERE / "rust" / "Cargo.toml", ROOT / "rustlib" / "target" / "limiter-bench"
    return rust.program("limiter-bench", "--manifest-path", str(manifest), "--target-dir", str(target))


def build_c(program: Path) -> Path:
    """The program of `checks.c`, with the library of this checkout."""
    library = ROOT / "pyplugins" / "native"
    places = [f"-I{ROOT / 'include'}", f"-L{library}", "-lgwplugins", f"-Wl,-rpath,{library}"]
    compiler = os.environ.get("CC", "cc").split()
    subprocess.run([*compiler, "-O2", "-pthread", _HERE / "checks.c", "-o", program, *places], check=True)
    return program


def measure(rounds: int = _ROUNDS) -> dict[str, Any]:
    """By subject and threads, millions of checks a second in each round."""
    with tempfile.TemporaryDirectory() as folder:
        figures: dict[str, Any] = {}
        for program in (build_rust(), build_c(Path(folder, "checks"))):
            done = subprocess.run([program, str(rounds)], stdout=subprocess.PIPE, text=True, check=True)
            figures |= json.loads(done.stdout)
    return figures


def _figures(results: Results) -> dict[str, dict[str, list[float]]]:
    figures: dict[str, Any] = results.document["rust"]
    return {} if "left out" in figures else figures


def _rounds(results: Results, subject: str, threads: str = "one") -> list[float]:
    return _figures(results).get(subject, {}).get(threads, [])


def _beside(mine: list[float], theirs: list[float]) -> float | None:
    """The median of the rounds' ratios."""
    return median(a / b for a, b in zip(mine, theirs, strict=True)) if mine and theirs else None


def speed(results: Results) -> Iterator[Check]:
    """Millions of checks by one thread: a call for many waits for their memory together."""
    for subject in (f"{_RUST}, 64 in a call, time given", f"{_C}, 64 in a call, time given"):
        rounds = _rounds(results, subject)
        yield at_least(f"{subject}, 100,000 keys", "absolute", 15, median(rounds) if rounds else None, " million/s")


def threads(results: Results) -> Iterator[Check]:
    """Two threads beside one."""
    for subject in (f"{_RUST}, time given", f"{_C}, time given"):
        for two in _TWO:
            ratio = _beside(_rounds(results, subject, two), _rounds(results, subject))
            yield at_least(f"{subject}: {two}", "one thread", 1.6, ratio)


PROMISES = (speed, threads)


def sections(results: Results) -> list[Section]:
    """Every subject by one thread and by two."""
    if "left out" in (figures := results.document["rust"]):
        return [Section("In Rust and C", [f"left out: {figures['left out']}"])]
    header = ["100,000 keys, one dimension", "one thread", *_TWO]
    rows = [
        [subject, *(number(median(rates[threads])) for threads in ("one", *_TWO))] for subject, rates in figures.items()
    ]
    return [Section("In Rust and C, millions of checks a second", [], header, rows)]
