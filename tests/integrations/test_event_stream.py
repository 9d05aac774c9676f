"""Streams of the Messages API, in parts of any size; tests/integrations/test_litellm.py has them in the real proxy."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from gw_middleware import MAIL, MASK

from pyplugins.integrations._bodies import EVENTS
from pyplugins.integrations._event_stream import MessagesStream, ResponsesStream
from pyplugins.integrations._gate import Gate
from pyplugins.integrations._records import Records, parse_event
from pyplugins.mcp import Scope
from pyplugins.mcp.outcome import Refused

File = Callable[..., str]
Run = Callable[..., Any]


def part(index: int, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def block(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


EVENTS_OF_AN_ANSWER = [
    {"type": "message_start", "message": {"id": "msg_1", "role": "assistant", "content": []}},
    {"type": "ping"},
    block(0, type="thinking", thinking=""),
    *[part(0, type="thinking_delta", thinking=piece) for piece in ("of alice@", "example.com")],
    part(0, type="signature_delta", signature="NTU1LTEyMy00NTY3"),
    {"type": "content_block_stop", "index": 0},
    block(1, type="tool_use", id="call_1", name="find", input={}),
    *[
        part(1, type="input_json_delta", partial_json=piece)
        for piece in ('{"mail": "alice', "\\u0040example", '.com"}')
    ],
    {"type": "content_block_stop", "index": 1},
    block(2, type="text", text=""),
    part(2, type="citations_delta", citation={"cited_text": MAIL}),
    *[part(2, type="text_delta", text=piece) for piece in ("to a", "lice@example.c", "om")],
    {"type": "message_stop"},
]


def streamed(run: Run, config: str, body: bytes, size: int) -> list[dict[str, Any]]:
    async def talk() -> bytes:
        stream, got = MessagesStream(Gate(config), Scope()), []
        for start in range(0, len(body), size):
            got += await stream.take(body[start : start + size])
        return b"".join([*got, *await stream.finish()])

    return [parse_event(event)["data"] for event in Records(EVENTS, 10_000).feed(run(talk()))]


def body_of(events: list[Any]) -> bytes:
    return b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_each_text_is_masked_whatever_the_parts(size: int, chain_file: File, run: Run) -> None:
    got = streamed(run, chain_file(), body_of(EVENTS_OF_AN_ANSWER), size)
    deltas: dict[Any, str] = {}
    for event in got:
        for name, value in event.get("delta", {}).items():
            if name != "type":
                deltas[event["index"], name] = deltas.get((event["index"], name), "") + (
                    value if isinstance(value, str) else json.dumps(value)
                )
    assert deltas.pop((1, "partial_json")) == f'{{"mail":"{MASK}"}}'
    assert deltas == {
        (0, "thinking"): f"of {MASK}",
        (0, "signature"): "NTU1LTEyMy00NTY3",
        (2, "citation"): json.dumps({"cited_text": MASK}),
        (2, "text"): f"to {MASK}",
    }
    kinds = [event["type"] for event in got]
    assert kinds[:3] == ["message_start", "ping", "content_block_start"]
    assert kinds[-1] == "message_stop"
    assert got[kinds.index("content_block_stop") - 1]["delta"] == {"type": "thinking_delta", "thinking": f"of {MASK}"}


def test_clean_events_pass_byte_for_byte(chain_file: File, run: Run) -> None:
    start = b'event: message_start\ndata: {"type": "message_start",  "message": {"content": []}}\n\n'
    body = start + b": ping\n\ndata: [DONE]\n\n"

    async def talk() -> bytes:
        return b"".join(await MessagesStream(Gate(chain_file()), Scope()).take(body))

    assert run(talk()) == body


@pytest.mark.parametrize(
    "event", [b"data: hello\n\n", b"data: {}\n\n", b'data: {"type": "content_block_delta"}\n\n', b"data: [1]\n\n"]
)
def test_what_is_no_event_of_this_api_is_refused(event: bytes, chain_file: File, run: Run) -> None:
    with pytest.raises(Refused) as caught:
        run(MessagesStream(Gate(chain_file()), Scope()).take(event))
    assert caught.value.refusal.failed


def test_a_delta_of_another_kind_is_refused(chain_file: File, run: Run) -> None:
    event = SimpleNamespace(type="response.new_thing.delta", delta={"text": MAIL})
    with pytest.raises(Refused):
        run(ResponsesStream(Gate(chain_file()), Scope()).take(event))
