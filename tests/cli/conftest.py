"""How the tests of the command run it: as a process of its own, as a user does."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("click", reason="the extra [cli] is not installed")
pytest.importorskip("rich", reason="the extra [cli] is not installed")

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "pyplugins.cli"]

#: Two findings whose places are known: line 2 column 10, and line 3 column 4 behind two characters of two bytes.
NOTES = "hello\nwrite to jane.roe@example.com now\nüü a.b@example.org\n"


@dataclass(frozen=True)
class Ran:
    """What a run left."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("gwplugins: error: ")]


Run = Callable[..., Ran]


def environment(**extra: str) -> dict[str, str]:
    """The environment of a run: this checkout or the installed package, whichever the tests import."""
    return {**os.environ, "PYTHONIOENCODING": "utf-8", **extra}


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts ``gwplugins ARGS`` in an empty directory and does not wait for it."""

    def started(*args: Any, env: dict[str, str] | None = None, **streams: Any) -> subprocess.Popen[bytes]:
        everything = environment(PYTHONPATH=os.pathsep.join(filter(None, sys.path)), **(env or {}))
        return subprocess.Popen([*COMMAND, *map(os.fspath, args)], cwd=tmp_path, env=everything, **streams)

    return started


@pytest.fixture
def cli(tmp_path: Path) -> Run:
    """Runs ``gwplugins ARGS`` in an empty directory."""

    def run(*args: Any, given: bytes = b"", env: dict[str, str] | None = None, before: list[str] | None = None) -> Ran:
        done = subprocess.run(
            [*(before or []), *COMMAND, *map(os.fspath, args)],
            input=given,
            capture_output=True,
            cwd=tmp_path,
            env=environment(PYTHONPATH=os.pathsep.join(filter(None, sys.path)), **(env or {})),
            timeout=120,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))
        assert "Traceback" not in ran.err, ran.err
        return ran

    return run


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A file with two findings."""
    path = tmp_path / "notes.txt"
    path.write_text(NOTES, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Some tests call the command in this process, and it sets up logging as for a process of its own."""
    loggers = [logging.getLogger(name) for name in ("pyplugins", "pyplugins.framework")]
    before = [(logger, logger.level, logger.propagate, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, propagate, handlers in before:
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers[:] = handlers
