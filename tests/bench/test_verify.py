"""Nothing is timed before all agree: a difference stops the run and names values and counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from bench import plugins, processes
from bench.plugin import OWN, Plugin
from bench.plugins.pii_filter import PLUGIN as PII
from bench.plugins.pii_filter import verify
from bench.processes import Process
from bench.verify import Disagreement, same

ALICE: list[Any] = ["email", "alice@example.com", 0, 17]
SSN: list[Any] = ["ssn", "123-45-6789", 20, 31]


def test_the_same_values_in_any_order_and_at_any_offset_agree() -> None:
    verify.compare_values("w", {"cffi": [ALICE, SSN], "cpex": [["ssn", "123-45-6789", 99, 110], ALICE]})


@pytest.mark.parametrize("other", [[ALICE], [ALICE, SSN, SSN], [ALICE, ["phone", *SSN[1:]]]])
def test_another_multiset_stops_the_run(other: list[list[Any]]) -> None:
    with pytest.raises(Disagreement, match=r"w: cffi finds 2 values, cpex \d; .*123-45-6789"):
        verify.compare_values("w", {"cffi": [ALICE, SSN], "cpex": other})


def test_another_output_stops_the_run() -> None:
    one = {"digest": "a", "redactions": 2}
    verify.compare_outputs("w", {"cffi": one, "cpex": dict(one)})
    with pytest.raises(Disagreement, match="redactions: 2 and 1"):
        verify.compare_outputs("w", {"cffi": one, "cpex": {"digest": "b", "redactions": 1}})


def test_any_other_answer_stops_the_run() -> None:
    assert same("w", {"cffi": {"a": [1]}, "python": {"a": [1]}}) == {"a": [1]}
    with pytest.raises(Disagreement, match="w: cffi and python differ: at 7 of 10 and 10 characters"):
        same("w", {"cffi": {"a": [1]}, "python": {"a": [2]}})


def opened(plugin: Plugin, names: Iterable[str]) -> dict[str, Process]:
    """Processes of the subjects that can be had here."""
    found = {name: Process(plugin, name) for name in names}
    for name, process in list(found.items()):
        try:
            process.ask("versions")
        except processes.WorkerFailed:
            found.pop(name).close()
    return found


def verified(plugin: Plugin, subjects: dict[str, Process], most: float) -> dict[str, Any]:
    """What the section's verification answers for inputs up to a size."""
    try:
        return plugin.verify(subjects, plugin, [one for one in plugin.workloads if one.size() <= most])
    finally:
        for process in subjects.values():
            process.close()


SMALL = 128 << 10
every_section = pytest.mark.parametrize("plugin", [*map(plugins.load, plugins.names())], ids=lambda plugin: plugin.name)


@every_section
def test_those_that_need_no_peers_give_the_right_answers_to_every_small_workload(plugin: Plugin) -> None:
    subjects = opened(plugin, [name for name, one in plugin.subjects.items() if one.environment == "here"])
    assert set(subjects) >= {"python"}
    assert verified(plugin, subjects, SMALL)


@every_section
def test_the_peers_do_too(plugin: Plugin) -> None:
    if not processes.peers_folder(plugin).exists():
        pytest.skip("the peers are not installed; make bench-compare installs them")
    peers = [name for name, one in plugin.subjects.items() if one.environment != "here"]
    subjects = opened(plugin, ("python", *peers))
    assert set(subjects) == {"python", *peers}
    assert verified(plugin, subjects, float("inf"))


def test_a_thousand_instances_are_of_all_types() -> None:
    agreed = verified(PII, opened(PII, (*OWN, "finditer")), SMALL)
    assert agreed["Large Text Performance (1000 PII instances)"]["findings"].keys() > {"ssn", "bsn", "passport"}
