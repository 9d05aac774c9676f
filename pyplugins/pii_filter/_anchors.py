"""The anchors of `RULES.md` as one compiled pattern, which rejects most of them in C.

A digit that can neither begin a shape nor stand behind a label is skipped there, and so is a `:` that belongs to no
address. This is a filter only: it may let too much through, never too little; the steps decide.
Tests: tests/unit/test_pii_fallback_anchors.py.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pyplugins.pii_filter._labels import labels

#: `lastindex` of a match: which anchor it is. A number without group may only be labelled.
AT: Final = 1
COLON: Final = 2
NUMBER: Final = 3
IBAN: Final = 4

#: Most letters before the first digit of a value.
MOST_LETTERS: Final = 5

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
_IBAN = "[0-9][ -]?[A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{4}"
# An address holds `::`, or seven colons, or six and a dot.
_COLON = ":|(?:[0-9A-Fa-f]{1,4}:){5}"

_FREE_LEFT = "(?<![A-Za-z0-9_])"


def _one_of(characters: frozenset[str]) -> str:
    """A character class; ASCII letters in both cases."""
    either = characters | {character.upper() for character in characters if character.isascii()}
    return f"[{''.join(map(re.escape, sorted(either)))}]"


def _labelled(letters: int) -> str:
    """A label may end before a token of so many letters and a digit; directly only if it ends in no ASCII character."""
    separators, endings = labels().separators, labels().endings
    token = f"[A-Za-z]{{{letters}}}[0-9]"
    parted = f"(?<={_one_of(separators | endings)}{_one_of(separators)}{token})"
    direct = f"(?<={_one_of(frozenset(ending for ending in endings if not ending.isascii()))}{token})"
    return f"(?:{parted}|{direct})"


@cache
def anchors() -> re.Pattern[str]:
    """Matches one character: the `@`, the `:`, or the first digit of a token."""
    shapes = "|".join(_SHAPES)
    bare = rf"(?<![A-Za-z0-9_][0-9])(?<![0-9][.-][0-9])(?:(?={shapes})()|{_labelled(0)})"
    led = "|".join(
        f"(?<={_FREE_LEFT}[A-Za-z]{{{letters}}}[0-9])" + (f"(?:(?={_IBAN})()|{_labelled(2)})" if letters == 2 else _labelled(letters))
        for letters in range(1, MOST_LETTERS + 1)
    )
    return re.compile(
        f"[0-9@:](?:(?<=@)()|(?<=:)(?={_COLON})()|(?<=[0-9])(?:{bare}|(?<=[A-Za-z][0-9])(?:{led})))"
    )
