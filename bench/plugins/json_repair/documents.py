"""Valid documents of several shapes, and ways to break them that every peer repairs to the value they had.

Tests: tests/bench/test_sections.py.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from bench.words import ENDINGS, PARAGRAPH


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(PARAGRAPH, k=count))


def _record(chance: random.Random, number: int) -> dict[str, Any]:
    """What a tool answers about one thing."""
    return {
        "id": number,
        "title": _words(chance, 4),
        "summary": f"{_words(chance, 14)}. {chance.choice(ENDINGS['german'])}",
        "score": round(chance.random(), 4),
        "open": chance.random() < 0.5,
        "owner": None if chance.random() < 0.2 else {"name": _words(chance, 1), "level": chance.randint(1, 9)},
        "tags": [_words(chance, 1) for _ in range(chance.randint(1, 4))],
    }


def document(size: int, seed: str, indent: int | None = None, ensure_ascii: bool = False) -> str:
    """Records, at least `size` bytes of UTF-8 with the last one."""
    chance = random.Random(f"gwplugins json {seed}")
    records: list[dict[str, Any]] = []
    length = 0
    while length < size:
        records.append(_record(chance, len(records)))
        length += len(json.dumps(records[-1], ensure_ascii=False, indent=indent).encode()) + 2
    whole = {"status": "ok", "count": len(records), "items": records} if size > 400 else records[0]
    if size < 200:
        whole = {key: whole[key] for key in ("id", "title", "score", "tags", "open")}
    return json.dumps(whole, ensure_ascii=ensure_ascii, indent=indent)


def _every(text: str, pattern: str, replacement: str, step: int = 3) -> str:
    """Each `step`-th match of a pattern replaced, the first one always."""
    count = 0

    def one(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return found.expand(replacement) if count % step == 1 else found.group()

    return re.sub(pattern, one, text)


#: Ways to break a document, as models do.
BREAKS: dict[str, Callable[[str], str]] = {
    "trailing commas": lambda text: _every(text, r"([}\]])", r",\1"),
    "a comma missing": lambda text: _every(text, r'", "(?=summary)', '" "'),
    "keys without quotes": lambda text: _every(text, r'"(id|title|score|tags)":', r"\1:"),
    "single quotes": lambda text: text.replace('"', "'"),
    "Python constants": lambda text: text.replace("true", "True").replace("false", "False").replace("null", "None"),
    "the end missing": lambda text: text.rstrip("}] \n"),
    "a code fence and prose": lambda text: f"Here is the result:\n```json\n{text}\n```\n",
    "comments": lambda text: _every(text, r'("title":)', r"/* the title */ \1"),
    "a code fence": lambda text: f"```json\n{text}\n```",
    "the last bracket missing": lambda text: text[:-1],
}
#: npm jsonrepair makes something else of this one.
PROSE = "a code fence and prose"
#: Broken documents of the main workload, and the bytes of the smallest and the largest.
COUNT, SMALLEST, LARGEST = 20, 100, 20_000


@cache
def broken() -> tuple[tuple[str, str], ...]:
    """Twenty documents of 0.1 to 20 KB, each as it was and broken."""
    names = [name for name in BREAKS if name != PROSE]
    pairs = []
    for number in range(COUNT):
        size = round(SMALLEST * (LARGEST / SMALLEST) ** (number / (COUNT - 1)))
        whole = document(size, f"broken {number}", indent=2 if number % 3 == 2 else None)
        pairs.append((whole, BREAKS[names[number % len(names)]](whole)))
    return tuple(pairs)


@cache
def valid(size: int, indent: int | None = None, ensure_ascii: bool = True) -> str:
    """A valid document of about this many bytes, as `json.dumps` writes it: letters beyond ASCII are escapes."""
    return document(size, "valid", indent, ensure_ascii)
