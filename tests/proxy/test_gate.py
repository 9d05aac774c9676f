"""What becomes of each message: through a real chain with the PII filter, without any transport."""

from __future__ import annotations

import asyncio
import json
import sys
import types
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gw_proxy import MAIL, MASK, write_chain
from hypothesis import given, settings
from hypothesis import strategies as st

from pyplugins import framework
from pyplugins.mcp import Chain
from pyplugins.proxy.gate import Gate
from pyplugins.proxy.guarded import Guarded, Passage
from pyplugins.proxy.refusals import REFUSAL_KEY

Then = Callable[[Gate], Awaitable[Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Any]:
    def run(then: Then, *, scan_all: bool = False, max_pending: int = 100, guarded: Any = None, **config: Any) -> Any:
        async def scenario() -> Any:
            async with Chain(write_chain(tmp_path / "chain.yaml", **config)) as chain:
                return await then(Gate(Guarded(chain, scan_all=scan_all, max_pending=max_pending)))

        return asyncio.run(scenario())

    return run


def line(**members: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **members}).encode()


def call(id_: Any = 1, **arguments: Any) -> bytes:
    return line(id=id_, method="tools/call", params={"name": "t", "arguments": arguments})


def content(text: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}]}


def data(raw: bytes) -> Any:
    return json.loads(raw)


def test_a_clean_message_passes_as_its_very_bytes(ask: Callable[..., Any]) -> None:
    request = b' {"id" : 1.0,"x":[1.50],"method":"tools\\/call","params":{"name":"t","arguments":{"q":"\\u0061"}}} '
    answer = b'{"result":{"content":[ ]},"id":1,"jsonrpc":"2.0"}\r'

    async def then(gate: Gate) -> list[Passage]:
        return [await gate.from_client(request), await gate.from_server(answer)]

    up, down = ask(then)
    assert (up.forward, up.reply) == (request + b"\n", b"")
    assert (down.forward, down.reply) == (answer + b"\n", b"")


def test_only_what_a_plugin_changed_differs(ask: Callable[..., Any]) -> None:
    frame = '{"id" : 1e0,"x":[1.50],"method":"tools\\/call", "params":%s }'
    params = '{"name":"t","arguments":{"q":"%s"}}'

    async def then(gate: Gate) -> list[Passage]:
        answer = f'{{"result" : {json.dumps(content(MAIL))}, "y" : 1.0,"id":1}}'
        up = await gate.from_client((frame % params % MAIL).encode())
        return [up, await gate.from_server(answer.encode())]

    up, down = ask(then)
    assert up.forward.decode() == frame % params % MASK + "\n"
    assert data(down.forward)["result"] == content(MASK)
    assert down.forward.endswith(b', "y" : 1.0,"id":1}\n')


def test_no_reader_finds_a_message_in_the_middle_of_one(ask: Callable[..., Any]) -> None:
    """A CR is white space in JSON, and the end of a line to some readers."""
    hidden = b"\r" + line(id=1, result=content(MAIL)) + b"\r"
    notification = b'\r{"method":"notifications/x","params":' + hidden + b"}"
    changed = b'{"id":2,"x":' + hidden + b',"result":["' + MAIL.encode() + b'"]}'
    given = [
        notification,
        changed,
        b"[" + notification + b",\r" + line(method="x") + b"]",
        b"[" + notification + b",\r" + changed + b"]",
    ]

    async def then(gate: Gate) -> list[bytes]:
        return [(await gate.from_server(one + b"\r\n")).forward for one in given]

    for raw, one in zip(ask(then), given, strict=True):
        assert len(raw.splitlines()) == 1
        assert raw.endswith(b"\n")
        assert data(raw) == data(one.replace(b'["' + MAIL.encode(), b'["' + MASK.encode()))


