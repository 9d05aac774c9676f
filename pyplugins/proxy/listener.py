"""Serves streamable HTTP: who may ask, and the way from a request to what answers it.

Loopback unless the operator says otherwise. The Host header must name this listener and a page's origin must be
allowed, so that no web page reaches it through a visitor's browser. Tests: tests/proxy/test_listener.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from pyplugins.proxy import messages
from pyplugins.proxy.control import on_signal
from pyplugins.proxy.headers import JSON, SESSION
from pyplugins.proxy.upstream import HEADER_BYTES, is_loopback

logger = logging.getLogger("pyplugins.proxy")

#: Where the MCP endpoint is.
PATH = "/mcp"
_METHODS = "POST, GET, DELETE"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Backend(Protocol):
    """What answers requests."""

    async def post(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """A message."""

    async def get(self, request: web.Request) -> web.StreamResponse:
        """A stream for what the server says unasked."""

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """The end of a session."""

    async def close(self) -> None:
        """The listener ends."""


class Listener:
    """One address.

    Arguments:
        hosts: further names in the Host header.
        origins: origins of pages that may ask, as `https://host:port`.
        limit: bytes of the largest body.
    """

    def __init__(
        self, backend: Backend, address: tuple[str, int], hosts: tuple[str, ...], origins: tuple[str, ...], limit: int
    ) -> None:
        self._backend = backend
        self._address = address
        self._hosts = {name.lower() for name in (*hosts, address[0])}
        self._origins = {origin.lower().rstrip("/") for origin in origins}
        self._limit = limit
        self._ending = False

    async def serve(self) -> int:
        """Serves until SIGTERM or SIGINT; the exit code.

        Raises:
            OSError: the address cannot be had.
        """
        app = web.Application(client_max_size=self._limit, middlewares=[self._checked])
        app.router.add_route("*", PATH, self._endpoint)
        app.on_response_prepare.append(self._add_page_headers)
        # Who closes a stream of protocol 2026-07-28 cancels the request, so the handler must hear of it.
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=_silent(),
            handler_cancellation=True,
            shutdown_timeout=1.0,
            max_field_size=HEADER_BYTES,
        )
        await runner.setup()
        stop = asyncio.Event()
        for name in ("SIGTERM", "SIGINT"):
            on_signal(name, stop.set)
        try:
            site = web.TCPSite(runner, *self._address)
            await site.start()
            host, port = runner.addresses[0][:2]
            shown = f"[{host}]" if ":" in host else host
            logger.warning("listening on http://%s:%d%s", shown, port, PATH)
            await stop.wait()
        finally:
            self._ending = True
            await self._backend.close()
            await runner.cleanup()
        return 0

    @web.middleware
    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        host = _host(request.headers.get("Host", ""))
        if not (is_loopback(host) or host in self._hosts):
            return refusal(421, "the Host header names another host")
        origin = request.headers.get("Origin", "").lower()
        if origin and origin not in self._origins:
            return refusal(403, "the origin may not ask")
        if origin and request.method == "OPTIONS":
            return web.Response(status=204, headers=_for_page(request))
        try:
            return await handler(request)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as why:  # its words may quote a message, and aiohttp would log them
            logger.error("a request failed: %s", type(why).__name__)
            raise

    async def _add_page_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """What a page that may ask needs to read the answer, whether it is one or a refusal."""
        origin = request.headers.get("Origin", "")
        if origin.lower() in self._origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = SESSION

    async def _endpoint(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return await self._post(request)
        if request.method == "GET":
            return await self._backend.get(request)
        if request.method == "DELETE":
            return await self._backend.delete(request)
        return web.Response(status=405, headers={"Allow": _METHODS})

    async def _post(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != JSON:
            return refusal(415, "the body must be application/json")
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return refusal(415, "the body must not be compressed")
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return refusal(413, f"the message is over the limit of {self._limit} bytes")
        if self._ending:  # by now: a body may take its time
            return refusal(503, "the proxy is ending", messages.INTERNAL_ERROR)
        return await self._backend.post(request, body)


def _host(header: str) -> str:
    """The name in a Host header, without its port; empty when there is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""


def _silent() -> logging.Logger:
    """aiohttp logs exceptions with all their words; ours are logged above, by their type."""
    silent = logging.getLogger("pyplugins.proxy.aiohttp")
    silent.propagate = False
    silent.addHandler(logging.NullHandler())
    return silent


def _for_page(request: web.Request) -> dict[str, str]:
    return {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": request.headers.get("Access-Control-Request-Headers", ""),
        "Access-Control-Max-Age": "600",
    }


def refusal(status: int, why: str, code: int = messages.INVALID_REQUEST, id_text: str = "null") -> web.Response:
    """An HTTP error with a JSON-RPC error as its body."""
    return web.Response(status=status, body=messages.error_line(id_text, code, why), content_type=JSON)


def batch(lines: Sequence[bytes]) -> bytes:
    """Messages, and batches of them, as one body: a batch, or the one message as it is."""
    if len(lines) == 1:
        return lines[0]
    return b"[" + b",".join(line.strip().removeprefix(b"[").removesuffix(b"]") for line in lines) + b"]"
