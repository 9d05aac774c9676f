"""What a labelled line is, and how one is put together from pieces.

For: every module of this package. Never: decides what is personal data; that is the business of the value modules.
Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

TYPES = (
    "credit_card",
    "ssn",
    "bsn",
    "bank_account",
    "phone",
    "date_of_birth",
    "passport",
    "driver_license",
    "medical_record",
    "ip_address",
    "email",
)
"""The types the corpus labels: all of the filter's but `custom`."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text that goes into a line.

    `type` says that `text[start:end]` is personal data of that type; `decoy` names a kind that only
    looks like it.
    """

    text: str
    type: str = ""
    decoy: str = ""
    start: int = 0
    end: int = -1

    def span(self, at: int) -> tuple[int, int]:
        """Where the value lies when the piece begins at `at`."""
        return at + self.start, at + (len(self.text) if self.end < 0 else self.end)


@dataclass(frozen=True)
class Span:
    """A true value: half-open, in code points."""

    type: str
    start: int
    end: int
    value: str


@dataclass(frozen=True)
class Decoy:
    """Where a line holds something that only looks like personal data."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Line:
    """A text, the personal data in it, the decoys in it, and where it came from."""

    text: str
    spans: tuple[Span, ...]
    decoys: tuple[Decoy, ...]
    source: str


Maker = Callable[[Random, str], Piece]
"""Makes a piece for a language (`en`, `de`, ...)."""


def join(pieces: list[Piece], source: str) -> Line:
    """The line that `pieces` make, one after the other."""
    text, spans, decoys = "", [], []
    for piece in pieces:
        start, end = piece.span(len(text))
        text += piece.text
        if piece.type:
            spans.append(Span(piece.type, start, end, text[start:end]))
        elif piece.decoy:
            decoys.append(Decoy(piece.decoy, start, end))
    return Line(text, tuple(spans), tuple(decoys), source)


def fill(rng: Random, shape: str) -> str:
    """`shape` with `#` as any digit, `%` as 1-9, `^` as an upper-case letter and `&` as either; the rest is kept."""
    out = []
    for char in shape:
        match char:
            case "#":
                out.append(rng.choice("0123456789"))
            case "%":
                out.append(rng.choice("123456789"))
            case "^":
                out.append(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ"))
            case "&":
                out.append(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789"))
            case _:
                out.append(char)
    return "".join(out)
