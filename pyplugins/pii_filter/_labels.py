"""Labels before a value: `RULES.md`, "label". Read backwards from the value, so that a text without values costs nothing.

It must never look further left than separators, fillers and one label reach. Tests: tests/unit/test_pii_fallback_labels.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from pyplugins.core import data
from pyplugins.pii_filter._tables import PLUGIN

MOST_SEPARATORS = 8
MOST_FILLERS = 2

#: What may stand between two words of a label.
_JOINTS = " _-"

# `</td>`, over a text that was turned around.
_TAG = re.compile(">[A-Za-z0-9]{1,8}/?<")
_LONGEST_TAG = 11

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
        self.separators = frozenset(table["separators"])
        self._root = _Node()
        #: What single ASCII letters say, which are words of their own; `None` for a filler.
        self._letters: dict[str, Label | None] = {}
        for row in table["labels"]:
            self._add(row["labels"], Label(row["type"], row["min_digits"]))
        self._add(table["fillers"], None)
        #: What labels and fillers end in.
        self.endings = frozenset(self._root.next).union(self._letters)

    def _add(self, phrases: list[str], label: Label | None) -> None:
        for phrase in phrases:
            if len(phrase) == 1 and phrase.isascii():
                self._letters[phrase.lower()] = self._letters[phrase.upper()] = label
                continue
            for node in self._beginnings(phrase):
                node.label = label or node.label
                node.is_filler |= label is None

    def _beginnings(self, phrase: str) -> list[_Node]:
        """The nodes at which the phrase begins: words are joined by one character or by nothing."""
        nodes = [self._root]
        for number, word in enumerate(reversed(phrase.split(" "))):
            if number:
                nodes += [node.down_joint() for node in nodes]
            for character in reversed(word):
                nodes = [node.down(character) for node in nodes]
        return nodes

    def before(self, text: str, value: int) -> Label | None:
        """The label of the value that begins at index `value`."""
        place = value
        for _ in range(MOST_FILLERS + 1):
            place = self._skip_separators(text, place)
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
            if before not in self.separators:
                return place
            tag = _TAG.match(text[max(place - _LONGEST_TAG, 0) : place][::-1]) if before == ">" else None
            place -= tag.end() if tag else 1
        return place

    def _ending_at(self, text: str, end: int) -> tuple[Label | None, int]:
        """The longest label that ends at `end`, and where the longest filler begins, which may be anywhere."""
        if text[end - 1 : end] in self._letters and not _is_alnum(text[max(end - 2, 0) : end - 1]):
            return self._letters[text[end - 1]], end - 1
        label, filler = None, end
        at, node = end - 1, self._root.next.get(text[end - 1 : end])
        while node is not None:
            if node.label is not None and _is_boundary(text, at):
                label = node.label
            if node.is_filler:
                filler = at
            node = node.next.get(text[at - 1 : at])
            at -= 1
        return label, filler


def _is_boundary(text: str, start: int) -> bool:
    """A label may begin here: nothing alphanumeric before it, or a camel hump (`userPhone`)."""
    before = text[start - 1 : start]
    if not _is_alnum(before):
        return True
    first = text[start]
    return before.islower() and first.isascii() and first.isupper()


def _is_alnum(character: str) -> bool:
    """An ASCII letter or digit; the empty string is none."""
    return character.isascii() and character.isalnum()


@cache
def labels() -> Labels:
    """The labels of `rules/labels.json`."""
    return Labels(data.load(PLUGIN, "labels.json"))
