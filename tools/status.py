"""Writes rustlib/IMPLEMENTATION_STATUS.md and rustlib/BUILD_AND_TEST_RESULTS.md from what commands say.

Called by `make status`; `--only status` or `--only results` writes one of them. The second takes a cold release build
and the whole suite, or the suite's recorded output (`--log FILE`). No number in the pages is typed by hand, and no path
of this machine gets into them. It must never write a page that hides a failed step; its exit code is 1 then.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import run_tests

from pyplugins.cli import discovery
from pyplugins.errors import UsageError
from pyplugins.native import IMPLEMENTATIONS, status

ROOT = Path(__file__).resolve().parents[1]
RUST = ROOT / "rustlib"
BUILD = ("cargo", "build", "--locked", "--release", "-p", "gwplugins")
#: What the release library must stay below, in bytes, and its cold build in seconds.
LIMIT_SIZE, LIMIT_BUILD = 6_000_000, 300
LIBRARIES = (".so", ".dylib", ".dll")
NOTE = "Written by `make status`; do not edit.\n"


def said(*command: str, folder: Path = ROOT) -> str:
    """What a command prints, or that it is not there."""
    if shutil.which(command[0]) is None:
        return f"{command[0]} is not installed"
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    lines = [tuple(head), *(tuple(map(str, row)) for row in rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def heading(title: str) -> str:
    """The beginning of a page: what it describes."""
    commit = said("git", "rev-parse", "--short", "HEAD")
    changed = said("git", "status", "--porcelain", "--untracked-files=no")
    return f"# {title}\n\n{NOTE}\nTree: {commit}{' with local changes' if changed else ''}.\n"


def engines() -> list[str]:
    """The engines that are plugins."""
    return sorted(path.parent.name for path in ROOT.glob("pyplugins/*/fallback.py"))


#: What an implementation of a family shows, by the method that a direct API has: guards, limiters, codecs.
USES: dict[str, tuple[str, Callable[[type[Any], str], object]]] = {
    "process": ("finds and masks", lambda api, name: api({}, name).process("x")),
    "stream": ("streams", lambda api, name: api({}, name).stream().finish()),
    "process_nested": ("nested data", lambda api, name: api({}, name).process_nested({"a": ["x"]})),
    "check": ("decides", lambda api, name: api({}, name).check([])),
    "compress": ("compresses", lambda api, name: api("gzip", implementation=name).compress(b"x")),
}


def able(kind: str, use: Callable[[type[Any], str], object]) -> str:
    """The implementations of an engine that can do it here."""
    able: list[str] = []
    for name in IMPLEMENTATIONS["auto"]:
        with contextlib.suppress(ImportError, UsageError):
            use(discovery.api(kind), name)
            able.append(name)
    return ", ".join(able) or "none"


def names(pattern: str) -> str:
    """Files that match, below the root."""
    return ", ".join(f"`{path.name}`" for path in sorted(ROOT.glob(pattern))) or "none"


def reports(kind: str) -> str:
    """The measured reports that hold this plugin; the first one was of pii_filter and does not say so."""
    found = []
    for path in sorted(ROOT.glob("bench/results/*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if kind in {run.get("plugin", "pii_filter") for run in document.get("runs", [document])}:
            found.append(f"`{path.name}`")
    return ", ".join(found) or "none"


def abilities(kind: str) -> list[tuple[str, object]]:
    """Which implementations can do what the engine's family does."""
    api = discovery.api(kind)
    return [(what, able(kind, use)) for method, (what, use) in USES.items() if hasattr(api, method)]


def engine_facts(kind: str) -> list[tuple[str, object]]:
    """What one engine has."""
    schema = json.loads((RUST / f"engines/{kind}/rules/schema.json").read_text(encoding="utf-8"))
    (rows,) = (path for path in (ROOT / "tests/vectors").rglob(f"{kind}.jsonl"))
    vectors = rows.read_text(encoding="utf-8").splitlines()
    fuzzed = [path.stem for path in sorted(RUST.glob("fuzz/fuzz_targets/*.rs"))]
    return [
        *abilities(kind),
        ("configuration keys", len(schema["properties"])),
        ("vectors", len(vectors)),
        ("Rust tests", names(f"rustlib/engines/{kind}/tests/*.rs")),
        ("fuzz targets", ", ".join(fuzzed)),
        ("Rust benches", names(f"rustlib/engines/{kind}/benches/*.rs")),
        ("measured reports", reports(kind)),
        ("specification", names(f"rustlib/engines/{kind}/RULES.md")),
        ("plugin page", names(f"pyplugins/{kind}/README.md")),
    ]


