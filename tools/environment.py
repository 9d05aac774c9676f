"""Makes environments in which our code meets other people's packages, unless they are there.

Usage: python tools/environment.py NAME... makes `.venv-NAME` of each, all at once. It reads the checkout, as an
editable install does. It must never touch the environment it is called from. Used by tools/run_tests.py.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: What tests need whichever packages they meet, and what the plugins stand on, in Python alone too.
COMMON = (
    "regex",
    "pytest>=8",
    "pytest-xdist>=3.6",
    "hypothesis>=6.100",
    "cffi>=1.17",
    "pyyaml>=6",
    "click>=8.1",
    "rich>=13",
    "zstandard>=0.22",
    "brotli>=1.2",
)
#: The versions that the documents and the tests speak of: cpex or a host that brings it, and the plugins ours replace.
ENVIRONMENTS = {
    "cpex": ("cpex==0.1.4", "cpex-pii-filter==0.3.9", "cpex-sql-sanitizer==0.1.4"),
    # The gateway takes the MCP SDK below 2, so older peers.
    "gateway": (
        "mcp-contextforge-gateway==1.0.7.post20260921",
        "cpex==0.1.3",
        "mcp==1.30.0",
        "cpex-pii-filter==0.3.8",
        "cpex-sql-sanitizer==0.1.2",
    ),
    # Real servers and the official client, before and behind `gwplugins proxy`.
    "integrations": (
        "mcp==2.3.0",
        "mcp-server-time==2026.10.19",
        "mcp-server-fetch==2026.10.24",
        "aiohttp==3.14.5",
    ),
    "middleware": (
        "fastmcp==4.2.3",
        "starlette==1.10.0",
        "fastapi==0.165.0",
        "httpx==0.28.1",
        "uvicorn==0.54.0",
        "litellm[proxy]==1.108.7",
    ),
}


def python_of(name: str) -> Path:
    """The interpreter of the environment of this name."""
    return ROOT / f".venv-{name}" / "bin" / "python"


def make(name: str) -> None:
    """Creates the environment beside the checkout's own."""
    python = python_of(name)
    home = python.parent.parent
    stamp = home / ".ready"
    requirements = (*ENVIRONMENTS[name], *COMMON)
    if stamp.exists() and stamp.read_text() == "\n".join(requirements):
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *requirements], check=True)
    where = [str(python), "-c", "import site; print(site.getsitepackages()[0])"]
    site = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    (Path(site) / "gwplugins_checkout.pth").write_text(f"{ROOT}\n")
    stamp.write_text("\n".join(requirements))


def main() -> None:
    """Makes what is named; the first that fails says why."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="+", choices=ENVIRONMENTS, metavar="NAME", help=", ".join(ENVIRONMENTS))
    names = parser.parse_args().names
    with ThreadPoolExecutor() as pool:
        for _ in pool.map(make, names):
            pass


if __name__ == "__main__":
    main()
