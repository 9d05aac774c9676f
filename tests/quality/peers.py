"""The peers of a plugin, in the environment that the benchmarks make for them; asked once about a whole list.

For: the folder of each guard. Never: installs anything into the environment that runs the tests. Tests: none of its
own; `python -m tests.quality.sql --peers` uses it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any


def environment(plugin: str) -> Path:
    """The folder of the environment, made when it is not there: `bench/plugins/<plugin>` says what belongs in it."""
    from bench import plugins, processes

    section = plugins.load(plugin)
    processes.install_peers(section)
    return processes.peers_folder(section)


def python(plugin: str, worker: str, items: Any) -> Any:
    """What `worker`, a Python program, answers about `items`: JSON in, JSON out."""
    return _asked([str(environment(plugin) / "bin" / "python"), "-c", worker], items, None)


def node(plugin: str, worker: str, items: Any) -> Any:
    """The same of a program for Node, beside its packages."""
    return _asked([shutil.which("node") or "node", "-e", worker], items, environment(plugin))


def _asked(command: list[str], items: Any, folder: Path | None) -> Any:
    done = subprocess.run(command, input=json.dumps(items), capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)
