"""The manifest in each plugin's folder says what the plugin is: class, hooks, defaults, version.

That cpex takes it is tested in tests/cpex, that it is in the wheel in tests/packaging.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from gw_tests import ROOT

from pyplugins.core import data
from pyplugins.framework import PluginConfig

MANIFESTS = sorted((ROOT / "pyplugins").glob("*/plugin-manifest.yaml"))
#: What cpex needs, except the name, and the tags by which a catalog is searched.
KEYS = {"description", "author", "version", "kind", "tags", "available_hooks", "default_configs"}


@pytest.fixture(params=MANIFESTS, ids=lambda path: path.parent.name)
def path(request: pytest.FixtureRequest) -> Path:
    file: Path = request.param
    return file


@pytest.fixture
def manifest(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return told


def class_of(manifest: dict[str, Any]) -> Any:
    module, _, name = manifest["kind"].rpartition(".")
    return getattr(importlib.import_module(module), name)


def test_every_plugin_has_one() -> None:
    """test_layout.py lists the plugins; here it is enough that none of these tests ran over nothing."""
    assert [file.parent.name for file in MANIFESTS] == [
        file.parent.name for file in sorted((ROOT / "pyplugins").glob("*/fallback.py"))
    ]


def test_the_keys(manifest: dict[str, Any]) -> None:
    assert set(manifest) == KEYS
    assert all(isinstance(manifest[key], str) and manifest[key] for key in ("description", "author", "version", "kind"))


def test_the_class_is_that_of_the_folder(path: Path, manifest: dict[str, Any]) -> None:
    assert class_of(manifest).kind == path.parent.name


def test_the_hooks_are_the_classes_own(manifest: dict[str, Any]) -> None:
    hooks = manifest["available_hooks"]
    assert hooks
    assert len(set(hooks)) == len(hooks)
    assert [hook for hook in hooks if not callable(getattr(class_of(manifest), hook, None))] == []


def test_the_defaults_are_those_of_the_schema(path: Path, manifest: dict[str, Any]) -> None:
    properties = data.load(path.parent.name, "schema.json")["properties"]
    assert manifest["default_configs"] == {
        key: rule["default"] for key, rule in properties.items() if "default" in rule
    }


def test_the_plugin_takes_its_defaults(manifest: dict[str, Any]) -> None:
    config = {**manifest["default_configs"], "strict_config": True}
    plugin = class_of(manifest)(PluginConfig(name="p", kind=manifest["kind"], config=config))
    assert plugin.implementation in ("rust", "python")


def test_the_version_is_that_of_the_package(manifest: dict[str, Any]) -> None:
    """Catalogs read manifests from sources, so it stands in each file."""
    found = re.search(r'^version = "([^"]+)"', (ROOT / "rustlib/Cargo.toml").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    assert manifest["version"] == found[1]
