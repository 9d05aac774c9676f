"""Configuration files and -o: syntax here, meaning in the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pyplugins.cli.exits import Failure
from pyplugins.cli.settings import collect, read


def collected(*assignments: str, file: Path | None = None) -> dict[str, Any]:
    return collect("pii_filter", str(file) if file else None, assignments, "auto").config


@pytest.mark.parametrize(
    ("assignment", "config"),
    [
        ("detect_email=false", {"detect_email": False}),
        ("max_text_bytes=5", {"max_text_bytes": 5}),
        ("redaction_text=123", {"redaction_text": "123"}),
        ("redaction_text=[X]", {"redaction_text": "[X]"}),
        ("redaction_text=", {"redaction_text": ""}),
        ("redaction_text=a=b", {"redaction_text": "a=b"}),
        ("hash_key=null", {"hash_key": None}),
        ("hash_key=true", {"hash_key": "true"}),
        ("mask_strategies.email=hash", {"mask_strategies": {"email": "hash"}}),
        ('whitelist_patterns=["a", "b"]', {"whitelist_patterns": ["a", "b"]}),
        ("unheard_of=1", {"unheard_of": 1}),
    ],
)
def test_assignments_follow_the_schema(assignment: str, config: dict[str, Any]) -> None:
    assert collected(assignment) == config


def test_assignments_win_over_the_file_and_the_last_one_over_the_first(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("detect_email: false\nmask_strategies: {ssn: hash}\n", encoding="utf-8")
    assert collected("detect_email=true", "mask_strategies.email=remove", "mask_strategies.email=hash", file=file) == {
        "detect_email": True,
        "mask_strategies": {"ssn": "hash", "email": "hash"},
    }


@pytest.mark.parametrize("text", ['{"detect_email": false}', "detect_email: false\n", "detect_email: off\n"])
def test_yaml_and_json_are_read_alike(tmp_path: Path, text: str) -> None:
    file = tmp_path / "c"
    file.write_text(text, encoding="utf-8")
    assert collected(file=file) == {"detect_email": False}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"a: 1\na: 2\n", "line 2, column 1: not valid YAML or JSON: a key is written twice"),
        (b"a: [1\n", "line 2, column 1: not valid YAML or JSON"),
        (b"- a\n", "must be a mapping"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a: 2024-13-45\n", "not valid YAML or JSON"),
        (b"plugins: []\n", "this is a plugin chain, for run and check-config"),
        (b"a: !!python/object:os.system {}\n", "not valid YAML or JSON"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, text: bytes, told: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(text)
    with pytest.raises(Failure) as why:
        collected(file=file)
    assert f"{file}: " in why.value.message
    assert told in why.value.message


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("# nothing\n", encoding="utf-8")
    assert read(str(tmp_path / "c.yaml")) == {}


@pytest.mark.parametrize("assignment", ["detect_email", "=1", "max_text_bytes=[", "detect_email.x.y=1"])
def test_bad_assignments(assignment: str) -> None:
    with pytest.raises(Failure, match="-o"):
        collected("detect_email=true", assignment)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="No such file"):
        read(str(tmp_path / "none.yaml"))
