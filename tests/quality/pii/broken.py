"""Values of the right shape that cannot exist: a wrong check digit, an impossible range, a day that never was.

For: the generator. Never: a value some other rule of the issuer would still allow. Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from .check_digits import bsn_digit, luhn_digit
from .decoys import hexa
from .model import Maker, Piece, fill
from .values_identity import bsn_number, ssn_parts
from .values_money import card_number, iban_number, in_fours, write_card
from .values_net import ipv4_text


def other_digit(rng: Random, digit: str) -> str:
    """Any digit but this one."""
    return rng.choice([d for d in "0123456789" if d != digit])


def _card(rng: Random) -> str:
    digits = card_number(rng)
    return write_card(rng, digits[:-1] + other_digit(rng, digits[-1]))


def _unissued(rng: Random) -> str:
    body = rng.choice(("0", "10", "12", "7", "90", "99")) + fill(rng, "#" * 16)
    body = body[:15]
    return write_card(rng, body + luhn_digit(body))


def _iban_check(rng: Random) -> str:
    number = iban_number(rng)
    wrong = (int(number[2:4]) - 2 + rng.randint(1, 96)) % 97 + 2
    number = f"{number[:2]}{wrong:02d}{number[4:]}"
    return in_fours(number) if rng.random() < 0.5 else number


def _iban_cut(rng: Random) -> str:
    number = iban_number(rng)
    if rng.random() < 0.5:
        return number + "7"
    return in_fours(number[:-1]) if rng.random() < 0.5 else number[:-1]


def _bsn(rng: Random) -> str:
    number = bsn_number(rng)
    return number[:8] + other_digit(rng, bsn_digit(number[:8]) or "")


def _ssn(rng: Random) -> str:
    area, group, serial = ssn_parts(rng)
    match rng.randrange(3):
        case 0:
            area = rng.choice(("000", "666", fill(rng, "9##")))
        case 1:
            group = "00"
        case _:
            serial = "0000"
    return f"{area}-{group}-{serial}"


def _ipv4(rng: Random) -> str:
    octets = ipv4_text(rng).split(".")
    octets[rng.randrange(4)] = str(rng.randint(256, 999))
    return ".".join(octets)


def _ipv6(rng: Random) -> str:
    groups = [hexa(rng, 4) for _ in range(9)]
    return rng.choice(
        (":".join(groups), "2001:db8:::" + groups[0], "2001::db8::" + groups[0], f"2001:db8:{groups[0]}:{groups[1]}")
    )


def _date(rng: Random) -> str:
    year = rng.randint(1940, 2010)
    month, day = rng.choice(
        ((2, 30), (2, 31), (4, 31), (13, 32), (6, 31), (0, 12), (9, 31), (11, 31), (19, 45), (5, 0))
    )
    return f"{month:02}/{day:02}/{year}"


def _nanp(rng: Random) -> str:
    area = fill(rng, rng.choice(("0##", "1##", "%11")))
    exchange = fill(rng, rng.choice(("%##", "0##", "1##")))
    return rng.choice((f"{area}-{exchange}-{fill(rng, '####')}", f"{area}.{exchange}.{fill(rng, '####')}"))


def _email(rng: Random) -> str:
    return rng.choice(
        ("anna@", "@example", "a@b", "tom@localhost", "x@.com", "user@example.c", "me@example.123", "a@-", "joe @ home")
    )


KINDS: dict[str, dict[str, Callable[[Random], str]]] = {
    "card with a wrong check digit": {"broken_card": _card},
    "card of no issuer": {"unissued_card": _unissued},
    "IBAN with wrong check digits": {"broken_iban": _iban_check},
    "IBAN of a wrong length": {"cut_iban": _iban_cut},
    "BSN that fails the 11-test": {"broken_bsn": _bsn},
    "SSN never assigned": {"broken_ssn": _ssn},
    "IPv4 octet over 255": {"broken_ipv4": _ipv4},
    "malformed IPv6": {"broken_ipv6": _ipv6},
    "date that does not exist": {"broken_date": _date},
    "impossible NANP number": {
        "broken_nanp": _nanp,
        "broken_nanp_area": lambda rng: fill(rng, rng.choice(("0##", "1##", "%11"))),
    },
    "malformed e-mail": {"broken_email": _email},
}
"""Kind of decoy -> the slots that make it."""


def _maker(kind: str, text: Callable[[Random], str]) -> Maker:
    return lambda rng, language: Piece(text(rng), decoy=kind)


MAKERS: dict[str, Maker] = {slot: _maker(kind, text) for kind, slots in KINDS.items() for slot, text in slots.items()}
