"""`unicode: true`: the generated tables are those of the recorded Unicode version, and nothing asks the host's."""

from __future__ import annotations

import importlib.util
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest

from pyplugins.core import data
from pyplugins.core.pattern import Options, Pattern
from pyplugins.core.pattern.charset import CLASSES, CharSet
from pyplugins.core.pattern.unicode import CLASSES as UNICODE_CLASSES
from pyplugins.core.pattern.unicode import fold

TOOL = Path(__file__).parents[2] / "rustlib/core/tools/unicode_tables.py"
TABLES = data.load("core", "unicode_patterns.json")


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("unicode_tables", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_tables_are_what_the_script_writes() -> None:
    if unicodedata.unidata_version != TABLES["unicode"]:
        pytest.skip(f"this Python knows Unicode {unicodedata.unidata_version}, the tables are {TABLES['unicode']}")
    module = tool()
    assert module.text() == module.TARGET.read_text("utf-8")


@pytest.mark.parametrize("letter", "dws")
def test_in_ascii_the_classes_are_the_same(letter: str) -> None:
    everywhere, here = UNICODE_CLASSES[letter](), CLASSES[letter]()
    assert [code for code in range(128) if code in everywhere] == [code for code in range(128) if code in here]
    assert not everywhere.invalid


@pytest.mark.parametrize(
    ("members", "folded"),
    [
        ("k", "Kk\u212a"),
        ("\u212a", "Kk\u212a"),
        ("s", "Ss\u017f"),
        ("\u00df", "\u00df\u1e9e"),
        ("i", "Ii"),
        ("\u0130", "\u0130"),
        ("\u0131", "\u0131"),
        ("\u03c2", "\u03a3\u03c2\u03c3"),
        ("1", "1"),
        ("\ufb03", "\ufb03"),
    ],
)
def test_folding_is_simple(members: str, folded: str) -> None:
    found = fold(CharSet.of((ord(char), ord(char)) for char in members))
    assert found == CharSet.of((ord(char), ord(char)) for char in folded)


def test_folding_twice_adds_nothing() -> None:
    for orbit in TABLES["folds"]:
        once = fold(CharSet.single(orbit[0]))
        assert once == CharSet.of((code, code) for code in orbit)
        assert fold(once) == once


@pytest.mark.parametrize(
    ("source", "text", "spans"),
    [
        (r"\b\w+\b", "\u00fcber \u65e5\u672c x\u00b2", [(0, 4), (5, 7), (8, 9)]),
        (r"\w+", "\u00b2\u0661\u200c", [(1, 3)]),
        (r"(?i)\bstra\u00dfe\b", "STRA\u1e9eE strasse", [(0, 6)]),
        (r"\s", "\x1c\u2003", [(1, 2)]),
    ],
)
def test_scripts(source: str, text: str, spans: list[tuple[int, int]]) -> None:
    assert list(Pattern.parse(source, Options(unicode=True)).finditer(text)) == spans
