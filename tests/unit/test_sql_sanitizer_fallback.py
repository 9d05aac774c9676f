"""The parts of the pure-Python SQL sanitizer: tables, lexer, shapes, readings. The vectors hold the whole."""

from __future__ import annotations

import json
import re

import pytest

from pyplugins.core import data
from pyplugins.sql_sanitizer import _lexer, _shapes, _tables
from pyplugins.sql_sanitizer._settings import Settings
from pyplugins.sql_sanitizer._statements import Masked, read
from pyplugins.sql_sanitizer.fallback import SQLSanitizerGuard

KINDS = (
    *("WORD", "NUMBER", "STRING", "DOLLAR", "QUOTED", "PARAM", "COMMENT", "HINT"),
    *("OPEN", "CLOSE", "COMMA", "DOT", "SEMI", "OP"),
)


def tokens(text: str, dialect: str = "generic") -> str:
    """Kind and text of each token, a star where one does not end."""
    lexer = _lexer.Lexer(text, 0, _tables.DIALECTS[dialect])
    told = []
    while (token := lexer.token()) is not None:
        told.append(f"{KINDS[token.kind]}:{text[token.start : token.end]}{'*' if token.unclosed else ''}")
    return " ".join(told)


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("select a1, 1.5e3 from t;", "ansi", "WORD:select WORD:a1 COMMA:, NUMBER:1.5e3 WORD:from WORD:t SEMI:;"),
        ("0x1F 0xg 1. .5 1e", "ansi", "NUMBER:0x1F NUMBER:0 WORD:xg NUMBER:1. NUMBER:.5 NUMBER:1 WORD:e"),
        ("'it''s' \"a\"\"b\"", "ansi", "STRING:'it''s' QUOTED:\"a\"\"b\""),
        ("'a' 'b", "ansi", "STRING:'a' OP:'* WORD:b"),
        ("'''", "ansi", "OP:'* OP:' OP:'"),
        ("'a\\'b'", "mysql", "STRING:'a\\'b'"),
        ("'a\\'b'", "ansi", "STRING:'a\\' WORD:b OP:'*"),
        ("E'a\\'b' N'c' q'd'", "postgres", "STRING:E'a\\'b' STRING:N'c' WORD:q STRING:'d'"),
        ("q'[it's]' nq'{a}' q'xbx'", "oracle", "STRING:q'[it's]' STRING:nq'{a}' STRING:q'xbx'"),
        ("'''a'b''' r'\\'", "bigquery", "STRING:'''a'b''' STRING:r'\\'"),
        ("$$a$$ $t$ $$ $t$ $1 $x", "postgres", "DOLLAR:$$a$$ DOLLAR:$t$ $$ $t$ PARAM:$1 OP:$ WORD:x"),
        ("`a` [b]]c] #d", "mssql", "OP:` WORD:a OP:` QUOTED:[b]]c] WORD:#d"),
        ("[a b] [1] [", "generic", "QUOTED:[a b] OP:[ NUMBER:1 OP:] OP:["),
        ("a -- b\nc --d", "mysql", "WORD:a COMMENT:-- b WORD:c OP:- OP:- WORD:d"),
        ("a # b", "postgres", "WORD:a OP:# WORD:b"),
        ("from #a # b", "generic", "WORD:from WORD:#a COMMENT:# b"),
        ("/* /* */ */ 1", "postgres", "COMMENT:/* /* */ */ NUMBER:1"),
        ("/* /* */ */ 1", "mysql", "COMMENT:/* /* */ OP:* OP:/ NUMBER:1"),
        ("/*!50000 a */ /*+ b */", "mysql", "WORD:a HINT:/*+ b */"),
        ("/* a", "ansi", "OP:/* OP:* WORD:a"),
        ("? :a @b @@c a::b %s", "ansi", "PARAM:? PARAM::a PARAM:@b PARAM:@@c WORD:a OP::: WORD:b OP:% WORD:s"),
        ("```sql\na\n```", "generic", "SEMI:```sql WORD:a SEMI:```"),
        ("a\u00a0b\u3000é中\ufeffc", "ansi", "WORD:a WORD:b WORD:é中 WORD:c"),
    ],
)
def test_tokens(text: str, dialect: str, expected: str) -> None:
    assert tokens(text, dialect) == expected


