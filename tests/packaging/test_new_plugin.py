"""`make new-plugin`: the skeleton is whole, builds, and is red where it must be filled in; nothing is overwritten."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gw_builds import PLACE, attempt, copy_sources, environment, need_cargo
from gw_tests import ROOT

TOOL = ROOT / "tools/new_plugin.py"
#: What `copy_sources` leaves out and the skeleton goes into or needs.
ALSO = ("plugins", "tests/support", "tests/vectors", "tests/strategies", "tests/unit/test_layout.py", "bench")


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """A copy of the checkout with a new plugin in it."""
    folder = copy_sources(PLACE / "new-plugin")
    for name in ALSO:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(
            source, target, ignore=shutil.ignore_patterns("__pycache__", ".peers", "results")
        ) if source.is_dir() else shutil.copy2(source, target)
    said = make(folder, "word_count", "--api", "WordCounter")
    assert said.returncode == 0, said.stderr
    yield folder
    shutil.rmtree(folder)


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return attempt(sys.executable, TOOL, *arguments, "--root", folder)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run_pytest(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = environment(PYTHONPATH=str(checkout), GWPLUGINS_IMPL="python", PARITY_N="100")
    options = (
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=--import-mode=importlib",
        "-o",
        "pythonpath=tests/support",
    )
    return attempt(sys.executable, "-m", "pytest", *options, *arguments, env=env, cwd=checkout)


def test_every_name_is_put_in(checkout: Path) -> None:
    texts = [path for path in checkout.rglob("*word_count*") if path.is_file()]
    texts += [path for folder in checkout.rglob("word_count") for path in folder.rglob("*") if path.is_file()]
    for path in texts:
        text = path.read_text("utf-8")
        assert not any(name in text for name in ("name_of_plugin", "name-of-plugin", "NameOfPlugin")), path
    assert "class WordCounterPlugin(" in (checkout / "pyplugins/word_count/word_count.py").read_text("utf-8")


def test_the_layout_is_complete_and_what_is_to_write_is_red(checkout: Path) -> None:
    said = run_pytest(checkout, "tests/unit/test_layout.py", "-k", "word_count")
    assert "FILL IN" in said.stdout
    assert "is missing" not in said.stdout, said.stdout
    assert said.returncode == 1


def test_its_python_tests_run_and_are_red(checkout: Path) -> None:
    said = run_pytest(checkout, "tests/unit/test_word_count.py", "tests/parity/test_word_count_parity.py")
    failed = {line.split()[1].partition("::")[2] for line in said.stdout.splitlines() if line.startswith("FAILED")}
    assert failed == {"test_examples", "test_what_is_found_is_replaced"}, said.stdout + said.stderr
    assert "error" not in said.stdout.splitlines()[-1]


def test_its_rust_builds_and_its_vectors_are_red(checkout: Path) -> None:
    need_cargo()
    command = ("cargo", "test", "--locked", "-p", "gwplugins-word-count", "--test", "vectors")
    said = attempt(*command, env=environment(), cwd=checkout / "rustlib")
    assert "every_row ... FAILED" in said.stdout, said.stdout + said.stderr


def test_its_bench_section_measures_what_is_there(checkout: Path) -> None:
    code = "from bench import plugins; p = plugins.load('word_count'); print(p.workload(p.workloads[0].name).size())"
    said = attempt(sys.executable, "-c", code, cwd=checkout)
    assert said.stdout == "65536\n", said.stderr


def test_nothing_is_overwritten(checkout: Path) -> None:
    before = files(checkout / "pyplugins") | files(checkout / "rustlib")
    said = make(checkout, "word_count")
    assert said.returncode == 2
    assert "is there already" in said.stderr
    assert files(checkout / "pyplugins") | files(checkout / "rustlib") == before


@pytest.mark.parametrize("name", ["Word", "word-count", "word__count", "2words", "../x", ""])
def test_a_bad_name_is_refused(checkout: Path, name: str) -> None:
    said = make(checkout, name)
    assert said.returncode == 2
    assert "lower-case words joined by _" in said.stderr
