"""`python -m bench.hosts`: builds the caller of each host against an installed library, runs all, writes the table.

A host whose tools are missing is named in the table, not left out. Tests: tests/bench/test_hosts.py.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench import facts
from bench.processes import ROOT
from bench.report.text import as_text
from bench.tables import Section, number
from bench.texts import filled, log_line

KIND, CONFIG = "pii_filter", "{}"
SMALL = 100
BIG = 1 << 20


def newest_java() -> str:
    """The home of a JDK of 22 or newer, which Java's two back ends are built with; empty where there is none."""
    homes = [os.environ.get("JAVA_HOME", ""), *sorted(map(str, Path("/usr/lib/jvm").glob("*")), reverse=True)]
    told = {home: Path(home, "release") for home in homes if home and Path(home, "bin/javac").is_file()}
    return next(
        (
            home
            for home, release in told.items()
            if release.is_file() and (found := re.search(r'JAVA_VERSION="(\d+)', release.read_text("utf-8")))
            if int(found[1]) >= 22
        ),
        "",
    )


@dataclass(frozen=True)
class Host:
    """How the program of a language is built and run, in a copy of `source`; `{...}` are filled in from `places`."""

    name: str
    source: str
    run: str
    build: str = "true"
    #: The library file; the Python package has its own, which its extension is bound to.
    library: str = "{prefix}/lib/libgwplugins.so"


HOSTS = (
    Host("C", "bench/hosts/c", "./bench", "cc -O2 bench.c -o bench -I{prefix}/include -L{prefix}/lib -lgwplugins"),
    Host(
        "C++",
        "bench/hosts/cpp",
        "./bench",
        "c++ -std=c++17 -O2 bench.cpp -o bench -I{prefix}/include -L{prefix}/lib -lgwplugins",
    ),
    # In the checkout: its dependencies are paths.
    Host(
        "Rust",
        "",
        "{target}/release/host-bench",
        "cargo build -q --release --manifest-path {root}/bench/hosts/rust/Cargo.toml",
    ),
    Host("Go", "bindings/go", "./measure", "go build -o measure ./bench"),
    Host("Node", "bindings/node", "node bench/bench.mjs", "npm ci --silent"),
    Host(
        "Java",
        "bindings/java",
        "{java}/bin/java --enable-native-access=ALL-UNNAMED -cp {jars} bench/ScanBench.java",
        "mvn -q -B package -DskipTests",
    ),
    Host("Python", "", "{python} {root}/bench/hosts/python/bench.py", library=""),
)


def lines(host: Host, folder: Path, places: dict[str, str], texts: list[Path]) -> list[dict[str, Any]]:
    """What the program of a host prints, or one line that says why there is none."""
    copy = folder / host.name
    if host.source:
        skip = shutil.ignore_patterns("node_modules", "target")
        shutil.copytree(ROOT / host.source, copy, ignore=skip)
    else:
        copy.mkdir()
    environment = os.environ | {
        "LD_LIBRARY_PATH": f"{places['prefix']}/lib",
        "PKG_CONFIG_PATH": f"{places['prefix']}/lib/pkgconfig",
        "GWPLUGINS_LIBRARY": host.library.format(**places),
        "CARGO_TARGET_DIR": places["target"],
        "JAVA_HOME": places["java"],
        "PYTHONPATH": str(ROOT),
    }
    arguments = [KIND, CONFIG, *map(str, texts)]
    try:
        subprocess.run(host.build.format(**places).split(), cwd=copy, env=environment, check=True, capture_output=True)
        jars = ":".join(sorted(map(str, [*copy.glob("target/*.jar"), *copy.glob("target/lib/*.jar")])))
        command = [word.format(**places, jars=jars) for word in host.run.split()]
        said = subprocess.run([*command, *arguments], cwd=copy, env=environment, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", b"") or b""
        return [{"host": host.name, "path": "", "failed": told.decode(errors="replace").strip()[-300:] or str(error)}]
    return [json.loads(line) | {"host": host.name} for line in said.stdout.splitlines()]


def measured(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of all hosts, one host after the other."""
    target = folder / "target"
    prefix = folder / "prefix"
    subprocess.run(["make", "install", f"PREFIX={prefix}"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    chance = random.Random(1)
    texts = [folder / "small", folder / "big"]
    for file, size in zip(texts, (SMALL, BIG), strict=True):
        file.write_text(filled(iter(lambda: log_line(chance), None), size), encoding="utf-8")
    names = {"prefix": prefix, "target": target, "root": ROOT, "python": sys.executable, "java": newest_java()}
    places = {name: str(place) for name, place in names.items()}
    for host in HOSTS:
        print(f"{host.name} ...", file=sys.stderr, flush=True)
        yield from lines(host, folder, places, texts)


def table(document: dict[str, Any]) -> str:
    """The document as text."""
    machine = document["facts"]
    changes = ", with changes" if machine["uncommitted changes"] else ""
    rows = []
    plain = next((one for one in document["lines"] if one["host"] == "C" and "ns_per_call" in one), None)
    for one in document["lines"]:
        if "failed" in one:
            rows.append([one["host"], "did not run", "", "", ""])
            continue
        call, speed = median(one["ns_per_call"]), median(one["mb_per_s"])
        beside = number(call - median(plain["ns_per_call"])) if plain else "-"
        rows.append(
            [f"{one['host']}, {one['path']}", number(call), beside, number(min(one["ns_per_call"])), number(speed)]
        )
    told = [
        f"{machine['date']}, commit {machine['commit'][:12]}{changes}",
        f"{machine['cpu']}, {machine['cores']} cores, load before {machine['load before']}",
        f"{KIND}, default configuration: a call that only finds, in {SMALL} bytes of a log, and in {BIG} bytes of it.",
        "Medians of 20 samples of 20 ms or more. The text is in the language's own type; what it costs to turn it into",
        "UTF-8 is part of the call. Each program checked its answers first.",
    ]
    told += [f"{one['host']} did not run: {one['failed']}" for one in document["lines"] if "failed" in one]
    header = ["host", "ns a call", "beside plain C", "best", "MB/s"]
    return as_text([Section("gwplugins: one call from each host", told, header, rows)])


def main() -> int:
    """Measures, writes `<date>-<machine>-hosts.json` and `.txt`; exit code 1 when a host did not run."""
    parser = argparse.ArgumentParser(prog="python -m bench.hosts", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "build/bench", metavar="FOLDER", help="where results go")
    options = parser.parse_args()
    document: dict[str, Any] = {"facts": facts.collect()}
    with tempfile.TemporaryDirectory() as folder:
        document["lines"] = list(measured(Path(folder)))
    base = options.output / f"{document['facts']['date'][:10]}-{facts.slug(document['facts'])}-hosts"
    options.output.mkdir(parents=True, exist_ok=True)
    base.with_suffix(".json").write_text(json.dumps(document) + "\n", encoding="utf-8")
    text = table(document)
    base.with_suffix(".txt").write_text(text, encoding="utf-8")
    print(text)
    return 1 if any("failed" in one for one in document["lines"]) else 0


if __name__ == "__main__":
    sys.exit(main())
