"""Checks the answers before anything is timed: who answers something else is not compared.

Sections whose subjects must give the same answer use `same`; others have a check of their own that raises
`Disagreement`. Tests: tests/bench/test_verify.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from bench.plugin import Plugin, Workload
from bench.processes import Process

#: Characters of an answer that a message quotes, before and after the first difference. Corpora are nobody's data.
QUOTED = 30


class Disagreement(Exception):
    """The message says who differs on which workload, and how."""


def answers(processes: Mapping[str, Process], plugin: Plugin, workload: Workload) -> dict[str, Any]:
    """What each of the subjects that take part makes of a workload."""
    return {
        name: processes[name].ask("answer", workload=workload.name)
        for name in plugin.takers(workload)
        if name in processes
    }


def same(workload: str, found: Mapping[str, Any]) -> Any:
    """The answer that all gave.

    Raises:
        Disagreement: the first of them and another one differ.
    """
    reference, expected = next(iter(found.items()))
    for name, one in found.items():
        if one != expected:
            raise Disagreement(f"{workload}: {reference} and {name} differ: {difference(expected, one)}")
    return expected


def difference(expected: Any, one: Any) -> str:
    """The first place at which two answers differ, as JSON."""
    texts = [json.dumps(answer, ensure_ascii=False, sort_keys=True) for answer in (expected, one)]
    at = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False)))
    shown = [repr(text[max(0, at - QUOTED) : at + QUOTED]) for text in texts]
    return f"at {at} of {len(texts[0])} and {len(texts[1])} characters, {shown[0]} and {shown[1]}"