def test_a_refused_tool_call_is_a_tool_result(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[Any]:
        enveloped = line(
            id="b",
            method="tools/call",
            params={
                "name": "t",
                "arguments": {"q": MAIL},
                "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"},
            },
        )
        up = [await gate.from_client(call(q=MAIL)), await gate.from_client(enveloped)]
        assert gate.pending == 0
        await gate.from_client(call("c", q="clean"))
        return [*up, await gate.from_server(line(id="c", result=content(MAIL)))]

    first, second, third = ask(then, block_on_detection=True)
    assert (first.forward, second.forward, third.reply) == (b"", b"", b"")
    for id_, raw in ((1, first.reply), ("b", second.reply), ("c", third.forward)):
        answer = data(raw)
        assert (answer["id"], answer["result"]["isError"]) == (id_, True)
        told = answer["result"]["_meta"][REFUSAL_KEY]
        assert told["plugin"] == "Guard"
        assert told["code"].startswith("PII_DETECTED_IN_TOOL")
        assert told["code"] in answer["result"]["content"][0]["text"]
        assert MAIL not in raw.decode()
        assert answer["result"].get("resultType") == ("complete" if id_ == "b" else None)


@pytest.mark.parametrize(
    ("method", "params", "result"),
    [
        ("prompts/get", {"name": "p", "arguments": {"a": MAIL}}, {"messages": [], "description": MAIL}),
        ("resources/read", {"uri": f"a:{MAIL}"}, {"contents": [{"uri": "a:b", "text": MAIL}]}),
    ],
)
def test_other_refusals_are_errors(ask: Callable[..., Any], method: str, params: Any, result: Any) -> None:
    async def then(gate: Gate) -> list[Passage]:
        clean = json.loads(json.dumps(params).replace(MAIL, "clean"))
        refused = await gate.from_client(line(id=1, method=method, params=params))
        await gate.from_client(line(id=1, method=method, params=clean))
        return [refused, await gate.from_server(line(id=1, result=result))]

    up, down = ask(then, block_on_detection=True)
    assert (up.forward, down.reply) == (b"", b"")
    for raw in (up.reply, down.forward):
        error = data(raw)["error"]
        assert error["code"] == -32050
        assert error["data"]["plugin"] == "Guard"
        assert MAIL not in raw.decode()


