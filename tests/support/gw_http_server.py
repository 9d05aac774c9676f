"""A streamable HTTP server for tests of the bridge, which answers as a test says."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web
from gw_proxy import Proxy


class Server:
    """Answers each message with what `answers` has for its method, and keeps what it was asked."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], Any]] = []
        self.answers: dict[str, Any] = {}
        self.left: list[str] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """See the class."""
        body = await request.read()
        message = json.loads(body) if body else {}
        if isinstance(message, list):
            message = {"method": "batch", "id": None, "parts": message}
        self.seen.append((request.method, dict(request.headers), message))
        name = message.get("method", request.method)
        answer = self.answers.get(name, web.Response(status=202 if "id" not in message else 500))
        return await answer(request, message) if callable(answer) else answer

    def asked(self, name: str) -> list[dict[str, str]]:
        """Headers of the requests of this method."""
        return [headers for verb, headers, message in self.seen if message.get("method", verb) == name]


@contextmanager
def serving() -> Iterator[Server]:
    """A server in a thread with a loop of its own; it begins sessions and has no stream for what it says unasked."""
    server, ready, loop = Server(), threading.Event(), asyncio.new_event_loop()
    server.answers |= {"initialize": initialized, "GET": web.Response(status=405)}

    async def run() -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/mcp", server.handle)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/mcp"
        ready.set()
        await stop.wait()
        await runner.cleanup()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert ready.wait(20)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


async def initialized(request: web.Request, message: Any) -> web.Response:
    """Begins a session."""
    body = {"jsonrpc": "2.0", "id": message["id"], "result": {"protocolVersion": "2025-11-25"}}
    return web.json_response(body, headers={"Mcp-Session-Id": "s1"})


def answered(**members: Any) -> Any:
    """Answers with these members."""

    async def answer(request: web.Request, message: Any) -> web.Response:
        return web.json_response({"jsonrpc": "2.0", "id": message["id"], **members})

    return answer


async def stream(request: web.Request, *events: str, hang: bool = False) -> web.StreamResponse:
    """A stream with these events, which then ends, or not."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for event in events:
        await response.write(event.encode())
    if hang:
        await asyncio.sleep(60)
    return response


def data(**members: Any) -> str:
    """A message as an event."""
    return f"data: {json.dumps({'jsonrpc': '2.0', **members})}\n\n"


async def waits(request: web.Request, message: Any) -> web.StreamResponse:
    """Begins a stream and says nothing."""
    return await stream(request, hang=True)


def start(one: Proxy) -> None:
    """The handshake."""
    assert one.ask("initialize", {"protocolVersion": "2025-11-25"}, 0)["result"]
    one.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
