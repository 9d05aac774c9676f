"""Our repair, the libraries of PyPI, and jsonrepair in Node: text in, JSON text out.

Tests: tests/bench/test_verify.py.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

from bench.plugin import Opened, Subject, own, versions


def _opened(repair: Callable[[str], str], loads: Callable[[str], Any] | None, **more: Any) -> Opened:
    operations: dict[str, Callable[[Any], Any]] = {
        "repair": repair,
        "many": lambda texts: [repair(text) for text in texts],
    }
    if loads:
        operations["loads"] = loads
    return Opened(operations | more.pop("operations", {}), **more)


def _own(implementation: str) -> Opened:
    repair_class = importlib.import_module("pyplugins.json_repair").JSONRepair
    guard = repair_class({}, implementation)
    extra = {
        "process_many": guard.process_many,
        "nested": guard.process_nested,
        "new": lambda _: repair_class({}, implementation),
    }
    return _opened(guard.process, None, operations=extra, read={"nested": lambda answer: answer[1]})


def _library(module: str, package: str) -> Opened:
    library = importlib.import_module(module)
    return _opened(library.repair_json, library.loads, versions=versions(package))


SUBJECTS = {
    **own(_own, "pyplugins.json_repair.JSONRepair"),
    "json_repair": Subject(
        "json_repair",
        partial(_library, "json_repair", "json_repair"),
        "peers",
        colour="#c2410c",
        program="from json_repair import repair_json as d; d('{')",
    ),
    "repairjson": Subject(
        "repairjson",
        partial(_library, "repairjson", "repairjson"),
        "peers",
        colour="#6d28d9",
        program="from repairjson import repair_json as d; d('{')",
    ),
    "fast_json_repair": Subject(
        "fast_json_repair",
        partial(_library, "fast_json_repair", "fast_json_repair"),
        "peers",
        colour="#0f766e",
        program="from fast_json_repair import repair_json as d; d('{')",
    ),
    "jsonrepair": Subject("jsonrepair (Node)", "peers.mjs", "node", colour="#a21caf"),
}
