"""Server-sent events, however the bytes arrive and whichever line ending they have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyplugins.proxy.framing import TooLarge
from pyplugins.proxy.sse import Event, Events


def read(data: bytes, step: int, limit: int = 1000) -> list[Event | TooLarge | None]:
    events = Events(limit)
    found: list[Event | TooLarge | None] = []
    for at in range(0, len(data), step):
        found += events.feed(data[at : at + step])
    return found


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("step", [1, 2, 5, 1000])
def test_fields(ending: bytes, step: int) -> None:
    lines = [
        b": ping",
        b"",
        b"id: 7",
        b"event:message",
        b"data: {",
        b"data:  1}",
        b"odd: x",
        b"retry: 5",
        b"",
        b"id: 8",
    ]
    lines += [b"data", b"", b"data: last", b"", b"x"]
    assert read(ending.join(lines), step) == [
        None,
        Event(b"{\n 1}", b"7", b"message", b"5"),
        Event(b"", b"8"),
        Event(b"last"),
    ]


fields = st.binary(max_size=20).filter(lambda data: b"\r" not in data and b"\n" not in data)
datas = st.lists(fields, min_size=1, max_size=3).map(b"\n".join)


@settings(deadline=None)
@given(st.lists(st.builds(Event, datas, st.none() | fields, st.none() | fields, st.none() | fields)), st.integers(1, 9))
def test_what_is_written_is_read_again(events: list[Event], step: int) -> None:
    assert read(b"".join(event.encoded() for event in events), step) == events


def test_data_of_any_line_ending_is_one_event() -> None:
    event = Event(b"a\rid: 5\r\nb\n\rretry: 1")
    assert read(event.encoded(), 1000) == [Event(b"a\nid: 5\nb\n\nretry: 1")]


@pytest.mark.parametrize("step", [1, 7, 5000])
def test_an_event_over_the_limit_is_told_and_the_next_is_whole(step: int) -> None:
    one_line = b'data: {"id":5,' + b"x" * 2000 + b"\n\n"
    lines = b"data: " + b"y" * 600 + b"\n"
    first, second, third = read(one_line + lines * 3 + b"\n" + b"data: next\n\n", step)
    assert isinstance(first, TooLarge)
    assert first.head.lstrip().startswith(b'{"id":5,')
    assert isinstance(second, TooLarge)
    assert third == Event(b"next")
