"""Line and column in streaming: the same as on the whole text, however it is cut."""

from __future__ import annotations

import random

import pytest

from pyplugins.cli.positions import Positions

TEXT = "one\ntwö 漢字\r\n\n😀x\nlast".encode() + b"\xff\x80\xfe"


def expected(text: bytes, offset: int) -> tuple[int, int]:
    """By the definition: newlines before, and bytes that begin a character since the last one."""
    before = text[:offset]
    line_start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, 1 + sum(not 0x80 <= byte < 0xC0 for byte in before[line_start:])


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 100])
def test_every_place_of_a_text_in_chunks(chunk: int) -> None:
    positions = Positions()
    for at in range(0, len(TEXT), chunk):
        positions.feed(TEXT[at : at + chunk])
    for start in range(len(TEXT)):
        place = positions.place(start, start + 1)
        assert (place.line, place.column) == expected(TEXT, start)
        assert (place.end_line, place.end_column) == expected(TEXT, start + 1)
        assert place.value == TEXT[start : start + 1]


def test_bounded_memory_and_places_far_on() -> None:
    choose = random.Random(7)
    keep, positions, text = 64, Positions(keep=64), b""
    for _ in range(500):
        chunk = bytes(choose.choices(b"ab\n\xc3\xa9", k=choose.randrange(40)))
        positions.feed(chunk)
        text += chunk
        assert len(positions._window) <= 2 * keep
        if choose.random() < 0.3:
            start = max(len(text) - choose.randrange(1, keep), positions._base)
            place = positions.place(start, len(text))
            assert (place.line, place.column, place.value) == (*expected(text, start), text[start:])


def test_a_byte_order_mark_is_no_column() -> None:
    positions = Positions()
    positions.feed(b"\xef\xbb\xbfab")
    assert positions.place(4, 5)[:2] == (1, 2)


def test_a_place_that_was_forgotten_is_refused() -> None:
    positions = Positions(keep=4)
    positions.feed(b"x" * 100)
    with pytest.raises(ValueError, match="forgotten"):
        positions.place(1, 2)
