"""Every section: complete, consistent with itself, with inputs that are the same each time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bench import plugins
from bench.plugin import OWN, Plugin
from bench.processes import ROOT
from bench.promises import Above, Against, Everywhere, Figure, Speed, Within

SECTIONS = [plugins.load(name) for name in plugins.names()]
every_section = pytest.mark.parametrize("plugin", SECTIONS, ids=lambda plugin: plugin.name)


def test_every_plugin_has_a_section() -> None:
    assert {path.parent.name for path in ROOT.glob("pyplugins/*/fallback.py")} <= set(plugins.names())


@every_section
def test_workloads_have_one_name_each_and_known_subjects(plugin: Plugin) -> None:
    assert len({one.name for one in plugin.workloads}) == len(plugin.workloads)
    assert {name for one in plugin.workloads for name in plugin.takers(one)} == set(plugin.subjects)
    assert tuple(plugin.subjects)[: len(OWN)] == OWN
    assert set(plugin.charted) <= set(plugin.subjects)


@every_section
def test_promises_are_of_known_workloads_and_subjects(plugin: Plugin) -> None:
    for promise in plugin.promises:
        if isinstance(promise, Against | Everywhere | Figure | Speed | Within):
            assert {promise.mine, getattr(promise, "theirs", promise.mine)} <= set(plugin.subjects)
        if isinstance(promise, Against | Speed | Within):
            for name in promise.workloads:
                assert {promise.mine, getattr(promise, "theirs", promise.mine)} <= {
                    *plugin.takers(plugin.workload(name))
                }
        if isinstance(promise, Above):
            assert {promise.mine, *promise.theirs} <= set(plugin.subjects)
    if plugin.concurrency:
        assert set(plugin.concurrency.subjects) <= set(plugin.subjects)
        assert plugin.workload(plugin.concurrency.threads)
        assert plugin.workload(plugin.concurrency.spin)


@every_section
def test_inputs_are_json_and_the_same_each_time(plugin: Plugin) -> None:
    for workload in plugin.workloads:
        first = json.dumps(workload.source())
        assert json.dumps(workload.source()) == first
        assert workload.size() or workload.source() is None


@every_section
def test_fresh_texts_are_not_ascii(plugin: Plugin) -> None:
    for workload in plugin.workloads:
        assert not workload.fresh or not workload.source().isascii()


@every_section
def test_peers_can_be_installed_and_their_modules_are_there(plugin: Plugin) -> None:
    environments = {subject.environment for subject in plugin.subjects.values()}
    assert ("peers" in environments) == bool(plugin.requirements)
    assert ("node" in environments) == bool(plugin.npm)
    assert all("==" in one for one in plugin.requirements)
    for subject in plugin.subjects.values():
        if isinstance(subject.open, str):
            assert (plugins.FOLDER / plugin.name / subject.open).is_file()
            assert subject.environment == "node"


@every_section
def test_a_section_needs_nothing_but_the_standard_library(plugin: Plugin) -> None:
    """The peers' environments have neither pyperf nor pyplugins."""
    program = f"import bench.plugins.{plugin.name}, sys; print(*sys.modules)"
    command = [sys.executable, "-S", "-c", program]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {"pyperf", "pyplugins"} & set(loaded)