def library_facts() -> list[tuple[str, object]]:
    """What the library in use says of itself, beside what the header says."""
    facts = status()
    header = (ROOT / "include/gwplugins.h").read_text(encoding="utf-8")
    version = ".".join(re.findall(r"#define GWP_ABI_(?:MAJOR|MINOR) (\d+)", header))
    return [
        ("version", facts["version"]),
        ("ABI of the library", "{}.{}".format(*divmod(facts["abi_version"] or 0, 1 << 16))),
        ("ABI of the header", version),
        ("functions in the header", len(set(re.findall(r"\b(gwp_\w+)\(", header)))),
        ("engines", ", ".join(facts["kinds"])),
        ("implementation taken here", facts["chosen"]),
        ("compiler", said("rustc", "--version")),
        ("cargo features", ", ".join(features())),
    ]


def features() -> list[str]:
    """Features of the library's crate."""
    facts = json.loads(said("cargo", "metadata", "--locked", "--no-deps", "--format-version", "1", folder=RUST))
    (crate,) = (package for package in facts["packages"] if package["name"] == "gwplugins")
    return sorted(crate["features"])


def implementation_status() -> str:
    """The page about what exists."""
    parts = [heading("State of the implementation"), "\n## The library\n\n", table(("what", "is"), library_facts())]
    parts += [f"\n## {kind}\n\n{table(('what', 'is'), engine_facts(kind))}" for kind in engines()]
    return "".join(parts)


def cold_build() -> list[tuple[str, object]]:
    """Builds the release library from nothing and measures it."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        subprocess.run(BUILD, cwd=RUST, env=os.environ | {"CARGO_TARGET_DIR": folder}, check=True)
        seconds = time.monotonic() - began
        (library,) = (path for path in Path(folder, "release").glob("*gwplugins.*") if path.suffix in LIBRARIES)
        size = library.stat().st_size
        symbols = re.findall(r" T (gwp_\w+)", said("nm", "-D", "--defined-only", str(library)))
    return [
        ("cold release build", f"{seconds:.0f} s (limit {LIMIT_BUILD} s on two cores)"),
        ("library", f"{size:,} bytes (limit {LIMIT_SIZE:,})"),
        ("exported functions", len(symbols)),
    ]


def machine() -> list[tuple[str, object]]:
    """What the measuring was done on."""
    info = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    return [
        ("processor", f"{model[1] if model else platform.machine()}, {os.cpu_count()} in use"),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("Rust", said("rustc", "--version")),
    ]


def test_rows(log: Path | None) -> list[tuple[object, ...]]:
    """How every step of the suite ended: run now, or read from what a run printed."""
    if log:
        outcomes = run_tests.recorded(log.read_text(encoding="utf-8"))
    else:
        outcomes = [run_tests.run(step) for step in run_tests.STEPS]
    return [(one.name, one.outcome, one.passed or "", one.skipped or "", f"{one.seconds:.0f}") for one in outcomes]


def build_and_test_results(log: Path | None) -> tuple[str, bool]:
    """The page about building and testing, and whether all is well."""
    built, tested = cold_build(), test_rows(log)
    page = [
        heading("Results of building and testing"),
        f"\n## The machine\n\n{table(('what', 'is'), machine())}",
        f"\n## The build\n\n{table(('what', 'is'), built)}",
        f"\n## The tests\n\n{table(('step', 'outcome', 'tests passed', 'skipped', 'seconds'), tested)}",
    ]
    return "".join(page), all(row[1] == "passed" for row in tested)


def main() -> int:
    """Writes the pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=["status", "results"])
    parser.add_argument("--log", type=Path, metavar="FILE", help="what `make test` printed")
    options = parser.parse_args()
    good = True
    # All pages are made before one is written: a written one is a local change.
    pages = {}
    if options.only != "results":
        pages["IMPLEMENTATION_STATUS.md"] = implementation_status()
    if options.only != "status":
        pages["BUILD_AND_TEST_RESULTS.md"], good = build_and_test_results(options.log)
    for name, page in pages.items():
        (RUST / name).write_text(page, encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
