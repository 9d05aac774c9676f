"""A listener before a stdio server: one process for each session, and the way from its lines to the right stream.

A session begins with `initialize` and ends with DELETE, with the process, or when nobody has used it for long. Protocol
2026-07-28 knows no sessions; a client that offers it is told which versions there are and falls back.
Tests: tests/proxy/test_sessions.py.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import web

from pyplugins.proxy import headers, messages
from pyplugins.proxy.framing import Lines, TooLarge
from pyplugins.proxy.gate import Gate
from pyplugins.proxy.guarded import Guarded, Passage
from pyplugins.proxy.headers import EVENTS, JSON, SESSION, VERSION
from pyplugins.proxy.listener import batch, refusal
from pyplugins.proxy.process import GRACE, ServerProcess
from pyplugins.proxy.routes import Route, Routes
from pyplugins.proxy.sse import PING, Event
from pyplugins.proxy.streams import PIECE

logger = logging.getLogger("pyplugins.proxy")

#: Protocol versions that have sessions.
VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
_UNSUPPORTED_VERSION = -32022
_MOST_SESSIONS = 64
#: Seconds without any request or stream after which a session ends.
_IDLE_SECONDS = 1800.0
#: Seconds of silence after which a stream says that it is still there.
_PING_SECONDS = 15.0


class Session:
    """A server process and the streams of its client."""

    def __init__(self, server: ServerProcess, guarded: Guarded) -> None:
        self.id = secrets.token_urlsafe(24)
        self.routes = Routes()
        self.gate = Gate(guarded)
        self.used = time.monotonic()
        self._server = server
        self._limit = guarded.max_message_bytes
        self._order = asyncio.Lock()
        self.reading = asyncio.create_task(self._read())
        self._ending: asyncio.Task[None] | None = None

    @property
    def ends(self) -> bool:
        """Whether nobody may use it any more."""
        return self._ending is not None

    async def tell(self, body: bytes, route: Route) -> Passage:
        """Hands a message of the client to the server, in the order of the calls; its answers come by the route."""
        async with self._order:
            passage = await self.gate.from_client(body)
            self.routes.expect(passage.passed, route)
            if passage.forward:
                line = passage.forward.replace(b"\r", b" ").rstrip(b"\n").replace(b"\n", b" ") + b"\n"
                await self._server.input.write(line)
            return passage

    async def end(self) -> None:
        """Ends the server and all streams, even if who waits for it leaves."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        await self._server.end()
        await asyncio.wait([self.reading], timeout=GRACE)  # for what the server has said; a client may not read it
        self.reading.cancel()
        await asyncio.wait([self.reading])

    async def _read(self) -> None:
        lines = Lines(self._limit)
        try:
            while data := await self._server.output.read(PIECE):
                for line in lines.feed(data):
                    await self._pass(line)
        except Exception as why:  # nothing of the server goes on any more, so it is let go
            logger.error("reading from a server failed: %s", type(why).__name__)
        finally:
            self.routes.close()
            logger.info("a server ended with code %d", await self._server.end())
            self._server.close()

    async def _pass(self, line: bytes | TooLarge) -> None:
        if isinstance(line, TooLarge):
            passage = self.gate.too_large(line.head, line.tail, line.size, by_server=True)
        else:
            passage = await self.gate.from_server(line)
        if passage.forward:
            await self.routes.send(passage)
        if passage.reply:
            with suppress(OSError):
                await self._server.input.write(passage.reply)


