"""Rules and texts of the workloads. Peer and portable reading of every pattern agree on these texts.

Tests: tests/bench/test_sections.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from bench.texts import filled, filled_in, log_line, prose, sentence
from bench.words import ENDINGS, PARAGRAPH


class Rule(NamedTuple):
    """Search and replace, in sequence with the others of its set."""

    search: str
    replace: str
    literal: bool = False
    unicode: bool = False


#: What people use such a plugin for: words, secrets, identifiers, house names.
TEN = (
    Rule(r"\bcrap\b", "crud"),
    Rule(r"(?i)\bconfidential\b", "[internal]"),
    Rule(r"\bEMP-\d{6}\b", "EMP-xxxxxx"),
    Rule(r"\b\d{3}-\d{2}-\d{4}\b", "[ssn]"),
    Rule(r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}\b", "[mail]"),
    Rule(r"https?://internal\.[^\s/]+", "https://gateway.example.com"),
    Rule(r"\b(password|passwd)\s*[:=]\s*\S+", r"\1=***"),
    Rule(r"\bapi[_-]key\s*[:=]\s*[A-Za-z0-9_-]{16,}", "api_key=***"),
    Rule(r"(?i)\bacme corp(oration)?\b", "the customer"),
    Rule(r"\b(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}\b", r"\1.\2.x.x"),
)
_HITS = (
    "crap",
    "Confidential",
    "EMP-<100000-999999>",
    "<100-665>-<10-99>-<1000-9999>",
    "<alice|bob|carol>@example.com",
    "http://internal.example.net/wiki",
    "password: s3cret<10-99>",
    "api_key=<x20>",
    "ACME Corp",
    "192.0.2.<1-254>",
)


@cache
def thousand() -> tuple[str, ...]:
    """Words of which none is part of another one."""
    chance = random.Random("gwplugins words")
    words: list[str] = []
    while len(words) < 1000:
        word = "".join(chance.choice("bcdfghklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(3, 5)))
        if not any(word in other or other in word for other in words):
            words.append(word)
    return tuple(words)


RULES: dict[str, tuple[Rule, ...]] = {
    "ten": TEN,
    "thousand": tuple(Rule(word, "[word]", literal=True) for word in thousand()),
    "one word": (Rule("winter", "summer", literal=True),),
    "alternation": (Rule(r"\b(?:winter|summer|spring|autumn)\b", "season"),),
    "dates": (Rule(r"\b(\d{4})-(\d{2})-(\d{2})T", r"\3.\2.\1 "),),
    "classes": (Rule(r"[aeiou]{3,}", "*"),),
    "ignore case": (Rule(r"(?i)\b(?:warn|cache|session|heap)\b", "[!]"),),
    "lines": (Rule(r"(?m)^.*\[billing\].*$", "[line removed]"),),
    "passport": (Rule(r"\b[A-Z]{2}\d{6}\b", "[passport]", unicode=True),),
    "russian word": (Rule(r"(?i)\bПОДРОБН\w*", "кратко", unicode=True),),
    "nested loop": (Rule(r"(a+)+$", "x"),),
}


def _words(chance: random.Random, share: float) -> Iterator[str]:
    """Lines of words, this share of them hits of the ten rules."""
    while True:
        words = chance.choices(PARAGRAPH, k=12)
        yield " ".join(filled_in(chance.choice(_HITS), chance) if chance.random() < share else word for word in words)


def _literals(chance: random.Random) -> Iterator[str]:
    """Lines of words, one in a hundred out of the thousand."""
    while True:
        words = chance.choices(PARAGRAPH, k=12)
        yield " ".join(chance.choice(thousand()) if chance.random() < 0.01 else word for word in words)


def _passports(language: str, chance: random.Random) -> Iterator[str]:
    """Sentences, one in fifty with a passport number."""
    for number in range(1 << 30):
        line = sentence(language, chance)
        found = f" AB{chance.randint(100000, 999999)} {chance.choice(ENDINGS[language])}."
        yield line + found if number % 50 == 25 else line


@cache
def text(name: str, size: int) -> str:
    """A text of exactly `size` UTF-8 bytes."""
    chance = random.Random(f"gwplugins regex {name}")
    if name == "nested loop":
        return "a" * (size - 1) + "b"
    if name in ("russian", "german", "chinese"):
        return filled(_passports(name, chance), size)
    lines = {
        "hits": _words(chance, 0.01),
        "dense": _words(chance, 0.12),
        "literals": _literals(chance),
        "prose": prose(chance),
        "log": iter(lambda: log_line(chance), None),
    }
    return filled(lines[name], size)


def payload() -> dict[str, Any]:
    """What a tool answers: forty strings, three of them with hits."""
    chance = random.Random("gwplugins regex payload")
    rows = [
        {"id": number, "title": next(_words(chance, 0.0)), "body": next(_words(chance, 0.02)), "open": True}
        for number in range(20)
    ]
    return {"content": rows, "isError": False}
