"""Peers in environments of their own, in a folder that git ignores; asked once about a whole list.

For: `sql/engines.py` and `json/engines.py`. Never: installs anything into the environment that runs the tests.
Tests: none of its own; `python -m tests.quality.sql --peers` uses it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "bench" / ".peers" / "quality"


def python(name: str, *requirements: str) -> Path:
    """The interpreter of an environment with `requirements`, made when it is not there or they changed."""
    home = FOLDER / name
    interpreter, stamp = home / "bin" / "python", home / "requirements.txt"
    wanted = "\n".join(requirements)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"installing {wanted.replace(chr(10), ', ')} ...", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([interpreter, "-m", "pip", "install", "-q", *requirements], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return interpreter


def node(name: str, *packages: str) -> Path:
    """A folder with the npm `packages`, made when it is not there or they changed."""
    home = FOLDER / name
    stamp = home / "requirements.txt"
    wanted = "\n".join(packages)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}', encoding="utf-8")
        subprocess.run(["npm", "install", "--silent", *packages], cwd=home, check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return home


def ask(interpreter: Path | str, worker: str, items: Any, cwd: Path | None = None) -> Any:
    """What `worker`, a program for `interpreter`, answers about `items`: JSON in, JSON out."""
    option = "-e" if Path(interpreter).name == "node" else "-c"
    done = subprocess.run(
        [interpreter, option, worker], input=json.dumps(items), capture_output=True, text=True, check=False, cwd=cwd
    )
    if done.returncode:
        raise RuntimeError(f"{Path(interpreter).name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)