def test_malformed_params_are_invalid_params(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> Any:
        return data((await gate.from_client(line(id=1, method="tools/call", params={"name": 5}))).reply)

    answer = ask(then)
    assert answer["error"]["code"] == -32602
    assert answer["error"]["message"] == "params.name must be a text"


def test_a_plugin_that_fails_passes_nothing(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[Any]:
        up = await gate.from_client(call(q=MAIL))
        await gate.from_client(line(id=2, method="prompts/get", params={"name": "p"}))
        down = await gate.from_server(line(id=2, result={"messages": [], "description": MAIL}))
        return [data(up.reply), data(down.forward), up.forward]

    call_told, prompt_told, forwarded = ask(then, max_text_bytes=5)
    assert forwarded == b""
    assert call_told["result"]["_meta"][REFUSAL_KEY]["code"] == "NOT_CHECKED"
    assert prompt_told["error"]["code"] == -32603


UNREAD = [
    line(id=1, method="ping"),
    line(id=2, method="initialize", params={"x": MAIL}),
    line(id=3, method="tools/list", params={"x": MAIL}),
    line(id=4, method="completion/complete", params={"x": MAIL}),
    line(id=5, method="whatever/unknown", params=[MAIL]),
    line(method="notifications/progress", params={"progressToken": MAIL, "message": MAIL}),
]


def test_other_methods_pass_unread_and_are_read_with_scan_all(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[bytes]:
        told = [(await gate.from_client(one)).forward for one in UNREAD]
        told += [(await gate.from_server(one)).forward for one in UNREAD]
        answers = [line(id=id_, result={"tools": [{"description": MAIL}]}) for id_ in range(1, 6)]
        told += [(await gate.from_server(one)).forward for one in answers]
        return told + [(await gate.from_client(one)).forward for one in answers]

    passed = ask(then)
    assert [raw.rstrip(b"\n") for raw in passed[:12]] == UNREAD * 2
    assert all(MAIL in raw.decode() for raw in passed[12:])
    read = ask(then, scan_all=True)
    for raw in read:
        left = data(raw)
        left.get("params", {}) and isinstance(left["params"], dict) and left["params"].pop("progressToken", None)
        assert MAIL not in json.dumps(left)


def test_scan_all_reads_answers_that_ride_in_a_request(ask: Callable[..., Any]) -> None:
    request = line(
        id=1,
        method="tools/call",
        params={
            "name": "t",
            "arguments": {"q": MAIL},
            "requestState": MAIL,
            "inputResponses": {"a": {"action": "accept", "content": {"who": MAIL}}},
        },
    )

    async def then(gate: Gate) -> Any:
        return data((await gate.from_client(request)).forward)["params"]

    unread, read = ask(then), ask(then, scan_all=True)
    assert unread["arguments"] == read["arguments"] == {"q": MASK}
    assert unread["requestState"] == read["requestState"] == MAIL
    assert unread["inputResponses"]["a"]["content"] == {"who": MAIL}
    assert read["inputResponses"] == {"a": {"action": "accept", "content": {"who": MASK}}}


class Removes(framework.Plugin):
    """Takes out a key; of what a client says, all keys."""

    async def tool_pre_invoke(self, payload: Any, context: Any) -> Any:
        args = {} if payload.name == "t" else None
        return framework.ToolPreInvokeResult(modified_payload=payload.model_copy(update={"args": args}))

    async def tool_post_invoke(self, payload: Any, context: Any) -> Any:
        left = {key: value for key, value in payload.result.items() if key != "data"}
        return framework.ToolPostInvokeResult(modified_payload=payload.model_copy(update={"result": left}))


def test_what_a_plugin_took_out_stays_out(ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("gwp_gate_kinds")
    vars(module).update(Removes=Removes)
    monkeypatch.setitem(sys.modules, "gwp_gate_kinds", module)
    params = {"name": "t", "arguments": {"q": MAIL}, "inputResponses": {"a": MAIL}, "requestState": "s"}

    async def then(gate: Gate) -> list[Any]:
        up = await gate.from_client(line(id=1, method="tools/call", params=params))
        await gate.from_client(line(id=2, method="ping"))
        return [
            data(up.forward)["params"],
            data((await gate.from_server(line(id=2, error={"code": 5, "message": "x", "data": MAIL}))).forward)[
                "error"
            ],
        ]

    told = ask(then, scan_all=True, kind="gwp_gate_kinds.Removes", hooks=["tool_pre_invoke", "tool_post_invoke"])
    assert told == [{"name": "t", "arguments": {}, "requestState": "s"}, {"code": 5, "message": "x"}]


def test_scan_all_refuses_in_both_directions(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[Any]:
        sampling = line(id=1, method="sampling/createMessage", params={"messages": [{"role": "user", "content": MAIL}]})
        by_server = await gate.from_server(sampling)
        await gate.from_server(line(id=2, method="elicitation/create", params={"message": "who?"}))
        answer = await gate.from_client(line(id=2, result={"action": "accept", "content": {"who": MAIL}}))
        error = await gate.from_client(line(id=3, error={"code": -1, "message": MAIL}))
        notification = await gate.from_server(line(method="notifications/message", params={"data": MAIL}))
        return [by_server, answer, error, notification]

    by_server, answer, error, notification = ask(then, scan_all=True, block_on_detection=True)
    assert (by_server.forward, data(by_server.reply)["error"]["code"]) == (b"", -32050)
    assert data(answer.forward)["error"]["data"]["plugin"] == "Guard"
    assert data(answer.forward)["id"] == 2
    assert MAIL not in error.forward.decode()
    assert (notification.forward, notification.reply) == (b"", b"")


def test_a_tool_call_without_an_id_is_read_too(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[Passage]:
        params = {"name": "t", "arguments": {"q": MAIL}}
        return [
            await gate.from_client(line(method="tools/call", params=params)),
            await gate.from_client(line(method="tools/call", id=None, params=params)),
        ]

    for passage in ask(then):
        assert MAIL not in passage.forward.decode()
    for passage in ask(then, block_on_detection=True):
        assert (passage.forward, passage.reply) == (b"", b"")


@pytest.mark.parametrize(
    ("hook", "method", "params"),
    [
        ("tool_post_invoke", "tools/call", {"name": "t"}),
        ("prompt_post_fetch", "prompts/get", {"name": "p"}),
        ("resource_post_fetch", "resources/read", {"uri": "a:b"}),
    ],
)
def test_an_id_of_another_type_gets_past_no_hook(ask: Callable[..., Any], hook: str, method: str, params: Any) -> None:
    """Some clients take an answer to "1" for that of 1."""

    async def then(gate: Gate) -> list[bytes]:
        await gate.from_client(line(id=1, method=method, params=params))
        result = {"messages": [], "contents": [{"uri": "a:b", "text": MAIL}], **content(MAIL)}
        told = [
            await gate.from_server(line(id="1", result=result)),
            await gate.from_server(line(id="1", error={"code": 1, "message": MAIL})),
        ]
        return [one.forward for one in told]

    for raw in ask(then, hooks=[hook]):
        assert MAIL not in raw.decode()
        assert MASK in raw.decode()
    for raw in ask(then, hooks=[hook], block_on_detection=True):
        assert (data(raw)["id"], data(raw)["error"]["code"]) == ("1", -32050)


def test_an_answer_that_nobody_asked_for_is_read(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[bytes]:
        await gate.from_client(call("1"))
        told = [
            await gate.from_server(line(id=1, result=content(MAIL))),
            await gate.from_server(line(id=None, result=content(MAIL))),
            await gate.from_server(line(id=99, error={"code": 1, "message": MAIL})),
        ]
        assert gate.pending == 1
        return [one.forward for one in told]

    for raw in ask(then):
        assert MAIL not in raw.decode()
        assert MASK in raw.decode()


def test_a_cancelled_request_is_forgotten_and_its_late_answer_read(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> bytes:
        await gate.from_client(line(id=7, method="tools/list"))
        cancel = line(method="notifications/cancelled", params={"requestId": 7, "reason": "x"})
        assert (await gate.from_client(cancel)).forward == cancel + b"\n"
        assert gate.pending == 0
        late: Passage = await gate.from_server(line(id=7, result=content(MAIL)))
        return late.forward

    assert MAIL not in ask(then).decode()


def test_one_id_is_one_request(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[Any]:
        await gate.from_client(line(id=1, method="tools/list"))
        same = await gate.from_client(b'{"id":1.0,"method":"tools/call","params":{"name":"t"}}')
        text = await gate.from_client(call("1"))
        return [same, text]

    same, text = ask(then)
    assert (same.forward, data(same.reply)["error"]["code"]) == (b"", -32600)
    assert text.forward


def test_too_many_requests_are_refused_and_none_is_forgotten(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[Any]:
        for id_ in range(3):
            await gate.from_client(call(id_))
        over = await gate.from_client(call(3))
        answers = [await gate.from_server(line(id=id_, result=content(MAIL))) for id_ in range(3)]
        assert (await gate.from_client(call(4))).forward
        return [over, *answers]

    over, *answers = ask(then, max_pending=3)
    assert over.forward == b""
    assert "too many" in data(over.reply)["error"]["message"]
    assert all(MASK in one.forward.decode() for one in answers)


def test_batches(ask: Callable[..., Any]) -> None:
    clean = b'[ {"id":1,"method":"ping"} , {"id":2,"method":"tools/call","params":{"name":"t"}} ]'
    mixed = (
        b"[" + b" ,".join([call(3, q=MAIL), line(id=4, method="tools/call", params=5), line(id=5, method="x")]) + b"]"
    )

    async def then(gate: Gate) -> list[Passage]:
        up = [await gate.from_client(clean), await gate.from_client(mixed)]
        answers = [line(id=2, result=content(MAIL)), line(id=1, result={"x": MAIL})]
        down = await gate.from_server(b"[" + b",".join(answers) + b"]")
        only = await gate.from_client(b"[" + line(id=6, method="tools/call", params=5) + b"]")
        return [*up, down, only]

    first, second, down, only = ask(then)
    assert first.forward == clean + b"\n"
    assert [part["id"] for part in data(second.forward)] == [3, 5]
    assert MAIL not in second.forward.decode()
    assert line(id=5, method="x") in second.forward
    assert data(second.reply)["id"] == 4
    tool, ping = data(down.forward)
    assert (tool["result"], ping["result"]) == (content(MASK), {"x": MAIL})
    assert (only.forward, data(only.reply)["id"]) == (b"", 6)


def test_what_is_no_message_goes_nowhere(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[Passage]:
        bad = [MAIL.encode(), b'{"id":5,"method":"m","x":1,"x":2}', b"[" + call(q=MAIL) + b",]"]
        bad += [line(id=1, result={}, Result=content(MAIL)), call(q=MAIL).replace(b"arguments", b"Arguments")]
        return [await gate.from_client(one) for one in bad] + [await gate.from_server(one) for one in bad]

    told = ask(then)
    assert [one.forward for one in told] == [b""] * 10
    assert [data(one.reply)["error"]["code"] for one in told[:5]] == [-32700, -32600, -32700, -32600, -32600]
    assert [one.reply for one in told[5:]] == [b""] * 5
    assert all(MAIL not in one.reply.decode() for one in told)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_twist_of_an_answer_gets_past(drawn: st.DataObject) -> None:
    """Whatever is done to the bytes of an answer: what goes on as an answer has been read."""
    raw = bytearray(json.dumps({"jsonrpc": "2.0", "id": 1, "result": content(MAIL)}).encode())
    start, end = raw.index(MAIL.encode()), raw.index(MAIL.encode()) + len(MAIL)
    members = [b'"id":1,', b'"result":1,', b'"Result":1,', b'"error":{},', b'"method":"x",', b'"params":']
    pieces = st.sampled_from(members) | st.sampled_from([b"{", b"}", b"[", b"]", b",", b'"', b"\r", b"\\"])
    for _ in range(drawn.draw(st.integers(1, 3))):
        at = drawn.draw(st.integers(0, len(raw)))
        if start < at < end:
            continue
        piece = drawn.draw(pieces)
        raw[at:at] = piece
        start, end = (start + len(piece), end + len(piece)) if at <= start else (start, end)
    passage = _twisted(bytes(raw))
    assert len(passage.forward.splitlines()) <= 1
    for part in _parts(passage.forward):
        assert "method" in part or MAIL not in json.dumps(part)


def _twisted(raw: bytes) -> Passage:
    async def scenario() -> Passage:
        gate = Gate(Guarded(_CHAIN))
        await gate.from_client(call(1))
        return await gate.from_server(raw)

    return _LOOP.run_until_complete(scenario())


def _parts(raw: bytes) -> list[Any]:
    made = json.loads(raw) if raw else []
    return made if isinstance(made, list) else [made]


@pytest.fixture(autouse=True, scope="module")
def one_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    global _CHAIN, _LOOP
    _LOOP = asyncio.new_event_loop()
    _CHAIN = Chain(write_chain(tmp_path_factory.mktemp("chain") / "chain.yaml"))
    _LOOP.run_until_complete(_CHAIN.start())
    yield
    _LOOP.run_until_complete(_CHAIN.stop())
    _LOOP.close()


_CHAIN: Chain
_LOOP: asyncio.AbstractEventLoop


def test_who_leaves_may_ask_again(ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    async def then(gate: Gate) -> Passage:
        asking = asyncio.create_task(gate.from_client(call(1, q=MAIL)))
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        held = asyncio.Event()
        monkeypatch.setattr(Chain, "request", lambda *_: held.wait())
        asking = asyncio.create_task(gate.from_client(call(1)))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        monkeypatch.undo()
        return await gate.from_client(call(1))

    assert ask(then).forward


def test_a_task_is_read_as_the_tool_that_began_it(ask: Callable[..., Any], tmp_path: Path) -> None:
    async def then(gate: Gate) -> bytes:
        await gate.from_client(call(1))
        await gate.from_server(line(id=1, result={"task": {"taskId": "abc", "status": "working"}}))
        await gate.from_client(line(id=2, method="tasks/result", params={"taskId": "abc"}))
        assert gate._tasks == {"abc": {"name": "t"}}
        answer: Passage = await gate.from_server(line(id=2, result=content(MAIL)))
        return answer.forward

    assert data(ask(then))["result"] == content(MASK)


def test_what_is_too_large_is_answered(ask: Callable[..., Any]) -> None:
    async def then(gate: Gate) -> list[Passage]:
        await gate.from_client(call("x"))
        return [
            gate.too_large(b'{"id":5,"method":"tools/call","params":', b"}}", 99, by_server=False),
            gate.too_large(b'{"result":{"content":', b'},"id":"x"}', 99, by_server=True),
            gate.too_large(b'{"result":{"content":', b"}}", 99, by_server=True),
            gate.too_large(b'{"params":{"content":', b"}}", 99, by_server=False),
        ]

    request, answer, lost, unknown = ask(then)
    assert (request.forward, data(request.reply)["id"]) == (b"", 5)
    assert (answer.reply, data(answer.forward)["id"]) == (b"", "x")
    assert (lost.forward, lost.reply) == (b"", b"")
    assert (unknown.forward, data(unknown.reply)["id"]) == (b"", None)
