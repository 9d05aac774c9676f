"""Statements, values and payloads on which we and the peers agree. Tests: tests/bench/test_sections.py."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from bench.texts import filled, filled_in, log_line, prose

_STATEMENTS = (
    "SELECT id, total FROM orders WHERE customer = <1-9999> AND state = '<open|paid|sent>' ORDER BY id LIMIT <1-99>;",
    "SELECT c.name, COUNT(*) FROM customers c JOIN orders o ON o.customer = c.id GROUP BY c.name HAVING COUNT(*) > 3;",
    "INSERT INTO notes (author, body) VALUES ('<alice|bob|carol>', 'it''s done; see page <1-99>');",
    "UPDATE accounts SET balance = <1-9999> WHERE id = <1-9999>;",
    "DELETE FROM sessions WHERE expires = '2025-<01-12>-<01-28>';",
    "WITH recent AS (SELECT * FROM events WHERE day > '2025-<01-12>-01') SELECT kind, MAX(day) FROM recent GROUP BY 1;",
    "SELECT * FROM items WHERE price BETWEEN <1-9> AND <10-99> AND note LIKE '%drop by on monday%';",
)

#: Arguments of a tool, by what is in them.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "clean": {
        "sql": "SELECT id, name FROM customers WHERE id = 42 AND state = 'open' ORDER BY name LIMIT 10",
        "count": "SELECT COUNT(*) FROM orders WHERE placed > '2025-01-01'",
        "note": "the report for monday, please with all regions",
        "limit": 10,
    },
    "a comment": {
        "sql": "SELECT id, name FROM customers /* all of them */ WHERE id > 7 -- and more",
        "note": "the report for monday, please with all regions",
    },
    "DROP": {
        "sql": "SELECT 1; DROP TABLE customers",
        "note": "the report for monday, please with all regions",
    },
    "DELETE without WHERE": {
        "sql": "DELETE FROM customers",
        "note": "the report for monday, please with all regions",
    },
    "nested, 40 strings": {
        "batch": [
            {"sql": f"SELECT name FROM customers WHERE id = {number}", "note": "for monday"} for number in range(20)
        ]
    },
}

#: Values as they come in arguments: harmless ones, and injections that libinjection knows as well.
BENIGN = (
    "alice@example.com",
    "O'Brien",
    "Union was a great select for our team",
    "12 High Street, Springfield",
    "2025-03-14",
    "Please drop the table off at the front desk",
    "a short note about nothing in particular, with commas, and a stop.",
    "order 66 or order 67",
    "https://www.example.com/a/b?c=d",
    "Zürich, Straße 9",
)
ATTACKS = (
    "1' OR '1'='1",
    "1 OR 1=1",
    "' UNION SELECT username, password FROM users --",
    "1; DROP TABLE users",
    "admin'--",
    "1' AND SLEEP(5)--",
    "1 UNION ALL SELECT NULL,NULL,NULL",
    "' OR 1=1#",
    "1') OR ('1'='1",
    "1 AND EXTRACTVALUE(1, CONCAT(0x7e, VERSION()))",
)


def _script(chance: random.Random) -> Iterator[str]:
    while True:
        yield filled_in(chance.choice(_STATEMENTS), chance)


@cache
def text(name: str, size: int) -> str:
    """A text of exactly `size` UTF-8 bytes."""
    chance = random.Random(f"gwplugins sql {name}")
    lines = {"script": _script(chance), "prose": prose(chance), "log": iter(lambda: log_line(chance), None)}
    return filled(lines[name], size)
