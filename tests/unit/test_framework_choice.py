"""Which framework is used, and what importing it costs."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pyplugins.framework as framework
from pyplugins.framework._names import NAMES

PACKAGES = Path(framework.__file__).resolve().parents[2]  # of the package under test, installed or not
CPEX = getattr(importlib.util.find_spec("cpex"), "origin", None) is not None


def run(code: str, wanted: str | None = None, path: str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "GWPLUGINS_FRAMEWORK"}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (path, str(PACKAGES))))
    if wanted is not None:
        env["GWPLUGINS_FRAMEWORK"] = wanted
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_exists_in_the_embedded_framework(name: str) -> None:
    module, _ = NAMES[name]
    assert hasattr(importlib.import_module(f"pyplugins.framework.embedded.{module}"), name)


def test_public_names_are_listed_and_others_refused() -> None:
    assert set(NAMES) <= set(dir(framework))
    with pytest.raises(AttributeError, match="no attribute 'Plugins'"):
        _ = framework.Plugins  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [("embedded", "embedded"), ("", "cpex" if CPEX else "embedded"), (None, "cpex" if CPEX else "embedded")],
)
def test_the_environment_decides(wanted: str | None, answer: str) -> None:
    done = run("import pyplugins.framework as f; print(f.FRAMEWORK, f.Plugin.__module__)", wanted)
    chosen, module = done.stdout.split()
    assert chosen == answer
    assert module == {"embedded": "pyplugins.framework.embedded.base", "cpex": "cpex.framework.base"}[answer]


def test_an_unknown_framework_is_an_error() -> None:
    done = run("import pyplugins.framework", "cpx")
    assert done.returncode == 1
    assert "ImportError: GWPLUGINS_FRAMEWORK='cpx': must be embedded or cpex" in done.stderr


@pytest.mark.skipif(CPEX, reason="shows what happens without cpex, which is installed here")
def test_a_folder_of_that_name_is_no_installation(tmp_path: Path) -> None:
    (tmp_path / "cpex").mkdir()
    done = run("import pyplugins.framework as f; print(f.FRAMEWORK)", path=str(tmp_path))
    assert done.stdout == "embedded\n", done.stderr


@pytest.mark.skipif(CPEX, reason="shows what happens without cpex, which is installed here")
def test_cpex_can_be_demanded() -> None:
    done = run("import pyplugins.framework", "cpex")
    assert "cpex is not installed: pip install gwplugins[cpex]" in done.stderr


def test_a_broken_cpex_is_an_error_and_not_a_fallback(tmp_path: Path) -> None:
    broken = tmp_path / "cpex" / "framework"
    broken.mkdir(parents=True)
    (tmp_path / "cpex" / "__init__.py").touch()
    (broken / "__init__.py").write_text("import a_module_that_is_not_there", encoding="utf-8")
    done = run("from pyplugins.framework import Plugin", path=str(tmp_path))
    assert done.returncode == 1
    assert "cpex is installed but does not load: No module named 'a_module_that_is_not_there'" in done.stderr
    assert "GWPLUGINS_FRAMEWORK=embedded" in done.stderr


def test_extensions_are_importable_where_cpex_has_them() -> None:
    extensions = importlib.import_module("pyplugins.framework.extensions")
    assert extensions.RequestExtension is framework.RequestExtension


def test_a_plugin_class_does_not_pay_for_the_manager() -> None:
    code = """
import json, sys, time
before = time.perf_counter()
import pyplugins.framework
elapsed = time.perf_counter() - before
from pyplugins.framework import Extensions, Plugin, PluginConfig, ToolPreInvokeResult
loaded = [name for name in ("asyncio", "yaml", "pydantic") if name in sys.modules]
print(json.dumps([elapsed, loaded]))
"""
    runs = [json.loads(run(code, "embedded").stdout) for _ in range(5)]
    assert runs[0][1] == []
    assert min(elapsed for elapsed, _ in runs) < 0.030


def test_the_engine_does_not_load_the_framework() -> None:
    code = """
import sys
from pyplugins.pii_filter.api import PIIDetector
PIIDetector({})
print([name for name in sys.modules if name.startswith(("pyplugins.framework", "cpex", "yaml", "asyncio"))])
"""
    done = run(code)
    assert done.stdout.strip() == "[]", done.stderr
