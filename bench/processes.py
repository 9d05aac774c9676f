"""Starts the workers and makes the peers' environments.

It installs nothing but what a section requires, into bench/.peers/<plugin> only. Tests: tests/bench/test_worker.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from bench.plugin import Plugin

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = ROOT / "bench" / "plugins"
PEERS_FOLDER = ROOT / "bench" / ".peers"


class WorkerFailed(RuntimeError):
    """A job of a worker failed, or a tool is missing; the message says which and why."""


class Process:
    """One subject in a process of its own."""

    def __init__(self, plugin: Plugin, subject: str, python: str | None = None) -> None:
        self.subject = subject
        self._plugin = plugin
        #: Workloads whose input was sent; `None` where the worker makes it itself.
        self._sent: set[str] | None = None
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
        script = plugin.subjects[subject].open
        if isinstance(script, str):
            self._sent = set()
            command = [_node(), "bench/worker.mjs", str(_module(plugin, script))]
        else:
            command = [python or python_for(plugin, subject), "-m", "bench.worker", plugin.name, subject]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, do: str, **arguments: Any) -> Any:
        """Sends a job and waits for its answer.

        Raises:
            WorkerFailed: the job raised, or the process ended.
        """
        name = arguments.get("workload")
        if self._sent is not None and name is not None and name not in self._sent:
            self._sent.add(name)
            workload = self._plugin.workload(name)
            self.ask("load", workload=name, operation=workload.operation, input=workload.source())
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the empty answer below says so
        line = self._process.stdout.readline()
        if not line:
            raise WorkerFailed(f"{self.subject}: the process ended with code {self._process.wait()} during {do} {name}")
        reply = json.loads(line)
        if "error" in reply:
            raise WorkerFailed(f"{self.subject}: {do} {name or ''}: {reply['error']}")
        return reply["answer"]

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def peers_folder(plugin: Plugin) -> Path:
    """The peers' environment."""
    return PEERS_FOLDER / plugin.name


def python_for(plugin: Plugin, subject: str) -> str:
    """The interpreter whose environment holds the subject."""
    if plugin.subjects[subject].environment == "peers":
        return str(peers_folder(plugin) / "bin" / "python")
    return sys.executable


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise WorkerFailed("node is not installed")
    return node


def _module(plugin: Plugin, script: str) -> Path:
    """The section's module, beside the packages it imports: Node looks for them from the file's own folder."""
    copy = peers_folder(plugin) / script
    shutil.copyfile(SECTIONS / plugin.name / script, copy)
    return copy


def install_peers(plugin: Plugin) -> None:
    """Makes the peers' environment, once for each set of requirements.

    Raises:
        WorkerFailed: npm is needed and not there.
        subprocess.CalledProcessError: a package cannot be installed.
    """
    folder = peers_folder(plugin)
    done = folder / "requirements.txt"
    wanted = "".join(f"{requirement}\n" for requirement in (*plugin.requirements, *plugin.npm))
    if done.exists() and done.read_text() == wanted:
        return
    venv.create(folder, with_pip=bool(plugin.requirements), clear=True)
    if plugin.requirements:
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *plugin.requirements], check=True)
    if plugin.npm:
        npm = shutil.which("npm")
        if npm is None:
            raise WorkerFailed("npm is not installed")
        quiet = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error"]
        subprocess.run([npm, "install", "--prefix", str(folder), *quiet, *plugin.npm], check=True)
    done.write_text(wanted)
