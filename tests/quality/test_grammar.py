"""What the template files of the corpora can say, and how tables get into the page."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import pytest

from . import page
from .grammar import Grammar


def grammar(tmp_path: Path, text: str) -> Grammar:
    path = tmp_path / "some.txt"
    path.write_text(text, encoding="utf-8")
    made = Grammar()
    made.read(path)
    return made


def sentence(tmp_path: Path, template: str) -> str:
    words = grammar(tmp_path, "[word]\nriver\n[deep]\n<${word}>\n")
    return words.expand(Random(1), template)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain"),
        ("a ${word}", "a river"),
        ("${deep}", "<river>"),
        ("${int:7-7@k} = ${@k}", "7 = 7"),
        (r"a\nb\\n\t\$", "a\nb\\n\t$"),
        (r"C:\\${word} \${word}", r"C:\river ${word}"),
        ("⟦x⟦y⟧⟧", "xy"),
        ("${digits:0}.", "."),
    ],
)
def test_templates(tmp_path: Path, template: str, expected: str) -> None:
    assert sentence(tmp_path, template) == expected


def test_made_values_have_their_shape(tmp_path: Path) -> None:
    text = sentence(tmp_path, "${hex:8} ${HEX:8} ${alnum:12} ${digits:6} ${b64:22} ${uuid}")
    assert [len(part) for part in text.split()] == [8, 8, 12, 6, 24, 36]


def test_a_class_uses_every_template_before_one_twice(tmp_path: Path) -> None:
    made = grammar(tmp_path, "[c 6]\na\nb\nc\n[w]\nx\n")
    assert made.classes == {"c": 6}
    assert sorted(number for number, _ in islice(made.rows(Random(1), "c"), 6)) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("text", ["stray\n", "[a]\nx\n[a]\ny\n"])
def test_a_bad_file_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"some\.txt:"):
        grammar(tmp_path, text)


def test_unbalanced_alternatives_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unbalanced"):
        sentence(tmp_path, "⟦a")


def test_tables_go_between_the_marks(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    begin, end = page.marks("sql")
    path.write_text(f"before\n{begin}\nold\n{end}\nafter\n", encoding="utf-8")
    page.rewrite(path, "sql", "new")
    assert path.read_text(encoding="utf-8") == f"before\n{begin}\n\nnew\n\n{end}\nafter\n"
    with pytest.raises(ValueError, match="marks of json"):
        page.rewrite(path, "json", "new")
