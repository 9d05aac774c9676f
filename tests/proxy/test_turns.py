"""A stdio client before an HTTP server that is slow or silent: what waits for what, and what never waits."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gw_proxy import proxy_at, until

pytest.importorskip("aiohttp", reason="needs gwplugins[proxy]")
from aiohttp import web
from gw_http_server import Server, answered, data, serving, start, stream, waits

from pyplugins.proxy.guarded import Passage
from pyplugins.proxy.turns import Turn, Turns

START = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {}}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as one:
        one.answers["ping"] = answered(result={})
        yield one


async def silent(request: web.Request, message: Any) -> web.StreamResponse:
    """Not even a status."""
    await asyncio.sleep(60)
    return web.Response()


def cancel(id_: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id_}}


def told(server: Server) -> list[str]:
    return [message["method"] for _, _, message in server.seen if "method" in message]


@pytest.mark.parametrize("answer", [silent, waits], ids=["silent", "an empty stream"])
def test_what_follows_an_initialize_that_is_not_answered_is_read(config: Path, server: Server, answer: Any) -> None:
    server.answers["initialize"] = answer
    with proxy_at(config, server.url) as one:
        one.send(START, INITIALIZED, {"jsonrpc": "2.0", "id": 1, "method": "ping"})
        assert "under way" in one.ask("ping", id_=1)["error"]["message"]
        asyncio.run(until(lambda: bool(server.seen)))
        one.send(cancel(0))
        assert one.message() == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert told(server)[:3] == ["initialize", "notifications/initialized", "ping"]


@pytest.mark.parametrize("number", [None, signal.SIGTERM], ids=["the end of input", "SIGTERM"])
def test_an_initialize_that_is_not_answered_ends(config: Path, server: Server, number: int | None) -> None:
    server.answers["initialize"] = silent
    with proxy_at(config, server.url) as one:
        one.send(START, INITIALIZED)
        assert "under way" in one.ask("ping", id_=0)["error"]["message"]
        asyncio.run(until(lambda: bool(server.seen)))
        if number is not None:
            one.process.send_signal(number)
        assert one.end()[0] == (128 + number if number else 0)
    assert told(server) == ["initialize"]


def test_what_is_sent_at_once_arrives_in_its_order_and_session(config: Path, server: Server) -> None:
    async def slow(request: web.Request, message: Any) -> web.StreamResponse:
        await asyncio.sleep(0.1)
        return web.Response(status=202)

    server.answers |= {"notifications/initialized": slow, "notifications/x": slow}
    with proxy_at(config, server.url) as one:
        requests = [{"jsonrpc": "2.0", "id": number, "method": "ping"} for number in (1, 2)]
        one.send(START, INITIALIZED, {"jsonrpc": "2.0", "method": "notifications/x"}, *requests)
        assert one.message()["id"] == 0
        assert {one.message()["id"] for _ in requests} == {1, 2}
    assert told(server) == ["initialize", "notifications/initialized", "notifications/x", "ping", "ping"]
    for _, headers, message in server.seen:
        if message.get("method") not in (None, "initialize"):
            assert (headers["Mcp-Session-Id"], headers["MCP-Protocol-Version"]) == ("s1", "2025-11-25")


def test_a_stream_that_stays_open_behind_its_answer_keeps_nothing(config: Path, server: Server) -> None:
    async def open_ended(request: web.Request, message: Any) -> web.StreamResponse:
        return await stream(request, data(id=message["id"], result={"protocolVersion": "2025-11-25"}), hang=True)

    server.answers["initialize"] = open_ended
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.ask("ping", id_=1)["result"] == {}


def test_a_notification_that_is_not_taken_keeps_nothing_from_being_read(config: Path, server: Server) -> None:
    server.answers |= {"notifications/x": silent, "tools/call": waits}
    with proxy_at(config, server.url) as one:
        start(one)
        one.send({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "t"}})
        one.send({"jsonrpc": "2.0", "method": "notifications/x"})
        assert "under way" in one.ask("ping", id_=1)["error"]["message"]
        assert one.end()[0] == 0


def test_what_follows_the_last_line_is_waited_for_while_answers_come(config: Path, server: Server) -> None:
    async def slow(request: web.Request, message: Any) -> web.StreamResponse:
        await asyncio.sleep(0.05)
        return web.Response(status=202)

    server.answers["notifications/x"] = slow
    with proxy_at(config, server.url) as one:
        start(one)
        one.send(*({"jsonrpc": "2.0", "method": "notifications/x"} for _ in range(120)))
        assert one.end()[0] == 0
    assert told(server).count("notifications/x") == 120


def test_more_than_the_proxy_holds_is_refused_and_all_else_passes(config: Path, server: Server) -> None:
    server.answers["tools/call"] = waits
    large = {"name": "t", "arguments": {"q": "x" * 4 * 1024 * 1024}}
    with proxy_at(config, server.url) as one:
        start(one)
        one.send(
            *({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": large} for number in range(1, 20))
        )
        refused = [one.message() for _ in range(3)]
        assert [(answer["id"], answer["error"]["code"]) for answer in refused] == [
            (17, -32000),
            (18, -32000),
            (19, -32000),
        ]
        assert one.ask("ping", id_="p")["error"]["message"] == "more is under way than the proxy holds"
        one.send(INITIALIZED, {"jsonrpc": "2.0", "id": "asked", "result": {}}, cancel(1))
        asyncio.run(until(lambda: "notifications/cancelled" in told(server)))
        assert one.ask("ping", id_="p")["result"] == {}
    assert any(message.get("id") == "asked" for _, _, message in server.seen)


def test_what_cannot_be_refused_waits_while_too_much_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyplugins.proxy.turns._MOST_BYTES", 10_000)

    async def scenario() -> None:
        turns, may_post, posted = Turns(), asyncio.Event(), []

        async def post(turn: Turn) -> None:
            await may_post.wait()
            posted.append(turn.passage.forward)

        async def say() -> None:
            for number in range(20):
                await turns.room()
                turns.begin(Passage(b"%d" % number), post)

        saying = asyncio.create_task(say())
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(turns._tasks) == 3
        may_post.set()
        await saying
        await turns.finish(20)
        assert posted == [b"%d" % number for number in range(20)]

    asyncio.run(scenario())
