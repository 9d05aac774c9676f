"""cpex's own catalog reads our manifests, and what it would put into a configuration file runs."""

from __future__ import annotations

import asyncio
import copy
import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml

import pyplugins
from pyplugins import framework

pytest.importorskip("cpex", reason="cpex is not installed: pip install gwplugins[cpex]")
catalog = pytest.importorskip("cpex.tools.catalog", reason="this cpex has no catalog")

from cpex.framework.models import PluginManifest, PluginMode  # noqa: E402

PACKAGE = Path(pyplugins.__file__).parent
NAMES = sorted(file.parent.name for file in PACKAGE.glob("*/plugin-manifest.yaml"))


def read(name: str) -> PluginManifest:
    """A manifest as cpex makes it of the file in a wheel; it opens GitHub when it is made, which nothing here needs."""
    reader = catalog.PluginCatalog.__new__(catalog.PluginCatalog)
    told = reader._load_manifest_file(PACKAGE / name / "plugin-manifest.yaml")
    # 0.1.4 would run the plugin in an environment of its own unless --no-convert is given; 0.1.3 has no such option.
    options = {"convert": False} if "convert" in inspect.signature(reader._normalize_manifest_data).parameters else {}
    made = reader._normalize_manifest_data(told, "gwplugins", None, **options)
    assert isinstance(made, PluginManifest)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_the_catalog_takes_it(name: str) -> None:
    text = yaml.safe_load((PACKAGE / name / "plugin-manifest.yaml").read_text("utf-8"))
    made = read(name)
    assert made.name == "gwplugins"
    assert made.kind == text["kind"]
    assert made.default_config == text["default_configs"]
    assert (made.version, made.available_hooks, made.tags) == (text["version"], text["available_hooks"], text["tags"])


@pytest.mark.parametrize("name", NAMES)
def test_the_entry_that_cpex_writes_of_it_runs(name: str) -> None:
    async def use(entry: Any) -> Any:
        manager = framework.TenantPluginManager(framework.Config(plugins=[entry]))
        await manager.initialize()
        try:
            return manager.get_plugin(entry.name), [hook for hook in entry.hooks if manager.has_hooks_for(hook)]
        finally:
            await manager.shutdown()

    made = read(name)
    entry = made.create_instance_config(made.suggest_instance_name(), PluginMode.SEQUENTIAL)
    before = copy.deepcopy(entry.config)
    plugin, hooks = asyncio.run(use(entry))
    assert type(plugin).kind == name
    assert hooks == made.available_hooks
    assert entry.config == before
