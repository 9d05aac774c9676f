"""Texts and configurations for the SQL sanitizer: words, marks and fragments of SQL, glued together in every way.

`text(rng)` is fast and serves millions of cases; `texts()` and `configs()` are the same for Hypothesis, which makes
failing cases small. Nothing here may know what an engine would find.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from pyplugins.core import data

_VECTORS = Path(__file__).parents[1] / "vectors/sql_sanitizer.jsonl"

#: Texts of the vectors: what somebody thought worth a row.
SEEDS = (
    [row["input"] for row in map(json.loads, _VECTORS.read_text("utf-8").splitlines()) if row.get("input")]
    if _VECTORS.exists()
    else ["DROP TABLE x"]
)
KEYWORDS = sorted({word for words in data.load("sql_sanitizer", "keywords.json").values() for word in words})
NAMES = sorted(
    {
        name
        for kinds in data.load("sql_sanitizer", "injection.json")["names"].values()
        for names in kinds.values()
        for name in names
    }
)
DIALECTS = list(data.load("sql_sanitizer", "dialects.json"))
#: Of each dialect something, so that what begins may end.
MARKS = (
    *("'", "'", "'", '"', '"', "`", "```", "[", "]", "(", ")", "(", ")", ",", ".", ";", ";", "?", "@", "@@", "$", "$$"),
    *(
        "$a$",
        "#",
        "##",
        "-",
        "--",
        "-- ",
        "/*",
        "*/",
        "/**/",
        "/*!",
        "/*!50000 ",
        "/*+",
        "/*M!",
        "*",
        "/",
        "+",
        "=",
        "<",
    ),
    *(">", "!", "|", "||", "&", "&&", "%", "%s", "%(", "{", "}", "{}", "{{", "${", "\\", "\\'", "''", '""', ":", "::"),
    *(":=", "^", "~", "q'[", "]'", "E'", "N'", "x'", "r'", "'''", "%27", "%2527", "%20", "%u0027", "%c0%a7", "&#39;"),
    *("&#x27;", "&quot;", "&lt;", "＇", "’", "“", "ｏｒ", "%EF%BC%87", "1=1", "0x41", "1.5e3", ".5", "@x", ":x", "$1"),
)
SPACES = (
    " ",
    " ",
    " ",
    " ",
    " ",
    "",
    "",
    "\n",
    "\t",
    "\r",
    "\r\n",
    "\0",
    "\x7f",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\u2028",
    "+",
)
WORDS = (
    *("a", "b", "t", "x", "users", "id", "name", "admin", "the", "it", "1", "2", "0", "10", "é", "中", "ſelect", "K"),
    *("\ud800", "select", "from", "where", "drop", "table", "delete", "update", "set", "union", "or", "and", "s", "E"),
    *("insert", "into", "values", "truncate", "alter", "grant", "to", "on", "explain", "begin", "with", "as", "exec"),
)
FRAGMENTS = (
    *("SELECT * FROM t", "DELETE FROM t", "UPDATE t SET a = 1", "WHERE a = 1", "DROP TABLE x", "ALTER TABLE t"),
    *("GRANT SELECT ON t TO bob", "TRUNCATE t", "MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE"),
    *("' OR 1=1 --", "' OR 'a'='a", "1 UNION SELECT 1,2", "UNION ALL SELECT NULL", "; DROP TABLE t", "') OR ('1'='1"),
    *(
        "WITH x AS (SELECT 1)",
        "EXPLAIN ANALYZE",
        "EXEC('",
        "DO $$",
        "AND SLEEP(5)",
        "waitfor delay '0:0:5'",
        "admin'--",
    ),
    *("AND (SELECT 1 FROM t)", "ORDER BY 3", "CASE WHEN 1=1 THEN 1 ELSE 0 END", "CHAR(65)", "LIKE '%", "IS NOT NULL"),
    *(
        "BETWEEN 1 AND 2",
        "IN (1, 2)",
        "UN/**/ION",
        "information_schema.tables",
        "extractvalue(1,",
        "HAVING 1=1",
        "it's",
    ),
)


def text(rng: Random) -> str:
    """A text; fast, because it serves millions of cases."""
    if rng.random() < 0.15:
        seed = rng.choice(SEEDS)
        start, end = rng.randrange(len(seed) + 1), rng.randrange(len(seed) + 1)
        return seed[:start] + rng.choice(MARKS) + seed[end:]
    parts = []
    for _ in range(rng.randrange(1, 14)):
        kind = rng.random()
        pool = WORDS if kind < 0.35 else MARKS if kind < 0.65 else FRAGMENTS if kind < 0.85 else KEYWORDS
        word = rng.choice(NAMES if kind > 0.97 else pool)
        parts.append(word.upper() if rng.random() < 0.2 else word)
        parts.append(rng.choice(SPACES))
    return "".join(parts)


_BLOCKED = (
    r"\bDROP\b",
    r"\bdelete\b",
    r"(?i)\bSELECT\b",
    r"\bUNION\b",
    r"\bx\b",
    r"drop\s+table",
    r"(?i)into\s",
    "[a-c]=",
    "'' ",
    '.""',
    "[^a]{3}",
)


def config(rng: Random) -> dict[str, Any]:
    """A configuration that the schema accepts."""
    made: dict[str, Any] = {"detect_injection": rng.random() < 0.6}
    if rng.random() < 0.6:
        made["dialect"] = rng.choice(DIALECTS)
    if rng.random() < 0.4:
        made["blocked_statements"] = rng.sample(_BLOCKED, rng.randrange(4))
    for key in ("strip_comments", "require_parameterization", "block_on_violation", "block_delete_without_where"):
        if rng.random() < 0.3:
            made[key] = rng.random() < 0.5
    if rng.random() < 0.3:
        made["injection_threshold"] = rng.choice([1, 100, 300, 900, 1000])
    if rng.random() < 0.1:
        made |= {"injection_action": "audit", "max_findings": rng.choice([1, 3])}
    return made


def texts() -> st.SearchStrategy[str]:
    """The same for Hypothesis."""
    part = st.sampled_from([*WORDS, *MARKS, *FRAGMENTS, *SPACES, *SEEDS]) | st.text(max_size=3)
    return st.lists(part, max_size=12).map("".join)


def configs() -> st.SearchStrategy[dict[str, Any]]:
    """Configurations that the schema accepts."""
    return st.randoms(use_true_random=False).map(config)
