"""Runs the whole suite as a list of named steps and says at the end what passed, failed or was left out, and why.

Called by `make test`. A step whose tools are missing is left out and named; with GWPLUGINS_REQUIRE_NATIVE=1, as in CI,
that is a failure. It must never hide a failure: the exit code is 1 when a step failed. Tests: it is what runs them.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from environment import ENVIRONMENTS, python_of

ROOT = Path(__file__).resolve().parent.parent
RUST = ROOT / "rustlib"
PYTHON = sys.executable
REQUIRE_NATIVE = os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") not in ("", "0")
#: The last line of pytest, and one line of each of cargo's test programs.
SUMMARY = re.compile(r"^test result: |^=*\s*\d+ (?:passed|failed|skipped|error).* in [\d.]+s")


@dataclass(frozen=True)
class Step:
    """One command of the suite."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    needs: tuple[str, ...] = ()


def cargo(name: str, *arguments: str) -> Step:
    """A step of cargo."""
    return Step(f"rust: {name}", ("cargo", *arguments), RUST, ("cargo",))


def pytest(*arguments: str, python: str = PYTHON) -> tuple[str, ...]:
    """A pytest command line."""
    return (python, "-m", "pytest", "-q", *arguments)


def by_file(*arguments: str, python: str = PYTHON) -> tuple[str, ...]:
    """A pytest command line of two processes; what a file makes for its tests is made once."""
    return pytest("-n", "2", "--dist", "loadfile", *arguments, python=python)


#: Tests that have a step of their own, or a target (`make test-hosts`).
APART = tuple(f"tests/{name}" for name in ("abi", "packaging", "cpex", "gateway", "integrations", "hosts", "redis"))
#: Servers of PyPI, and the SDK's client, in the environment that has them.
WITH_SERVERS = ("tests/proxy/test_servers.py", "tests/proxy/test_sdk.py")


def units(*parts: str) -> tuple[str, ...]:
    """Unit tests by parts of their names."""
    return tuple(str(path) for part in parts for path in sorted(ROOT.glob(f"tests/unit/test_{part}*.py")))


#: What runs beside cpex as well.
WITH_CPEX = (
    "tests/cpex",
    "tests/proxy/test_gate.py",
    "tests/proxy/test_counts.py",
    *units("framework", "mcp_chain", "*_plugin", "*_search_replace"),
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
        pytest("-n", "auto", "--dist", "worksteal", "tests", *(f"--ignore={one}" for one in (*APART, *WITH_SERVERS))),
    ),
    Step(
        "doctests",
        pytest("--doctest-modules", "pyplugins", "--ignore=pyplugins/native", "--ignore=pyplugins/integrations"),
    ),
    Step("redis: real servers", pytest("tests/redis", "-n", "2"), needs=("redis-server", "openssl")),
    Step("C and C++ suites", pytest("tests/abi"), needs=("cargo", "gcc", "g++")),
    # In one process, as the suites of C: their builds share a folder and need not begin anew.
    Step("packaging", pytest("tests/packaging")),
    Step("wheel: manylinux_2_17, checked", (PYTHON, "tools/build_wheel.py"), needs=("cargo", "readelf")),
    Step("environments", (PYTHON, "tools/environment.py", *ENVIRONMENTS)),
    Step("cpex: the real manager", by_file(*WITH_CPEX, python=str(python_of("cpex")))),
    Step(
        "gateway: the real one, and cpex as it brings it",
        by_file("tests/gateway", *WITH_CPEX, python=str(python_of("gateway"))),
    ),
    Step("proxy: real servers and clients", by_file(*WITH_SERVERS, python=str(python_of("integrations")))),
    Step(
        "middleware: FastMCP, ASGI, LiteLLM",
        by_file("tests/integrations", *units("mcp_"), python=str(python_of("middleware"))),
    ),
)


@dataclass(frozen=True)
class Outcome:
    """How a step ended: "passed", "FAILED" or "left out: <why>"; tests counted where it ran any."""

    name: str
    outcome: str
    seconds: float = 0.0
    passed: int = 0
    skipped: int = 0


def run(step: Step) -> Outcome:
    """Runs one step and shows what it says."""
    missing = [tool for tool in step.needs if shutil.which(tool) is None]
    if missing:
        return Outcome(step.name, f"left out: {', '.join(missing)} not installed")
    if shutil.which(step.command[0]) is None:
        print(f"\n=== {step.name}: there is no {step.command[0]}; was its environment made?", flush=True)
        return Outcome(step.name, "FAILED")
    print(f"\n=== {step.name}: {' '.join(step.command)}", flush=True)
    began = time.monotonic()
    summaries = []
    with subprocess.Popen(
        step.command, cwd=step.folder, stdout=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if SUMMARY.search(line):
                summaries.append(line)
    text = "".join(summaries)
    passed, skipped = (
        sum(map(int, re.findall(rf"(\d+) (?:{words})", text))) for words in ("passed", "skipped|ignored")
    )
    outcome = "passed" if process.returncode == 0 else "FAILED"
    return Outcome(step.name, outcome, time.monotonic() - began, passed, skipped)


def shown(one: Outcome) -> str:
    """The line of the summary."""
    tests = f"{one.passed} tests, {one.skipped} skipped" if one.passed else ""
    return f"{one.outcome:<32} {one.seconds:7.1f} s  {one.name:<48} {tests}".rstrip()


def recorded(log: str) -> list[Outcome]:
    """The outcomes in what a run printed."""
    line = re.compile(r"^(\S.*?) +([\d.]+) s  (.*?)(?: +(\d+) tests, (\d+) skipped)?$", re.MULTILINE)
    found = line.findall(log.rpartition("=== summary\n")[2])
    return [
        Outcome(name, how, float(took), int(passed or 0), int(left or 0)) for how, took, name, passed, left in found
    ]


def main() -> int:
    """Runs the chosen steps and prints the summary."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="only steps whose name holds TEXT")
    wanted = parser.parse_args().only
    outcomes = [run(step) for step in STEPS if wanted in step.name]
    print("\n=== summary")
    for one in outcomes:
        print(shown(one))
    red = ("FAILED", "left out") if REQUIRE_NATIVE else ("FAILED",)
    failed = [one for one in outcomes if one.outcome.startswith(red)]
    passed = [one for one in outcomes if one.outcome == "passed"]
    print(f"{len(passed)} passed, {len(failed)} failed, {len(outcomes) - len(passed) - len(failed)} left out")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
