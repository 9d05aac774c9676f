"""gwplugins.hpp as C++ programs see it after `make install`: vectors, handles, threads, sanitizers, example, CMake."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
from pathlib import Path

import gw_family_lines
import gw_lines
import pytest
from gw_hosts import PAGE, PERSONAL, ROOT, SAID, check_bench, check_example, code_of, find, run

HERE = ROOT / "tests/hosts/cpp"
WARN = ("-Wall", "-Wextra", "-Werror", "-pedantic", "-Wshadow", "-Wconversion")
SANITIZE = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
#: The second is used where there is one: it sees other mistakes in a header.
COMPILERS = ("g++", "clang++")


def compiled(compiler: str, source: Path, prefix: Path, target: Path, *more: str, std: str = "c++17") -> Path:
    """Compiles one source file against the installed library."""
    place = [f"-I{prefix}/include", f"-L{prefix}/lib", "-lgwplugins", "-lpthread", f"-Wl,-rpath,{prefix}/lib"]
    run(find(compiler), f"-std={std}", "-O1", *WARN, *more, source, "-o", target, *place, cwd=target.parent)
    return target


@pytest.mark.parametrize("compiler", COMPILERS)
def test_vectors(installed: Path, tmp_path: Path, compiler: str) -> None:
    program = compiled(compiler, HERE / "vectors.cpp", installed, tmp_path / "vectors")
    gw_lines.check(lambda questions: run(program, cwd=tmp_path, stdin=questions))


@pytest.mark.parametrize(
    ("compiler", "options"),
    [("g++", SANITIZE), ("clang++", ("-g", "-fsanitize=thread"))],
    ids=["g++-asan", "clang++-tsan"],
)
@pytest.mark.parametrize("family", ["limiters", "codecs"])
def test_behaviour_of_limiters_and_codecs(
    installed: Path, tmp_path: Path, family: str, compiler: str, options: tuple[str, ...]
) -> None:
    program = compiled(compiler, HERE / f"{family}.cpp", installed, tmp_path / family, *options)
    # A limiter's counts are behind the library's own locks, which the sanitizer does not see; the header is watched.
    assert run(program, cwd=tmp_path, env={"TSAN_OPTIONS": "ignore_noninstrumented_modules=1"}) == "ok\n"


def test_a_library_without_limiters_and_codecs_serves_guards(installed: Path, tmp_path: Path) -> None:
    program = compiled("g++", HERE / "old.cpp", installed, tmp_path / "old")
    run(program, cwd=tmp_path, expect=1)
    old = tmp_path / "old_library.so"
    run(find("gcc"), "-shared", "-fPIC", f"-I{installed}/include", HERE / "old_library.c", "-o", old, cwd=tmp_path)
    assert run(program, cwd=tmp_path, env={"LD_PRELOAD": str(old)}) == "ok\n"


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("options", [(), SANITIZE, ("-g", "-fsanitize=thread")], ids=["plain", "asan", "tsan"])
def test_behaviour(installed: Path, tmp_path: Path, compiler: str, options: tuple[str, ...]) -> None:
    program = compiled(compiler, HERE / "behaviour.cpp", installed, tmp_path / "behaviour", *options)
    assert run(program, cwd=tmp_path) == "ok\n"


def test_vectors_under_sanitizers(installed: Path, tmp_path: Path) -> None:
    program = compiled("g++", HERE / "vectors.cpp", installed, tmp_path / "vectors", *SANITIZE)
    gw_lines.check(lambda questions: run(program, cwd=tmp_path, stdin=questions))


@pytest.mark.parametrize(("compiler", "options"), [("g++", SANITIZE), ("clang++", ())], ids=["g++-asan", "clang++"])
def test_vectors_of_codecs_and_limiters(
    installed: Path, tmp_path: Path, compiler: str, options: tuple[str, ...]
) -> None:
    program = compiled(compiler, HERE / "families.cpp", installed, tmp_path / "families", *options)
    gw_family_lines.check_codecs(lambda questions: run(program, cwd=tmp_path, stdin=questions))
    gw_family_lines.check_limiters(lambda questions: run(program, cwd=tmp_path, stdin=questions))


def test_vectors_of_limiters_with_redis(installed: Path, tmp_path: Path) -> None:
    program = compiled("g++", HERE / "redis.cpp", installed, tmp_path / "redis", *SANITIZE)
    gw_family_lines.check_limiters(gw_family_lines.asking_redis(program, tmp_path))


def test_the_program_of_the_page(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "program.cpp").write_text(code_of(PAGE, "cpp"))
    program = compiled("g++", tmp_path / "program.cpp", installed, tmp_path / "program")
    assert run(program, cwd=tmp_path) == f"{SAID}\n"


@pytest.mark.parametrize("std", ["c++20", "c++23"])
def test_later_standards(installed: Path, tmp_path: Path, std: str) -> None:
    program = compiled("g++", HERE / "behaviour.cpp", installed, tmp_path / "behaviour", std=std)
    assert run(program, cwd=tmp_path) == "ok\n"


def test_without_exceptions(installed: Path, tmp_path: Path) -> None:
    program = compiled("g++", HERE / "no_exceptions.cpp", installed, tmp_path / "program", "-fno-exceptions")
    assert run(program, cwd=tmp_path) == "SSN [REDACTED]\n"
    run(program, "throw", cwd=tmp_path, expect=-signal.SIGABRT)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example, copied out of the checkout."""
    return Path(shutil.copytree(ROOT / "examples/embed/cpp", tmp_path / "project"))


