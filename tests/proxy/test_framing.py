"""Lines of bounded size, however the bytes arrive."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyplugins.proxy.framing import Lines, TooLarge


def cut(data: bytes, limit: int, step: int) -> list[bytes | TooLarge]:
    lines = Lines(limit)
    found: list[bytes | TooLarge] = []
    for at in range(0, len(data), step):
        found += lines.feed(data[at : at + step])
    return found + list(lines.finish())


@pytest.mark.parametrize("step", [1, 2, 7, 1000])
def test_blank_lines_are_left_out_and_the_last_needs_no_newline(step: int) -> None:
    assert cut(b"one\n\n \r\ntwo\r\nthree", 10, step) == [b"one", b"two\r", b"three"]


@pytest.mark.parametrize("step", [1, 3, 100, 5000])
def test_a_line_over_the_limit_is_not_kept_and_the_next_is_whole(step: int) -> None:
    big = b"<" + b"x" * 3000 + b">"
    first, second, third = cut(b"a\n" + big + b"\nb\n", 1000, step)
    assert (first, third) == (b"a", b"b")
    assert isinstance(second, TooLarge)
    assert (second.size, len(second.head), len(second.tail)) == (3002, 512, 512)
    assert second.head.startswith(b"<x")
    assert second.tail.endswith(b"x>")


def test_the_limit_is_the_longest_line_that_passes() -> None:
    assert cut(b"x" * 100 + b"\n", 100, 9) == [b"x" * 100]
    assert isinstance(cut(b"x" * 101 + b"\n", 100, 9)[0], TooLarge)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line)), st.integers(1, 50))
def test_joined_lines_are_cut_again(lines: list[bytes], step: int) -> None:
    expected = [line for line in lines if line and not line.isspace()]
    assert cut(b"\n".join(lines), 40, step) == expected


def test_memory_is_bounded() -> None:
    lines = Lines(1000)
    for _ in range(1000):
        assert list(lines.feed(b"x" * 10_000)) == []
    assert sum(map(len, lines._parts)) <= 1000
    (found,) = lines.finish()
    assert isinstance(found, TooLarge)
    assert found.size == 10_000_000
