"""A place where a value may begin, and the common tests of `RULES.md` that look at what stands around it.

Tests: tests/unit/test_pii_fallback_parts.py.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from pyplugins.pii_filter._labels import Label, labels

#: For the end of a pattern: "free right" of `RULES.md`.
FREE_RIGHT = r"(?![A-Za-z0-9_]|-[A-Za-z0-9_]|\.[0-9])"
#: "loose right": a letter may follow.
LOOSE_RIGHT = r"(?![0-9_]|-[A-Za-z0-9_]|\.[0-9])"

_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_DIGITS = frozenset("0123456789")


class Unknown(Enum):
    """What has not been looked for."""

    UNKNOWN = 0


UNKNOWN = Unknown.UNKNOWN


class Hit(NamedTuple):
    """A value that a step found."""

    start: int
    end: int
    labelled: bool = False


class Place:
    """An anchor `number` or `after email`."""

    __slots__ = ("_label", "after_email", "letters", "text", "w")

    def __init__(
        self, text: str, w: int, letters: int, label: Label | Unknown | None = UNKNOWN, *, after_email: bool = False
    ) -> None:
        self.text = text
        #: Index of the token's first character.
        self.w = w
        #: How many letters stand before its first digit.
        self.letters = letters
        self.after_email = after_email
        self._label = label

    @property
    def label(self) -> Label | None:
        """The label before the token, looked for once; none behind an e-mail."""
        if self._label is UNKNOWN:
            self._label = labels().before(self.text, self.w)
        return self._label

    def is_labelled(self, kind: str) -> bool:
        """True when the label names the type `kind`."""
        label = self.label
        return label is not None and label.says == kind

    def before(self, distance: int = 1) -> str:
        """The character `distance` before the token; empty outside the text."""
        at = self.w - distance
        return self.text[at] if at >= 0 else ""

    def is_joined_left(self, kind: str, start: int | None = None) -> bool:
        """The test "joined left" for a value of type `kind` that begins at `start`, else at the token."""
        at = self.w if start is None else start
        joined = at >= 2 and self.text[at - 1] in "-." and self.text[at - 2] in _WORD
        return joined and not self.is_labelled(kind)

    def is_alone(self, kind: str, end: int) -> bool:
        """The test "alone": no number stands beside the value, parted by one space."""
        text = self.text
        if text[end : end + 1] == " " and text[end + 1 : end + 2] in _DIGITS:
            return False
        left = self.before() == " " and self.before(2) in _DIGITS
        return not left or self.is_labelled(kind)
