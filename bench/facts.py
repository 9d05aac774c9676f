"""What was measured, where: processor, versions, commit. Never a host's or a person's name, never a path.

Tests: tests/bench/test_report.py.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.processes import ROOT

_FLAGS = ("sse2", "avx2", "avx512bw")


def collect() -> dict[str, Any]:
    """Facts about this machine and checkout."""
    cpu = _cpu()
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": cpu.get("model name", platform.processor() or platform.machine()),
        "vector units": [flag for flag in _FLAGS if flag in cpu.get("flags", "").split()],
        "cores": os.cpu_count(),
        "cache": cpu.get("cache size", ""),
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "load before": round(os.getloadavg()[0], 2),
        "commit": _output("git", "rev-parse", "HEAD"),
        "uncommitted changes": bool(_output("git", "status", "--porcelain", "--untracked-files=no")),
    }


def _cpu() -> dict[str, str]:
    """The first processor of /proc/cpuinfo; empty where there is none."""
    try:
        first = Path("/proc/cpuinfo").read_text().split("\n\n")[0]
    except OSError:
        return {}
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}


def versions() -> dict[str, str]:
    """Versions of what measures and of what was measured."""
    found = {"python": platform.python_version(), "rustc": _output("rustc", "--version").removeprefix("rustc ")}
    for name in ("pyperf", "cffi"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    found["gwplugins"] = _own_version()
    return found


def _own_version() -> str:
    found = re.search(r'^version = "(.+)"', (ROOT / "rustlib" / "Cargo.toml").read_text(), re.MULTILINE)
    return found.group(1) if found else ""


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def slug(facts: Mapping[str, Any]) -> str:
    """A name for this kind of machine."""
    words = f"{facts['cpu']} {facts['cores']} cores"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
