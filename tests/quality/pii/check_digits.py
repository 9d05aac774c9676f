"""Check digits, written for the corpus alone: the detector's own code must not vouch for itself.

For: the value and decoy makers. Never: shared with the product. Tests: `test_pii_corpus.py` holds each against a
second way of computing it.
"""

from __future__ import annotations

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn_digit(body: str) -> str:
    """The digit that makes `body` + digit pass ISO/IEC 7812-1 annex B."""
    total = sum(_DOUBLED[int(d)] if i % 2 == 0 else int(d) for i, d in enumerate(reversed(body)))
    return str(-total % 10)


def iban_digits(country: str, bban: str) -> str:
    """The two check digits of ISO 13616 (ISO 7064 mod 97-10) for a country and its account part."""
    remainder = 0
    for char in bban + country + "00":
        value = int(char, 36)
        remainder = (remainder * (100 if value > 9 else 10) + value) % 97
    return f"{98 - remainder:02d}"


def bsn_digit(body: str) -> str | None:
    """The ninth digit of a Dutch citizen number for eight others, or None when there is none."""
    digit = sum(int(d) * w for d, w in zip(body, range(9, 1, -1), strict=True)) % 11
    return None if digit == 10 else str(digit)
