"""What `gwplugins doctor` finds out: which implementation works here, which do not and why, and what to do about it.

Every implementation is really opened and asked to scan. Tests: tests/cli/test_doctor.py.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pyplugins import framework, native
from pyplugins.cli import discovery, exits, versions

#: In the order in which the loader tries them.
_IMPLEMENTATIONS = ("cffi", "ctypes", "python")
_VARIABLES = ("GWPLUGINS_IMPL", "GWPLUGINS_LIBRARY", "GWPLUGINS_REQUIRE_NATIVE", "GWPLUGINS_FRAMEWORK")
_CPU_INFO = Path("/proc/cpuinfo")
_DISTRIBUTIONS = ("gwplugins", "cffi", "PyYAML", "click", "rich", "cpex")


@dataclass(frozen=True)
class Attempt:
    """One implementation: whether it works, and if not, why."""

    name: str
    works: bool
    why: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """Everything `doctor` tells."""

    #: What `auto` takes: `rust` or `python`, and the binding; nothing when it takes nothing.
    implementation: str | None
    binding: str | None
    attempts: list[Attempt]
    #: What the native loader says: library file, ABI, CPU path.
    native: dict[str, Any]
    framework: str
    plugins: list[str]
    versions: dict[str, str]
    environment: dict[str, str]
    problems: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)

    @property
    def healthy(self) -> bool:
        """Whether guards work the way they were asked to."""
        return not self.problems

    def public(self) -> dict[str, Any]:
        """For JSON."""
        return {"healthy": self.healthy, **asdict(self)}


def diagnose() -> Diagnosis:
    """Looks at this installation."""
    plugins = discovery.names()
    probe = next(iter(discovery.scanners()), None)
    if probe is None:
        raise exits.Failure("no plugin that scans text is installed")
    implementation, binding, problem = _open(probe, "auto")
    attempts = [Attempt(name, not (why := _open(probe, name)[2]), why) for name in _IMPLEMENTATIONS]
    return Diagnosis(
        implementation,
        binding,
        attempts,
        _native(),
        framework.FRAMEWORK,
        plugins,
        _versions(),
        {name: os.environ[name] for name in _VARIABLES if name in os.environ},
        [problem] if problem else [],
        list(_advice(implementation, attempts)),
    )


def _open(plugin: str, implementation: str) -> tuple[str | None, str | None, str]:
    """Implementation, binding, and what is wrong."""
    try:
        guard = discovery.scanner(plugin)({}, implementation=implementation)
        guard.scan("doctor")
    except (ImportError, ValueError) as why:
        return None, None, str(why)
    except Exception as why:
        return None, None, exits.describe(why)
    return guard.implementation, guard.binding, ""


def _native() -> dict[str, Any]:
    status = native.status()
    abi = status["abi_version"]
    return {
        "library": status["library"],
        "present": any(attempt["present"] for attempt in status["attempts"].values()),
        "version": status["version"],
        "abi": None if abi is None else f"{abi >> 16}.{abi & 0xFFFF}",
        "kinds": status["kinds"],
        "why_not_built": status["why_not_built"],
    }


def _versions() -> dict[str, str]:
    found = {name: versions.of(name) for name in _DISTRIBUTIONS}
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}{_instructions()}",
        **{name: version for name, version in found.items() if version},
    }


def _instructions() -> str:
    """The best instruction set of this processor among those that the library has code for, where Linux tells."""
    try:
        flags = set(_CPU_INFO.read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return ""
    return next((f", {name}" for name in ("avx2", "sse2", "asimd") if name in flags), "")


def _advice(implementation: str | None, attempts: list[Attempt]) -> Iterator[str]:
    forced = os.environ.get("GWPLUGINS_IMPL", "")
    works = {attempt.name: attempt.works for attempt in attempts}
    if forced and implementation is None:
        yield f"GWPLUGINS_IMPL={forced} forces an implementation that does not work here: unset it, or mend that one"
    if forced == "python" and (works["cffi"] or works["ctypes"]):
        yield "GWPLUGINS_IMPL=python keeps the native library, which works, from being used: unset it"
    if not works["cffi"] and not works["ctypes"]:
        if "GWPLUGINS_LIBRARY" in os.environ:
            yield "GWPLUGINS_LIBRARY names the library to use: correct it, or unset it"
        yield "install Rust (https://rustup.rs) and build again: pip install --force-reinstall --no-cache-dir gwplugins"
    elif not works["cffi"] and platform.python_implementation() == "CPython":
        yield "short texts are slower through ctypes: install a C compiler and the Python headers and build again"
