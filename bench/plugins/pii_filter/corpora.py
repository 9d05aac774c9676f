"""Texts and payloads with personal data in them.

They hold only values on which we and the peers agree: test cards, documentation addresses, reserved domains, numbers
that no step of ours refuses and no pattern of theirs misreads. `verify.py` checks that before anything is timed.
Tests: tests/bench/test_corpora.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from typing import Any

from bench.texts import filled, filled_in, log_line, prose, prose_with_numbers, sentence
from bench.words import ENDINGS, PARAGRAPH, SEPARATORS

#: One line in this many holds personal data: 2 %.
LINES_FOR_ONE_FINDING = 50

_CARDS = (
    "4111-1111-1111-1111",
    "5555-5555-5555-4444",
    "4012888888881881",
    "5105 1051 0510 5100",
    "378282246310005",
    "6011111111111117",
)
_DOMAINS = ("example.com", "example.org", "mail.example.net", "example.net")
_NAMES = ("alice", "bob.miller", "carol_w", "dan.o.brien", "erin42", "frank-n", "grace.hopper", "heidi")
_BLOCKS = ("192.0.2", "198.51.100", "203.0.113")


def value(kind: str, chance: random.Random) -> str:
    """A value of a type that is found without a label."""
    match kind:
        case "ssn":
            return f"{chance.randint(100, 665)}-{chance.randint(10, 99)}-{chance.randint(1000, 9999)}"
        case "email":
            return f"{chance.choice(_NAMES)}{chance.randint(1, 999)}@{chance.choice(_DOMAINS)}"
        case "phone":
            return filled_in("<202|303|415|617|718>-<234|555|867>-<1000-9999>", chance)
        case "credit_card":
            return chance.choice(_CARDS)
        case "ip_address":
            return f"{chance.choice(_BLOCKS)}.{chance.randint(1, 254)}"
    raise ValueError(kind)


#: Types in the proportion in which logs hold them.
KINDS = ("email", "email", "ip_address", "ip_address", "phone", "ssn", "credit_card")


def any_value(chance: random.Random) -> str:
    """A value of any type that needs no label."""
    return value(chance.choice(KINDS), chance)


def _log(chance: random.Random) -> Iterator[str]:
    """Log lines, of each fifty one with a value."""
    while True:
        place = chance.randrange(LINES_FOR_ONE_FINDING)
        for number in range(LINES_FOR_ONE_FINDING):
            line = log_line(chance)
            yield f"{line} user {any_value(chance)} was notified" if number == place else line


def _dense(chance: random.Random) -> Iterator[str]:
    """Exactly one value in each 64 bytes."""
    while True:
        found = any_value(chance)
        words = " ".join(chance.choices(PARAGRAPH, k=12))
        yield f"{words[: 63 - len(found) - 8]} is {found} and"[:63].ljust(63)


def _language(name: str) -> Callable[[random.Random], Iterator[str]]:
    def lines(chance: random.Random) -> Iterator[str]:
        """Sentences in this language, of each fifty one with a value between blanks."""
        stop = SEPARATORS[name][1]
        while True:
            place = chance.randrange(LINES_FOR_ONE_FINDING)
            for number in range(LINES_FOR_ONE_FINDING):
                line = sentence(name, chance)
                yield f"{line} {any_value(chance)} {chance.choice(ENDINGS[name])}{stop}" if number == place else line

    return lines


_LINES: dict[str, Callable[[random.Random], Iterator[str]]] = {
    "prose": prose,
    "prose with numbers": prose_with_numbers,
    "log": _log,
    "dense": _dense,
    "german": _language("german"),
    "russian": _language("russian"),
    "chinese": _language("chinese"),
}

_REQUEST = "2025-03-14T09:26:53.589Z INFO  [gateway] request id=req-9f8e7d6c5b4a path=/api/v2/orders/31415 status=200"

#: Small texts of the table, by name.
SMALL = {
    "20-byte e-mail": "alice.b1@example.com",
    "52-byte SSN + e-mail": "SSN 123-45-6789, mail alice.brown@example.com please",
    "100-byte clean": (
        "The tool answered with a summary of the meeting, and nobody was named in any one of these sentences."
    ),
    "160-byte log line": f"{_REQUEST} took=27ms cache=miss retries=0 region=eu-west w=web-12",
    "160-byte log line, 1 finding": f"{_REQUEST} took=27ms client=192.0.2.17 retries=0 region=eu w=web1",
    "Single SSN Detection": "My SSN is 123-45-6789",
    "Multiple PII Types Detection": (
        "SSN: 123-45-6789, Email: john.doe@example.com, Phone: 555-123-4567, Card: 4111-1111-1111-1111, IP: 192.0.2.100"
    ),
}


def _bsn(chance: random.Random) -> str:
    """Nine digits that pass the 11-test."""
    while True:
        digits = [chance.randint(1, 9), *chance.choices(range(10), k=7)]
        last = sum(weight * digit for weight, digit in zip(range(9, 1, -1), digits, strict=True)) % 11
        if last < 10:
            return "".join(map(str, [*digits, last]))


def _labelled(kind: str, chance: random.Random) -> str:
    """A value with the label that makes it one."""
    number = chance.randint(1000000, 9999999)
    match kind:
        case "bsn":
            return f"BSN: {_bsn(chance)}"
        case "date_of_birth":
            return f"DOB: {chance.randint(1, 12):02}/{chance.randint(1, 28):02}/{chance.randint(1940, 2005)}"
        case "passport":
            return f"Passport: {chance.choice('CFGHJK')}{number}"
        case "driver_license":
            return f"Driver license: D{number}"
        case "bank_account":
            return f"Account: {number}{chance.randint(100, 999)}"
        case "medical_record":
            return f"MRN: M{number}"
    return value(kind, chance)


ALL_KINDS = (
    *dict.fromkeys(KINDS),
    "bsn",
    "date_of_birth",
    "passport",
    "driver_license",
    "bank_account",
    "medical_record",
)


def _instances(chance: random.Random) -> str:
    """'Large Text Performance (1000 PII instances)': 1000 values of all types, one on each line, among words."""
    rows = (
        f"User {number % 97}: {' '.join(chance.choices(PARAGRAPH, k=6))}, {_labelled(kind, chance)}, noted"
        for number, kind in zip(range(1000), cycle(ALL_KINDS), strict=False)
    )
    return "\n".join(rows)


@cache
def text(name: str, size: int = 0) -> str:
    """The text `name`; those made of lines have exactly `size` UTF-8 bytes."""
    if name in SMALL:
        return SMALL[name]
    chance = random.Random(f"gwplugins {name}")
    if name == "1000 instances":
        return _instances(chance)
    return filled(_LINES[name](chance), size)


def payload(findings: int) -> dict[str, Any]:
    """What a tool answers: 40 strings, 1.2 KB in all, `findings` of them with a value."""
    chance = random.Random("gwplugins payload")
    texts = [" ".join(chance.choices(PARAGRAPH, k=8))[:30].strip().ljust(30, ".") for _ in range(40)]
    for number, found in zip(
        range(findings), ("write to alice@example.com now", "the SSN 123-45-6789 was filed."), strict=False
    ):
        texts[13 + 17 * number] = found
    rows = [
        dict(zip(("title", "body", "state", "note"), texts[at : at + 4], strict=True), id=at, open=True)
        for at in range(0, 36, 4)
    ]
    return {
        "content": rows,
        "structuredContent": {"summary": texts[36:39], "last": texts[39], "count": 9},
        "isError": False,
    }
