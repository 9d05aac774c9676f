"""Runs the whole suite as a list of named steps and says at the end what passed, failed or was left out, and why.

Called by `make test`. A step whose tools are missing is left out and named; with GWPLUGINS_REQUIRE_NATIVE=1, as in CI,
that is a failure. It must never hide a failure: the exit code is 1 when a step failed. Tests: it is what runs them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUST = ROOT / "rustlib"
PYTHON = sys.executable
REQUIRE_NATIVE = os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") not in ("", "0")


@dataclass(frozen=True)
class Step:
    """One command of the suite."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    needs: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


def cargo(name: str, *arguments: str) -> Step:
    """A step of cargo."""
    return Step(f"rust: {name}", ("cargo", *arguments), RUST, ("cargo",))


def pytest(*arguments: str, python: str = PYTHON) -> tuple[str, ...]:
    """A pytest command line."""
    return (python, "-m", "pytest", "-q", *arguments)


CPEX_PYTHON = str(ROOT / ".venv-cpex" / "bin" / "python")
#: Tests that have a step of their own, and tests that run in the environment with cpex as well.
APART = ("tests/abi", "tests/packaging", "tests/cpex")
WITH_CPEX = (
    "tests/cpex",
    "tests/unit/test_pii_plugin.py",
    *sorted(map(str, ROOT.glob("tests/unit/test_framework*.py"))),
)
COUNTED = ("-p", "gwplugins-pii-filter", "--features", "count-reads", "--test", "adversarial")

STEPS = (
    Step("python: ruff", (PYTHON, "-m", "ruff", "check", ".")),
    Step("python: types", (PYTHON, "-m", "mypy")),
    Step("python: generated declarations", (PYTHON, "build_ffi.py", "--check")),
    cargo("format", "fmt", "--all", "--check"),
    cargo("clippy", "clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"),
    cargo("tests", "test", "--locked", "--workspace", "-q"),
    cargo("adversarial inputs, reads counted", "test", "--locked", "-q", *COUNTED),
    Step(
        "python: unit, parity, quality, command line",
        pytest("-n", "auto", "--dist", "worksteal", "tests", *(f"--ignore={folder}" for folder in APART)),
    ),
    Step("doctests", pytest("--doctest-modules", "pyplugins", "--ignore=pyplugins/native")),
    Step("C and C++ suites", pytest("tests/abi"), needs=("cargo", "gcc", "g++")),
    Step("packaging", pytest("tests/packaging")),
    Step("cpex: environment", (PYTHON, "tools/cpex_environment.py", CPEX_PYTHON)),
    Step("cpex: the real manager", pytest(*WITH_CPEX, python=CPEX_PYTHON)),
)


def run(step: Step) -> tuple[str, float]:
    """Runs one step: "passed", "FAILED" or "left out: <why>", and the seconds it took."""
    missing = [tool for tool in step.needs if shutil.which(tool) is None]
    if missing:
        return f"left out: {', '.join(missing)} not installed", 0.0
    print(f"\n=== {step.name}: {' '.join(step.command)}", flush=True)
    began = time.monotonic()
    done = subprocess.run(step.command, cwd=step.folder, env={**os.environ, **dict(step.environment)}, check=False)
    return "passed" if done.returncode == 0 else "FAILED", time.monotonic() - began


def main() -> int:
    """Runs the chosen steps and prints the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="only steps whose name holds TEXT")
    wanted = parser.parse_args().only
    outcomes = [(step.name, *run(step)) for step in STEPS if wanted in step.name]
    print("\n=== summary")
    for name, outcome, seconds in outcomes:
        print(f"{outcome:<40} {seconds:7.1f} s  {name}")
    red = ("FAILED", "left out") if REQUIRE_NATIVE else ("FAILED",)
    failed = [name for name, outcome, _ in outcomes if outcome.startswith(red)]
    passed = sum(outcome == "passed" for _, outcome, _ in outcomes)
    left_out = len(outcomes) - passed - len(failed)
    print(f"{passed} passed, {len(failed)} failed, {left_out} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
