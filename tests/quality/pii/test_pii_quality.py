"""Precision >= 0.98 and recall >= 0.97, per type and in all, on 20,000 lines and more.

For: the promise of docs/quality.md, for every implementation. Never: counts a span as found that is a character
too long or too short.
"""

from __future__ import annotations

import os
from functools import cache

import pytest

from . import finders, measure
from .generator import SEEDS, lines
from .model import Line

PRECISION, RECALL = 0.98, 0.97
COUNTS = {"cffi": 24_000, "ctypes": 24_000, "python": 20_000}
"""Lines for each implementation; fewer for pure Python, which is slower."""


@cache
def corpus(collection: str) -> list[Line]:
    """The lines all implementations are measured on."""
    return list(lines(collection, SEEDS[collection], max(COUNTS.values())))


def finder(implementation: str) -> measure.Finder:
    """The detector, or a skip with the reason it cannot be had."""
    try:
        return finders.ours(implementation)
    except ImportError as why:
        if implementation == "python" or os.environ.get("GWPLUGINS_REQUIRE_NATIVE") == "1":
            raise
        pytest.skip(f"{implementation} cannot be had: {why}")


@pytest.mark.parametrize("collection", SEEDS)
@pytest.mark.parametrize("implementation", finders.IMPLEMENTATIONS)
def test_precision_and_recall(implementation: str, collection: str) -> None:
    result = measure.score(corpus(collection)[: COUNTS[implementation]], finder(implementation))
    print(f"\n{implementation}, {collection}\n{measure.table(result)}\n{measure.decoy_table(result)}")
    assert result.lines >= 20_000
    tallies = {**result.types, "all": result.total}
    low = [name for name, t in tallies.items() if t.precision < PRECISION or t.recall < RECALL]
    assert not low, f"{implementation}, {collection}: below {PRECISION} / {RECALL}: {low}\n{measure.table(result)}"


def test_no_decoy_kind_is_mostly_taken_for_personal_data() -> None:
    """Precision over everything hides a kind that always fails; none may fail more than once in twenty."""
    implementation = "python"
    result = measure.score(corpus("tuning")[: COUNTS[implementation]], finder(implementation))
    bad = {
        kind: (result.alarms_on[kind], count)
        for kind, count in result.decoys.items()
        if result.alarms_on[kind] > max(1, count / 20)
    }
    assert not bad, bad
