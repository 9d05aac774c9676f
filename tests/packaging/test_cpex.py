"""What cpex finds of an installed wheel: a manifest for each plugin, an entry point for each plugin class."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import yaml
from gw_builds import Wheel, run
from gw_tests import ROOT

#: Loads every class by its entry point and runs it in cpex's manager, under the kind that its manifest names.
FINDS = """
import asyncio, importlib.metadata, json
from cpex.framework import Plugin, PluginConfig, TenantPluginManager
from cpex.framework.models import Config
from cpex.framework.utils import find_package_path

classes = {point.name: point.load() for point in importlib.metadata.entry_points(group="cpex.plugins")}
assert all(issubclass(one, Plugin) for one in classes.values())

async def loaded(name, kind):
    config = Config(plugins=[PluginConfig(name=name, kind=kind, hooks=["tool_post_invoke"])])
    manager = TenantPluginManager(config)
    await manager.initialize()
    plugin = manager.get_plugin(name)
    await manager.shutdown()
    return type(plugin).__name__

kinds = {name: f"{one.__module__}.{one.__name__}" for name, one in classes.items()}
print(json.dumps({
    "kinds": kinds,
    "loaded": {name: asyncio.run(loaded(name, kind)) for name, kind in kinds.items()},
    "place": find_package_path("gwplugins").parent.name,
}))
"""


def test_manifests_are_in_the_wheel_as_they_are_in_the_sources(pure_wheel: Wheel) -> None:
    files = sorted(path.relative_to(ROOT) for path in (ROOT / "pyplugins").glob("*/plugin-manifest.yaml"))
    assert sorted(name for name in pure_wheel.names() if name.endswith("plugin-manifest.yaml")) == [
        str(path) for path in files
    ]
    assert files
    for path in files:
        assert pure_wheel.text(str(path)) == (ROOT / path).read_text("utf-8")


def test_cpex_loads_every_class_by_its_entry_point(pure_wheel: Wheel, install: Callable[..., Path]) -> None:
    python = install(pure_wheel.file, "cpex==0.1.4")
    told = json.loads(run(python, "-c", FINDS).splitlines()[-1])
    manifests = [
        yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "pyplugins").glob("*/plugin-manifest.yaml")
    ]
    assert {manifest["kind"] for manifest in manifests} < set(told["kinds"].values())
    assert told["kinds"]["search_replace"] == "pyplugins.regex_filter.search_replace.SearchReplacePlugin"
    assert len(told["kinds"]) == len(manifests) + 1
    assert told["loaded"] == {name: kind.rpartition(".")[2] for name, kind in told["kinds"].items()}
    assert told["place"] == "pyplugins"
