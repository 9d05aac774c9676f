"""Numbers that authorities and hospitals give to people: SSN, BSN, passports, driver licences, medical records.

For: the generator. Never: asks the detector what is valid; the shapes come from the issuers' publications.
Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

from random import Random

from .check_digits import bsn_digit
from .model import Piece, fill


def ssn_parts(rng: Random) -> tuple[str, str, str]:
    """Area, group and serial as the Social Security Administration assigns them."""
    area = rng.choice([n for n in range(1, 900) if n != 666])
    return f"{area:03d}", f"{rng.randint(1, 99):02d}", f"{rng.randint(1, 9999):04d}"


def ssn(rng: Random, language: str) -> Piece:
    """The written form that needs no label."""
    return Piece("-".join(ssn_parts(rng)), "ssn")


def ssn_labelled(rng: Random, language: str) -> Piece:
    """Any form people write after "SSN": mostly dashes, also spaces and none."""
    return Piece(rng.choice(("-", "-", "-", " ", "")).join(ssn_parts(rng)), "ssn")


def bsn_number(rng: Random) -> str:
    """Nine digits that pass the 11-test."""
    while True:
        body = fill(rng, rng.choice(("%#######", "%#######", "0%######")))
        if (digit := bsn_digit(body)) is not None:
            return body + digit


def bsn(rng: Random, language: str) -> Piece:
    """A citizen number, in one piece or in the groups seen on Dutch letters."""
    n = bsn_number(rng)
    forms = (
        n,
        n,
        n,
        n,
        f"{n[:4]}.{n[4:6]}.{n[6:]}",
        f"{n[:3]} {n[3:6]} {n[6:]}",
        f"{n[:4]} {n[4:6]} {n[6:]}",
        f"{n[:3]}.{n[3:6]}.{n[6:]}",
    )
    return Piece(rng.choice(forms), "bsn")


# fmt: off
PASSPORTS = {
    "en": ("#########", "^########", "^^######", "^^#######", "#########"),
    "de": ("C01X0####", "C&&&&&&#&", "L#&&&&&#&", "^########"),
    "fr": ("##^^#####",),
    "es": ("^^^######", "^^######"),
    "it": ("^^#######", "^^#####^^"),
    "pt": ("^^######", "^######"),
    "nl": ("^^&&&&&&#", "%^^#^^##%"),
    "ru": ("## ## ######", "#### ######", "#########"),
    "zh": ("E########", "EA#######", "G########"),
    "ja": ("^^#######", "T^#######"),
}
# fmt: on
"""Passport numbers of the countries where the language is spoken: `#` digit, `^` letter, `&` either."""

# fmt: off
LICENSES = {
    "en": (
        "^#######",  # California, Texas and others have 7 or 8 characters
        "########",
        "#########",
        "^###-###-##-###-#",  # Florida, Michigan
        "^###-####-####",  # Illinois
        "^####-#####-#####",  # Ontario, New Jersey
        "^############",
        "^^^^^6%####^^9^^",  # Great Britain, 16 characters
        "^^###-##-####",
        "### ### ###",  # New York, as printed
    ),
    "de": ("B###^^^#^##", "^&#########", "J###00###1#"),
    "fr": ("##########%#", "##^^#####"),
    "es": ("########^", "########-^"),
    "it": ("U1&#####&^", "^^#######^"),
    "pt": ("###########", "^^-######", "^-#######"),
    "nl": ("##########", "5#########"),
    "ru": ("## ## ######", "#### ######", "##########"),
    "zh": ("%%####19%#0#1####&", "############"),
    "ja": ("############", "3###########"),
}
# fmt: on
"""Driver licence numbers, as PASSPORTS."""

# fmt: off
RECORDS = ("######", "#######", "########", "%#########", "^#######", "^^######", "^-######", "##-##-##", "###-###",
    "H########")
# fmt: on
"""Hospital record numbers: every hospital has its own; 6 to 10 characters, digits, sometimes a letter or dashes."""


def passport(rng: Random, language: str) -> Piece:
    """A passport number of a country where the language is spoken."""
    return Piece(fill(rng, rng.choice(PASSPORTS[language])), "passport")


def driver_license(rng: Random, language: str) -> Piece:
    """A driver licence number of a country where the language is spoken."""
    return Piece(fill(rng, rng.choice(LICENSES[language])), "driver_license")


def medical_record(rng: Random, language: str) -> Piece:
    """A medical record number."""
    return Piece(fill(rng, rng.choice(RECORDS)), "medical_record")
