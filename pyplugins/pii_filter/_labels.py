"""Labels before a value: `RULES.md`, "label". Read backwards from the value, so that a text without values costs nothing.

It must never look further left than separators, fillers and one label reach. Tests: tests/unit/test_pii_fallback_labels.py.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from pyplugins.core import data
from pyplugins.pii_filter._tables import PLUGIN, lowered

MOST_SEPARATORS = 8
MOST_FILLERS = 2

#: What may stand between two words of a label.
_JOINTS = (" ", "_", "-", "")

MACHINE = "machine"
NOT_BIRTH = "not_birth"


class Label(NamedTuple):
    """What stands before a value."""

    #: A type's name, `MACHINE` or `NOT_BIRTH`.
    says: str
    #: Least number of digits of a value it may introduce.
    min_digits: int


class Labels:
    """All labels and fillers, found by the characters they end in.

    >>> labels().before("my passport no. is A1", 19)
    Label(says='passport', min_digits=0)
    """

    def __init__(self, table: dict[str, Any]) -> None:
        self.separators = frozenset(table["separators"])
        self._labels: dict[str, Label] = {}
        for row in table["labels"]:
            label = Label(row["type"], row["min_digits"])
            self._labels.update((spelling, label) for phrase in row["labels"] for spelling in _spellings(phrase))
        self._fillers = frozenset(spelling for phrase in table["fillers"] for spelling in _spellings(phrase))
        self._lengths = _lengths_by_ending(itertools.chain(self._labels, self._fillers))
        #: Last characters of labels and fillers, in lower case.
        self.endings = frozenset(ending[-1] for ending in self._lengths)

    def before(self, text: str, value: int) -> Label | None:
        """The label of the value that begins at index `value`."""
        place = value
        for _ in range(MOST_FILLERS + 1):
            place = self._skip_separators(text, place)
            lengths = self._lengths_at(text, place)
            if not lengths:
                return None
            label = self._label_at(text, place, lengths)
            if label is not None:
                return None if place == value and text[place - 1].isascii() else label
            filler = self._filler_at(text, place, lengths)
            if not filler:
                return None
            place -= filler
        return None

    def _skip_separators(self, text: str, place: int) -> int:
        least = max(place - MOST_SEPARATORS, 0)
        while place > least and text[place - 1] in self.separators:
            place -= 1
        return place

    def _lengths_at(self, text: str, place: int) -> tuple[int, ...]:
        """Lengths of what may end at `place`, longest first."""
        pair = lowered(text[place - 2 : place] if place > 1 else text[:place])
        lengths = self._lengths.get(pair, ())
        return lengths if pair.isascii() else lengths + self._lengths.get(pair[-1], ())

    def _label_at(self, text: str, place: int, lengths: tuple[int, ...]) -> Label | None:
        for length in lengths:
            start = place - length
            label = self._labels.get(lowered(text[start:place])) if start >= 0 else None
            if label is not None and _is_boundary(text, start):
                return label
        return None

    def _filler_at(self, text: str, place: int, lengths: tuple[int, ...]) -> int:
        """Length of the filler that ends at `place`, 0 for none. It may begin anywhere."""
        return next((n for n in lengths if n <= place and lowered(text[place - n : place]) in self._fillers), 0)


def _is_boundary(text: str, start: int) -> bool:
    """A label may begin here: nothing alphanumeric before it, or a camel hump (`userPhone`)."""
    if start == 0:
        return True
    before = text[start - 1]
    if not (before.isascii() and before.isalnum()):
        return True
    first = text[start]
    return before.islower() and first.isascii() and first.isupper()


def _spellings(phrase: str) -> Iterator[str]:
    """The phrase with every choice of joints between its words."""
    words = lowered(phrase).split(" ")
    for joints in itertools.product(_JOINTS, repeat=len(words) - 1):
        yield "".join(itertools.chain.from_iterable(zip(words, (*joints, ""), strict=True)))


def _lengths_by_ending(spellings: Iterable[str]) -> dict[str, tuple[int, ...]]:
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for spelling in spellings:
        lengths[spelling[-2:]].add(len(spelling))
    return {ending: tuple(sorted(found, reverse=True)) for ending, found in lengths.items()}


@cache
def labels() -> Labels:
    """The labels of `rules/labels.json`."""
    return Labels(data.load(PLUGIN, "labels.json"))
