"""Makes the labelled values: attacks, benign values, and those measured apart, from templates and a seed.

For: `test_sql_quality.py` and `python -m tests.quality.sql`. Never: looks at a detector. Tests: `test_sql_quality.py`.
The collections have their own templates and word lists; what is tuned on `tuning` is measured on `heldout`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

from ..grammar import Grammar
from . import dress

COLLECTIONS = ("tuning",)
FOLDER = Path(__file__).parent / "templates"
ATTACK, BENIGN, APART = "attack", "benign", "apart"
#: Share of the plain attacks whose keywords change case.
DRESSED = 0.4
#: Classes whose rows are encoded for the classes of `dress.ENCODED`.
SOURCES = ("tautology.numeric", "tautology.single", "tautology.double", "stacked", "union", "time", "blind")


class Row(NamedTuple):
    """One value of the corpus."""

    id: str
    kind: str
    value: str
    label: str


def _grammar(collection: str, *names: str) -> Grammar:
    grammar = Grammar()
    for name in names:
        grammar.read(FOLDER / collection / f"{name}.txt")
    return grammar


def _fresh(values: Iterator[str], seen: set[str], count: int, kind: str) -> list[str]:
    """The next `count` values that nobody had; fewer is an error of the templates."""
    found: list[str] = []
    for value in islice(values, count * 40):
        if len(found) == count:
            break
        if value not in seen:
            seen.add(value)
            found.append(value)
    if len(found) < count:
        raise ValueError(f"{kind}: the templates give {len(found)} values, not {count}")
    return found


def _attacks(collection: str, grammar: Grammar, rng: Random) -> Iterator[tuple[str, Iterator[str], int]]:
    def cased(value: str) -> str:
        return rng.choice(dress.CASES[collection])(rng, value) if rng.random() < DRESSED else value

    for name, count in grammar.classes.items():
        yield name, (cased(value) for _, value in grammar.rows(rng, name)), count

    def dressed(how: dress.Dress) -> Iterator[str]:
        while True:
            source = rng.choice(SOURCES)
            plain = grammar.expand(rng, rng.choice(grammar.words[source]))
            value = how(rng, plain)
            if value != plain:
                yield value

    for name, count, how in dress.ENCODED[collection]:
        yield name, dressed(how), count


@cache
def rows(collection: str) -> tuple[Row, ...]:
    """The whole collection, always the same; no value occurs twice."""
    rng = Random(f"sql:{collection}:1")
    made: list[Row] = []
    seen: set[str] = set()

    def add(label: str, kind: str, values: Iterator[str], count: int) -> None:
        for value in _fresh(values, seen, count, kind):
            made.append(Row(f"{collection}-{len(made):05}", kind, value, label))

    for kind, values, count in _attacks(collection, _grammar(collection, "attacks"), rng):
        add(ATTACK, kind, values, count)
    for label, names in ((BENIGN, ("words", "benign_text", "benign_code")), (APART, ("words", "apart"))):
        grammar = _grammar(collection, *names)
        for kind, count in grammar.classes.items():
            add(label, kind, (value for _, value in grammar.rows(rng, kind)), count)
    return tuple(made)
