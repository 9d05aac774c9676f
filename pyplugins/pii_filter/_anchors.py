"""The anchors of `RULES.md` as one compiled pattern, which rejects most of them in C.

A digit that can neither begin a shape nor stand behind a label is skipped there, and so is a `:` that belongs to no
address. This is a filter only: it may let too much through, never too little; the steps decide.
Tests: tests/unit/test_pii_fallback_anchors.py.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from functools import cache
from typing import Final

from pyplugins.pii_filter import _tables as tables
from pyplugins.pii_filter._escapes import HIDDEN_DIGIT
from pyplugins.pii_filter._labels import labels

#: `lastindex` of a match: which anchor it is. A number without group may only be labelled.
NUMBER: Final = 1
IBAN: Final = 2
AT: Final = 3
COLON: Final = 4

#: Most letters before the first digit of a value.
MOST_LETTERS: Final = 8

_END = "(?![0-9])"
_GAP = "[ .,-]{1,4}(?:[A-Za-z]{2,3} )?"
_NAMED_DATE = f"(?:[A-Za-z]{{2}})?{_GAP}[^ .,0-9-]{{3,}}{_GAP}[0-9]{{4}}"

# What stands behind the first digit of a value without a label, by the digits that follow it. `{born}` is a label that
# may stand behind a date.
_SHAPES = (
    (
        f"[0-9]?{_END}",
        r"/[0-9]{1,2}/[0-9]{4}",  # bare date
        r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",  # v4
        r"(?<=1)[ .-]?\(?[2-9][0-9]{2}\)?[ .-]?[0-9]{3}[ .-][0-9]{4}",  # nanp behind 1
        r"(?<=[ .,-][0-9])(?:[A-Za-z]{2})?[ .,-]{1,4}[0-9]{4}(?![0-9])",  # day behind a month
        r"(?<=[ .,-][0-9]{2})(?:[A-Za-z]{2})?[ .,-]{1,4}[0-9]{4}(?![0-9])",
        "[/.-][0-9]{1,2}[/.-][0-9]{2,4}{born}",
        f"{_NAMED_DATE}{{born}}",
    ),
    (
        f"[0-9]{{2}}{_END}",
        r"[- ][0-9]{2}[- ][0-9]{4}",  # ssn
        r"\)?[ .-]?[0-9]{3}[ .-][0-9]{4}",  # nanp
        r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",  # v4
    ),
    (
        f"[0-9]{{3}}{_END}",
        r"[ .-][0-9]{4,6}[ .-][0-9]{4}",  # grouped card
        "[/.-][0-9]{1,2}[/.-][0-9]{1,2}{born}",
        " ?年 ?[0-9]{1,2} ?月 ?[0-9]{1,2} ?日{born}",
    ),
    (f"[0-9]{{7}}{_END}", "{born}"),
    (f"[0-9]{{12,18}}{_END}", ""),  # bare card
    (r"(?<=\+[0-9])", ""),  # international phone
)
# What stands behind the first digit of a value with a label before it.
_FORMS = (
    "(?:-?[A-Za-z0-9]){4}",  # five letters and digits are the least
    r"[0-9]{0,3}[ \-./()]{1,3}[0-9]",  # groups
    "[0-9]{3} ?年",
    f"[0-9]?{_NAMED_DATE}",
)
_IBAN = "[0-9][ -]?[A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{4}"
# An address holds `::`, or seven colons, or six and a dot.
_COLON = ":|(?:[0-9A-Fa-f]{1,4}:){5}"


def _one_of(characters: Iterable[str]) -> str:
    """A class of these characters, ASCII letters in both cases, and of all that are not ASCII: quick to compile."""
    either = {*characters, *(character.upper() for character in characters if character.isascii())}
    return f"[^{''.join(re.escape(chr(code)) for code in range(128) if chr(code) not in either)}]"


class _Before:
    """What may stand before a token that a label may introduce."""

    def __init__(self) -> None:
        separators, endings = labels().separators, labels().endings
        # What stands right before a token is no word character, so it is no `_`.
        parting = _one_of(separators - {"_"})
        #: The character right before it.
        self.character = parting
        self._forms = (
            f"{_one_of(separators | endings)}{parting}",
            "[A-Za-z0-9_.:-]>",  # a tag
            f"{_one_of(string.ascii_letters + '_-')}[0-9]{parting}",  # a field with a number
            r"[^\x00-\x7f]",  # a label that needs no separator
        )

    def token(self, token: str) -> str:
        """A label may end before the token that ends here."""
        return f"(?<={self.character}{token})(?:{'|'.join(f'(?<={form}{token})' for form in self._forms)})"


def _shapes() -> str:
    born = f" ?(?ai:{'|'.join(map(re.escape, tables.birth_labels_behind()))})"
    groups = (f"{digits}(?:{'|'.join(tails)})" for digits, *tails in _SHAPES)
    return "|".join(groups).replace("{born}", born)


def _enough(letters: int) -> str:
    """At least five letters and digits in all, behind so many letters and a digit."""
    return f"(?=(?:-?[A-Za-z0-9]){{{max(4 - letters, 0)}}})"


def _led(before: _Before, letters: int) -> str:
    """A token of so many letters and a digit, or of more."""
    token = f"[A-Za-z]{{{letters}}}[0-9]"
    forms = [f"{before.token(token)}{_enough(letters)}"]
    if letters == 2:
        forms.insert(0, f"(?<![A-Za-z0-9_]{token})(?={_IBAN})()")
    if letters < MOST_LETTERS:
        forms.append(f"(?<=[A-Za-z]{token})(?:{_led(before, letters + 1)})")
    return "|".join(forms)


@cache
def anchors() -> re.Pattern[str]:
    """Matches one character: the first digit of a token, the `@` or the `:`."""
    before = _Before()
    # `G-667000`: the value begins at the letters.
    lettered = "|".join(f"{before.token(f'[A-Za-z]{{{n}}}-[0-9]')}{_enough(n)}" for n in (1, 2, 3))
    bare = f"(?={_shapes()})()|{before.token('[0-9]')}(?={'|'.join(_FORMS)})|(?<=[A-Za-z]-[0-9])(?:{lettered})"
    number = f"(?<![A-Za-z_][0-9])(?<![0-9{HIDDEN_DIGIT}][.-][0-9])(?:{bare})|(?<=[A-Za-z][0-9])(?:{_led(before, 1)})"
    # Most digits follow a digit: they are put aside first.
    return re.compile(f"[0-9@:](?<![0-9][0-9])(?:(?<=[0-9])(?:{number})|(?<=@)()|(?<=:)(?={_COLON})())")
