"""Fixtures of the tests of other languages: what `make install` put in place, and the tools that a language needs.

GWPLUGINS_PREFIX names a prefix that is installed already and is to be tested instead. The fixtures build in the
checkout: the tests of a file must run in one process, those of different files need not (`--dist loadfile`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from gw_hosts import ROOT, find, run


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """`tool(name)` is the full path of a program; where there is none, the test is skipped or fails (`gw_hosts`)."""
    return find


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefix into which `make install` was run, once for all tests: `lib`, `include`."""
    if given := os.environ.get("GWPLUGINS_PREFIX"):
        return Path(given).resolve(strict=True)
    find("cargo")
    prefix = tmp_path_factory.mktemp("prefix")
    run(find("make"), "install", f"PREFIX={prefix}", cwd=ROOT, timeout=1800)
    return prefix
