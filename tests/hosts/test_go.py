"""The Go binding: its own tests against what `make install` put in place, and the module as a user gets it.

Everything runs in copies outside the checkout, and without network: the module has no dependencies.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from gw_hosts import MASKED, PAGE, PERSONAL, ROOT, SAID, check_bench, check_example, code_of, run

BINDING = ROOT / "bindings/go"

#: Says what it thinks of the library that it meets.
PROGRAM = """\
package main

import (
	"errors"
	"fmt"

	"gwplugins"
)

func main() {
	_, err := gwplugins.Kinds()
	_, again := gwplugins.New("pii_filter", nil)
	fmt.Println(err, errors.Is(again, gwplugins.ErrUnsupported))
}
"""


class Go:
    """The go command in a folder, with the installed library in reach."""

    def __init__(self, tool: Callable[[str], str], prefix: Path) -> None:
        self.go = tool("go")
        for needed in ("cc", "pkg-config"):
            tool(needed)
        self.env = {
            "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig",
            "LD_LIBRARY_PATH": f"{prefix}/lib",
            "GWPLUGINS_CHECKOUT": str(ROOT),
            "CGO_ENABLED": "1",
            "GOFLAGS": "",
            "GOPROXY": "off",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        }

    def __call__(self, *words: str | Path, cwd: Path, **more: str) -> str:
        return run(self.go, *words, cwd=cwd, env=self.env | more)


@pytest.fixture(scope="module")
def go(tool: Callable[[str], str], installed: Path) -> Go:
    return Go(tool, installed)


@pytest.fixture(scope="module")
def binding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the binding."""
    return Path(shutil.copytree(BINDING, tmp_path_factory.mktemp("go") / "binding"))


@pytest.fixture
def user(go: Go, binding: Path, tmp_path: Path) -> Callable[[str], Path]:
    """`user(program)` is the folder of a new module with this program, which imports the binding as the README says."""

    def made(program: str) -> Path:
        project = tmp_path / "user"
        project.mkdir()
        (project / "main.go").write_text(program)
        go("mod", "init", "example.com/user", cwd=project)
        go("mod", "edit", f"-replace=gwplugins={binding}", cwd=project)
        go("mod", "tidy", cwd=project)
        assert not (project / "go.sum").exists()
        return project

    return made


def test_the_sources_are_formatted_and_vetted(tool: Callable[[str], str], go: Go, binding: Path) -> None:
    assert run(tool("gofmt"), "-l", ".", cwd=binding) == ""
    go("vet", "./...", cwd=binding)


# The library is no input that go knows of: `-count=1` keeps it from telling what another one did.
def test_the_suite_passes(go: Go, binding: Path) -> None:
    said = go("test", "-count=1", "-v", "./...", cwd=binding)
    assert "--- SKIP" not in said, said
    for kind in ("pii_filter", "regex_filter", "sql_sanitizer", "json_repair", "toon_encoder"):
        assert f"--- PASS: TestVectors/{kind}" in said


@pytest.mark.parametrize("sanitizer", ["-race", "-asan"])
def test_the_suite_passes_under_sanitizers(go: Go, binding: Path, sanitizer: str) -> None:
    assert re.search(r"^ok\s+gwplugins\s", go("test", "-count=1", sanitizer, "./...", cwd=binding), re.MULTILINE)


def test_the_example_masks(go: Go, user: Callable[[str], Path]) -> None:
    project = user((BINDING / "examples/mask/main.go").read_text())
    go("build", "-o", "mask", ".", cwd=project)
    check_example(project / "mask", cwd=project, env=go.env)


def test_a_static_program_needs_no_library(tool: Callable[[str], str], go: Go, user: Callable[[str], Path]) -> None:
    project = user((BINDING / "examples/mask/main.go").read_text())
    go("build", "-tags", "gwplugins_static", "-o", "mask", ".", cwd=project)
    assert "libgwplugins" not in run(tool("readelf"), "-d", project / "mask", cwd=project)
    assert run(project / "mask", cwd=project, stdin=PERSONAL) == MASKED


def test_the_program_of_the_readme(go: Go, user: Callable[[str], Path]) -> None:
    assert go("run", ".", cwd=user(code_of(BINDING / "README.md", "go"))) == f"email 5 21\n{SAID}\n"


def test_the_program_of_the_page(go: Go, user: Callable[[str], Path]) -> None:
    assert go("run", ".", cwd=user(code_of(PAGE, "go"))).startswith(SAID)


def test_a_library_of_another_abi_is_refused(tool: Callable[[str], str], go: Go, user: Callable[[str], Path]) -> None:
    project = user(PROGRAM)
    go("build", "-o", "program", ".", cwd=project)
    assert run(project / "program", cwd=project, env=go.env) == "<nil> false\n"
    names = re.findall(r"^\S.*?\b(gwp_\w+)\(", (ROOT / "include/gwplugins.h").read_text(), re.MULTILINE)
    answers = dict.fromkeys(names, "0") | {"gwp_abi_version": "2u << 16 | 3u"}
    (project / "other").mkdir()
    stubs = "".join(f"unsigned long {name}(void) {{ return {answer}; }}\n" for name, answer in answers.items())
    (project / "other/other.c").write_text(stubs)
    shared = ("-shared", "-fPIC", "-Wl,-soname,libgwplugins.so.1")
    run(tool("cc"), *shared, "-o", "libgwplugins.so.1", "other.c", cwd=project / "other")
    said = run(project / "program", cwd=project, env=go.env | {"LD_LIBRARY_PATH": str(project / "other")})
    reason = "the loaded libgwplugins has ABI 2.3; this program was built for 1.0"
    assert said == f"gwplugins: GWP_E_UNSUPPORTED: {reason} true\n"


def test_the_benchmark_reports(go: Go, binding: Path, installed: Path, tmp_path: Path) -> None:
    go("build", "-o", tmp_path / "measure", "./bench", cwd=binding, CGO_LDFLAGS=f"-Wl,-rpath,{installed}/lib")
    check_bench(tmp_path / "measure", cwd=tmp_path, host="go")


def test_the_module_stands_alone() -> None:
    assert (BINDING / "go.mod").read_text() == "module gwplugins\n\ngo 1.24\n"
    assert (BINDING / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
