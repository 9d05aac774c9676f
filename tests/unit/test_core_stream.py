"""Streams of pure-Python engines: any chunking gives the whole text's result, promptly, in linear time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from gw_toy import MAIL, Toy
from hypothesis import given
from hypothesis import strategies as st

from pyplugins.core.overlap import Candidate
from pyplugins.errors import InputTooLarge, PluginError, UsageError

pieces = st.lists(
    st.sampled_from([MAIL, "x", " ", "é", "\N{GRINNING FACE}", "a@b.com", "\ud800", "@", ".com", "word "])
)


def cut(text: Any, places: list[int]) -> list[Any]:
    ends = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in pairwise(ends)]


def streamed(guard: Any, chunks: list[Any], empty: Any) -> tuple[Any, Any]:
    stream = guard.stream()
    parts = [stream.push(chunk) for chunk in chunks] + [stream.finish()]
    return tuple(f for part in parts for f in part.findings), empty.join(part.output or empty for part in parts)


@given(pieces, st.lists(st.integers(0, 10_000)))
def test_any_chunking_of_a_str(words: list[str], places: list[int]) -> None:
    text = "".join(words)
    whole = Toy().scan(text)
    assert streamed(Toy(), cut(text, places), "") == (whole.findings, whole.output)


@given(pieces, st.lists(st.integers(0, 10_000)), st.binary(max_size=5))
def test_any_chunking_of_bytes(words: list[str], places: list[int], junk: bytes) -> None:
    data = "".join(words).encode("utf-8", "surrogatepass") + junk + MAIL.encode()
    whole = Toy().scan(data)
    assert streamed(Toy(), cut(data, places), b"") == (whole.findings, whole.output)


def test_one_byte_at_a_time_holds_back_a_bounded_part() -> None:
    text = f"some words, {MAIL}, and more words. " * 20
    stream = Toy().stream()
    released = 0
    for pushed, char in enumerate(text, start=1):
        released += len(stream.push(char).output.replace("[REDACTED]", MAIL))
        assert pushed - released <= 2 * Toy.reach


def test_one_character_parts_are_linear() -> None:
    class Counting(Toy):
        looked_at = 0

        def find(self, text: str, start: int = 0) -> list[Candidate]:
            Counting.looked_at += len(text)
            return super().find(text, start)

    text = "words and words " * 500
    streamed(Counting(), list(text), "")
    assert Counting.looked_at <= 16 * len(text)


def test_limits_are_over_all_parts() -> None:
    guard = Toy(max_text_bytes=100, max_findings=2)
    stream = guard.stream()
    stream.push("é" * 50)
    with pytest.raises(InputTooLarge, match="input of 101 bytes is over the limit of 100 bytes"):
        stream.push("x")
    for call in (lambda: stream.push("x"), stream.finish):
        with pytest.raises(UsageError) as caught:
            call()
        assert caught.value.code == 7
    stream = guard.stream()
    stream.push(f"{MAIL} {MAIL} {MAIL}")
    with pytest.raises(InputTooLarge) as too_many:
        stream.finish()
    assert too_many.value.code == 43


def test_the_first_part_decides_the_kind() -> None:
    stream = Toy().stream()
    stream.push(b"x")
    with pytest.raises(PluginError) as caught:
        stream.push("x")
    assert caught.value.code == 9
    assert stream.finish().output == b"x"


def test_an_engine_that_fails_ends_the_stream() -> None:
    class Broken(Toy):
        def find(self, text: str, start: int = 0) -> list[Candidate]:
            raise ZeroDivisionError

    stream = Broken().stream()
    with pytest.raises(ZeroDivisionError):
        stream.push("x" * 100)
    with pytest.raises(UsageError):
        stream.push("x")
