"""Labels before a value: `RULES.md`, "label". Read backwards from it, so that a text without values costs nothing.

It must never look further left than separators, fillers and one label reach.
Tests: tests/unit/test_pii_fallback_parts.py.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from pyplugins.core import data
from pyplugins.pii_filter._escapes import HIDDEN_DIGIT, HIDDEN_LETTER, escape_before
from pyplugins.pii_filter._tables import PLUGIN

MOST_SEPARATORS = 8
MOST_FILLERS = 2

#: What may stand between two words of a label.
_JOINTS = " _-"

MACHINE = "machine"
NOT_BIRTH = "not_birth"


class Label(NamedTuple):
    """What stands before a value."""

    #: A type's name, `MACHINE` or `NOT_BIRTH`.
    says: str
    #: Least number of digits of a value it may introduce.
    min_digits: int


class _Node:
    """A step from the end of a phrase towards its beginning."""

    __slots__ = ("is_filler", "label", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        #: A label begins here.
        self.label: Label | None = None
        #: A filler begins here.
        self.is_filler = False

    def down(self, character: str) -> _Node:
        """The node before `character`, which is made if it is new; an ASCII letter stands for both its cases."""
        node = self.next.get(character)
        if node is None:
            node = self.next[character] = _Node()
            if character.isascii():
                self.next[character.upper()] = self.next[character.lower()] = node
        return node

    def down_joint(self) -> _Node:
        """The node before any character that joins two words."""
        node = self.down(_JOINTS[0])
        self.next.update(dict.fromkeys(_JOINTS, node))
        return node


class Labels:
    """All labels and fillers, as a tree that is walked backwards from the value.

    >>> labels().before("my passport no. is A1", 19)
    Label(says='passport', min_digits=0)
    """

    def __init__(self, table: dict[str, Any]) -> None:
        self.separators = frozenset(table["separators"]).union(_LONG_SEPARATORS)
        self._root = _Node()
        for row in table["labels"]:
            label = Label(row["type"], row["min_digits"])
            for node in self._beginnings(row["labels"]):
                node.label = label
        for node in self._beginnings(table["fillers"]):
            node.is_filler = True
        #: What labels and fillers end in.
        self.endings = frozenset(self._root.next)

    def _beginnings(self, phrases: list[str]) -> Iterator[_Node]:
        """The nodes at which the phrases begin: words are joined by one character or by nothing."""
        for phrase in phrases:
            nodes = [self._root]
            for number, word in enumerate(reversed(phrase.split(" "))):
                if number:
                    nodes += [node.down_joint() for node in nodes]
                for character in reversed(word):
                    nodes = [node.down(character) for node in nodes]
            yield from nodes

    def before(self, text: str, value: int) -> Label | None:
        """The label of the value that begins at index `value`."""
        place = value
        for _ in range(MOST_FILLERS + 1):
            before = place
            place = self._skip_separators(text, before)
            if before == value > place:
                number = _FIELD_NUMBER.match(text[max(place - 3, 0) : place][::-1])
                place -= number.end() if number else 0
            label, filler = self._ending_at(text, place)
            if label is not None:
                return None if place == value and text[place - 1].isascii() else label
            if filler == place:
                return None
            place = filler
        return None

    def _skip_separators(self, text: str, place: int) -> int:
        for _ in range(MOST_SEPARATORS):
            before = text[place - 1 : place]
            if before in _LONG_SEPARATORS:
                place -= _LONG_SEPARATORS[before](text, place)
            elif before in self.separators:
                place -= 1
            else:
                break
        return place

    def _ending_at(self, text: str, end: int) -> tuple[Label | None, int]:
        """The longest label that ends at `end`, and where the longest filler begins."""
        label, filler = None, end
        at, node = end - 1, self._root.next.get(text[end - 1 : end])
        while node is not None:
            if node.label is not None or node.is_filler:
                free = text[at - 1 : at] not in _ALNUM
                if free or end - at > 1 or not text[at].isascii():
                    if node.is_filler:
                        filler = at
                    if free or _is_hump(text, at):
                        label = node.label or label
            node = node.next.get(text[at - 1 : at])
            at -= 1
        return label, filler


_ALNUM = frozenset(string.ascii_letters + string.digits)


def _is_hump(text: str, start: int) -> bool:
    """A capital behind a small letter begins a word of `camelCase`."""
    before, first = text[start - 1], text[start]
    return before in string.ascii_lowercase and first in string.ascii_uppercase


# The digit that numbers a field (`phone1`, `phone_2`), over a text that was turned around.
_FIELD_NUMBER = re.compile("[0-9][_-]?(?=[A-Za-z\x80-\U0010ffff])")

# `</td>` and `<td>`, over a text that was turned around.
_TAG = re.compile(">(?:([A-Za-z0-9]+)|[A-Za-z0-9_.:-]{1,32}/)<")
_LONGEST_TAG = 35


def _tag_before(text: str, end: int) -> int:
    """Length of the tag that ends at `end`, else of the `>` alone: the name of an unknown tag may be the label."""
    tag = _TAG.match(text[max(end - _LONGEST_TAG, 0) : end][::-1])
    known = tag and (tag[1] is None or tag[1][::-1].lower() in _markup())
    return tag.end() if tag and known else 1


@cache
def _markup() -> frozenset[str]:
    return frozenset(data.load(PLUGIN, "labels.json")["markup"])


#: Length of a separator of several characters, by its last one.
_LONG_SEPARATORS = {">": _tag_before, HIDDEN_LETTER: escape_before, HIDDEN_DIGIT: escape_before}


@cache
def labels() -> Labels:
    """The labels of `rules/labels.json`."""
    return Labels(data.load(PLUGIN, "labels.json"))
