"""Previews and records: shapes, never values."""

from __future__ import annotations

import pytest

from pyplugins.cli.records import WIDTH, Record, preview, shorten


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("jo.doe1@example.com", "xx.xxx#@xxxxxxx.xxx"),
        ("123-45-6789", "###-##-####"),
        ("+44 (20) 7946", "+## (##) ####"),
        ("jürgen@例え.jp", "xxxxxx@xx.xx"),
        ("٣٤", "##"),
        ("a\x1b[2J\nb", "x??#x?x"),
        ("@@@", "***"),
        ("xx@xx", "*****"),
        ("", ""),
    ],
)
def test_preview(value: str, shape: str) -> None:
    assert preview(value.encode()) == shape


def test_preview_of_invalid_utf8_and_of_long_values() -> None:
    assert preview(b"\xff\xfe1") == "??#"
    assert len(preview(b"q" * 10_000_000)) == WIDTH
    assert shorten("a" * WIDTH) == "a" * WIDTH


def test_public_form_leaves_out_what_says_nothing() -> None:
    record = Record("f", "email", "replace", 950, 0, 5, 1, 1, 1, 6, "x@x.x")
    assert set(record.public()) == {
        "path", "rule", "action", "score", "start", "end", "line", "column", "end_line", "end_column", "preview"
    }  # fmt: skip
