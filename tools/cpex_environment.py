"""Makes the environment in which our plugin class meets the real cpex and the peer's plugin, unless it is there.

Usage: python tools/cpex_environment.py PATH-OF-ITS-PYTHON. It reads the checkout, as an editable install does. It must
never touch the environment it is called from. Used by tools/run_tests.py.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: The versions that docs/framework.md and the tests speak of.
REQUIREMENTS = (
    "cpex==0.1.4",
    "cpex-pii-filter==0.3.9",
    "cpex-sql-sanitizer==0.1.4",
    "regex",
    "pytest>=8",
    "hypothesis>=6.100",
    "cffi>=1.17",
    "pyyaml>=6",
)


def main() -> None:
    """Creates the environment beside the checkout's own."""
    python = Path(sys.argv[1])
    stamp = python.parent.parent / ".ready"
    if stamp.exists() and stamp.read_text() == "\n".join(REQUIREMENTS):
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(python.parent.parent)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
    where = [str(python), "-c", "import site; print(site.getsitepackages()[0])"]
    site = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    (Path(site) / "gwplugins_checkout.pth").write_text(f"{ROOT}\n")
    stamp.write_text("\n".join(REQUIREMENTS))


if __name__ == "__main__":
    main()
