"""The C ABI as C and C++ programs see it: exports, layout, and the suites of this folder, plain, in valgrind and ASan.

It builds the library with the test-only engine into a target folder of its own and must never touch the one that is
shipped. What a machine lacks is skipped with the reason; with GWPLUGINS_REQUIRE_NATIVE=1 that is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

HERE = Path(__file__).resolve().parent
RUSTLIB = HERE.parents[1] / "rustlib"
TARGET = RUSTLIB / "target" / "probe"
LIBRARY = TARGET / "debug" / "libgwplugins.so"
SUITES = ("arguments", "codec", "results", "threads", "transcode", "limiter", "limiter_redis", "cpp", "cpp_codec")
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def missing(reason: str) -> NoReturn:
    if os.environ.get("GWPLUGINS_REQUIRE_NATIVE") == "1":
        pytest.fail(f"GWPLUGINS_REQUIRE_NATIVE=1, but {reason}")
    pytest.skip(reason)


def need(*tools: str) -> None:
    absent = [tool for tool in tools if shutil.which(tool) is None]
    if absent:
        missing(f"not installed: {', '.join(absent)}")


def run(
    words: Sequence[str | Path], env: Mapping[str, str] | None = None, timeout: float = 900
) -> subprocess.CompletedProcess[str]:
    environ = os.environ | dict(env or {})
    return subprocess.run(list(map(str, words)), cwd=HERE, env=environ, capture_output=True, text=True, timeout=timeout)


def ok(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, f"{result.args}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="session")
def library() -> Path:
    need("cargo", "cc", "c++", "make")
    ok(run(["cargo", "build", "--manifest-path", RUSTLIB / "Cargo.toml", "-p", "gwplugins", "--features", "probe"],
           {"CARGO_TARGET_DIR": str(TARGET)}))  # fmt: skip
    return LIBRARY


@pytest.fixture(scope="session")
def programs(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("suites")
    ok(run(["make", f"LIB={library.parent}", f"OUT={out}", "all"]))
    return out


@pytest.fixture(scope="session")
def sanitized(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sanitized")
    ok(run(["make", f"LIB={library.parent}", f"OUT={out}", f"SANITIZE={' '.join(SANITIZE)}", "all"]))
    return out


def test_exports_are_the_golden_list(library: Path) -> None:
    need("nm")
    listing = ok(run(["nm", "-D", "--defined-only", library]))
    exports = sorted(line.split()[-1] for line in listing.splitlines())
    assert exports == (HERE / "symbols.txt").read_text().split(), "an export was added, or a promise broken"


def test_the_header_declares_the_golden_list() -> None:
    header = (HERE.parents[1] / "include" / "gwplugins.h").read_text()
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    assert sorted(set(re.findall(r"\b(gwp_\w+)\(", code))) == (HERE / "symbols.txt").read_text().split()


def test_the_library_names_itself(library: Path) -> None:
    need("readelf")
    assert "Library soname: [libgwplugins.so]" in ok(run(["readelf", "-d", library]))


def test_layout_is_the_golden_one(programs: Path) -> None:
    assert ok(run([programs / "layout"])) == (HERE / "layout.txt").read_text()


@pytest.mark.parametrize("suite", SUITES)
def test_suite(programs: Path, suite: str) -> None:
    result = run([programs / f"test_{suite}"])
    assert ok(result) == f"{suite}: ok\n"
    assert result.stderr == "", "the library prints nothing, not even when it panics"


def test_the_program_of_the_documentation(library: Path, tmp_path: Path) -> None:
    page = (HERE.parents[1] / "docs" / "abi.md").read_text()
    program = tmp_path / "program.c"
    program.write_text(page.split("```c\n", 1)[1].split("```", 1)[0])
    place = library.parent
    folders: list[str | Path] = ["-I", HERE.parents[1] / "include", "-L", place, f"-Wl,-rpath,{place}"]
    ok(
        run(
            [
                "cc",
                "-std=c11",
                "-Wall",
                "-Wextra",
                "-Werror",
                program,
                "-o",
                tmp_path / "program",
                *folders,
                "-lgwplugins",
            ]
        )
    )
    assert ok(run([tmp_path / "program"])) == "Mail [REDACTED] today\n"


def valgrind(*words: str | Path) -> subprocess.CompletedProcess[str]:
    kinds = "definite,indirect,possible"
    options = [
        "--error-exitcode=9",
        "--leak-check=full",
        f"--show-leak-kinds={kinds}",
        f"--errors-for-leak-kinds={kinds}",
    ]
    return run(["valgrind", "-q", "--fair-sched=yes", *options, *words], {"GWP_TEST_MEMCHECK": "1"})


@pytest.mark.parametrize("suite", SUITES)
def test_suite_under_valgrind(programs: Path, suite: str) -> None:
    need("valgrind")
    assert ok(valgrind(programs / f"test_{suite}")) == f"{suite}: ok\n"


@pytest.mark.parametrize("suite", SUITES)
def test_suite_under_asan(sanitized: Path, suite: str) -> None:
    assert ok(run([sanitized / f"test_{suite}"], {"GWP_TEST_MEMCHECK": "1"})) == f"{suite}: ok\n"


@pytest.mark.parametrize("fault", ["leak", "overflow"])
def test_the_memory_checkers_are_on(tmp_path: Path, fault: str) -> None:
    need("cc", "valgrind")
    ok(run(["cc", "-g", "prove.c", "-o", tmp_path / "plain"]))
    ok(run(["cc", "-g", *SANITIZE, "prove.c", "-o", tmp_path / "sanitized"]))
    assert run([tmp_path / "plain", fault]).returncode == 0
    assert valgrind(tmp_path / "plain", fault).returncode == 9
    caught = run([tmp_path / "sanitized", fault])
    assert caught.returncode != 0
    assert {"leak": "LeakSanitizer", "overflow": "AddressSanitizer"}[fault] in caught.stderr
