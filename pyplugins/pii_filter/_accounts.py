"""Steps `credit_card`, `ssn`, `bsn` and `bank_account`.

Tests: tests/unit/test_pii_fallback_parts.py, tests/vectors/pii_filter.jsonl.
"""

from __future__ import annotations

import re
from functools import cache

from pyplugins.pii_filter import _tables as tables
from pyplugins.pii_filter._labels import MACHINE
from pyplugins.pii_filter._place import FREE_RIGHT, Hit, Place

_NO_DIGITS = re.compile("[^0-9]+")

_BARE_CARD = re.compile(r"[0-9]{13,19}" + FREE_RIGHT)


class _GroupedCards:
    """The layouts in which cards are written. One digit may follow a last group of four: it does not hide a card."""

    def __init__(self) -> None:
        layouts = tables.card_layouts()
        shapes = ["[ .-]".join(f"[0-9]{{{length}}}" for length in layout) for layout in layouts]
        stray = [f"(?=[0-9](?![0-9]))|{FREE_RIGHT}" if layout[-1] >= 4 else FREE_RIGHT for layout in layouts]
        self.layouts = [re.compile(f"{shape}(?:{end})") for shape, end in zip(shapes, stray, strict=True)]
        self.any_layout = re.compile("|".join(shapes))


_grouped_cards = cache(_GroupedCards)


def credit_card(place: Place) -> Hit | None:
    """Bare or in groups, with issuer, length and check digit."""
    end = _bare_card(place) or _grouped_card(place)
    return None if end is None or place.is_joined_left("credit_card") else Hit(place.w, end)


def _bare_card(place: Place) -> int | None:
    found = _BARE_CARD.match(place.text, place.w)
    return found.end() if found and _is_card(found[0]) and not place.is_labelled(MACHINE) else None


def _grouped_card(place: Place) -> int | None:
    cards = _grouped_cards()
    if not cards.any_layout.match(place.text, place.w) or _is_in_row(place):
        return None
    for layout in cards.layouts:
        found = layout.match(place.text, place.w)
        if found and _is_card(_NO_DIGITS.sub("", found[0])):
            return found.end()
    return None


_FOUR_FOURS = re.compile("[0-9]{4}(?:[ .-][0-9]{4}){3}")
# Four characters with a digit among them, one more before the token.
_GROUP_BEFORE = re.compile("(?<![A-Za-z0-9])(?=.{0,3}[0-9])[A-Za-z0-9]{4}.", re.DOTALL)


def _is_in_row(place: Place) -> bool:
    """The first group goes on a row of numbers; a card of four groups of four may stand there."""
    text, w, gap = place.text, place.w, place.before()
    if gap == ".":
        return True
    if w < 5 or gap != text[w + 4] or not _GROUP_BEFORE.match(text, w - 5):
        return False
    card = _FOUR_FOURS.fullmatch(text, w - 20, w - 1) if w >= 20 else None
    return not (card and _is_card(_NO_DIGITS.sub("", card[0])))


def _is_card(digits: str) -> bool:
    return _luhn(digits) and any(
        len(digits) in issuer.lengths and issuer.first <= int(digits[: issuer.digits]) <= issuer.last
        for issuer in tables.issuers()
    )


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B: every second digit from the right doubled, digit sums added, a multiple of ten."""
    plain = sum(map(int, digits[-1::-2]))
    doubled = sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])
    return (plain + doubled) % 10 == 0


# SSA: area not 000, 666 or 900-999, group not 00, serial not 0000.
_AREA, _GROUP, _SERIAL = "(?!000|666|9)[0-9]{3}", "(?!00)[0-9]{2}", "(?!0000)[0-9]{4}"
_PARTED_SSN = re.compile(f"{_AREA}([- ]){_GROUP}\\1{_SERIAL}{FREE_RIGHT}")
_LABELLED_SSN = re.compile(f"{_AREA}{_GROUP}{_SERIAL}{FREE_RIGHT}")


def ssn(place: Place) -> Hit | None:
    """Parted by hyphens or spaces, or nine digits behind a label."""
    found = _PARTED_SSN.match(place.text, place.w)
    if found:
        alone = found[1] != " " or place.is_alone("ssn", found.end())
        return Hit(*found.span()) if alone and not place.is_joined_left("ssn") else None
    found = _LABELLED_SSN.match(place.text, place.w)
    return Hit(*found.span(), labelled=True) if found and place.is_labelled("ssn") else None


_BSN = re.compile(r"(?:[0-9]{9}|[0-9]{4}[. ][0-9]{2}[. ][0-9]{3}|[0-9]{3}[. ][0-9]{3}[. ][0-9]{3})" + FREE_RIGHT)


def bsn(place: Place) -> Hit | None:
    """Nine digits behind a label, bare or in groups."""
    found = _BSN.match(place.text, place.w)
    valid = found and _eleven_test(_NO_DIGITS.sub("", found[0])) and place.is_labelled("bsn")
    return Hit(*found.span(), labelled=True) if found and valid else None


def _eleven_test(digits: str) -> bool:
    weighted = sum(weight * int(digit) for weight, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True))
    return weighted % 11 == 0 and digits.strip("0") != ""


@cache
def _iban_of_length(length: int) -> re.Pattern[str]:
    """Before the 5th, 9th, 13th ... character one space or hyphen may stand."""
    whole, rest = divmod(length - 4, 4)
    groups = "(?:[ -]?[A-Za-z0-9]{4})" + f"{{{whole}}}"
    tail = f"[ -]?[A-Za-z0-9]{{{rest}}}" if rest else ""
    return re.compile(f"[A-Za-z]{{2}}[0-9]{{2}}{groups}{tail}(?![A-Za-z0-9_])")


def iban(place: Place) -> Hit | None:
    """Country, length and ISO 7064 mod 97-10."""
    length = tables.iban_lengths().get(place.text[place.w : place.w + 2].upper())
    found = _iban_of_length(length).match(place.text, place.w) if length else None
    if not found:
        return None
    account = found[0].replace(" ", "").replace("-", "")
    number = "".join(str(int(character, 36)) for character in account[4:] + account[:4])
    valid = int(number) % 97 == 1 and not place.is_joined_left("bank_account")
    return Hit(*found.span()) if valid else None


_DIGITS = re.compile("[0-9]+")
_ACCOUNT_GROUP = re.compile("[- ]([0-9]{2,})")
# A check character of its own, as Brazilian banks write it.
_ACCOUNT_END = re.compile("(?:-[0-9Xx](?![A-Za-z0-9_]))?" + FREE_RIGHT)
_LEAST_ACCOUNT, _MOST_ACCOUNT = 7, 20
#: Other groups may follow a first one of so many digits.
_MOST_FIRST_GROUP = 7


def labelled_account(place: Place) -> Hit | None:
    """7 to 20 digits behind a label, in one run or in groups."""
    if not place.is_labelled("bank_account"):
        return None
    text = place.text
    first = _DIGITS.match(text, place.w)
    if not first:
        return None
    count, end = len(first[0]), first.end()
    if 2 <= count <= _MOST_FIRST_GROUP:
        while (group := _ACCOUNT_GROUP.match(text, end)) and count + len(group[1]) <= _MOST_ACCOUNT:
            count, end = count + len(group[1]), group.end()
    tail = _ACCOUNT_END.match(text, end) if _LEAST_ACCOUNT <= count <= _MOST_ACCOUNT else None
    return Hit(place.w, tail.end(), labelled=True) if tail else None