class Sessions:
    """Answers requests by a process for each session."""

    def __init__(self, guarded: Guarded, command: Sequence[str]) -> None:
        self._guarded = guarded
        self._command = command
        self._sessions: dict[str, Session] = {}
        self._starting = 0
        #: Held while a server starts, so that the end can wait for it.
        self._start = asyncio.Lock()
        self._sweeping = asyncio.create_task(self._sweep())

    async def post(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """See `Backend`."""
        if SESSION in request.headers:
            session = self._found(request)
            return (
                refusal(404, "there is no such session") if session is None else await self._ask(request, session, body)
            )
        try:
            is_batch, parts = messages.read(body)
        except messages.BadMessage as why:
            return refusal(400, str(why), why.code, why.id_text)
        first = parts[0]
        if headers.version_of(first) not in (None, *VERSIONS) or request.headers.get(VERSION) not in (None, *VERSIONS):
            return _unsupported(first)
        if is_batch or first.method != "initialize":
            return refusal(400, f"the {SESSION} header is missing", id_text=first.id_text)
        if len(self._sessions) + self._starting >= _MOST_SESSIONS:
            return refusal(503, "too many sessions are open", -32603, first.id_text)
        try:
            session = await self._begin()
        except OSError as why:
            logger.error("the server cannot be started: %s", why.strerror)
            return refusal(502, "the server cannot be started", -32603, first.id_text)
        try:
            return await self._ask(request, session, body)
        except (asyncio.CancelledError, OSError):  # the client has gone before it could use, or end, the session
            await session.end()
            raise

    async def _begin(self) -> Session:
        self._starting += 1
        try:
            async with self._start:
                session = Session(await ServerProcess.start(self._command), self._guarded)
                self._sessions[session.id] = session
                session.reading.add_done_callback(lambda _: self._sessions.pop(session.id, None))
                return session
        finally:
            self._starting -= 1

    async def get(self, request: web.Request) -> web.StreamResponse:
        """See `Backend`."""
        session = self._found(request)
        if session is None:
            return refusal(404 if SESSION in request.headers else 400, "there is no such session")
        with session.routes.unasked() as route:
            return await _stream(request, session, route)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """See `Backend`."""
        session = self._found(request)
        if session is None:
            return refusal(404, "there is no such session")
        await session.end()
        return web.Response(status=204)

    async def close(self) -> None:
        """See `Backend`."""
        self._sweeping.cancel()
        async with self._start:
            pass
        await asyncio.gather(*(session.end() for session in list(self._sessions.values())))

    def _found(self, request: web.Request) -> Session | None:
        session = self._sessions.get(request.headers.get(SESSION, ""))
        if session is None or session.ends:
            return None
        session.used = time.monotonic()
        return session

    async def _ask(self, request: web.Request, session: Session, body: bytes) -> web.StreamResponse:
        with session.routes.asked() as route:
            try:
                passage = await asyncio.shield(session.tell(body, route))
            except OSError:
                return refusal(502, "the server has ended", -32603)
            if not route.waits and not passage.reply:
                return web.Response(status=202, headers={SESSION: session.id})
            if EVENTS in request.headers.get("Accept", "") and route.waits:
                return await _stream(request, session, route, passage.reply)
            return await _document(session, route, passage)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_IDLE_SECONDS / 10)
            for session in list(self._sessions.values()):
                if not session.routes.busy and time.monotonic() - session.used > _IDLE_SECONDS:
                    logger.info("a session was not used for %d seconds and ends", _IDLE_SECONDS)
                    await session.end()


def _unsupported(message: messages.Message) -> web.Response:
    data = {"supported": list(VERSIONS), "requested": headers.version_of(message) or ""}
    line = messages.error_line(message.id_text, _UNSUPPORTED_VERSION, "Unsupported protocol version", data)
    return web.Response(status=400, body=line, content_type=JSON)


async def _document(session: Session, route: Route, passage: Passage) -> web.Response:
    """Answers to a client that takes no stream."""
    lines = passage.reply.splitlines() + [line async for line in route.answers()]
    status = 400 if not passage.passed and passage.reply.startswith(messages.NO_ID) else 200
    return web.Response(status=status, body=batch(lines), headers={SESSION: session.id}, content_type=JSON)


async def _stream(request: web.Request, session: Session, route: Route, reply: bytes = b"") -> web.StreamResponse:
    kept = {"Content-Type": EVENTS, "Cache-Control": "no-store", SESSION: session.id}
    stream = web.StreamResponse(headers=kept)
    await stream.prepare(request)
    for told in reply.splitlines():
        await stream.write(Event(told).encoded())
    async for line in route.lines(_PING_SECONDS):
        session.used = time.monotonic()
        await stream.write(PING if line is None else Event(line).encoded())
    await stream.write_eof()
    return stream
