"""Records of bodies that need not end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyplugins.integrations._bodies import EVENTS, LINES, Unreadable
from pyplugins.integrations._records import Records, parse_event, render_event

EVENT = st.lists(st.sampled_from([b"data: a", b"id: 1", b": x", b"data", b"event:e", b"retry: 5"]), min_size=1)
END = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(st.lists(st.tuples(EVENT, END), max_size=5), st.lists(st.integers(1, 9)), END)
def test_events_are_cut_at_blank_lines_whatever_the_parts(
    events: list[tuple[list[bytes], bytes]], sizes: list[int], last: bytes
) -> None:
    whole = [b"".join(line + end for line in lines) + end for lines, end in events]
    body, records, got = b"".join(whole), Records(EVENTS, 10_000), []
    for size in (*sizes, len(body) + 1):
        got += records.feed(body[:size])
        body = body[size:]
    rest = records.rest()
    assert b"".join((*got, rest)) == b"".join(whole)
    told = [parse_event(event) for event in (*got, rest) if event.strip()]
    assert told == [parse_event(event) for event in whole]


@given(st.lists(st.binary(max_size=8).map(lambda line: line.replace(b"\n", b""))), st.integers(1, 5))
def test_lines_are_cut_at_their_ends(lines: list[bytes], size: int) -> None:
    body, records, got = b"\n".join(lines), Records(LINES, 10_000), []
    for start in range(0, len(body), size):
        got += records.feed(body[start : start + size])
    assert got == [line + b"\n" for line in lines[:-1]]
    assert records.rest() == (lines[-1] if lines else b"")


@pytest.mark.parametrize("kind", [EVENTS, LINES])
def test_a_record_is_bounded(kind: str) -> None:
    records = Records(kind, 10)
    assert records.feed(b"data: a\n\n" * 100)
    with pytest.raises(Unreadable, match="longer than 10 bytes"):
        records.feed(b"data: abcdefgh")


def test_a_replacement_makes_no_second_event() -> None:
    said = {"data": "a\n\nb\rc", "others": ["event: x\n\ndata: y"]}
    event = render_event(said)
    assert event == b"event: x  data: y\ndata: a\ndata: \ndata: b\ndata: c\n\n"
    assert Records(EVENTS, 1000).feed(event) == [event]
