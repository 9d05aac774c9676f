"""The tables of `rules/`: words and their classes, dialects, what may follow a word, weights.

Twin of rustlib/engines/sql_sanitizer/src/data.rs. Read once; nothing here may be changed.
Tests: tests/unit/test_sql_sanitizer_fallback.py.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pyplugins.core import data

KIND: Final = "sql_sanitizer"

_KEYWORDS: Final[dict[str, list[str]]] = data.load(KIND, "keywords.json")
_BITS: Final = {name: 1 << bit for bit, name in enumerate(_KEYWORDS)}

OBJECT: Final = _BITS["object"]
PRIVILEGE: Final = _BITS["privilege"]
SELECT: Final = _BITS["select"]
DELETE: Final = _BITS["delete"]
UPDATE: Final = _BITS["update"]
INSERT: Final = _BITS["insert"]
REPLACE: Final = _BITS["replace"]
MERGE: Final = _BITS["merge"]
CHANGE: Final = _BITS["change"]
ALTER: Final = _BITS["alter"]
TRUNCATE: Final = _BITS["truncate"]
GRANT: Final = _BITS["grant"]
EXEC: Final = _BITS["exec"]
WITH: Final = _BITS["with"]
VALUES: Final = _BITS["values"]
FOLLOW: Final = _BITS["follow"]
PREFIX: Final = _BITS["prefix"]
EXPLAIN: Final = _BITS["explain"]
WHERE: Final = _BITS["where"]
FROM: Final = _BITS["from"]
SET: Final = _BITS["set"]
INTO: Final = _BITS["into"]
TO: Final = _BITS["to"]
ON: Final = _BITS["on"]
AS: Final = _BITS["as"]
THEN: Final = _BITS["then"]
USING: Final = _BITS["using"]
RECURSIVE: Final = _BITS["recursive"]
TABLE: Final = _BITS["table"]
MODIFIER: Final = _BITS["modifier"]
AFTER_TRUNCATE: Final = _BITS["after_truncate"]
AFTER_DELETE: Final = _BITS["after_delete"]
ARTICLE: Final = _BITS["article"]
TABLE_PLACE: Final = _BITS["table_place"]
EXECUTES: Final = _BITS["executes"]
EXPRESSION: Final = _BITS["expression"]
OPERAND: Final = _BITS["operand"]
CONSTANT: Final = _BITS["constant"]
UNARY: Final = _BITS["unary"]
LOGIC: Final = _BITS["logic"]
BINARY_WORD: Final = _BITS["binary_word"]
COMPARES: Final = _BITS["compares"]
BETWEEN: Final = _BITS["between"]
IS: Final = _BITS["is"]
IF: Final = _BITS["if"]
AFTER_IS: Final = _BITS["after_is"]
NOT: Final = _BITS["not"]
CLAUSE: Final = _BITS["clause"]
BY_CLAUSE: Final = _BITS["by_clause"]
BY: Final = _BITS["by"]
JOIN: Final = _BITS["join"]
UNION: Final = _BITS["union"]
UNION_TAIL: Final = _BITS["union_tail"]
CASE: Final = _BITS["case"]
END: Final = _BITS["end"]
TRAILING: Final = _BITS["trailing"]
HAVING: Final = _BITS["having"]
TYPED: Final = _BITS["typed"]

#: The words that begin statements and whose shape is examined.
HEAD: Final = (
    SELECT | DELETE | UPDATE | INSERT | REPLACE | MERGE | CHANGE | TRUNCATE | GRANT | EXEC | WITH | VALUES | FOLLOW
)


class Dialect(NamedTuple):
    """How a dialect reads strings, names and comments; the features of `rules/dialects.json`."""

    name: str
    backslash: bool
    e_strings: bool
    raw_strings: bool
    q_strings: bool
    dollar: bool
    triple: bool
    backtick: bool
    bracket: str
    hash: str
    dash_space: bool
    nested: bool
    conditional: bool
    hints: bool
    fence: bool
    #: Words behind a DELETE without FROM: 0 it needs FROM, 1 a name alone, 2 also with another one.
    bare_delete: int


def _classes() -> dict[str, int]:
    found: dict[str, int] = {}
    for name, words in _KEYWORDS.items():
        for word in words:
            found[word] = found.get(word, 0) | _BITS[name]
    return found


def _dialect(name: str, features: list[str]) -> Dialect:
    """The dialect that has these features; ``bracket_names`` sets `bracket` to ``names``."""
    flags: dict[str, Any] = {field: field in features for field in Dialect._fields[1:]}
    chosen = {"bracket": "none", "hash": "none", "bare_delete": "0"}
    for field in chosen:
        values = [feature.removeprefix(f"{field}_") for feature in features if feature.startswith(f"{field}_")]
        chosen[field] = (*values, chosen[field])[0]
    return Dialect(**flags | chosen | {"name": name, "bare_delete": int(chosen["bare_delete"])})


#: Classes of each word of the table, in lower case.
CLASSES: Final = _classes()
DIALECTS: Final = {name: _dialect(name, features) for name, features in data.load(KIND, "dialects.json").items()}
FOLLOWS: Final[dict[str, list[str]]] = data.load(KIND, "follow.json")
INJECTION: Final[dict[str, Any]] = data.load(KIND, "injection.json")


def classes(word: str) -> int:
    """The classes of a word, ASCII letters in any case; 0 for a word that means nothing."""
    # Only ASCII: a Kelvin sign is no K.
    return CLASSES.get(word.lower(), 0) if word.isascii() else 0


def words_of(mask: int) -> list[str]:
    """The words of any of the classes."""
    return sorted(word for word, found in CLASSES.items() if found & mask)
