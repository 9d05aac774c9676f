"""What the packaging tests build with: copies of the sources, environments, commands, and what is in a wheel.

Copies stand at fixed places with the files' own times, so that cargo compiles again only what has changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

from gw_tests import ROOT, missing

PLACE = ROOT / "rustlib/target/packaging"
PARTS = ("pyproject.toml", "setup.py", "build_ffi.py", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md")
TREES = ("include", "pyplugins", "rustlib")
_LEFT_OUT = shutil.ignore_patterns("target", "__pycache__", "*.so", "_build_info.py", "*.egg-info")
#: What builds need, so that not every one has to fetch it.
BUILD_TOOLS = (*tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"], "build")


def copy_sources(target: Path) -> Path:
    """The files a release is made from, with their times."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in PARTS:
        shutil.copy2(ROOT / name, target)
    for name in TREES:
        shutil.copytree(ROOT / name, target / name, ignore=_LEFT_OUT)
    return target


def need_cargo() -> None:
    """Goes on only where Rust can be built."""
    if shutil.which("cargo") is None:
        missing("cargo is not installed")


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without our own switches, with a cargo target folder for these tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GWPLUGINS_", "PYTHON"))}
    return kept | {"CARGO_TARGET_DIR": str(PLACE / "cargo")} | changes


def path_without_cargo() -> str:
    """The search path without the folders that hold a cargo."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not (Path(folder) / "cargo").exists())


def run(*command: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Output of a command that must succeed."""
    result = attempt(*command, env=env, cwd=cwd)
    assert result.returncode == 0, f"{command}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    return result.stdout


def attempt(
    *command: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """A command that may fail."""
    words = [str(word) for word in command]
    return subprocess.run(
        words, env=env or environment(), cwd=cwd or PLACE, capture_output=True, text=True, timeout=900
    )


class Wheel(NamedTuple):
    """A built wheel."""

    file: Path

    @property
    def tag(self) -> str:
        """Interpreter, ABI and system."""
        return "-".join(self.file.stem.split("-")[-3:])

    def names(self) -> set[str]:
        """The files in it."""
        with zipfile.ZipFile(self.file) as archive:
            return {name for name in archive.namelist() if not name.endswith("/")}

    def text(self, name: str) -> str:
        """One file's text."""
        with zipfile.ZipFile(self.file) as archive:
            return archive.read(name).decode()


def make_venv(place: Path, *, with_pip: bool = False) -> Path:
    """The Python of a virtual environment; an existing one of the same Python is used again."""
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (with_pip and python.exists()):
        venv.create(place, with_pip=with_pip, clear=True, symlinks=sys.platform != "win32")
    return python
