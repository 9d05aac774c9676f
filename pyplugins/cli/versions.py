"""Version texts for `--version`, `doctor` and reports. Tests: tests/cli/test_app.py."""

from __future__ import annotations

import platform
import re
from pathlib import Path

_CARGO = Path(__file__).resolve().parents[2] / "rustlib" / "Cargo.toml"


def package() -> str:
    """The version of this package; a source checkout that is not installed reads the one place it is written."""
    installed = of("gwplugins")
    if installed:
        return installed
    found = re.search(r'^version = "([^"]+)"', _CARGO.read_text(encoding="utf-8"), re.M) if _CARGO.is_file() else None
    return found[1] if found else "unknown"


def line() -> str:
    """For `--version`."""
    return f"gwplugins {package()} ({platform.python_implementation()} {platform.python_version()})"


def of(distribution: str) -> str | None:
    """The version of an installed distribution, or `None`."""
    from importlib import metadata  # 30 ms that most commands need not pay

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
