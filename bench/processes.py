"""Starts the workers and the peers' environment.

It installs nothing but `subjects.REQUIREMENTS`, into bench/.peers only. Tests: tests/bench/test_worker.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from bench.subjects import PEERS, REQUIREMENTS

ROOT = Path(__file__).resolve().parent.parent
PEERS_FOLDER = ROOT / "bench" / ".peers"


class WorkerFailed(RuntimeError):
    """A job of a worker failed; the message says which and why."""


class Process:
    """One subject in a process of its own."""

    def __init__(self, subject: str, python: str) -> None:
        self.subject = subject
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
        command = [python, "-m", "bench.worker", subject]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, do: str, **arguments: Any) -> Any:
        """Sends a job and waits for its answer.

        Raises:
            WorkerFailed: the job raised, or the process ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the empty answer below says so
        line = self._process.stdout.readline()
        if not line:
            raise WorkerFailed(
                f"{self.subject}: the process ended with code {self._process.wait()} during {do} {arguments}"
            )
        reply = json.loads(line)
        if "error" in reply:
            raise WorkerFailed(f"{self.subject}: {do} {arguments.get('workload', '')}: {reply['error']}")
        return reply["answer"]

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def python_for(subject: str) -> str:
    """The interpreter whose environment holds the subject."""
    return str(PEERS_FOLDER / "bin" / "python") if subject in PEERS else sys.executable


def install_peers() -> None:
    """Makes the peers' environment, once for each set of requirements."""
    done = PEERS_FOLDER / "requirements.txt"
    wanted = "".join(f"{requirement}\n" for requirement in REQUIREMENTS)
    if done.exists() and done.read_text() == wanted:
        return
    venv.create(PEERS_FOLDER, with_pip=True, clear=True)
    python = python_for(PEERS[0])
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS], check=True
    )
    done.write_text(wanted)
