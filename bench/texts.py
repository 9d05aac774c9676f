"""Seeded texts of many kinds, the same bytes on every machine; what a plugin looks for is put in by its own section.

Standard library only: workers in the peers' environments read this. Tests: tests/bench/test_corpora.py.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from bench.words import BEGINNINGS, ENDINGS, LOG_MESSAGES, LOG_START, MIDDLES, NUMBERS, PARAGRAPH, SEPARATORS

KIB = 1 << 10
MIB = 1 << 20


def filled(lines: Iterator[str], size: int) -> str:
    """Whole lines up to `size` UTF-8 bytes, the rest blanks."""
    taken, total = [], 0
    for line in lines:
        length = len(line.encode()) + 1
        if total + length > size:
            break
        taken.append(line)
        total += length
    return "".join(f"{line}\n" for line in taken) + " " * (size - total)


def prose(chance: random.Random) -> Iterator[str]:
    """Letters and punctuation, as in a novel."""
    while True:
        words = chance.choices(PARAGRAPH, k=chance.randint(6, 16))
        yield " ".join(words).capitalize() + chance.choice(
            (".", ".", ".", "!", "?", "; he said so.", ", they thought.")
        )


def prose_with_numbers(chance: random.Random) -> Iterator[str]:
    """Prose in which every third sentence or so counts, dates or times something."""
    for line in prose(chance):
        yield f"{line} It was {filled_in(chance.choice(NUMBERS), chance)}." if chance.random() < 0.33 else line


def filled_in(template: str, chance: random.Random) -> str:
    """The template with each `<...>` drawn: `<1-900>` a number, `<x12>` hex digits, `<a|b>` one of these."""

    def drawn(place: re.Match[str]) -> str:
        rule = place.group(1)
        if "|" in rule:
            choices: list[str] = rule.split("|")
            return chance.choice(choices)
        if rule.startswith("x"):
            return f"{chance.getrandbits(4 * int(rule[1:])):0{rule[1:]}x}"
        low, high = rule.split("-")
        return str(chance.randint(int(low), int(high))).zfill(len(low))

    return re.sub("<(.+?)>", drawn, template)


def log_line(chance: random.Random) -> str:
    """A line of an application log without personal data."""
    return filled_in(f"{LOG_START} {chance.choice(LOG_MESSAGES)}", chance)


def sentence(language: str, chance: random.Random) -> str:
    """A sentence in German, Russian or Chinese."""
    between, stop = SEPARATORS[language]
    words = [
        chance.choice(BEGINNINGS[language]),
        *chance.choices(MIDDLES[language], k=chance.randint(6, 16)),
        chance.choice(ENDINGS[language]),
    ]
    return between.join(words) + stop


def strings(data: Any) -> list[str]:
    """All strings of a payload that are values."""
    if isinstance(data, str):
        return [data]
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [string for part in parts for string in strings(part)]
