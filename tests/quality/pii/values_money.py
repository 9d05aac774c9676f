"""Payment cards, IBANs and domestic account numbers.

For: the generator. Never: reads the product's issuer or length tables; these were written from the networks' and
SWIFT's publications.
Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

import re
from random import Random

from .check_digits import iban_digits, luhn_digit
from .model import Piece, fill

# fmt: off
CARDS: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "visa": (("4",), (13, 16, 16, 16, 19)),
    "mastercard": (("51", "52", "53", "54", "55"), (16,)),
    "mastercard 2-series": (("2221", "2229", "223", "25", "26", "270", "271", "2720"), (16,)),
    "amex": (("34", "37"), (15,)),
    "discover": (("6011", "644", "645", "649", "65"), (16, 16, 16, 19)),
    "diners": (("300", "301", "305", "3095", "36", "38", "39"), (14,)),
    "jcb": (("3528", "3530", "3566", "3589"), (16, 16, 16, 19)),
    "unionpay": (("6200", "6212", "6217", "6222", "6225", "6228"), (16, 17, 18, 19)),
    "maestro": (("5018", "5020", "5038", "6304", "6759", "6761", "6762", "6763"), (13, 16, 16, 18, 19)),
    "mir": (("2200", "2201", "2202", "2203", "2204"), (16,)),
}
# fmt: on
"""Networks: first digits and lengths (repeats are weights)."""

# fmt: off
MIXES = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4), 13: (4, 4, 4, 1), 17: (4, 4, 4, 4, 1), 18: (4, 4, 4, 4, 2),
    19: (4, 4, 4, 4, 3)}
# fmt: on
"""How a number of that length is printed."""

# fmt: off
BBAN = {
    "DE": "18n", "GB": "4a14n", "FR": "10n11c2n", "IT": "1a10n12c", "ES": "20n", "NL": "4a10n", "BE": "12n",
        "AT": "16n", "CH": "5n12c",
    "PT": "21n", "PL": "24n", "SE": "20n", "NO": "11n", "DK": "14n", "FI": "14n", "IE": "4a14n", "LU": "3n13c",
        "CZ": "20n", "SK": "20n",
    "HU": "24n", "RO": "4a16c", "BG": "4a6n8c", "HR": "17n", "SI": "15n", "EE": "16n", "LV": "4a13c", "LT": "16n",
        "GR": "7n16c",
    "CY": "8n16c", "MT": "4a5n18c", "TR": "6n16c", "SA": "2n18c", "AE": "19n", "IL": "19n", "BR": "23n1a1c",
        "UA": "6n19c", "KZ": "3n13c",
    "GE": "2a16n", "MD": "20c", "RS": "18n", "ME": "18n", "MK": "3n10c2n", "BA": "16n", "AL": "8n16c", "AD": "8n12c",
        "MC": "10n11c2n",
    "SM": "1a10n12c", "LI": "5n12c", "IS": "22n", "FO": "14n", "GL": "14n", "GI": "4a15c", "KW": "4a22c",
        "QA": "4a21c", "BH": "4a14c",
    "JO": "4a4n18c", "LB": "4n20c", "PK": "4a16c", "TN": "20n", "MU": "4a19n3a", "DO": "4c20n", "CR": "18n",
        "GT": "4c20c", "VG": "4a16n",
    "AZ": "4a20c", "PS": "4a21c", "XK": "16n", "TL": "19n", "EG": "25n", "IQ": "4a15n", "BY": "4c4n16c", "VA": "18n",
        "SC": "4a20n3a",
    "ST": "21n", "LC": "4a24c", "SV": "4a20n", "LY": "21n", "SD": "14n", "RU": "14n15c",
}
# fmt: on
"""SWIFT IBAN registry: the account part of each country (n digit, a letter, c either)."""

COMMON_COUNTRIES = ("DE", "GB", "FR", "IT", "ES", "NL", "BE", "AT", "CH", "PT", "PL")

# fmt: off
ACCOUNTS = {
    "en": ("########", "#########", "%#########", "%###########", "########%####", "####-####-####", "########",
        "## #### #######"),
    "de": ("%#######", "%########", "%#########"),
    "fr": ("###########", "##########%"),
    "es": ("##########", "#### #### ## ##########"),
    "it": ("############", "0000########"),
    "pt": ("########", "###########", "########-#"),
    "nl": ("#########", "##########"),
    "ru": ("40817810##########%#", "40702810############"),
    "zh": ("############", "%################", "%#### ##### #####"),
    "ja": ("#######", "########"),
}
# fmt: on
"""Domestic account numbers of the countries where the language is spoken."""


def card_number(rng: Random) -> str:
    """Digits of a card of any network and length, with its check digit."""
    prefixes, lengths = CARDS[rng.choice(tuple(CARDS))]
    prefix = rng.choice(prefixes)
    body = prefix + fill(rng, "#" * (rng.choice(lengths) - len(prefix) - 1))
    return body + luhn_digit(body)


def write_card(rng: Random, digits: str) -> str:
    """The number as people and machines write it: bare, or in the groups printed on the card."""
    gap = rng.choice(("", "", " ", " ", "-"))
    groups, at = [], 0
    for size in MIXES[len(digits)]:
        groups.append(digits[at : at + size])
        at += size
    return gap.join(groups)


def card(rng: Random, language: str) -> Piece:
    """A card number, bare or grouped."""
    return Piece(write_card(rng, card_number(rng)), "credit_card")


def card_bare(rng: Random, language: str) -> Piece:
    """A card number without gaps, as machines store it."""
    return Piece(card_number(rng), "credit_card")


def account_part(rng: Random, country: str) -> str:
    """A random account part in the country's structure."""
    kinds = {"n": "#", "a": "^", "c": "&"}
    return "".join(fill(rng, kinds[kind] * int(count)) for count, kind in re.findall(r"(\d+)([nac])", BBAN[country]))


def iban_number(rng: Random) -> str:
    """An IBAN without gaps; the big countries come more often."""
    country = rng.choice(COMMON_COUNTRIES if rng.random() < 0.6 else tuple(BBAN))
    bban = account_part(rng, country)
    return country + iban_digits(country, bban) + bban


def in_fours(number: str) -> str:
    """The printed form of ISO 13616: groups of four."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def iban(rng: Random, language: str) -> Piece:
    """An IBAN, electronic or printed form."""
    number = iban_number(rng)
    return Piece(in_fours(number) if rng.random() < 0.5 else number, "bank_account")


def iban_compact(rng: Random, language: str) -> Piece:
    """An IBAN in electronic form."""
    return Piece(iban_number(rng), "bank_account")


def account(rng: Random, language: str) -> Piece:
    """A domestic account number; only a label tells what it is."""
    return Piece(fill(rng, rng.choice(ACCOUNTS[language])), "bank_account")
