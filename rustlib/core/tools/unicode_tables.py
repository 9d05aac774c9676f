"""Writes rustlib/core/rules/unicode_patterns.json: what `unicode: true` means to portable patterns.

    python rustlib/core/tools/unicode_tables.py

The data comes from the `unicodedata` of the Python that runs it, whose Unicode version is recorded in the file. It must
never be run at build time: a new version changes what patterns match. Tests: tests/unit/test_patterns_unicode.py.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

TARGET = Path(__file__).parents[1] / "rules" / "unicode_patterns.json"
# Zero width joiner and non-joiner are parts of words in Persian and Indic scripts (UTS #18, Join_Control).
JOIN_CONTROLS = "\u200c\u200d"


def is_digit(char: str) -> bool:
    """Decimal digits of every script."""
    return unicodedata.category(char) == "Nd"


def is_word(char: str) -> bool:
    """Letters, marks, decimal and letter numbers, connectors, join controls."""
    category = unicodedata.category(char)
    return category[0] in "LM" or category in ("Nd", "Nl", "Pc") or char in JOIN_CONTROLS


def is_space(char: str) -> bool:
    """The property White_Space: separators and six controls."""
    return unicodedata.category(char)[0] == "Z" or char in "\t\n\v\f\r\x85"


def fold(char: str) -> str:
    """Simple case folding: where the full one has several characters, the lower case, if that is a single one."""
    folded = char.casefold()
    if len(folded) > 1:
        folded = char.lower()
    return folded if len(folded) == 1 else char


def scalars() -> list[str]:
    """Every character but surrogates."""
    return [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]


def ranges(member: Callable[[str], bool]) -> list[list[int]]:
    """First and last code points of the runs of members."""
    found: list[list[int]] = []
    for code in map(ord, filter(member, scalars())):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def orbits() -> list[list[int]]:
    """Sets of characters that are the same under case folding, of two members or more."""
    groups: dict[str, list[int]] = {}
    for char in scalars():
        groups.setdefault(fold(char), []).append(ord(char))
    return sorted(group for group in groups.values() if len(group) > 1)


def tables() -> dict[str, object]:
    """The content of the file."""
    return {
        "unicode": unicodedata.unidata_version,
        "digit": ranges(is_digit),
        "word": ranges(is_word),
        "space": ranges(is_space),
        "folds": orbits(),
    }


def text() -> str:
    """The file's text: one table a line."""
    rows = (f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in tables().items())
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
