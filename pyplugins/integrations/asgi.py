"""Middleware for ASGI applications (Starlette, FastAPI, ...): bodies of requests and responses through the chain.

It must never pass a body that was not scanned, unless the configuration says so; docs/integrations.md lists what is
read and what is not. No answer and no log line holds scanned text. Tests: tests/integrations/test_asgi.py.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection
from typing import Any

from pyplugins.integrations._bodies import Unreadable
from pyplugins.integrations._gate import Gate, checked_hook
from pyplugins.integrations._request import AsgiScope, Gone, Message, Receive, Send, scanned_request
from pyplugins.integrations._response import ScannedResponse
from pyplugins.integrations._rules import Rules
from pyplugins.mcp import Refusal, Scope
from pyplugins.mcp.outcome import Refused

logger = logging.getLogger("pyplugins.integrations")

#: Headers by which a client asks for bodies that cannot be scanned: compressed ones, and pieces.
_NOT_ASKED = frozenset({b"accept-encoding", b"range", b"if-range"})
#: Extensions by which an application sends files past the middleware.
_PAST_US = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


class ResponseCut(RuntimeError):
    """A response was refused when part of it had been sent; the server must not complete it."""


class GwpluginsMiddleware:
    """Scans what an application reads and what it answers.

    Arguments:
        app: the application.
        config: path of the chain's configuration file, or a plugin manager.
        request_hook: hook that request bodies go through, or `None` to leave them unread.
        response_hook: the same for response bodies.
        exclude_paths: paths that are left unread, with all below them.
        unread_types: beginnings of media types that are left unread, such as ``"multipart/form-data"`` or ``"image/"``.
        max_body_bytes: longest body, or longest record of a stream; longer ones are refused.

    Raises:
        ValueError: an option has a wrong value.
    """

    def __init__(
        self,
        app: Any,
        config: str | os.PathLike[str] | Any,
        *,
        request_hook: str | None = "tool_pre_invoke",
        response_hook: str | None = "tool_post_invoke",
        exclude_paths: Collection[str] = (),
        unread_types: Collection[str] = (),
        max_body_bytes: int = 10_485_760,
    ) -> None:
        if isinstance(exclude_paths, str) or isinstance(unread_types, str):
            raise ValueError("exclude_paths and unread_types are lists")
        if max_body_bytes < 1:
            raise ValueError(f"max_body_bytes must be positive, not {max_body_bytes}")
        self.app = app
        self.gate = Gate(config)
        self._request_hook = checked_hook("request_hook", request_hook)
        self._response_hook = checked_hook("response_hook", response_hook)
        self._excluded = tuple(path.rstrip("/") for path in exclude_paths)
        self._unread_types = tuple(kind.lower() for kind in unread_types)
        self._max_bytes = max_body_bytes

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] != "http" or self._is_excluded(scope["path"]):
            await self.app(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    def _is_excluded(self, path: str) -> bool:
        return any(path == one or path.startswith(f"{one}/") for one in self._excluded)

    async def _lifespan(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Loads the plugins before the application starts, so that a chain that is wrong stops the server."""

        async def told() -> Message:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.gate.start()
                except Exception as why:
                    await send({"type": "lifespan.startup.failed", "message": f"{type(why).__name__}: {why}"})
                    raise
            return message

        try:
            await self.app(scope, told, send)
        finally:
            await self.gate.stop()

    async def _http(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        exchange, name = Scope(), f"{scope['method']} {scope['path']}"
        rules = Rules(self.gate, exchange, name, self._unread_types, self._max_bytes)
        try:
            if self._request_hook is not None:
                scope, receive = await scanned_request(scope, receive, rules.of(self._request_hook))
        except Gone:
            return
        except (Refused, Unreadable) as why:
            await _refuse(why, scope["method"], "request", send)
            return
        if self._response_hook is None:
            await self.app(scope, receive, send)
            return
        response = ScannedResponse(send, scope["method"], rules.of(self._response_hook))
        try:
            await self.app(_for_whole_bodies(scope), receive, response.send)
        except Exception:
            if response.refusal is None:
                raise
        if response.refusal is not None:
            await _refuse(response.refusal, scope["method"], "response", None if response.started else send)


def _for_whole_bodies(scope: AsgiScope) -> AsgiScope:
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _NOT_ASKED]
    extensions = {name: of for name, of in (scope.get("extensions") or {}).items() if name not in _PAST_US}
    return {**scope, "headers": headers, "extensions": extensions}


async def _refuse(why: Refused | Unreadable, method: str, which: str, send: Send | None) -> None:
    """Answers with an error, or cuts the response when it has begun, for which there is no `send`."""
    if isinstance(why, Refused):
        refusal, status = why.refusal, 422 if why.refusal.failed else 403
    else:
        refusal, status = Refusal("", why.code, str(why), failed=True), why.status if which == "request" else 500
    logger.warning("%s %s: %s", method, which, refusal.message)
    if send is None:
        raise ResponseCut(refusal.message)
    body = json.dumps({"error": refusal.data()}).encode("ascii")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refusal.code == "CONTENT_ENCODING":
        headers.append((b"accept-encoding", b"identity"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