def built(project: Path, prefix: Path, *more: str, expect: int = 0) -> Path:
    """Configures and builds a CMake project as a user would; its program."""
    words = ("-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_FLAGS={' '.join(WARN)}", *more)
    run(find("cmake"), *words, cwd=project, expect=expect)
    if expect == 0:
        run(find("cmake"), "--build", "build", cwd=project)
    return project / "build/mask"


def test_example(installed: Path, project: Path) -> None:
    check_example(built(project, installed), cwd=project)


def test_example_of_a_codec(installed: Path, project: Path) -> None:
    program = built(project, installed).with_name("pack")
    text = PERSONAL * 50_000
    packed = project / "packed"
    packed.write_bytes(output(program, "gzip", stdin=text))
    assert gzip.decompress(packed.read_bytes()) == text
    assert output(program, "-d", "auto", stdin=packed.read_bytes()) == text
    run(program, "-d", "gzip", cwd=project, stdin=packed.read_bytes()[:-1], expect=2)
    run(program, "-d", "gzip", '{"max_output_bytes": 1000}', cwd=project, stdin=packed.read_bytes(), expect=2)
    run(program, "lzma", cwd=project, expect=2)


def output(*words: str | Path, stdin: bytes) -> bytes:
    """What a program writes, bytes."""
    return subprocess.run(list(map(str, words)), input=stdin, capture_output=True, check=True, timeout=60).stdout


def test_example_with_a_moved_prefix(installed: Path, project: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(installed, tmp_path / "moved", symlinks=True))
    program = built(project, moved)
    assert f"{moved}/lib" in run(find("readelf"), "-d", program, cwd=project)
    check_example(program, cwd=project)


def test_example_linked_statically(installed: Path, project: Path) -> None:
    replace(project / "CMakeLists.txt", "gwplugins::gwplugins)", "gwplugins::static)")
    program = built(project, installed)
    assert "libgwplugins" not in run(find("readelf"), "-d", program, cwd=project)
    check_example(program, cwd=project)


@pytest.mark.parametrize(("asked", "found"), [("0.1.0 EXACT", True), ("", True), ("0.999", False), ("1", False)])
def test_version_of_the_package(installed: Path, project: Path, asked: str, found: bool) -> None:
    replace(project / "CMakeLists.txt", "gwplugins 0.1 REQUIRED", f"gwplugins {asked} REQUIRED")
    built(project, installed, expect=0 if found else 1)


def test_two_files_of_one_program_may_include_it(installed: Path, project: Path) -> None:
    replace(project / "CMakeLists.txt", "mask mask.cpp", "mask mask.cpp other.cpp")
    (project / "other.cpp").write_text("#include <gwplugins.hpp>\nauto other() { return gwplugins::kinds(); }\n")
    check_example(built(project, installed), cwd=project)


def replace(file: Path, old: str, new: str) -> None:
    """Changes a copy of an example."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(("sanitizer", "fault"), [("address", "use after free"), ("thread", "race")])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_sanitizers_are_on(tmp_path: Path, compiler: str, sanitizer: str, fault: str) -> None:
    program = tmp_path / "fault"
    words = ["-std=c++17", "-g", f"-fsanitize={sanitizer}", HERE / "prove.cpp", "-o", program, "-lpthread"]
    run(find(compiler), *words, cwd=tmp_path)
    run(program, fault, cwd=tmp_path, expect={"address": 1, "thread": 66}[sanitizer])


def test_bench(installed: Path, tmp_path: Path) -> None:
    program = compiled("g++", ROOT / "bench/hosts/cpp/bench.cpp", installed, tmp_path / "bench")
    check_bench(program, cwd=tmp_path, host="cpp")
