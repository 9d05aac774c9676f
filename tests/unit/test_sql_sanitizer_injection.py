"""The search for injections in pure Python: forms of a value, entries, evidence, prose. The vectors hold the rest."""

from __future__ import annotations

import pytest

from pyplugins.core import data
from pyplugins.sql_sanitizer import _injection, _tables
from pyplugins.sql_sanitizer._decode import OTHER, Form, decoded, joined
from pyplugins.sql_sanitizer.api import SQLSanitizerPython

DIALECT = _injection.value_dialect(_tables.DIALECTS["generic"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%27%20or", "' or"),
        ("a%2527", "a%27"),
        ("%u0027%UFF07", "''"),
        (r"\u0027\x27\'\n.", "'''" + " ."),
        ("&#39;&#x27;&#0039;&apos;&QUOT;&lt;", "''''\"<"),
        ("%c0%a7%C1%81", "'A"),
        ("%EF%BC%87%ef%bd%81%E2%80%99", "'a'"),
        ("＇ｏｒ’“", "'or'\""),
        ("%C3%A9%A0", f"{OTHER}{OTHER} "),
        ("1+or+2%2b", "1 or 2+"),
        ("1 + %32", "1 + 2"),
        ("plain", None),
        ("100% &co; \\d", None),
    ],
)
def test_decoding(text: str, expected: str | None) -> None:
    form = decoded(Form(text))
    assert (form.text if form else None) == expected


def test_a_form_knows_where_it_comes_from() -> None:
    text = "é%2527 or"
    once = decoded(Form(text))
    assert once is not None
    twice = decoded(once)
    assert twice is not None
    assert twice.text == "é' or"
    assert [twice.span(at, at + 1) for at in range(3)] == [(0, 1), (1, 6), (6, 7)]
    assert twice.span(0, 5) == (0, len(text))


def test_joining() -> None:
    form = joined(Form("un/**/ion sel/*a b*/ect 1/**/2 /* */"))
    assert form is not None
    assert form.text == "union select 1/**/2 /* */"
    assert form.span(2, 3) == (6, 7)
    assert joined(Form("a /* */ b")) is None


def test_evidence_is_that_of_the_table() -> None:
    table = data.load("sql_sanitizer", "injection.json")
    names = {name for name, *_ in table["evidence"]}
    assert {kind.removesuffix("()") for kind in table["names"]} <= names
    known = [name for products in table["names"].values() for words in products.values() for name in words]
    assert sorted(set(known)) == sorted(known)
    assert [name for name in known if name != name.lower() or len(name) > 31] == []


@pytest.mark.parametrize(
    ("value", "reasons"),
    [
        ("' or 1=1 --", "tautology comment breakout"),
        ("1 union select 1", "union"),
        ("x') or ('a'='a", "tautology breakout parenthesis balanced"),
        ("5 or id > 3", "condition numeric"),
        ("'; drop table t --", "stacked comment breakout"),
        ("1 and sleep(5)", "time condition led numeric"),
        ("1'and(select 1)='1", "condition subquery breakout balanced led"),
        ("%27or/**/1=1--", "tautology comment breakout split decoded"),
    ],
)
def test_evidence(value: str, reasons: str) -> None:
    found = _injection.find(value, DIALECT, 500)
    assert found is not None
    assert found.score >= 500
    assert set(found.detail["reasons"]) <= set(reasons.split())


def test_spans() -> None:
    guard = SQLSanitizerPython({"detect_injection": True, "strip_comments": False})
    for value, span in {
        "1 or 1=1": " or 1=1",
        "é' or 1=1 --": "' or 1=1 --",
        "é, %27 or 1=1--x": "%27 or 1=1--x",
    }.items():
        (finding,) = guard.scan(value).findings
        assert value[finding.start : finding.end].strip() == span.strip()
        assert finding.derived is ("%" in value)


@pytest.mark.parametrize(
    "value", ["", "'", '"', "''", "' ", "O'", "1", "-", "--", "%", "%27", "\\", "{", '["', "\0'", "é'"]
)
def test_short_values(value: str) -> None:
    found = _injection.find(value, DIALECT, 500)
    assert found is None or found.score < 500


def test_many_quotes_are_read_a_bounded_number_of_times() -> None:
    value = "it's " * 50_000 + "' or 1=1 --"
    assert _injection.find(value, DIALECT, 500) is None
    assert _injection.find("x' or 1=1 -- " + "it's " * 50_000, DIALECT, 500) is not None
