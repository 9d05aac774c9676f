"""What a body is, and its way to data and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyplugins.integrations._bodies import (
    EVENTS,
    FORM,
    JSON,
    LINES,
    PARTS,
    TEXT,
    UNKNOWN,
    BinaryTest,
    Media,
    Unreadable,
    media_of,
    parse,
    parse_text_as_json,
    render,
)


@pytest.mark.parametrize(
    ("content_type", "kind", "charset"),
    [
        ("application/json", JSON, "utf-8"),
        ('Application/LD+JSON ; Charset="UTF-16"', JSON, "UTF-16"),
        ("application/x-www-form-urlencoded", FORM, "utf-8"),
        ("text/html; charset=iso-8859-1", TEXT, "iso-8859-1"),
        ("image/svg+xml", TEXT, "utf-8"),
        ("text/event-stream", EVENTS, "utf-8"),
        ("application/x-ndjson", LINES, "utf-8"),
        ("multipart/mixed; boundary=x", PARTS, "utf-8"),
        ("image/png", UNKNOWN, "utf-8"),
        ("", UNKNOWN, "utf-8"),
    ],
)
def test_kinds(content_type: str, kind: str, charset: str) -> None:
    media = media_of([(b"Content-Type", content_type.encode())])
    assert (media.kind, media.charset) == (kind, charset)


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "GZIP"])
def test_compressed_bodies_cannot_be_read(encoding: str) -> None:
    with pytest.raises(Unreadable) as caught:
        media_of([(b"content-encoding", encoding.encode())])
    assert (caught.value.code, caught.value.status) == ("CONTENT_ENCODING", 415)


def test_a_second_header_hides_nothing() -> None:
    with pytest.raises(Unreadable):
        media_of([(b"content-encoding", b"identity"), (b"Content-Encoding", b"gzip")])
    with pytest.raises(Unreadable):
        media_of([(b"content-type", b"text/plain; charset=utf-8"), (b"content-type", b"text/plain; charset=utf-16")])


@pytest.mark.parametrize(
    ("body", "binary"),
    [
        (b"", False),
        (b"abc", False),
        ("\u00fc\U0001f600".encode(), False),
        ('{"a": 1}'.encode("utf-16"), False),
        ('{"a": 1}'.encode("utf-32-le"), False),
        (b"\x89PNG\r\n\x1a\n", True),
        (b"text, then \xff", True),
        (b"text, then \0", True),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", True),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_binary_is_told_by_its_bytes(body: bytes, binary: bool, size: int) -> None:
    test = BinaryTest()
    for start in range(0, len(body), size):
        test.feed(body[start : start + size])
    assert test.binary is binary


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_there_and_back(data: Any) -> None:
    media = Media("application/json", JSON, "utf-8")
    body = json.dumps(data).encode()
    assert parse(media, body) == data
    assert parse(media, render(media, data, body)) == data


@given(st.lists(st.tuples(st.text(), st.text())))
def test_forms_there_and_back(pairs: list[tuple[str, str]]) -> None:
    media = Media("application/x-www-form-urlencoded", FORM, "utf-8")
    data = [
        [name.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode()] for name, value in pairs
    ]
    assert parse(media, render(media, data, b"")) == [pair for pair in data if pair != ["", ""]] or ["", ""] in data


@given(st.binary())
def test_text_of_any_bytes_there_and_back(body: bytes) -> None:
    media = Media("text/plain", TEXT, "utf-8")
    assert render(media, parse(media, body), body) == body


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_numbers_that_json_has_not_are_refused_when_written(number: str) -> None:
    media = Media("application/json", JSON, "utf-8")
    with pytest.raises(Unreadable, match="number"):
        render(media, parse(media, f"[{number}]".encode()), b"")


def test_only_objects_and_arrays_are_json_in_a_text() -> None:
    assert parse_text_as_json('{"a": [1]}') == {"a": [1]}
    assert [parse_text_as_json(text) for text in ("12", '"a"', "null", "{a}", "")] == ["12", '"a"', "null", "{a}", ""]
    with pytest.raises(Unreadable):
        parse_text_as_json('{"a": 1, "a": 2}')
