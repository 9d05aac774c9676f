"""The direct API of the SQL sanitizer, on every implementation, and the examples of its README."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import Any

import pytest
from gw_tests import need_binding

from pyplugins.errors import UsageError
from pyplugins.sql_sanitizer import api

each = pytest.mark.parametrize("implementation", ["cffi", "ctypes", "python"])


def made(implementation: str, **config: Any) -> api.SQLSanitizer:
    if implementation != "python":
        need_binding(implementation)
    return api.SQLSanitizer(config, implementation)


def test_the_examples_of_the_page() -> None:
    page = Path(api.__file__).with_name("README.md")
    assert doctest.testfile(str(page), module_relative=False).failed == 0
    assert doctest.testmod(api).failed == 0


@each
def test_groups(implementation: str) -> None:
    guard = made(implementation, detect_injection=True)
    found = guard.detect("1; DROP TABLE t -- x")
    assert sorted(found) == ["comment", "violation"]
    assert [entry["value"] for entry in found["comment"]] == ["-- x"]
    assert {entry["issue"] for entry in found["violation"]} == {
        r"Blocked statement matched: \bDROP\b",
        "Possible SQL injection detected",
    }


@each
def test_nested_data(implementation: str) -> None:
    changed, data, found = made(implementation).process_nested({"a": ["SELECT 1 -- x", 5], "b": "DROP TABLE t"})
    assert (changed, data) == (True, {"a": ["SELECT 1 ", 5], "b": "DROP TABLE t"})
    assert sorted(found) == ["comment", "violation"]


@each
def test_no_streams(implementation: str) -> None:
    with pytest.raises(UsageError):
        made(implementation).stream()


@each
def test_the_description(implementation: str) -> None:
    described = made(implementation, dialect="oracle", blocked_statements=["a"]).describe()
    assert described["kind"] == "sql_sanitizer"
    assert described["dialect"] == "oracle"
    assert [rule["name"] for rule in described["rules"]] == [
        *("blocked_statement", "delete_without_where", "update_without_where", "interpolation", "comment"),
        *("unclosed", "injection"),
    ]


@each
def test_the_same_object_when_nothing_changes(implementation: str) -> None:
    text = "SELECT 'nothing to take out' FROM t WHERE a = 1"
    guard = made(implementation)
    assert guard.process(text) is text
    assert guard.scan(text).output is text
