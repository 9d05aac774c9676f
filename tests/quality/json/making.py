"""What a mutator gets and gives.

For: the mutators. Never: knows a kind of mistake. Tests: `test_json_quality.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from ..grammar import Grammar
from . import tokens
from .tokens import Style, Token


class _Mark:
    """A value of its own."""


SAME = _Mark()
"""The value is the same in both dialects."""
UNDEFINED = _Mark()
"""The dialect has no such case: it is not measured."""


class Case(NamedTuple):
    """A broken text and the value it stands for, in each dialect."""

    text: str
    python: Any
    js: Any = SAME


@dataclass
class Maker:
    """Chance and words of one collection."""

    rng: Random
    grammar: Grammar
    #: The held-out collection makes some mistakes in other places than the tuning collection does.
    heldout: bool

    def say(self, name: str) -> str:
        """An entry of a word list."""
        return self.grammar.expand(self.rng, self.rng.choice(self.grammar.words[name]))

    def tokens(self, value: Any, styles: tuple[Style, ...] = tokens.STYLES) -> list[Token]:
        """The tokens of `value` in one of the styles."""
        return tokens.tokens(value, self.rng.choice(styles))

    def some(self, found: list[int], most: int = 3) -> list[int]:
        """One to `most` of `found`."""
        return tokens.some(self.rng, found, most)


Mutator = Callable[[Maker, Any], Case | None]
REGISTERED: dict[str, list[Mutator]] = {}


def mistake(name: str) -> Callable[[Mutator], Mutator]:
    """Registers a mutator under a class; a class may have several, used in turn."""

    def add(mutator: Mutator) -> Mutator:
        REGISTERED.setdefault(name, []).append(mutator)
        return mutator

    return add


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONSTANTS = frozenset({"true", "false", "null", "none", "nan", "undefined", "infinity", "inf"})


def is_word(value: Any) -> bool:
    """Whether a string can stand without quotes and mean only itself."""
    return isinstance(value, str) and bool(_PLAIN.fullmatch(value)) and value.lower() not in _CONSTANTS


def is_words(value: Any) -> bool:
    """Whether a string is words and single spaces only."""
    return isinstance(value, str) and all(is_word(word) for word in value.split(" "))


def strings(made: list[Token], test: Callable[[Any], bool], *kinds: str) -> list[int]:
    """Indices of strings (`str`, `key`) whose value passes the test."""
    return [at for at in tokens.places(made, *kinds) if test(made[at].value)]
