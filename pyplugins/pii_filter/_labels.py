"""Labels before a value: `RULES.md`, "label". Read backwards from the value, so that a text without values costs nothing.

It must never look further left than separators, fillers and one label reach. Tests: tests/unit/test_pii_fallback_labels.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from pyplugins.core import data
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
        self.separators = frozenset(table["separators"])
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
        separators, place = self.separators, value
        for _ in range(MOST_FILLERS + 1):
            least = place - MOST_SEPARATORS if place > MOST_SEPARATORS else 0
            while place > least and text[place - 1] in separators:
                place -= 1
            label, filler = self._ending_at(text, place)
            if label is not None:
                return None if place == value and text[place - 1].isascii() else label
            if filler == place:
                return None
            place = filler
        return None

    def _ending_at(self, text: str, end: int) -> tuple[Label | None, int]:
        """The longest label that ends at `end`, and where the longest filler begins, which may be anywhere."""
        label, filler = None, end
        node, at = self._root, end
        while at > 0:
            following = node.next.get(text[at - 1])
            if following is None:
                break
            node = following
            at -= 1
            if node.label is not None and _is_boundary(text, at):
                label = node.label
            if node.is_filler:
                filler = at
        return label, filler


def _is_boundary(text: str, start: int) -> bool:
    """A label may begin here: nothing alphanumeric before it, or a camel hump (`userPhone`)."""
    if start == 0:
        return True
    before = text[start - 1]
    if not (before.isascii() and before.isalnum()):
        return True
    first = text[start]
    return before.islower() and first.isascii() and first.isupper()


@cache
def labels() -> Labels:
    """The labels of `rules/labels.json`."""
    return Labels(data.load(PLUGIN, "labels.json"))
