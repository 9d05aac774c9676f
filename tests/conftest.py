"""Fixtures that all tests share: which implementations can be tested here, and the library with the test-only engine.

What is missing on a machine is skipped with the reason; with GWPLUGINS_REQUIRE_NATIVE=1 it is a failure. Run `pytest`,
not `python -m pytest`: the second puts the checkout before the installed package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from gw_tests import ROOT, missing, need_binding

from pyplugins.native import loader

PROBE_TARGET = ROOT / "rustlib/target/probe"


@pytest.fixture(params=["cffi", "ctypes"])
def binding(request: pytest.FixtureRequest) -> str:
    """Each binding of the native library in turn."""
    name: str = request.param
    need_binding(name)
    return name


@pytest.fixture
def cffi_only() -> str:
    """The binding with the C edge."""
    need_binding("cffi")
    return "cffi"


@pytest.fixture(scope="session")
def probe_library() -> Path:
    """A library that also has the test-only engine `probe`; built beside the real one, never in its place."""
    if shutil.which("cargo") is None:
        missing("cargo is not installed")
    command = ["cargo", "build", "--locked", "--manifest-path", str(ROOT / "rustlib/Cargo.toml"), "-p", "gwplugins"]
    env = os.environ | {"CARGO_TARGET_DIR": str(PROBE_TARGET)}
    subprocess.run([*command, "--features", "probe"], env=env, check=True, capture_output=True)
    found = [path for path in (PROBE_TARGET / "debug").glob("*gwplugins.*") if path.suffix in (".so", ".dylib", ".dll")]
    assert len(found) == 1, found
    return found[0]


@pytest.fixture
def fresh_loader(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A loader that has opened nothing and told nothing, and no environment variable; may be called to repeat that."""
    for name in ("GWPLUGINS_IMPL", "GWPLUGINS_LIBRARY", "GWPLUGINS_REQUIRE_NATIVE"):
        monkeypatch.delenv(name, raising=False)

    def forget() -> None:
        monkeypatch.setattr(loader, "_bindings", {})
        monkeypatch.setattr(loader, "_announced", set())

    forget()
    return forget
