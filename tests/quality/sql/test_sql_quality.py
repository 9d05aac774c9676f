"""Holds the bars of docs/quality.md for the injection detector, and what the corpus promises about itself.

For: `make test`. Never: asks a peer. The bars are recall >= 0.97 and false alarms <= 0.5 %, for every implementation
and every collection of templates, and no kind of benign value may be mostly taken for an attack.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from ..grammar import Grammar
from . import engines, measure, wild
from .corpus import APART, ATTACK, BENIGN, COLLECTIONS, FOLDER, rows

RECALL, ALARMS = 0.97, 0.005
#: `hand` is small and hard on purpose: one row is 0.7 % of it.
BARS = {"hand": (0.95, 0.03)}
#: No class may be much worse than the whole: what is good on average hides a hole.
RECALL_OF_A_CLASS, ALARMS_OF_A_CLASS = 0.85, 0.05


def detector(implementation: str) -> engines.Detect:
    """The detector, or a skip with the reason it cannot be had."""
    try:
        return engines.ours(implementation)
    except ImportError as why:
        if implementation == "python" or os.environ.get("GWPLUGINS_REQUIRE_NATIVE") == "1":
            raise
        pytest.skip(f"{implementation} cannot be had: {why}")


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("implementation", ["cffi", "ctypes", "python"])
def test_recall_and_false_alarms(implementation: str, collection: str) -> None:
    found = rows(collection)
    result = measure.score(found, detector(implementation)([row.value for row in found]))
    report = "\n\n".join(measure.table({implementation: result}, label) for label in (ATTACK, BENIGN, APART))
    print(report)
    recall, alarms = BARS.get(collection, (RECALL, ALARMS))
    assert result.recall >= recall, report
    assert result.alarms <= alarms, report
    weak = [
        kind
        for (label, kind), tally in result.classes.items()
        if (label == ATTACK and tally.share < RECALL_OF_A_CLASS)
        or (label == BENIGN and tally.share > ALARMS_OF_A_CLASS)
    ]
    assert not weak, report


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_collection_is_large_labelled_and_without_duplicates(collection: str) -> None:
    found = rows(collection)
    labels = Counter(row.label for row in found)
    attacks, benign = {"fresh": (1_000, 2_500), "hand": (140, 140)}.get(collection, (2_000, 5_000))
    assert labels[ATTACK] >= attacks
    assert labels[BENIGN] >= benign
    assert len({row.value for row in found}) == len({row.id for row in found}) == len(found)
    assert len({(row.label, row.kind) for row in found}) == len({row.kind for row in found})
    left = [row for row in found if "${" in row.value and "}" in row.value and row.kind != "shell"]
    assert not [row for row in left if "⟦" in row.value]
    assert rows.__wrapped__(collection) == found  # the same every time


def test_the_collections_share_no_template_and_few_values() -> None:
    """Held-out figures mean something only when the templates differ."""
    seen: dict[str, str] = {}
    for collection in COLLECTIONS:
        for path in (FOLDER / collection).glob("*.txt"):
            grammar = Grammar()
            grammar.read(path)
            for line in (line for name in grammar.classes for line in grammar.words[name] if len(line) > 12):
                assert seen.setdefault(line, collection) == collection, line
    values = [{row.value for row in rows(name)} for name in COLLECTIONS]
    assert all(len(one & other) < 80 for one, other in combinations(values, 2))


def test_lines_of_files_are_a_sample(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("\n".join(f"line {n}" for n in range(200)), encoding="utf-8")
    (tmp_path / "b.bin").write_text("not read", encoding="utf-8")
    (tmp_path / "c.py").write_bytes(b"\xff\n")
    found = wild.lines([tmp_path], 1_000)
    assert len(found) == wild.PER_FILE
    assert found == wild.lines([tmp_path], 1_000)
    assert len(wild.lines([tmp_path], 10)) == 10
