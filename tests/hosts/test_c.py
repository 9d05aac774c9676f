"""gwplugins.h as C programs see it after `make install`: vectors, examples, pkg-config, static linking."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import gw_family_lines
import gw_lines
import pytest
from gw_hosts import PAGE, PERSONAL, ROOT, SAID, check_bench, check_example, code_of, find, run

HERE = ROOT / "tests/hosts/c"
WARN = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic")
SANITIZE = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def compiled(compiler: str, source: Path, prefix: Path, target: Path, *more: str) -> Path:
    """Compiles one source file against the installed library."""
    place = [f"-I{prefix}/include", f"-L{prefix}/lib", "-lgwplugins", f"-Wl,-rpath,{prefix}/lib"]
    run(find(compiler), *WARN, *more, source, "-o", target, *place, cwd=target.parent)
    return target


@pytest.mark.parametrize("options", [(), SANITIZE], ids=["plain", "asan"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_vectors(installed: Path, tmp_path: Path, compiler: str, options: tuple[str, ...]) -> None:
    built = compiled(compiler, HERE / "vectors.c", installed, tmp_path / "vectors", "-O1", *options)
    gw_lines.check(lambda questions: run(built, cwd=tmp_path, stdin=questions))


@pytest.mark.parametrize("options", [(), SANITIZE], ids=["plain", "asan"])
def test_vectors_of_codecs_and_limiters(installed: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    built = compiled("gcc", HERE / "families.c", installed, tmp_path / "families", "-O1", *options)
    gw_family_lines.check_codecs(lambda questions: run(built, cwd=tmp_path, stdin=questions))
    gw_family_lines.check_limiters(lambda questions: run(built, cwd=tmp_path, stdin=questions))


@pytest.fixture(scope="module")
def example(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of examples, copied out of the checkout and built as its Makefile says."""
    copy = tmp_path_factory.mktemp("examples") / "c"
    shutil.copytree(ROOT / "examples/embed/c", copy)
    find("pkg-config")
    run(find("make"), cwd=copy, env={"PKG_CONFIG_PATH": f"{installed}/lib/pkgconfig"})
    return copy


def test_example(example: Path) -> None:
    check_example(example / "mask", cwd=example)


def test_the_program_of_the_page(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "program.c").write_text(code_of(PAGE, "c"))
    built = compiled("gcc", tmp_path / "program.c", installed, tmp_path / "program")
    assert run(built, cwd=tmp_path) == f"{SAID}\n"


def test_example_of_a_stream(example: Path) -> None:
    assert run(example / "scan", cwd=example, stdin=PERSONAL) == "SSN ***-**-6789, café\n"
    filler = b"nothing to see here\n" * 100_000
    assert run(example / "scan", cwd=example, stdin=filler + PERSONAL).endswith("here\nSSN ***-**-6789, café\n")


def test_example_of_a_limiter(example: Path) -> None:
    lines = b"ann hello\nann again\nbob hello\nann once more\n"
    config = '{"by_user": "2/day", "algorithm": "sliding_window_log"}'
    assert run(example / "limit", config, cwd=example, stdin=lines) == "ann hello\nann again\nbob hello\n"
    assert run(example / "limit", config, cwd=example, stdin=b" nobody\n\nann\n") == "ann\n"
    assert run(example / "limit", '{"by_user": "nonsense"}', cwd=example, stdin=lines, expect=2) == ""
    long = b"x" * 2000 + b"\n"
    assert run(example / "limit", config, cwd=example, stdin=lines[:10] + long, expect=2) == "ann hello\n"


def test_a_program_is_bound_to_the_major_version(example: Path) -> None:
    needed = re.findall(r"NEEDED.*\[(libgw.*)\]", run(find("readelf"), "-d", example / "mask", cwd=example))
    assert needed == [
        f"libgwplugins.so.{re.findall('GWP_ABI_MAJOR ([0-9]+)', (ROOT / 'include/gwplugins.h').read_text())[0]}"
    ]


def test_static_program_needs_no_library(installed: Path, example: Path, tmp_path: Path) -> None:
    words = run(
        *(find("pkg-config"), "--static", "--cflags", "--libs", "gwplugins"),
        cwd=tmp_path,
        env={"PKG_CONFIG_PATH": f"{installed}/lib/pkgconfig"},
    )
    static = words.replace("-lgwplugins", "-l:libgwplugins.a").split()
    run(find("gcc"), *WARN, example / "mask.c", "-o", tmp_path / "mask", *static, cwd=tmp_path)
    assert "libgwplugins" not in run(find("readelf"), "-d", tmp_path / "mask", cwd=tmp_path)
    check_example(tmp_path / "mask", cwd=tmp_path)


def test_bench(installed: Path, tmp_path: Path) -> None:
    built = compiled("gcc", ROOT / "bench/hosts/c/bench.c", installed, tmp_path / "bench", "-O2")
    check_bench(built, cwd=tmp_path, host="c")
