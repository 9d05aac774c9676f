"""Tool results as they come: tables, records with parts, settings; texts of a given size, the same each time."""

from __future__ import annotations

import json
import random
from typing import Any

from bench import texts


def table(chance: random.Random) -> dict[str, Any]:
    """A row: what list tools answer."""
    return {
        "id": chance.randrange(10**6),
        "name": f"user {chance.randrange(1000)}",
        "email": f"user{chance.randrange(1000)}@mail.example",
        "active": chance.random() < 0.5,
        "score": chance.randrange(100) + chance.choice((0.25, 0.5, 0.75)),
        "note": next(texts.prose(chance))[:40],
    }


def records(chance: random.Random) -> dict[str, Any]:
    """A record with lists and objects in it, which is never a row."""
    return {
        "order": chance.randrange(10**6),
        "customer": {"name": f"user {chance.randrange(1000)}", "city": chance.choice(("Bonn", "Lyon", "Turin, IT"))},
        "items": [{"sku": f"A-{chance.randrange(999)}", "count": chance.randrange(9)} for _ in range(3)],
        "tags": chance.sample(("new", "paid", "gift", "late"), 2),
        "closed": None,
    }


KINDS = {"a table": table, "records": records}


def document(kind: str, size: int) -> str:
    """A JSON text of about so many bytes, as `json.dumps` writes it."""
    chance = random.Random(f"{kind}, {size}")
    rows: list[dict[str, Any]] = []
    length = 0
    while length < size:
        rows.append(KINDS[kind](chance))
        length += len(json.dumps(rows[-1])) + 2
    return json.dumps({"results": rows, "total": len(rows)})
