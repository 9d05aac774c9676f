"""The anchors of `RULES.md` as one compiled pattern, which rejects most of them in C.

A digit that can neither begin a shape nor stand behind a label is skipped there, and so is a `:` that belongs to no
address. This is a filter only: it may let too much through, never too little; the steps decide.
Tests: tests/unit/test_pii_fallback_anchors.py.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pyplugins.pii_filter import _tables as tables
from pyplugins.pii_filter._labels import labels

#: `lastindex` of a match: which anchor it is. A number without group may only be labelled.
NUMBER: Final = 1
IBAN: Final = 2
AT: Final = 3
COLON: Final = 4

#: Most letters before the first digit of a value.
MOST_LETTERS: Final = 8

# What stands behind the first digit of a value without a label.
_SHAPES = (
    r"[0-9]{2}[- ][0-9]{2}[- ][0-9]{4}",  # ssn
    r"[0-9]{12,18}(?![0-9])",  # bare card
    r"[0-9]{3}[ .-][0-9]{4,6}[ .-][0-9]{4}",  # grouped card
    r"[0-9]{2}\)?[ .-]?[0-9]{3}[ .-][0-9]{4}",  # nanp
    r"(?<=1)[ .-]?\(?[2-9][0-9]{2}\)?[ .-]?[0-9]{3}[ .-][0-9]{4}",  # nanp behind 1
    r"(?<=\+[0-9])",  # international phone
    r"[0-9]?/[0-9]{1,2}/[0-9]{4}",  # bare date
    r"[0-9]{0,2}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",  # v4
    r"(?<=[ .,-][0-9])[0-9]?(?:[A-Za-z]{2})?[ .,-]{1,4}[0-9]{4}(?![0-9])",  # day behind a month
)
_GAP = "[ .,-]{1,4}(?:[A-Za-z]{2,3} )?"
_NAMED_DATE = f"[0-9]?(?:[A-Za-z]{{2}})?{_GAP}[^ .,0-9-]{{3,}}{_GAP}[0-9]{{4}}"
# A date that needs a label, which may stand behind it.
_DATES = (
    "[0-9]?[/.-][0-9]{1,2}[/.-][0-9]{2,4}",
    "[0-9]{3}[/.-][0-9]{1,2}[/.-][0-9]{1,2}",
    "[0-9]{3} ?年 ?[0-9]{1,2} ?月 ?[0-9]{1,2} ?日",
    "[0-9]{7}",
    _NAMED_DATE,
)
# What stands behind the first digit of a value with a label before it.
_FORMS = (
    "(?:-?[A-Za-z0-9]){4}",  # five letters and digits are the least
    r"[0-9]{0,3}[ \-./()]{1,3}[0-9]",  # groups
    "[0-9]{3} ?年",
    _NAMED_DATE,
)
_IBAN = "[0-9][ -]?[A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{4}"
# An address holds `::`, or seven colons, or six and a dot.
_COLON = ":|(?:[0-9A-Fa-f]{1,4}:){5}"

_FREE_LEFT = "(?<![A-Za-z0-9_])"


def _one_of(characters: frozenset[str]) -> str:
    """A character class; ASCII letters in both cases."""
    either = characters | {character.upper() for character in characters if character.isascii()}
    return f"[{''.join(map(re.escape, sorted(either)))}]"


def _labelled(token: str) -> str:
    """A label may end before a token of this form; directly only if it ends in no ASCII character."""
    separators, endings = labels().separators, labels().endings
    # What stands right before a token is no word character, so it is no `_`. A tag may hold any letter or
    # digit, and a field may have a number.
    parted = f"(?<={_one_of(separators | endings)}{_one_of(separators - {'_'})}{token})"
    tagged = f"(?<=[A-Za-z0-9]>{token})"
    numbered = f"(?<=[A-Za-z\x80-\U0010ffff_-][0-9]{_one_of(separators - {'_'})}{token})"
    direct = f"(?<={_one_of(frozenset(ending for ending in endings if not ending.isascii()))}{token})"
    return f"(?:{parted}|{tagged}|{numbered}|{direct})"


def _enough(letters: int) -> str:
    """At least five letters and digits in all, behind so many letters and a digit."""
    return f"(?=(?:-?[A-Za-z0-9]){{{max(4 - letters, 0)}}})"


def _born() -> str:
    behind = "|".join(map(re.escape, tables.birth_labels_behind()))
    return f"(?:{'|'.join(_DATES)}) ?(?ai:{behind})"


@cache
def anchors() -> re.Pattern[str]:
    """Matches one character: the first digit of a token, the `@` or the `:`."""
    bare = [f"(?={'|'.join(_SHAPES)}|{_born()})()", f"{_labelled('[0-9]')}(?={'|'.join(_FORMS)})"]
    # `G-667000`: the value begins at the letters.
    lettered = (f"{_labelled(f'[A-Za-z]{{{n}}}-[0-9]')}{_enough(n)}" for n in (1, 2, 3))
    bare.append(f"(?<=[A-Za-z]-[0-9])(?:{'|'.join(lettered)})")
    led = [f"(?<={_FREE_LEFT}[A-Za-z]{{2}}[0-9])(?={_IBAN})()"]
    for letters in range(1, MOST_LETTERS + 1):
        token = f"[A-Za-z]{{{letters}}}[0-9]"
        led.append(f"(?<={_FREE_LEFT}{token}){_labelled(token)}{_enough(letters)}")
    number = f"(?<![A-Za-z_][0-9])(?<![0-9][.-][0-9])(?:{'|'.join(bare)})|(?<=[A-Za-z][0-9])(?:{'|'.join(led)})"
    # Most digits follow a digit: they are put aside first.
    return re.compile(f"[0-9@:](?<![0-9][0-9])(?:(?<=[0-9])(?:{number})|(?<=@)()|(?<=:)(?={_COLON})())")
