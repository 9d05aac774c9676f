"""`gwplugins repair`: JSON out, valid JSON byte for byte, nothing written when it must not be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BROKEN = b"Here you are:\n```json\n{'name': 'Ann', \"tags\": [1, 2,], ok: True\n```"
VALUE = {"name": "Ann", "tags": [1, 2], "ok": True}
VALID = b'{ "a": [1.50, "x,}"] }\n'
GUESSED = b'{"a": "he said "no", "b": 1}'


def test_broken_becomes_valid(cli: Any) -> None:
    ran = cli("repair", given=BROKEN)
    assert ran.code == 0
    assert json.loads(ran.out) == VALUE
    assert "Ann" not in ran.err


def test_valid_passes_byte_for_byte(cli: Any) -> None:
    assert cli("repair", "-q", given=VALID).out == VALID


def test_check_writes_nothing_and_tells_by_its_code(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(VALID)
    (tmp_path / "bad.json").write_bytes(BROKEN)
    assert cli("repair", "--check", "good.json").code == 0
    ran = cli("repair", "--check", "good.json", "bad.json")
    assert ran.code == 1
    assert b"bad.json:" in ran.out
    assert b"Ann" not in ran.out
    assert (tmp_path / "bad.json").read_bytes() == BROKEN
    assert cli("repair", "--check", "-i", "bad.json").code == 2


def test_in_place(cli: Any, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes(BROKEN)
    assert cli("repair", "-q", "-i", "a.json", "b.json").code == 0
    assert json.loads((tmp_path / "a.json").read_bytes()) == json.loads((tmp_path / "b.json").read_bytes()) == VALUE


def test_a_guess_is_refused_on_request(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(GUESSED)
    assert cli("repair", "x.json").code == 0
    ran = cli("repair", "--no-guesses", "--in-place", "x.json")
    assert ran.code == 2
    assert "guess" in ran.errors[0]
    assert "said" not in ran.err
    assert (tmp_path / "x.json").read_bytes() == GUESSED


def test_strict_names_the_place(cli: Any) -> None:
    ran = cli("repair", "-o", "strict=true", given=BROKEN)
    assert ran.code == 2
    assert ran.errors


def test_edits_are_listed_on_request(cli: Any, tmp_path: Path) -> None:
    assert cli("repair", "-q", "--report", "edits.jsonl", "-f", "jsonl", given=BROKEN).code == 0
    edits = [json.loads(line) for line in (tmp_path / "edits.jsonl").read_text("utf-8").splitlines()]
    assert len(edits) > 3
    assert all("value" not in edit for edit in edits)
