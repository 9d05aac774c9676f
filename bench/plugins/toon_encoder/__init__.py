"""The section of toon_encoder: our engine beside FILL IN: its peers. docs/benchmarks.md explains the parts."""

from __future__ import annotations

import importlib
import random
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bench import texts, verify
from bench.plugin import Opened, Plugin, Workload, own
from bench.promises import own_python

if TYPE_CHECKING:
    from bench.processes import Process


def _own(implementation: str) -> Opened:
    engine = importlib.import_module("pyplugins.toon_encoder").ToonEncoder({}, implementation)
    return Opened({"process": engine.process})


def _check_all(
    processes: Mapping[str, Process], plugin: Plugin, workloads: Iterable[Workload]
) -> dict[str, dict[str, Any]]:
    """All subjects give the same text."""
    found = {}
    for one in workloads:
        text = verify.same(one.name, verify.answers(processes, plugin, one))
        found[one.name] = {"findings": {"characters": len(text)}}
    return found


def _prose() -> str:
    return texts.filled(texts.prose(random.Random(1)), 64 * texts.KIB)


PLUGIN = Plugin(
    name="toon_encoder",
    subjects=own(_own, "pyplugins.toon_encoder.ToonEncoder"),
    # FILL IN: what its users do with it; then its peers, and a promise against each.
    workloads=(Workload("process, prose, 64 KiB", "process", _prose),),
    verify=_check_all,
    verified="all gave the same text",
    promises=own_python(2, 4),
)
