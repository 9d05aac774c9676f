"""Formats: each parses, each can be read as it comes, and they agree."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from pyplugins.cli.formats import FORMATS, Header, make
from pyplugins.cli.records import Record
from pyplugins.cli.summary import Summary

RECORD = Record("f.txt", "email", "block", 950, 0, 5, 1, 1, 1, 6, "x@x.x", guess=True)
HEADER = Header("pii_filter", "python", "1", ["email"])


def written(style: str, *records: Record, summary: Summary | None = None) -> str:
    out = io.StringIO()
    form = make(style, out, HEADER)
    form.begin()
    for record in records:
        form.record(record)
    form.end(summary or Summary())
    return out.getvalue()


def test_json_document(cli: Any, notes: Path) -> None:
    ran = cli("scan", "-f", "json", "notes.txt", "missing")
    document = json.loads(ran.text)
    assert document["plugin"] == "pii_filter"
    assert document["implementation"] in ("rust", "python")
    assert [(row["line"], row["column"], row["rule"]) for row in document["findings"]] == [
        (2, 10, "email"),
        (3, 4, "email"),
    ]
    assert document["summary"] == {
        "files": 1,
        "files_with_findings": 1,
        "bytes": notes.stat().st_size,
        "findings": {"email": 2},
        "skipped": {},
        "errors": [{"path": "missing", "message": "No such file or directory"}],
        "exit_code": 2,
    }


def test_json_lines(cli: Any, notes: Path) -> None:
    rows = [json.loads(line) for line in cli("scan", "-f", "jsonl", "notes.txt").text.splitlines()]
    text = notes.read_bytes()
    assert [text[row["start"] : row["end"]] for row in rows] == [b"jane.roe@example.com", b"a.b@example.org"]
    assert rows[0]["path"] == "notes.txt"
    assert rows[0]["preview"] == "xxxx.xxx@xxxxxxx.xxx"
    assert "value" not in rows[0]


def test_json_formats_agree(cli: Any, notes: Path) -> None:
    lines = [json.loads(line) for line in cli("scan", "-f", "jsonl", notes).text.splitlines()]
    assert json.loads(cli("scan", "-f", "json", notes).text)["findings"] == lines


@pytest.mark.parametrize("style", ["json", "sarif"])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_documents_parse_whatever_their_number_of_findings(style: str, count: int) -> None:
    assert json.loads(written(style, *[RECORD] * count))


def test_text_marks_what_is_unusual() -> None:
    assert written("text", RECORD) == "f.txt:1:1: email [block, guess]  x@x.x\n"


@pytest.mark.parametrize("style", FORMATS)
def test_a_finding_is_written_when_it_is_given(style: str) -> None:
    out = io.StringIO()
    form = make(style, out, HEADER)
    form.begin()
    before = out.tell()
    form.record(RECORD)
    assert out.tell() > before


def test_summary_line_counts() -> None:
    summary = Summary(files=3, files_with_findings=1)
    summary.findings.update(["ssn", "email", "email"])
    summary.skipped.update(["binary file", "hidden directory", "hidden directory"])
    summary.errors.append(("x", "gone"))
    assert summary.line() == (
        "3 findings (2 email, 1 ssn) in 1 of 3 files; 1 binary file skipped; 2 hidden directories skipped; 1 error"
    )
    assert summary.exit_code == 2
