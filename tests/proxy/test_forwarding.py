"""An HTTP server behind a proxy that listens, message by message: headers, streams, sizes, what breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from gw_proxy import (
    MAIL,
    MASK,
    START,
    ask,
    asked,
    call,
    events,
    listening,
    posted,
    until,
    write_chain,
)
from gw_tests import free_port

pytest.importorskip("aiohttp", reason="needs gwplugins[proxy]")
from aiohttp import web


class Server:
    """A server that answers as the test says and keeps what it was asked."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.many: list[str] = []
        self.status = 200
        self.headers = {"Content-Type": "application/json"}
        self.pieces: list[bytes] = [b'{"jsonrpc":"2.0","id":1,"result":{}}']
        self.hang = False
        self.breaks = False
        self.left = False
        self.written = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.many = request.headers.getall("X-Many", [])
        self.seen.append((request.method, dict(request.headers), await request.read()))
        response = web.StreamResponse(status=self.status, headers=self.headers)
        await response.prepare(request)
        for piece in self.pieces:
            await response.write(piece)
            self.written += len(piece)
        try:
            if self.hang:
                await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.left = True
            raise
        if self.breaks:
            assert request.transport is not None
            request.transport.abort()
        await response.write_eof()
        return response

    def events(self, *messages: bytes) -> None:
        self.headers = {"Content-Type": "text/event-stream", "Mcp-Session-Id": "s1"}
        self.pieces = [b"id: 7\nretry: 20\ndata: " + message + b"\n\n" for message in messages]


def through(
    config: Path, then: Callable[[Server, str], Awaitable[None]], *arguments: str, env: dict[str, str] | None = None
) -> None:
    """Runs `then` with a server behind a proxy that listens."""

    async def scenario() -> None:
        server = Server()
        app = web.Application()
        app.router.add_route("*", "/mcp", server.handle)
        runner = web.AppRunner(app, handler_cancellation=True, max_field_size=64 * 1024)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/mcp"
        try:
            with await asyncio.to_thread(_entered, config, address, arguments) as url:
                async with asyncio.timeout(60):
                    await then(server, url)
        finally:
            await runner.cleanup()

    asyncio.run(scenario())


@contextmanager
def _closing(held: Any, url: str) -> Iterator[str]:
    try:
        yield url
    finally:
        held.__exit__(None, None, None)


def _entered(config: Path, address: str, arguments: tuple[str, ...]) -> Any:
    held = listening(config, "--url", address, *arguments)
    return _closing(held, held.__enter__())


