"""The listener and the HTTP server behind it, message by message: who may ask, headers, streams, sizes, sessions."""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from gw_proxy import HAS_PROC, MAIL, MASK, PLAIN, answers, listening, proxy_command, resident_kb, running, write_chain
from gw_tests import free_port

pytest.importorskip("aiohttp", reason="needs gwplugins[proxy]")
from aiohttp import web

ACCEPT = "application/json, text/event-stream"
START = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {}}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_chain(tmp_path / "chain.yaml")


def ask(url: str, body: Any = None, method: str = "POST", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request; header names have underscores for dashes."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=30)
    sent = {"Content-Type": "application/json", "Accept": ACCEPT}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    connection.request(method, parts.path, raw, sent)
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


def events(raw: bytes) -> list[Any]:
    return [json.loads(line[6:]) for line in raw.split(b"\n") if line.startswith(b"data: ")]


def call(id_: Any = 1, **arguments: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id_, "method": "tools/call", "params": {"name": "t", "arguments": arguments}}


# --- who may ask ----------------------------------------------------------------------------------------------------


def test_host_and_origin_are_checked(config: Path) -> None:
    with listening(config, "--allow-origin", "https://app.example", "--allow-host", "box.example", "--", *PLAIN) as url:
        port = urlsplit(url).port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", "box.example"):
            assert ask(url, START, Host=host)[0] == 200
        for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", "[evil", ""):
            assert ask(url, START, Host=host)[0] == 421
        for origin in ("https://evil.example", f"http://127.0.0.1:{port}", "null"):
            assert ask(url, START, Origin=origin)[0] == 403
        status, headers, _ = ask(url, START, Origin="https://app.example")
        assert status == 200
        assert headers["access-control-allow-origin"] == "https://app.example"
        assert headers["access-control-expose-headers"] == "Mcp-Session-Id"
        status, headers, _ = ask(
            url, None, "OPTIONS", Origin="https://app.example", Access_Control_Request_Headers="mcp-session-id"
        )
        assert (status, headers["access-control-allow-headers"]) == (204, "mcp-session-id")
        assert ask(url, None, "OPTIONS", Origin="https://evil.example")[0] == 403


def test_a_page_can_read_refusals_too(config: Path) -> None:
    allowed, name = "https://App.example", "access-control-allow-origin"
    with listening(config, "--allow-origin", "https://app.example", "--", *PLAIN) as url:
        for status, body, sent in (
            (400, call(1), {}),
            (400, b"{no json", {}),
            (404, call(1), {"Mcp_Session_Id": "guessed"}),
            (415, START, {"Content_Type": "text/plain"}),
        ):
            got, headers, _ = ask(url, body, Origin=allowed, **sent)
            assert (got, headers[name]) == (status, allowed)
        assert ask(url.replace("/mcp", "/other"), START, Origin=allowed)[1][name] == allowed
        assert name not in ask(url, START, Origin="https://evil.example")[1]
        assert name not in ask(url, START)[1]
    with listening(config, "--allow-origin", allowed, "--url", f"http://127.0.0.1:{free_port()}/mcp") as url:
        status, headers, _ = ask(url, call(1), Origin=allowed)
        assert (status, headers[name]) == (502, allowed)


def test_bodies_that_could_not_be_read_are_refused(config: Path) -> None:
    with listening(config, "--max-message-bytes", "5000", "--", *PLAIN) as url:
        assert ask(url, START, Content_Type="text/plain")[0] == 415
        assert ask(url, START, Content_Encoding="gzip")[0] == 415
        status, _, raw = ask(url, call(q="x" * 9000))
        assert (status, json.loads(raw)["error"]["code"]) == (413, -32600)
        status, _, raw = ask(url, b"{no json")
        assert (status, json.loads(raw)["error"]["code"]) == (400, -32700)
        assert ask(url, START, "PUT")[0] == 405
        assert ask(url.replace("/mcp", "/other"), START)[0] == 404


def test_only_the_loopback_without_being_told(config: Path) -> None:
    command = proxy_command(config, "--listen", "0.0.0.0:0", "--", *PLAIN)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "--allow-remote" in done.stderr


def test_an_address_that_is_taken_is_one_clear_error(config: Path) -> None:
    with listening(config, "--", *PLAIN) as url:
        command = proxy_command(config, "--listen", f"127.0.0.1:{urlsplit(url).port}", "--", *PLAIN)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


# --- sessions before a stdio server ---------------------------------------------------------------------------------


def test_a_session_from_its_beginning_to_its_end(config: Path) -> None:
    with listening(config, "--", *PLAIN) as url:
        status, headers, raw = ask(url, START)
        assert (status, headers["content-type"], events(raw)[0]["id"]) == (200, "text/event-stream", 0)
        session = headers["mcp-session-id"]
        status, _, raw = ask(url, call("a", q=MAIL), Mcp_Session_Id=session)
        told = json.loads(events(raw)[0]["result"]["content"][0]["text"])
        assert told["params"]["arguments"] == {"q": MASK}
        status, headers, raw = ask(url, call(5), Mcp_Session_Id=session, Accept="application/json")
        assert (headers["content-type"].partition(";")[0], json.loads(raw)["id"]) == ("application/json", 5)
        assert ask(url, {"method": "notifications/initialized"}, Mcp_Session_Id=session)[0] == 202
        assert ask(url, call(1), Mcp_Session_Id="guessed")[0] == 404
        status, _, raw = ask(url, call("z"))
        assert (status, json.loads(raw)["id"]) == (400, "z")
        assert ask(url, None, "DELETE", Mcp_Session_Id=session)[0] == 204
        assert ask(url, call(1), Mcp_Session_Id=session)[0] == 404
        assert ask(url, None, "GET", Mcp_Session_Id=session)[0] == 404
        assert ask(url, None, "GET")[0] == 400


def test_a_client_of_2026_is_told_to_fall_back(config: Path) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    message = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}
    with listening(config, "--", *PLAIN) as url:
        status, _, raw = ask(url, message, MCP_Protocol_Version="2026-07-28")
    error = json.loads(raw)["error"]
    assert (status, error["code"], error["data"]["supported"][-1]) == (400, -32022, "2025-11-25")


def test_a_server_that_ends_ends_its_session(config: Path) -> None:
    with listening(config, "--", *PLAIN) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        ask(url, {"method": "notifications/exit", "params": {"code": 3}}, Mcp_Session_Id=session)
        until = time.monotonic() + 10
        while ask(url, call(), Mcp_Session_Id=session)[0] != 404:
            assert time.monotonic() < until


def test_a_request_whose_server_ends_is_answered(config: Path) -> None:
    script = "import sys\nfor n, line in enumerate(sys.stdin):\n if n: sys.exit(1)\n"
    script += ' print(\'{"id":0,"result":{}}\', flush=True)'
    with listening(config, "--", sys.executable, "-c", script) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        _, _, raw = ask(url, call("w"), Mcp_Session_Id=session)
    (answer,) = events(raw)
    assert (answer["id"], answer["error"]["message"]) == ("w", "the server has ended")


def test_a_batch_of_refusals_is_one_document(tmp_path: Path) -> None:
    config = write_chain(tmp_path / "chain.yaml", block_on_detection=True)
    with listening(config, "--", *PLAIN) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        refused = [call(f"bad{n}", q=MAIL) for n in range(100)]
        status, _, raw = ask(url, refused, Mcp_Session_Id=session)
        assert (status, [answer["id"] for answer in json.loads(raw)]) == (200, [one["id"] for one in refused])


@pytest.mark.parametrize("accept", [ACCEPT, "application/json"])
def test_refusals_beside_an_answer(tmp_path: Path, accept: str) -> None:
    script = (
        "import sys,json\nfor line in sys.stdin:\n asked=json.loads(line)\n"
        " one=isinstance(asked,dict)\n told=[{'id':m['id'],'result':{}} for m in ([asked] if one else asked)]\n"
        " print(json.dumps(told[0] if one else told),flush=True)"
    )
    config = write_chain(tmp_path / "chain.yaml", block_on_detection=True)
    with listening(config, "--", sys.executable, "-c", script) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        both = [call("bad0", q=MAIL), ping, call("bad1", q=MAIL)]
        _, _, raw = ask(url, both, Mcp_Session_Id=session, Accept=accept)
        if accept == ACCEPT:
            *refused, answers = events(raw)
        else:
            *refused, answer = json.loads(raw)
            answers = [answer]
        assert [one["id"] for one in refused] == ["bad0", "bad1"]
        assert [one["id"] for one in answers] == [1]


def test_what_is_no_message_is_a_bad_request_within_a_session_too(config: Path) -> None:
    with listening(config, "--", *PLAIN) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        status, _, raw = ask(url, b"{no json", Mcp_Session_Id=session)
        assert (status, json.loads(raw)["error"]["code"]) == (400, -32700)


def test_refusals_over_http(tmp_path: Path) -> None:
    config = write_chain(tmp_path / "chain.yaml", block_on_detection=True)
    with listening(config, "--", *PLAIN) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        status, _, raw = ask(url, call("x", q=MAIL), Mcp_Session_Id=session)
        assert (status, json.loads(raw)["result"]["isError"]) == (200, True)
        assert MAIL not in raw.decode()


def test_sigterm_ends_the_listener_and_its_servers(config: Path) -> None:
    port = free_port()
    command = proxy_command(config, "--listen", f"127.0.0.1:{port}", "--", *PLAIN)
    with running(command, port) as process:
        ask(f"http://127.0.0.1:{port}/mcp", START)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert b"plain server is done" in process.stderr.read()


@HAS_PROC
def test_ten_thousand_calls_without_growth(config: Path) -> None:
    port = free_port()
    command = proxy_command(config, "--listen", f"127.0.0.1:{port}", "--", *PLAIN)
    seen = []
    with running(command, port) as process:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Content-Type": "application/json", "Accept": ACCEPT}
        for number in range(10_001):
            message = call(number, q=f"{MAIL} {'x' * 500}") if number else START
            connection.request("POST", "/mcp", json.dumps(message), headers)
            response = connection.getresponse()
            headers["Mcp-Session-Id"] = response.headers["Mcp-Session-Id"]
            assert (MASK in response.read().decode()) is (number > 0)
            if number in (2_000, 10_000):
                seen.append(resident_kb(process.pid))
        connection.close()
    assert seen[1] - seen[0] < 2_000, f"grew from {seen[0]} to {seen[1]} KB"


# --- an HTTP server behind ------------------------------------------------------------------------------------------


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


async def asked(url: str, *arguments: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return await asyncio.to_thread(ask, url, *arguments, **headers)


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


async def posted(
    url: str, message: Any, *head: str, method: str = "POST"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request whose answer is not read."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1000)
    body = json.dumps(message).encode()
    lines = [f"{method} /mcp HTTP/1.1", "Host: localhost", "Content-Type: application/json", f"Accept: {ACCEPT}", *head]
    writer.write("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
    return reader, writer


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


# --- what the operator set up --------------------------------------------------------------------------------------


def in_process(config: Path, then: Callable[[str, Any], Awaitable[None]], command: tuple[str, ...] = PLAIN) -> None:
    """Runs `then` with a listener before a stdio server in this process, so that a limit can be made small."""
    from pyplugins.mcp import Chain
    from pyplugins.proxy.guarded import Guarded
    from pyplugins.proxy.listener import Listener
    from pyplugins.proxy.sessions import Sessions

    async def scenario() -> None:
        port = free_port()
        async with Chain(config) as chain, asyncio.timeout(60):
            sessions = Sessions(Guarded(chain), command)
            serving = asyncio.create_task(Listener(sessions, ("127.0.0.1", port), (), (), 100_000).serve())
            try:
                await until(lambda: answers(port))
                await then(f"http://127.0.0.1:{port}/mcp", sessions)
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(scenario())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def test_sessions_are_bounded(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyplugins.proxy.sessions._MOST_SESSIONS", 2)

    async def then(url: str, _: Any) -> None:
        first = (await asked(url, START))[1]["mcp-session-id"]
        assert (await asked(url, START))[0] == 200
        assert (await asked(url, START))[0] == 503
        assert (await asked(url, None, "DELETE", Mcp_Session_Id=first))[0] == 204
        assert (await asked(url, START))[0] == 200

    in_process(config, then)


def test_a_session_that_nobody_uses_ends(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyplugins.proxy.sessions._IDLE_SECONDS", 1.0)

    async def then(url: str, sessions: Any) -> None:
        session = (await asked(url, START))[1]["mcp-session-id"]
        await until(lambda: not sessions._sessions)
        assert (await asked(url, call(), Mcp_Session_Id=session))[0] == 404

    in_process(config, then)


FIRST = """
import json, subprocess, sys, time
print(json.dumps({"id": json.loads(sys.stdin.readline())["id"], "result": {}}), flush=True)
"""
#: Servers that do not end, or not as one would think, when standard input does.
STUBBORN = {
    "says more than is read": "while True: print(json.dumps({'method': 'x', 'params': {'a': 'y' * 10_000}}))",
    "ignores the end": "time.sleep(60)",
    "ignores the end and SIGTERM": "import signal; signal.signal(15, signal.SIG_IGN)\nwhile True: time.sleep(60)",
    "leaves its output to another": "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(20)'])",
}


@pytest.fixture
def little_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("process", "sessions"):
        monkeypatch.setattr(f"pyplugins.proxy.{module}.GRACE", 0.3)


@pytest.mark.usefixtures("little_grace")
@pytest.mark.parametrize("rest", STUBBORN.values(), ids=STUBBORN)
def test_a_session_ends_whatever_its_server_and_its_streams_do(config: Path, rest: str) -> None:
    async def then(url: str, sessions: Any) -> None:
        id_ = (await asked(url, START))[1]["mcp-session-id"]
        (session,) = sessions._sessions.values()
        _, writer = await posted(url, None, f"Mcp-Session-Id: {id_}", method="GET")
        if "print" in rest:
            await until(lambda: session.routes.busy and any(route._queue.full() for route in session.routes._unasked))
        assert (await asked(url, None, "DELETE", Mcp_Session_Id=id_))[0] == 204
        assert not sessions._sessions
        assert session.reading.done()
        writer.close()

    in_process(config, then, (sys.executable, "-c", FIRST + rest))


@pytest.mark.usefixtures("little_grace")
def test_a_session_ends_though_who_ends_it_leaves(config: Path) -> None:
    async def then(url: str, sessions: Any) -> None:
        id_ = (await asked(url, START))[1]["mcp-session-id"]
        (session,) = sessions._sessions.values()
        _, writer = await posted(url, None, f"Mcp-Session-Id: {id_}", method="DELETE")
        await until(lambda: session.ends)
        writer.close()
        assert (await asked(url, call(), Mcp_Session_Id=id_))[0] == 404
        await until(session.reading.done)
        assert not sessions._sessions

    in_process(config, then, (sys.executable, "-c", FIRST + "time.sleep(60)"))


@pytest.mark.usefixtures("little_grace")
def test_a_session_that_never_began_ends(config: Path) -> None:
    async def then(url: str, sessions: Any) -> None:
        _, writer = await posted(url, START)
        await until(lambda: bool(sessions._sessions))
        writer.close()
        await until(lambda: not sessions._sessions)

    in_process(config, then, (sys.executable, "-c", "import time; time.sleep(60)"))


def test_sessions_that_begin_are_counted(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyplugins.proxy.process import ServerProcess

    start, began, may_start = ServerProcess.start, asyncio.Event(), asyncio.Event()

    async def slow(command: Any) -> ServerProcess:
        began.set()
        await may_start.wait()
        return await start(command)

    async def then(url: str, _: Any) -> None:
        first = asyncio.create_task(asked(url, START))
        await began.wait()
        assert (await asked(url, START))[0] == 503
        may_start.set()
        assert (await first)[0] == 200

    monkeypatch.setattr("pyplugins.proxy.sessions._MOST_SESSIONS", 1)
    monkeypatch.setattr(ServerProcess, "start", slow)
    in_process(config, then)


def test_without_the_extra_http_is_one_clear_error(config: Path) -> None:
    program = (
        "import importlib.util as u, sys\nreal = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'aiohttp' else real(name, *rest)\n"
        "from pyplugins.cli import main\nmain()"
    )
    for way in (["--url", "http://127.0.0.1:1/mcp"], ["--listen", "127.0.0.1:0", "--", "x"]):
        command = [sys.executable, "-c", program, "proxy", "--config", str(config), *way]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 2
        assert "pip install 'gwplugins[proxy]'" in done.stderr
        assert "Traceback" not in done.stderr
