"""What is compressed: JSON results of tools, logs and HTML, seeded; no record is like another. And small results of one
tool, for dictionaries.

Standard library only. Tests: tests/bench/test_sections.py.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from bench.words import PARAGRAPH

_START = datetime(2026, 1, 1, tzinfo=UTC)


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(PARAGRAPH, k=count))


def _records(chance: random.Random) -> Iterator[str]:
    while True:
        yield json.dumps(
            {
                "id": chance.randrange(10**7),
                "title": _words(chance, 5),
                "url": f"https://example.com/documents/{chance.randrange(10**5)}",
                "score": round(chance.random(), 4),
                "owner": {"name": _words(chance, 1), "active": chance.random() < 0.5},
                "tags": chance.choices(PARAGRAPH, k=2),
                "note": None,
            }
        )


def _log(chance: random.Random) -> Iterator[str]:
    at = _START
    while True:
        at += timedelta(milliseconds=chance.randrange(4000))
        level = chance.choice(("INFO", "INFO", "INFO", "WARN", "ERROR"))
        yield f"{at:%Y-%m-%dT%H:%M:%S.%fZ} {level} request={chance.getrandbits(48):012x} {_words(chance, 6)}"


def _html(chance: random.Random) -> Iterator[str]:
    while True:
        link = f'<a href="/p/{chance.randrange(10**5)}" class="link">{_words(chance, 3)}</a>'
        yield f'<tr class="row"><td>{chance.randrange(10**4)}</td><td>{link}</td><td>{_words(chance, 8)}</td></tr>'


KINDS: dict[str, Callable[[random.Random], Iterator[str]]] = {"JSON": _records, "log": _log, "HTML": _html}


@cache
def text(kind: str, size: int) -> str:
    """`size` bytes of a kind; ASCII."""
    chance = random.Random(f"{kind} {size}")
    parts: list[str] = []
    total = 0
    for line in KINDS[kind](chance):
        parts.append(line)
        total += len(line) + 1
        if total >= size:
            break
    return "\n".join(parts)[:size].ljust(size)


def small_result(number: int) -> bytes:
    """About 1 KB of JSON as a tool over an issue tracker answers it: words, numbers and times differ."""
    chance = random.Random(f"result {number}")
    issue, user = chance.randrange(10**4), chance.randrange(10**3)
    home = f"https://api.example.com/repos/acme/{_words(chance, 1)}"
    record = {
        "url": f"{home}/issues/{issue}",
        "comments_url": f"{home}/issues/{issue}/comments",
        "events_url": f"{home}/issues/{issue}/events",
        "id": chance.randrange(10**8),
        "number": issue,
        "title": _words(chance, 5),
        "user": {"login": f"user-{user}", "id": user, "type": "User", "site_admin": False},
        "labels": [{"name": _words(chance, 1), "color": "d73a4a", "default": True}],
        "state": chance.choice(("open", "closed")),
        "locked": False,
        "assignee": None,
        "milestone": None,
        "comments": chance.randrange(20),
        "created_at": f"{_START + timedelta(minutes=chance.randrange(10**5)):%Y-%m-%dT%H:%M:%SZ}",
        "closed_at": None,
        "author_association": "CONTRIBUTOR",
        "body": _words(chance, 38),
    }
    return json.dumps({"content": [{"type": "text", "text": json.dumps(record)}], "isError": False}).encode()