def test_headers_and_bodies_pass(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        server.headers |= {"Mcp-Session-Id": "s1", "X-Other": "o", "Set-Cookie": "a=b"}
        body = b'{"jsonrpc" : "2.0","id":1,"method":"ping" }'
        status, headers, raw = await asked(
            url, body, Authorization="Bearer t", Mcp_Session_Id="s0", MCP_Protocol_Version="2025-11-25", Origin=""
        )
        assert (status, raw.strip()) == (200, server.pieces[0])
        assert (headers["mcp-session-id"], headers["x-other"], headers["set-cookie"]) == ("s1", "o", "a=b")
        method, sent, got = server.seen[0]
        assert (method, got.strip()) == ("POST", body)
        assert (sent["Authorization"], sent["Mcp-Session-Id"]) == ("Bearer t", "s0")
        assert sent["MCP-Protocol-Version"] == "2025-11-25"
        assert sent["Host"] != urlsplit(url).netloc

    through(config, then)


def test_events_are_read_one_by_one_and_keep_their_ids(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        note = json.dumps({"method": "notifications/message", "params": {"data": MAIL}}).encode()
        answer = json.dumps({"id": 1, "result": {"content": [{"type": "text", "text": MAIL}]}}).encode()
        server.events(note, answer)
        _, headers, raw = await asked(url, call(1))
        assert headers["content-type"] == "text/event-stream"
        first, second = events(raw)
        assert first == json.loads(note)
        assert second["result"]["content"][0]["text"] == MASK
        assert raw.count(b"id: 7\nretry: 20\ndata: ") == 2

    through(config, then)


def test_an_answer_of_an_earlier_request_is_read_on_another_stream(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        server.events()
        await asked(url, call(4), Mcp_Session_Id="s1")
        server.events(json.dumps({"id": 4, "result": {"structuredContent": {"a": MAIL}}}).encode())
        _, _, raw = await asked(url, None, "GET", Mcp_Session_Id="s1", Last_Event_ID="7")
        assert events(raw)[0]["result"] == {"structuredContent": {"a": MASK}}
        assert server.seen[1][1]["Last-Event-ID"] == "7"

    through(config, then)


BODIES = {
    "a page": (500, "text/html", f"<h1>{MAIL}</h1>".encode()),
    "no type": (200, "", MAIL.encode()),
    "JSON that is no message": (401, "application/json", json.dumps({"error": MAIL}).encode()),
    "broken JSON": (200, "application/json", b'{"id":1,"result":"' + MAIL.encode()),
    "a key twice": (200, "application/json", f'{{"id":1,"id":1,"result":"{MAIL}"}}'.encode()),
    "broken event": (200, "text/event-stream", f"data: {{{MAIL}\n\n".encode()),
    "odd field": (200, "text/event-stream", f"{MAIL}: {MAIL}\n: {MAIL}\n\n".encode()),
}


@pytest.mark.parametrize(("status", "kind", "body"), BODIES.values(), ids=BODIES)
def test_what_is_no_message_goes_nowhere(config: Path, status: int, kind: str, body: bytes) -> None:
    async def then(server: Server, url: str) -> None:
        server.status, server.pieces = status, [body]
        server.headers = {"WWW-Authenticate": "Bearer"} | ({"Content-Type": kind} if kind else {})
        got, headers, raw = await asked(url, call(1))
        assert got == status
        assert MAIL not in raw.decode()
        assert headers["www-authenticate"] == "Bearer"
        if status == 200:
            (answer,) = events(raw) if kind == "text/event-stream" else [json.loads(raw)]
            assert (answer["id"], answer["error"]["code"]) == (1, -32603)

    through(config, then)


def test_a_redirect_is_an_error(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        server.status, server.headers, server.pieces = 307, {"Location": "http://127.0.0.1:1/"}, []
        status, headers, raw = await asked(url, call("q"))
        assert (status, json.loads(raw)["id"]) == (502, "q")
        assert "location" not in headers

    through(config, then)


def test_a_large_answer_becomes_an_error(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        big = json.dumps({"result": {"x": "y" * 9000}, "id": 1}).encode()
        server.pieces = [big]
        assert json.loads((await asked(url, call(1)))[2])["error"]["code"] == -32600
        server.events(big, b'{"id":2,"result":{}}')
        _, _, raw = await asked(url, call(1))
        assert [answer.get("error", {}).get("code") for answer in events(raw)] == [-32600, None]

    through(config, then, "--max-message-bytes", "5000")


def test_a_server_that_is_not_there(config: Path) -> None:
    with listening(config, "--url", f"http://127.0.0.1:{free_port()}/mcp") as url:
        status, _, raw = ask(url, call("n"))
    assert (status, json.loads(raw)["id"]) == (502, "n")


@pytest.mark.parametrize("status", [401, 404, 429, 502])
def test_an_id_is_free_again_after_an_error(config: Path, status: int) -> None:
    async def then(server: Server, url: str) -> None:
        server.status, server.headers, server.pieces = status, {"WWW-Authenticate": "Bearer"}, []
        await made(server, url)
        for _ in range(2):
            got, headers, raw = await asked(url, call(1, q=MAIL), Mcp_Session_Id="s1")
            assert (got, headers["www-authenticate"]) == (status, "Bearer")
            error = json.loads(raw)["error"]
            assert (error["code"], error["message"]) == (-32603, f"the server answered HTTP {status}")
        assert len(server.seen) == 3

    through(config, then)


async def made(server: Server, url: str) -> None:
    """A session of the proxy's memory, whose server answers as before afterwards."""
    kept = server.status, server.headers, server.pieces
    server.status, server.headers = 200, {"Content-Type": "application/json", "Mcp-Session-Id": "s1"}
    server.pieces = [b'{"jsonrpc":"2.0","id":0,"result":{}}']
    assert (await asked(url, START))[0] == 200
    server.status, server.headers, server.pieces = kept


def test_an_error_of_the_server_passes_and_frees_the_id(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        await made(server, url)
        server.status, server.pieces = 404, [b'{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"no"}}']
        for _ in range(2):
            status, _, raw = await asked(url, call(1), Mcp_Session_Id="s1")
            assert (status, json.loads(raw)["error"]["code"]) == (404, -32001)

    through(config, then)


def test_every_request_of_a_batch_is_told_of_an_error(tmp_path: Path) -> None:
    async def then(server: Server, url: str) -> None:
        server.status, server.headers, server.pieces = 307, {"Location": "http://127.0.0.1:1/"}, []
        ping, note = {"jsonrpc": "2.0", "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/x"}
        status, _, raw = await asked(url, [{**ping, "id": 1}, note, call("bad", q=MAIL), {**ping, "id": 2}])
        assert (status, [answer["id"] for answer in json.loads(raw)]) == (502, ["bad", 1, 2])
        status, _, raw = await asked(url, note)
        assert (status, json.loads(raw)["error"]["code"]) == (502, -32603)

    through(write_chain(tmp_path / "chain.yaml", block_on_detection=True), then)


def test_a_stream_that_broke_is_answered_unless_it_can_be_resumed(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        await made(server, url)
        server.events()
        server.breaks = True
        server.pieces = [b'data: {"method":"notifications/x"}\n\n']
        for _ in range(2):
            _, _, raw = await asked(url, call(1), Mcp_Session_Id="s1")
            assert [answer.get("id") for answer in events(raw)] == [None, 1]
        server.pieces = [b'id: 7\ndata: {"method":"notifications/x"}\n\n']
        _, _, raw = await asked(url, call(1), Mcp_Session_Id="s1")
        assert [answer.get("id") for answer in events(raw)] == [None]

    through(config, then)


def test_who_leaves_may_ask_again(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        await made(server, url)
        server.events()
        server.hang = True
        _, writer = await posted(url, call(1), "Mcp-Session-Id: s1")
        await until(lambda: len(server.seen) == 2)
        writer.close()
        await until(lambda: server.left)
        server.hang = False
        server.events(b'{"id":1,"result":{}}')
        _, _, raw = await asked(url, call(1), Mcp_Session_Id="s1")
        assert events(raw)[0]["result"] == {}

    through(config, then)


def test_a_name_that_no_header_can_hold_frees_the_id(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        await made(server, url)
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "\ud800"}}
        for _ in range(2):
            status, _, raw = await asked(url, message, Mcp_Session_Id="s1", Mcp_Name="x")
            assert (status, json.loads(raw)["error"]["message"]) == (400, "what a header repeats is no Unicode text")
        assert len(server.seen) == 1

    through(config, then)


def test_an_event_that_only_tells_its_id_keeps_its_data(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        server.events()
        server.pieces = [b"id: e1\ndata:\n\n", b"id: e2\nretry: 5\n\n"]
        _, _, raw = await asked(url, call(1))
        assert raw == b"id: e1\ndata: \n\nid: e2\nretry: 5\n\n"

    through(config, then)


def test_a_refusal_beside_a_notification_is_an_answer(tmp_path: Path) -> None:
    async def then(server: Server, url: str) -> None:
        server.status, server.headers, server.pieces = 202, {}, []
        note = {"jsonrpc": "2.0", "method": "notifications/x"}
        status, headers, raw = await asked(url, [call("bad", q=MAIL), note])
        assert (status, headers["content-type"]) == (200, "text/event-stream")
        assert [answer["id"] for answer in events(raw)] == ["bad"]

    through(write_chain(tmp_path / "chain.yaml", block_on_detection=True), then)


def test_who_leaves_leaves_the_server_too(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        server.events(b'{"method":"notifications/x"}')
        server.hang = True
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        body = json.dumps(call()).encode()
        head = ["POST /mcp HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        writer.write("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        assert b"200" in await reader.readline()
        await reader.readuntil(b"notifications/x")
        writer.close()
        while not server.left:
            await asyncio.sleep(0.02)

    through(config, then)


def test_a_client_that_does_not_read_makes_the_server_wait(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        note = json.dumps({"method": "notifications/x", "params": {"a": "y" * 10_000}}).encode()
        server.events(note)
        server.pieces *= 20_000
        parts = urlsplit(url)
        _, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1000)
        body = json.dumps(call()).encode()
        head = ["POST /mcp HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        writer.write("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        sizes = [0, -1]
        while sizes[-1] == 0 or sizes[-1] != sizes[-2]:
            await asyncio.sleep(1)
            sizes.append(server.written)
        assert sizes[-1] < 60_000_000, "nothing made the server wait"
        writer.close()

    through(config, then)


def test_a_batch_with_a_refused_part(tmp_path: Path) -> None:
    async def then(server: Server, url: str) -> None:
        status, _, raw = await asked(url, [call("bad", q=MAIL), {"jsonrpc": "2.0", "id": 1, "method": "ping"}])
        assert status == 200
        assert sorted(str(answer["id"]) for answer in events(raw)) == ["1", "bad"]
        assert MAIL.encode() not in server.seen[0][2]

    through(write_chain(tmp_path / "chain.yaml", block_on_detection=True), then)


def test_a_long_token_passes(config: Path) -> None:
    async def then(server: Server, url: str) -> None:
        token = "Bearer " + "t" * 20_000
        assert (await asked(url, call(1), Authorization=token))[0] == 200
        assert server.seen[0][1]["Authorization"] == token

    through(config, then)


def test_a_header_on_two_lines_passes(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GWP_TEST_AUTHORIZATION", "Bearer from-environment")

    async def then(server: Server, url: str) -> None:
        _, writer = await posted(url, call(1), "X-Many: a", "X-Many: b", "authorization: own")
        await until(lambda: bool(server.seen))
        writer.close()
        assert server.many == ["a", "b"]
        assert server.seen[0][1]["Authorization"] == "own"

    through(config, then, "--header", "Authorization=GWP_TEST_AUTHORIZATION")


def test_headers_from_the_environment(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GWP_TEST_AUTHORIZATION", "Bearer from-environment")

    async def then(server: Server, url: str) -> None:
        await asked(url, call(1))
        await asked(url, call(1), Authorization="Bearer own")
        assert [sent["Authorization"] for _, sent, _ in server.seen] == ["Bearer from-environment", "Bearer own"]

    through(config, then, "--header", "Authorization=GWP_TEST_AUTHORIZATION")


def test_what_the_server_asks_and_is_refused_is_answered_to_it(tmp_path: Path) -> None:
    async def then(server: Server, url: str) -> None:
        question = {"id": 50, "method": "sampling/createMessage", "params": {"messages": [MAIL]}}
        server.events(json.dumps(question).encode(), b'{"id":1,"result":{}}')
        _, _, raw = await asked(url, call(1), Mcp_Session_Id="s1")
        assert [answer["id"] for answer in events(raw)] == [1]
        answer = json.loads(server.seen[1][2])
        assert (answer["id"], answer["error"]["code"]) == (50, -32050)
        assert server.seen[1][1]["Mcp-Session-Id"] == "s1"

    through(write_chain(tmp_path / "chain.yaml", block_on_detection=True), then, "--scan-all")
