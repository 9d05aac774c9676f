"""Makes the pairs of broken text and value, from bases, mutators and a seed.

For: `test_json_quality.py` and `python -m tests.quality.json`. Never: looks at a repairer.
Tests: `test_json_quality.py`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ..grammar import Grammar
from . import compound, mutators, mutators_text
from .making import REGISTERED, SAME, UNDEFINED, Case, Maker

COLLECTIONS = ("tuning", "heldout", "fresh")
FOLDER = Path(__file__).parent / "bases"
PER_CLASS = 40
#: Pairs written by hand, of the collection `fresh`.
HAND = Path(__file__).with_name("hand.jsonl")
#: Numbers of mistakes in one document of the collection `fresh`, and how many documents of each.
COMPOUND, PER_COMPOUND = (2, 3, 5, 8), 60
#: Both modules register what they make.
MUTATORS = (mutators, mutators_text)


class Pair(NamedTuple):
    """A text and the value it stands for, by dialect; a dialect that is not there is not asked."""

    id: str
    kind: str
    text: str
    expected: dict[str, Any]


def grammar(collection: str) -> Grammar:
    """Bases and words of a collection."""
    made = Grammar()
    made.read(FOLDER / f"{collection}.txt")
    return made


def _expected(case: Case) -> dict[str, Any]:
    js = case.python if case.js is SAME else case.js
    return {name: value for name, value in (("python", case.python), ("js", js)) if value is not UNDEFINED}


def is_valid(text: str) -> bool:
    """Whether a text is JSON already, without Python's additions to it."""
    try:
        json.loads(text, parse_constant=lambda name: 1 / 0)
    except (ValueError, ZeroDivisionError):
        return False
    return True


@cache
def pairs(collection: str) -> tuple[Pair, ...]:
    """The whole collection, always the same; no text occurs twice, and only the class `valid` is valid."""
    return _fresh() if collection == "fresh" else _mutated(collection)


def _fresh() -> tuple[Pair, ...]:
    """What was written by hand, and documents with several mistakes each."""
    made: list[Pair] = []
    for line in HAND.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        expected = {name: row.get(name, row.get("value")) for name in ("python", "js")}
        made.append(Pair(f"fresh-{len(made):04}", row["kind"], row["text"], expected))
    words = grammar("fresh")
    rng = Random("json:fresh:1")
    bases, maker = words.rows(rng, "base"), Maker(rng, words, heldout=True)
    for count in COMPOUND:
        kept = 0
        while kept < PER_COMPOUND:
            case = compound.compound(maker, [json.loads(next(bases)[1]) for _ in range(rng.randint(2, 6))], count)
            if case is not None and not is_valid(case.text):
                made.append(Pair(f"fresh-{len(made):04}", f"compound.{count}", case.text, _expected(case)))
                kept += 1
    return tuple(made)


def _mutated(collection: str) -> tuple[Pair, ...]:
    rng = Random(f"json:{collection}:1")
    words = grammar(collection)
    maker = Maker(rng, words, collection == "heldout")
    bases = words.rows(rng, "base")
    made: list[Pair] = []
    seen: set[str] = set()
    for kind, mutants in REGISTERED.items():
        count, tries = 0, 0
        while count < PER_CLASS:
            tries += 1
            if tries > PER_CLASS * 40:
                raise ValueError(f"{kind}: only {count} pairs")
            case = mutants[tries % len(mutants)](maker, json.loads(next(bases)[1]))
            if case is None or case.text in seen or is_valid(case.text) != (kind == "valid"):
                continue
            seen.add(case.text)
            made.append(Pair(f"{collection}-{len(made):04}", kind, case.text, _expected(case)))
            count += 1
    return tuple(made)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1, 1.0 and true are three values, order of members does not count."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
