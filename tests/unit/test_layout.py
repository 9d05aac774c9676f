"""What the folders promise: imports point one way, every plugin is complete, only `native` knows of a library file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from gw_tests import ROOT

PACKAGE = ROOT / "pyplugins"
ENGINES = sorted(folder.name for folder in (ROOT / "rustlib/engines").iterdir() if (folder / "Cargo.toml").exists())
#: Engines that are no plugin: nothing of them ships.
TEST_ONLY = {"probe"}
PLUGINS = [name for name in ENGINES if name not in TEST_ONLY]
#: What a plugin consists of, and what depends on its family: guards read texts, limiters count, codecs compress.
PARTS = (
    "rustlib/engines/{0}/Cargo.toml",
    "rustlib/engines/{0}/RULES.md",
    "rustlib/engines/{0}/Makefile",
    "rustlib/engines/{0}/rules/schema.json",
    "rustlib/engines/{0}/src/lib.rs",
    "rustlib/engines/{0}/benches",
    "rustlib/engines/{0}/tests",
    "rustlib/fuzz/fuzz_targets/{0}.rs",
    "pyplugins/{0}/__init__.py",
    "pyplugins/{0}/api.py",
    "pyplugins/{0}/fallback.py",
    "pyplugins/{0}/{0}.py",
    "pyplugins/{0}/README.md",
    "pyplugins/{0}/plugin-manifest.yaml",
    "bench/plugins/{0}/__init__.py",
    "tests/strategies/{0}.py",
    "tests/parity/test_{0}_parity.py",
)
OF_FAMILY = {
    "guard": ("tests/vectors/{0}.jsonl",),
    "limiter": ("tests/vectors/limiter/{0}.jsonl",),
    "codec": ("tests/vectors/codec/{0}.jsonl",),
}
FAMILIES = {"rate_limiter": "limiter", "compression": "codec"}
#: What people write.
WRITTEN = {".py", ".rs", ".md", ".toml", ".json", ".yaml"}
#: What each layer may import of the others. A plugin may import these and its own folder, and `framework` in the
#: module of its own name, which holds the plugin class.
ALLOWED = {
    "errors.py": set(),
    "lazy.py": set(),
    "core": set(),
    "native": {"core"},
    "direct.py": {"core", "native"},
    "framework": {"core"},
    "mcp": {"framework", "core", "lazy"},
    "proxy": {"mcp"},
    "integrations": {"mcp"},
    "cli": None,
}
IN_PLUGINS = {"native", "core", "direct", "lazy"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    """Names of the modules a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    layer = layer_of(path)
    allowed = ALLOWED.get(layer, IN_PLUGINS | {layer} | ({"framework"} if path.stem == layer else set()))
    if allowed is None:
        return
    for name in imports(path):
        head, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        assert head != "pyplugins" or target in {*allowed, layer, "errors", "_build_info"}, f"imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_native_knows_of_a_library_file(path: Path) -> None:
    if layer_of(path) != "native":
        assert not {name.partition(".")[0] for name in imports(path)} & {"cffi", "_cffi_backend", "ctypes"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_no_plugin_is_named_in_native() -> None:
    """Adding a plugin touches its own folders only."""
    for path in (PACKAGE / "native").rglob("*.[pch]*"):
        if path.suffix in (".py", ".c", ".h"):
            code = re.sub(r'""".*?"""|/\*.*?\*/|#[^\n]*', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            assert not [name for name in ENGINES if name in code], path


@pytest.mark.parametrize(
    ("plugin", "part"),
    [(plugin, part) for plugin in PLUGINS for part in (*PARTS, *OF_FAMILY[FAMILIES.get(plugin, "guard")])],
)
def test_a_plugin_is_complete(plugin: str, part: str) -> None:
    place = ROOT / part.format(plugin)
    assert place.exists(), f"{place.relative_to(ROOT)} is missing"
    assert place.is_file() or any(place.iterdir()), f"{place.relative_to(ROOT)} is empty"


@pytest.mark.parametrize("plugin", PLUGINS)
def test_nothing_of_a_plugin_is_left_to_fill_in(plugin: str) -> None:
    """`make new-plugin` marks what is to be written."""
    folders = [ROOT / folder / plugin for folder in ("rustlib/engines", "pyplugins", "bench/plugins")]
    named = [path for folder in ("tests", "rustlib/fuzz/fuzz_targets") for path in (ROOT / folder).rglob(f"*{plugin}*")]
    written = [path for folder in folders for path in folder.rglob("*") if path.suffix in WRITTEN]
    unfinished = [path for path in (*written, *named) if path.is_file() and "FILL IN" in path.read_text("utf-8")]
    assert not unfinished


def test_the_chain_of_the_example_has_every_plugin() -> None:
    chain = (ROOT / "plugins/config.yaml").read_text("utf-8")
    assert [plugin for plugin in PLUGINS if f"kind: pyplugins.{plugin}." not in chain] == []


def test_the_version_is_written_once() -> None:
    """In rustlib/Cargo.toml; everything else reads it."""
    version = re.search(r'^version = "([^"]+)"', (ROOT / "rustlib/Cargo.toml").read_text(), re.MULTILINE)
    assert version is not None
    for name in ("pyproject.toml", "setup.py", "pyplugins/__init__.py"):
        assert f'"{version[1]}"' not in (ROOT / name).read_text(encoding="utf-8"), name


def test_top_level_names() -> None:
    for name in ("rustlib", "include", "pyplugins", "build_ffi.py", "setup.py", "tests", "bench", "tox.ini"):
        assert (ROOT / name).exists(), name
