"""The tables of `rustlib/engines/pii_filter/rules`, in the form the steps use. Read when first needed, and once.

It must never decide anything. Tests: tests/unit/test_pii_fallback_parts.py.
"""

from __future__ import annotations

import bisect
from functools import cache
from typing import Any, NamedTuple

from pyplugins.core import data

PLUGIN = "pii_filter"


class Type(NamedTuple):
    """A type of personal data. Its place in `types` is its rule number, which settles ties of overlaps."""

    name: str
    #: The configuration key that switches it.
    key: str
    #: The form of its partial masking.
    partial: str
    score: int
    labelled_score: int


class Issuer(NamedTuple):
    """Cards whose first digits, read as a number, lie in `first..=last`."""

    first: int
    last: int
    #: How many digits that number has.
    digits: int
    lengths: frozenset[int]


def _load(file: str) -> Any:
    return data.load(PLUGIN, file)


@cache
def types() -> tuple[Type, ...]:
    """The built-in types."""
    return tuple(Type(**row) for row in _load("types.json"))


@cache
def issuers() -> tuple[Issuer, ...]:
    """Issuers of payment cards."""
    rows = _load("cards.json")["issuers"]
    return tuple(Issuer(int(row["from"]), int(row["to"]), len(row["from"]), frozenset(row["lengths"])) for row in rows)


@cache
def card_layouts() -> tuple[tuple[int, ...], ...]:
    """Groups of digits in which cards are written, in the order in which they are tried."""
    return tuple(tuple(layout) for layout in _load("cards.json")["layouts"])


@cache
def iban_lengths() -> dict[str, int]:
    """Length of an IBAN by country."""
    return dict(_load("iban.json")["lengths"])


@cache
def phone_digits() -> dict[str, tuple[int, int]]:
    """Least and most digits of an international number by country code."""
    return {code: (least, most) for code, (least, most) in _load("phone.json")["codes"].items()}


@cache
def example_area() -> str:
    """The NANP area that stands for an example number."""
    return str(_load("phone.json")["nanp_example_area"])


@cache
def months() -> dict[str, int]:
    """Month by name; ASCII letters of the names are lower case."""
    return {name: number for number, names in enumerate(_load("months.json")["months"], 1) for name in names}


@cache
def birth_labels_behind() -> tuple[str, ...]:
    """What may stand behind a date of birth in place of a label before it."""
    return tuple(_load("labels.json")["birth_labels_after"])


@cache
def excluded_networks() -> tuple[tuple[int, int], ...]:
    """(network, mask) of IPv4 addresses that are nobody's."""
    networks = []
    for text in _load("ip.json")["excluded"]:
        address, bits = text.split("/")
        networks.append((ipv4_number(address), (0xFFFFFFFF << (32 - int(bits))) & 0xFFFFFFFF))
    return tuple(networks)


def ipv4_number(address: str) -> int:
    """The address as a number; it must be well written."""
    first, second, third, fourth = map(int, address.split("."))
    return first << 24 | second << 16 | third << 8 | fourth


@cache
def not_top_level() -> frozenset[str]:
    """File endings that are no top-level domain, in lower case."""
    return frozenset(_load("email.json")["not_top_level"])


#: What `email_kinds` writes for a character of the class `letter`, of the class `ideograph`, and for others.
LETTER, IDEOGRAPH, _OTHER = "\u00aa", "\u3007", "\ufffd"

_MOST_KINDS = 1 << 14


class _EmailKinds(dict[int, str]):
    """For `str.translate`. Kinds are looked up once, as long as there are not too many to keep."""

    def __init__(self) -> None:
        table = _load("email_letters.json")
        classes = {short: LETTER if name == "letter" else IDEOGRAPH for short, name in table["classes"].items()}
        self._firsts = [first for first, _, _ in table["ranges"]]
        self._ranges = [(last, classes[short]) for _, last, short in table["ranges"]]
        super().__init__((code, chr(code)) for code in range(128))

    def __missing__(self, code: int) -> str:
        last, kind = self._ranges[bisect.bisect(self._firsts, code) - 1]
        kind = kind if self._firsts[0] <= code <= last else _OTHER
        if len(self) < _MOST_KINDS:
            self[code] = kind
        return kind


@cache
def _email_kinds() -> _EmailKinds:
    return _EmailKinds()


def email_kinds(text: str) -> str:
    """`text` with every character that is not ASCII reduced to its class."""
    return text if text.isascii() else text.translate(_email_kinds())


#: For `str.translate`: ASCII letters become lower case, everything else stays.
LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def lowered(text: str) -> str:
    """`text` with its ASCII letters in lower case."""
    return text.lower() if text.isascii() else text.translate(LOWER)
