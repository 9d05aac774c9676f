"""An installation that something has been taken from, or that holds the wrong thing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gw_builds import attempt, environment, run
from gw_tests import ROOT, missing

USED = (
    "from pyplugins.pii_filter import PIIDetector; detector = PIIDetector({});"
    "print(detector.implementation, detector.binding, detector.mask('to ann@example.com'))"
)

#: The ABI of the header.
NEEDED = ".".join(
    re.findall(r"#define GWP_ABI_M\w+OR (\d+)", (ROOT / "include/gwplugins.h").read_text(encoding="utf-8"))
)


@pytest.fixture
def package(installed: Path, tmp_path: Path) -> Path:
    """The folder `native` of a copy of the installed package."""
    where = run(installed, "-c", "import pyplugins; print(pyplugins.__path__[0])").strip()
    shutil.copytree(where, tmp_path / "pyplugins")
    return tmp_path / "pyplugins/native"


@pytest.fixture
def used(installed: Path, package: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the copy."""

    def run_copy(code: str = USED, **changes: str) -> subprocess.CompletedProcess[str]:
        return attempt(installed, "-c", code, env=environment(PYTHONPATH=str(package.parents[1]), **changes))

    return run_copy


Used = Callable[..., subprocess.CompletedProcess[str]]


def test_the_copy_is_native(used: Used) -> None:
    answer = used()
    assert (answer.stdout, answer.stderr) == ("rust cffi to [REDACTED]\n", "")


def test_without_the_library(used: Used, package: Path) -> None:
    (package / "libgwplugins.so").unlink()
    answer = used()
    assert answer.stdout == "python None to [REDACTED]\n"
    assert "(cffi: no libgwplugins.so in the package; ctypes: no libgwplugins.so in the package)" in answer.stderr
    for name in ("rust", "cffi", "ctypes"):
        forced = used(GWPLUGINS_IMPL=name)
        assert f"ImportError: no {name} implementation of pii_filter" in forced.stderr
    assert "GWPLUGINS_REQUIRE_NATIVE is set" in used(GWPLUGINS_REQUIRE_NATIVE="1").stderr


def test_without_the_extension(used: Used, package: Path) -> None:
    (package / "_gwp.abi3.so").unlink()
    assert used().stdout == "rust ctypes to [REDACTED]\n"
    assert "the extension was not built for this Python" in used(GWPLUGINS_IMPL="cffi").stderr


def test_without_cffi(used: Used) -> None:
    without = "import sys; sys.modules['_cffi_backend'] = None;"
    answer = used(without + USED)
    assert answer.stdout == "rust ctypes to [REDACTED]\n"
    assert "cffi is not installed" in used(without + USED, GWPLUGINS_IMPL="cffi").stderr


def test_a_file_that_is_no_library(used: Used, package: Path) -> None:
    (package / "libgwplugins.so").write_bytes(b"\x7fELF but not really")
    for name in ("auto", "rust", "cffi", "ctypes"):
        answer = used(GWPLUGINS_IMPL=name)
        assert answer.returncode != 0
        assert "ImportError" in answer.stderr


def stub(folder: Path, *, leave_out: str = "") -> None:
    """A library with the functions of ours and another ABI, or with one function missing."""
    if shutil.which("cc") is None:
        missing("no C compiler")
    names = (ROOT / "tests/abi/symbols.txt").read_text().split()
    version, supported = (0x10000, 1) if leave_out else (0x20000, 0)
    results = {"gwp_abi_version": version, "gwp_abi_supports": supported}
    code = "".join(f"long {name}(void) {{ return {results.get(name, 0)}; }}\n" for name in names if name != leave_out)
    (folder / "stub.c").write_text(code)
    target = folder / "libgwplugins.so"
    target.unlink()
    run("cc", "-shared", "-fPIC", "-Wl,-soname,libgwplugins.so", "-o", target, folder / "stub.c")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="links as Linux does")
def test_another_abi(used: Used, package: Path) -> None:
    stub(package)
    for name in ("auto", "rust", "cffi", "ctypes"):
        answer = used(GWPLUGINS_IMPL=name)
        assert answer.returncode != 0
        assert f"has ABI 2.0; this package needs {NEEDED}" in answer.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="links as Linux does")
def test_a_library_that_lacks_a_function(used: Used, package: Path) -> None:
    stub(package, leave_out="gwp_guard_scan_batch")
    for name in ("auto", "rust", "cffi", "ctypes"):
        answer = used(GWPLUGINS_IMPL=name)
        assert answer.returncode != 0
        assert "gwp_guard_scan_batch" in answer.stderr


def test_the_rules_are_in_the_package(used: Used) -> None:
    code = "import pyplugins.core.data as data; print(data.path('pii_filter', 'schema.json'))"
    assert used(code).stdout.strip().endswith("/pyplugins/pii_filter/rules/schema.json")


def test_import_is_light(used: Used) -> None:
    code = """
import sys, time
before = set(sys.modules)
start = time.process_time()
from pyplugins.pii_filter import PIIDetector
PIIDetector({}).detect("ann@example.com")
took = time.process_time() - start
new = {name.partition(".")[0] for name in set(sys.modules) - before}
start = time.process_time()
sum(i * i for i in range(1_000_000))
beside = time.process_time() - start
print(took / beside, sorted(new - set(sys.stdlib_module_names) - {"pyplugins", "_cffi_backend"}))
"""
    answers = [used(code).stdout.split(maxsplit=1) for _ in range(5)]
    assert {strange.strip() for _, strange in answers} == {"[]"}
    # Half of what a million turns of a loop take, mostly; some 30 ms on a machine of today.
    assert min(float(times) for times, _ in answers) < 1