def test_no_character_is_lost() -> None:
    text = "".join(map(chr, range(1, 0x180)))
    for dialect in _tables.DIALECTS.values():
        lexer = _lexer.Lexer(text, 0, dialect)
        end = 0
        while (token := lexer.token()) is not None:
            assert not text[end : token.start].strip(_lexer_spaces())
            end = token.end
        assert end == len(text)


def _lexer_spaces() -> str:
    return "".join(char for char in map(chr, range(0x180)) if re.match(f"[{_lexer.SPACES}]", char))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("SELECT * FROM t", True),
        ("SELECT one of the items", False),
        ("SELECT one FROM t", True),
        ("DELETE FROM t", True),
        ("DELETE FROM the list", False),
        ("DELETE FROM t a b", False),
        ("DELETE TOP (5) FROM t", True),
        ("UPDATE t SET a = 1", True),
        ("UPDATE the set of rules", False),
        ("DROP TABLE t", True),
        ("DROP me", False),
        ("TRUNCATE t", True),
        ("TRUNCATE long lines", False),
        ("GRANT SELECT ON t TO b", True),
        ("GRANT me a wish", False),
        ("INSERT INTO t", True),
        ("INSERT coin now", False),
        ("REPLACE(a, b)", False),
        ("WITH a AS (", True),
        ("WITH love", False),
        ("COPY t TO 'x'", True),
        ("COPY that to me", False),
        ("WAITFOR DELAY '0:0:1'", True),
        ("USE shop;", True),
        ("USE it or lose it", False),
    ],
)
def test_shapes(text: str, *, holds: bool) -> None:
    lexer = _lexer.Lexer(text, 0, _tables.DIALECTS["generic"])
    verb = lexer.token()
    assert verb is not None
    assert _shapes.holds(verb, lexer, first=True) is holds


def test_a_name_is_no_keyword_by_another_alphabet() -> None:
    assert _tables.classes("SELECT") & _tables.SELECT
    for word in ("ſelect", "li\u212ae", "SELECT\u0130"):
        assert _tables.classes(word) == 0


def test_the_words_of_the_tables_are_lower_case() -> None:
    tables = [data.load("sql_sanitizer", "keywords.json"), data.load("sql_sanitizer", "follow.json")]
    words = [word for table in tables for words in table.values() for word in words]
    assert [word for word in words if word != word.lower()] == []
    assert max(map(len, words)) <= 16


def test_masks_lead_back_to_the_text() -> None:
    text = "a 'bc' /*x*/ \"d\" e"
    masked = Masked(text)
    lexer = _lexer.Lexer(text, 0, _tables.DIALECTS["ansi"])
    while (token := lexer.code()) is not None:
        masked.take(token)
    assert "".join(masked._parts) == "a '' \"\" e"
    settings = Settings.read(json.dumps({"blocked_statements": ["'' \"", "e"]}))
    hits = masked.search(settings.patterns)
    assert [(hit.rule, text[hit.start : hit.end]) for hit in hits] == [(0, "'bc' /*x*/ \"d\""), (1, "e")]


def test_what_cannot_be_sql_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = SQLSanitizerGuard.open("{}")
    monkeypatch.setattr("pyplugins.sql_sanitizer.fallback.read", None)
    assert guard.scan("nothing here -- but 'words' and /* signs */").findings == ()


def test_readings() -> None:
    settings = Settings.read("{}")
    ansi, mysql = (
        read(settings, _tables.DIALECTS[name], r"SELECT 'a\'; DROP TABLE t; '") for name in ("ansi", "mysql")
    )
    assert [hit.rule for hit in ansi.hits] == [0, settings.unclosed_rule]
    assert [hit.rule for hit in mysql.hits] == []
    assert ansi.ambiguous & _lexer.AMBIGUOUS_BACKSLASH
