"""A stdio client before an HTTP server: session, version, streams that break, errors, cancellation, the end."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gw_proxy import MAIL, MASK, proxy_at, proxy_command
from gw_tests import free_port

pytest.importorskip("aiohttp", reason="needs gwplugins[proxy]")
from aiohttp import web
from gw_http_server import Server, answered, data, serving, start, stream, waits


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as one:
        yield one


def test_session_and_version_are_kept_and_the_session_ends(config: Path, server: Server) -> None:
    server.answers["DELETE"] = web.Response(status=204)
    server.answers["tools/call"] = answered(result={"structuredContent": {"mail": MAIL}})
    with proxy_at(config, server.url) as one:
        start(one)
        params = {"name": "t", "arguments": {"q": MAIL}}
        assert one.ask("tools/call", params, "x") == {
            "jsonrpc": "2.0",
            "id": "x",
            "result": {"structuredContent": {"mail": MASK}},
        }
        code, _, _ = one.end()
    assert code == 0
    assert "Mcp-Session-Id" not in server.asked("initialize")[0]
    for name in ("notifications/initialized", "tools/call", "DELETE"):
        headers = server.asked(name)[0]
        assert (headers["Mcp-Session-Id"], headers["MCP-Protocol-Version"]) == ("s1", "2025-11-25")
    assert MAIL not in json.dumps([message for _, _, message in server.seen])


def test_what_the_server_says_unasked_comes_by_its_own_stream(config: Path, server: Server) -> None:
    async def said(request: web.Request, _: Any) -> web.StreamResponse:
        return await stream(request, data(method="notifications/tools/list_changed"), hang=True)

    server.answers["GET"] = said
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.message()["method"] == "notifications/tools/list_changed"


def test_a_stream_that_broke_is_resumed(config: Path, server: Server) -> None:
    async def begun(request: web.Request, message: Any) -> web.StreamResponse:
        return await stream(request, "id: e1\nretry: 10\ndata:\n\n")

    async def resumed(request: web.Request, _: Any) -> web.StreamResponse:
        if request.headers.get("Last-Event-ID") != "e1":
            return web.Response(status=405)
        return await stream(request, data(id=7, result={"content": [{"type": "text", "text": MAIL}]}))

    server.answers |= {"tools/call": begun, "GET": resumed}
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.ask("tools/call", {"name": "t"}, 7)["result"]["content"][0]["text"] == MASK


def broken(*events: str) -> Any:
    async def answer(request: web.Request, message: Any) -> web.StreamResponse:
        response = await stream(request, *events)
        assert request.transport is not None
        request.transport.abort()
        return response

    return answer


def test_a_connection_that_broke_is_resumed_where_it_was(config: Path, server: Server) -> None:
    places = []

    async def resumed(request: web.Request, message: Any) -> web.StreamResponse:
        places.append(request.headers.get("Last-Event-ID"))
        if places[-1] is None:
            return web.Response(status=405)
        if places[-1] == "e1":
            return await broken("id: e2\ndata:\n\n")(request, message)
        return await stream(request, data(id=7, result={}))

    server.answers |= {"tools/call": broken("id: e1\nretry: 10\ndata:\n\n"), "GET": resumed}
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.ask("tools/call", {"name": "t"}, 7)["result"] == {}
    assert [place for place in places if place] == ["e1", "e2"]


def test_a_stream_that_goes_on_is_resumed_as_often_as_it_ends(config: Path, server: Server) -> None:
    """Protocol 2025-11-25 lets a server end a stream whenever it likes, so that a slow answer is polled for."""

    async def resumed(request: web.Request, _: Any) -> web.StreamResponse:
        number = int(request.headers.get("Last-Event-ID", "-1")) + 1
        if number == 12:
            return await stream(request, data(id=7, result={}))
        return await stream(request, f"id: {number}\ndata:\n\n") if number else web.Response(status=405)

    async def begun(request: web.Request, _: Any) -> web.StreamResponse:
        return await stream(request, "id: 0\nretry: 10\ndata:\n\n")

    server.answers |= {"tools/call": begun, "GET": resumed}
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.ask("tools/call", {"name": "t"}, 7)["result"] == {}


def test_a_stream_that_brings_nothing_new_is_given_up(config: Path, server: Server) -> None:
    async def resumed(request: web.Request, _: Any) -> web.StreamResponse:
        return await stream(request) if "Last-Event-ID" in request.headers else web.Response(status=405)

    async def begun(request: web.Request, _: Any) -> web.StreamResponse:
        return await stream(request, "id: 0\nretry: 10\ndata:\n\n")

    server.answers |= {"tools/call": begun, "GET": resumed}
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.ask("tools/call", {"name": "t"}, 7)["error"]["code"] == -32000


def test_a_server_that_wants_no_pause_gets_a_short_one(config: Path, server: Server) -> None:
    times = []

    async def resumed(request: web.Request, _: Any) -> web.StreamResponse:
        times.append(time.monotonic())
        number = int(request.headers.get("Last-Event-ID", "0"))
        if number == 3:
            return await stream(request, data(method="notifications/x"), hang=True)
        return await stream(request, f"id: {number + 1}\nretry: 0\ndata:\n\n")

    server.answers["GET"] = resumed
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.message()["method"] == "notifications/x"
    assert times[-1] - times[0] > 3 * 0.09


def test_the_stream_for_what_is_said_unasked_is_resumed_where_it_was(config: Path, server: Server) -> None:
    async def said(request: web.Request, message: Any) -> web.StreamResponse:
        if request.headers.get("Last-Event-ID") == "e1":
            return await stream(request, data(method="notifications/x"), hang=True)
        return await broken("id: e1\nretry: 10\ndata:\n\n")(request, message)

    server.answers["GET"] = said
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.message()["method"] == "notifications/x"


def test_an_event_id_that_no_header_can_hold_is_left_out(config: Path, server: Server) -> None:
    async def resumed(request: web.Request, _: Any) -> web.StreamResponse:
        if request.headers.get("Last-Event-ID") != "e1":
            return web.Response(status=405)
        return await stream(request, data(id=7, result={}))

    server.answers |= {"tools/call": broken("id: e1\nretry: 10\ndata:\n\n", "id: e\0\ndata:\n\n"), "GET": resumed}
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.ask("tools/call", {"name": "t"}, 7)["result"] == {}


def test_a_stream_that_cannot_be_resumed_answers_with_an_error(config: Path, server: Server) -> None:
    async def begun(request: web.Request, message: Any) -> web.StreamResponse:
        return await stream(request, data(method="notifications/x"))

    server.answers["tools/call"] = begun
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.ask("tools/call", {"name": "t"}, 7)["method"] == "notifications/x"
        answer = one.message()
        assert (answer["id"], answer["error"]["code"]) == (7, -32000)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (web.Response(status=401, text=MAIL), "HTTP 401"),
        (web.Response(status=404), "HTTP 404"),
        (web.Response(status=302, headers={"Location": "/other"}), "redirects"),
        (web.Response(text=f'{{"id": 7, "result": "{MAIL}'.replace("}", ""), content_type="application/json"), "200"),
    ],
    ids=["401", "404", "redirect", "broken"],
)
def test_http_errors_answer_the_request(config: Path, server: Server, answer: web.Response, told: str) -> None:
    async def fresh(request: web.Request, _: Any) -> web.Response:
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    server.answers["tools/call"] = fresh
    with proxy_at(config, server.url) as one:
        start(one)
        error = one.ask("tools/call", {"name": "t"}, 7)["error"]
        assert told in error["message"]
        assert MAIL not in json.dumps(error)
        server.answers["tools/call"] = answered(result={})
        assert one.ask("tools/call", {"name": "t"}, 8)["result"] == {}


def test_a_json_rpc_error_passes(config: Path, server: Server) -> None:
    async def refused(request: web.Request, message: Any) -> web.Response:
        error = {"code": -32602, "message": f"no {MAIL}"}
        return web.json_response({"jsonrpc": "2.0", "id": message["id"], "error": error}, status=400)

    server.answers["tools/call"] = refused
    with proxy_at(config, server.url) as one:
        start(one)
        assert one.ask("tools/call", {"name": "t"}, 7)["error"] == {"code": -32602, "message": f"no {MASK}"}


def test_a_server_that_is_not_there(config: Path) -> None:
    with proxy_at(config, f"http://127.0.0.1:{free_port()}/mcp") as one:
        assert one.ask("initialize", {}, 5)["error"]["code"] == -32000


def test_requests_wait_side_by_side(config: Path, server: Server) -> None:
    server.answers |= {"tools/call": waits, "ping": answered(result={})}
    with proxy_at(config, server.url) as one:
        start(one)
        one.send({"id": 1, "method": "tools/call", "params": {"name": "t"}})
        assert one.ask("ping", id_=2)["id"] == 2


def test_cancelling_closes_the_stream_since_2026(config: Path, server: Server) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}

    async def waits(request: web.Request, message: Any) -> web.StreamResponse:
        try:
            return await stream(request, data(method="notifications/x"), hang=True)
        except asyncio.CancelledError:
            server.left.append(message["id"])
            raise

    server.answers |= {"tools/call": waits, "ping": answered(result={})}
    with proxy_at(config, server.url) as one:
        one.send({"id": "w", "method": "tools/call", "params": {"name": "t", "_meta": meta}})
        assert one.message()["method"] == "notifications/x"
        one.send({"method": "notifications/cancelled", "params": {"requestId": "w"}})
        for number in range(100):
            one.ask("ping", {"_meta": meta}, number)
            if server.left:
                break
    assert server.left == ["w"]
    headers = server.asked("tools/call")[0]
    assert (headers["Mcp-Method"], headers["Mcp-Name"]) == ("tools/call", "t")
    assert headers["MCP-Protocol-Version"] == "2026-07-28"
    assert server.asked("notifications/cancelled") == []


def test_cancelled_requests_make_room(config: Path, server: Server) -> None:
    server.answers |= {"tools/call": waits, "ping": answered(result={})}
    with proxy_at(config, server.url) as one:
        start(one)
        for number in range(1, 80):
            one.send({"id": number, "method": "tools/call", "params": {"name": "t"}})
            one.send({"method": "notifications/cancelled", "params": {"requestId": number}})
        assert one.ask("ping", id_="p")["id"] == "p"
    told = [message["params"]["requestId"] for _, _, message in server.seen if "requestId" in message.get("params", {})]
    assert told == list(range(1, 80))


def test_many_that_wait_do_not_keep_the_rest_from_being_read(config: Path, server: Server) -> None:
    server.answers["tools/call"] = waits
    with proxy_at(config, server.url) as one:
        start(one)
        one.send(*({"id": number, "method": "tools/call", "params": {"name": "t"}} for number in range(1, 80)))
        one.send({"id": "asked", "result": {}})
        one.send({"id": 1, "method": "ping"})
        assert "under way" in one.message()["error"]["message"]
        assert one.end()[0] == 0
    assert len(server.asked("tools/call")) == 64
    assert any(message.get("id") == "asked" for _, _, message in server.seen)


def test_the_rest_of_a_batch_is_not_cancelled_with_its_first(config: Path, server: Server) -> None:
    async def second(request: web.Request, message: Any) -> web.StreamResponse:
        while not server.asked("notifications/cancelled"):
            await asyncio.sleep(0.02)
        return await stream(request, data(id=2, result={}))

    server.answers["batch"] = second
    with proxy_at(config, server.url) as one:
        start(one)
        one.send(json.dumps([{"id": id_, "method": "tools/call", "params": {"name": "t"}} for id_ in (1, 2)]).encode())
        one.send({"method": "notifications/cancelled", "params": {"requestId": 1}})
        assert one.message()["id"] == 2


def test_a_request_that_cannot_be_sent_is_answered(config: Path, server: Server) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    with proxy_at(config, server.url) as one:
        error = one.ask("tools/call", {"name": "\ud800", "_meta": meta}, 7)["error"]
    assert (error["code"], error["message"]) == (-32000, "the request cannot be sent: UnicodeEncodeError")


def test_a_header_that_cannot_be_sent_is_one_clear_error(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GWP_TEST_TOKEN", "Bearer secret\n")
    command = proxy_command(config, "--url", "http://127.0.0.1:1/mcp", "--header", "Authorization=GWP_TEST_TOKEN")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "the environment variable GWP_TEST_TOKEN holds what no header can" in done.stderr
    assert "secret" not in done.stderr


def test_sigterm_ends_the_session(config: Path, server: Server) -> None:
    server.answers["DELETE"] = web.Response(status=204)
    with proxy_at(config, server.url) as one:
        start(one)
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(20) == 128 + signal.SIGTERM
    assert server.asked("DELETE")


def test_what_is_too_large_is_refused(config: Path, server: Server) -> None:
    server.answers["tools/call"] = answered(result={"x": "y" * 9000})
    with proxy_at(config, server.url, "--max-message-bytes", "5000") as one:
        start(one)
        assert one.ask("tools/call", {"name": "t", "arguments": {"q": "x" * 9000}}, 1)["error"]["code"] == -32600
        assert one.ask("tools/call", {"name": "t"}, 2)["error"]["code"] == -32600
        server.answers["tools/call"] = answered(result={"x": "y"})
        assert one.ask("tools/call", {"name": "t"}, 3)["result"] == {"x": "y"}
