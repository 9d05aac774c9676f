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

COLLECTIONS = ("tuning", "heldout", "fresh", "hand")
FOLDER = Path(__file__).parent / "templates"
ATTACK, BENIGN, APART = "attack", "benign", "apart"
#: Share of the plain attacks whose keywords change case.
DRESSED = 0.4
#: Classes whose rows are encoded for the classes of `dress.ENCODED`.
SOURCES = {
    **dict.fromkeys(
        ("tuning", "heldout"),
        ("tautology.numeric", "tautology.single", "tautology.double", "stacked", "union", "time", "blind"),
    ),
    "fresh": ("tautology", "stacked", "union", "time_error", "blind", "places"),
}


class Row(NamedTuple):
    """One value of the corpus."""

    id: str
    kind: str
    value: str
    label: str
    #: Section and number of the template it was made from.
    template: str


def _grammar(collection: str, *names: str) -> Grammar:
    grammar = Grammar()
    for name in names:
        grammar.read(FOLDER / collection / f"{name}.txt")
    return grammar


Made = tuple[str, str]
"""A template, and a value made from it."""


def _fresh(values: Iterator[Made], seen: set[str], count: int, kind: str) -> list[Made]:
    """The next `count` values that nobody had; fewer is an error of the templates."""
    found: list[Made] = []
    for template, value in islice(values, count * 40):
        if len(found) == count:
            break
        if value not in seen:
            seen.add(value)
            found.append((template, value))
    if len(found) < count:
        raise ValueError(f"{kind}: the templates give {len(found)} values, not {count}")
    return found


def _plain(grammar: Grammar, rng: Random, name: str) -> Iterator[Made]:
    return ((f"{name}/{number}", value) for number, value in grammar.rows(rng, name))


def _attacks(collection: str, grammar: Grammar, rng: Random) -> Iterator[tuple[str, Iterator[Made], int]]:
    def cased(value: str) -> str:
        return rng.choice(dress.CASES[collection])(rng, value) if rng.random() < DRESSED else value

    for name, count in grammar.classes.items():
        yield name, ((at, cased(value)) for at, value in _plain(grammar, rng, name)), count

    def dressed(how: dress.Dress) -> Iterator[Made]:
        while True:
            source = rng.choice(SOURCES[collection])
            number = rng.randrange(len(grammar.words[source]))
            plain = grammar.expand(rng, grammar.words[source][number])
            value = how(rng, plain)
            if value != plain:
                yield f"{source}/{number}", value

    for name, count, how in dress.ENCODED[collection]:
        yield name, dressed(how), count


@cache
def rows(collection: str) -> tuple[Row, ...]:
    """The whole collection, always the same; no value occurs twice."""
    rng = Random(f"sql:{collection}:1")
    made: list[Row] = []
    seen: set[str] = set()

    def add(label: str, kind: str, values: Iterator[Made], count: int) -> None:
        for template, value in _fresh(values, seen, count, kind):
            made.append(Row(f"{collection}-{len(made):05}", kind, value, label, template))

    for kind, values, count in _attacks(collection, _grammar(collection, "attacks"), rng):
        add(ATTACK, kind, values, count)
    for label, names in ((BENIGN, ("words", "benign_text", "benign_code")), (APART, ("words", "apart"))):
        grammar = _grammar(collection, *names)
        for kind, count in grammar.classes.items():
            add(label, kind, _plain(grammar, rng, kind), count)
    return tuple(made)
