"""The programs of rate_limiter's section in Rust and C: they build, and print what the promises read."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from gw_tests import missing

from bench.plugins.rate_limiter import programs
from bench.report.results import Results

THREADS = {"one", "two, keys of their own", "two, the same keys"}
#: What every promise reads, in two rounds.
FIGURES = {
    subject: {threads: [rate, 2 * rate] for threads in THREADS}
    for subject, rate in {
        "gwplugins, in Rust, 64 in a call, time given": 16.0,
        "gwplugins, in Rust, time given": 12.0,
        "gwplugins, in C, 64 in a call, time given": 8.0,
        "gwplugins, in C, time given": 10.0,
    }.items()
}


def needed(tool: str) -> None:
    """Goes on only where a tool is installed."""
    if shutil.which(tool) is None:
        missing(f"{tool} is not installed")


def printed(program: Path) -> set[str]:
    done = subprocess.run([program, "1"], stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, dict[str, list[float]]] = json.loads(done.stdout)
    for rates in figures.values():
        assert rates.keys() == THREADS
        assert all(len(rounds) == 1 and rounds[0] > 0 for rounds in rates.values())
    return set(figures)


def results(figures: dict[str, Any]) -> Results:
    return cast(Results, SimpleNamespace(document={"rust": figures}))


def test_in_rust() -> None:
    needed("cargo")
    subjects = printed(programs.build_rust())
    assert {name for name in FIGURES if ", in C" not in name} < subjects
    assert len({name for name in subjects if name.startswith("governor")}) == 3


def test_in_c(tmp_path: Path) -> None:
    needed("cc")
    assert {name for name in FIGURES if ", in C" in name} < printed(programs.build_c(tmp_path / "checks"))


def test_promises() -> None:
    checks = [check for promise in programs.PROMISES for check in promise(results(FIGURES))]
    assert [check.measured for check in checks] == [24, 12, 1, 1, 1, 1]
    assert [check.met for check in checks] == [True, False, False, False, False, False]


def test_what_was_left_out_is_said() -> None:
    left_out = results({"left out": "no cargo"})
    assert all(check.verdict == "not measured" for promise in programs.PROMISES for check in promise(left_out))
    assert programs.sections(left_out)[0].lines == ["left out: no cargo"]
    assert programs.sections(results(FIGURES))[0].rows[0] == [next(iter(FIGURES)), "24", "24", "24"]
