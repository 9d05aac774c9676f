"""A listener before a streamable HTTP server: each request is asked there, and its answer read on the way back.

The proxy holds nothing of a session but which requests wait for an answer. Tests: tests/proxy/test_forwarding.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from contextlib import suppress

from aiohttp import ClientResponse, web

from pyplugins.proxy import headers, messages
from pyplugins.proxy.gate import Gate
from pyplugins.proxy.guarded import Guarded, Passage
from pyplugins.proxy.headers import EVENTS, JSON, SESSION
from pyplugins.proxy.listener import batch, refusal
from pyplugins.proxy.messages import Message
from pyplugins.proxy.sse import Event
from pyplugins.proxy.upstream import Upstream, UpstreamError, kind_of, passages

logger = logging.getLogger("pyplugins.proxy")

#: Sessions whose open requests are known. What an older one is answered late is read as an answer nobody asked for.
_MOST_SESSIONS = 10_000


class _Asked:
    """What a client has posted at once, until all of it is answered."""

    def __init__(self, gate: Gate, passage: Passage) -> None:
        self.gate = gate
        self.passage = passage
        #: Whether answers may still come on another stream, which the client opens to resume this one.
        self.resumable = False

    def errors(self, why: str, code: int = messages.INTERNAL_ERROR) -> bytes:
        """Errors for requests without an answer, whose ids are free again: whoever waits would wait for ever."""
        lines = []
        for message in () if self.resumable else self.passage.requests:
            if self.gate.method_of(message.id) is not None:
                self.gate.forget(message.id)
                lines.append(messages.error_line(message.id_text, code, why))
        return b"".join(lines)

    def refused(self, status: int, why: str, code: int) -> web.Response:
        """An HTTP error for all of it."""
        lines = self.passage.reply + self.errors(why, code)
        if not lines:
            return refusal(status, why, code)
        return web.Response(status=status, body=batch(lines.splitlines()), content_type=JSON)


class Forwarding:
    """Answers requests by asking the server at one address."""

    def __init__(self, guarded: Guarded, upstream: Upstream) -> None:
        self._guarded = guarded
        self._upstream = upstream
        self._gates: OrderedDict[str, Gate] = OrderedDict()

    async def post(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """See `Backend`."""
        gate = self._gate(request.headers.get(SESSION))
        passage = await gate.from_client(body)
        if not passage.forward:
            return _told(passage)
        asked = _Asked(gate, passage)
        try:
            before, after = _single(passage)
            sent = headers.to_server(request.headers, before, after)
        except UnicodeEncodeError:
            return asked.refused(400, "what a header repeats is no Unicode text", messages.INVALID_REQUEST)
        return await self._ask(request, "POST", sent, asked)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """See `Backend`."""
        gate = self._gate(request.headers.get(SESSION))
        return await self._ask(request, "GET", headers.to_server(request.headers, None, None), _Asked(gate, Passage()))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """See `Backend`."""
        session = request.headers.get(SESSION)
        asked = _Asked(self._gate(session), Passage())
        answer = await self._ask(request, "DELETE", headers.to_server(request.headers, None, None), asked)
        if session is not None and answer.status < 400:
            self._gates.pop(session, None)
        return answer

    async def close(self) -> None:
        """See `Backend`."""
        await self._upstream.close()

    def _gate(self, session: str | None) -> Gate:
        gate = self._gates.get(session) if session is not None else None
        return gate if gate is not None else Gate(self._guarded)

    def _remember(self, session: str, gate: Gate) -> None:
        self._gates[session] = gate
        self._gates.move_to_end(session)
        while len(self._gates) > _MOST_SESSIONS:
            self._gates.popitem(last=False)

    async def _ask(self, request: web.Request, method: str, sent: headers.Headers, asked: _Asked) -> web.StreamResponse:
        stream: web.StreamResponse | None = None
        passage = asked.passage
        why = "what the server answered could not be read"
        try:
            async with self._upstream.ask(method, sent, passage.forward or None) as response:
                session = response.headers.get(SESSION) or request.headers.get(SESSION)
                if response.status >= 400:
                    why = f"the server answered HTTP {response.status}"
                elif session is not None:
                    self._remember(session, asked.gate)
                if kind_of(response) != EVENTS and not passage.reply:
                    return await self._plain(response, sent, asked, why)
                stream = await _begun(request, response, asked)
                await _say(stream, passage.reply)
                await self._stream(stream, response, sent, asked)
        except UpstreamError as failure:
            if stream is None:
                return asked.refused(502, str(failure), messages.INTERNAL_ERROR)
            logger.warning("a stream of the server broke: %s", failure)
        except asyncio.CancelledError:  # the client has gone, and may ask again
            asked.errors(why)
            raise
        assert stream is not None
        with suppress(OSError):
            await _say(stream, asked.errors(why))
            await stream.write_eof()
        return stream

    async def _plain(self, response: ClientResponse, sent: headers.Headers, asked: _Asked, why: str) -> web.Response:
        """An answer that is one message, or none."""
        said = b""
        async for _, passage in passages(response, asked.gate, self._guarded.max_message_bytes):
            said += passage.forward
            await self._tell_server(passage, sent)
        errors = asked.errors(why)
        said = said or (batch(errors.splitlines()) if errors else b"")
        passed = headers.to_client(response.headers)
        passed.popall("Content-Type", None)
        return web.Response(
            status=response.status, body=said or None, headers=passed, content_type=JSON if said else None
        )

    async def _stream(
        self, stream: web.StreamResponse, response: ClientResponse, sent: headers.Headers, asked: _Asked
    ) -> None:
        """Passes events on."""
        async for event, passage in passages(response, asked.gate, self._guarded.max_message_bytes):
            await self._tell_server(passage, sent)
            # An event that only tells its id has empty data, without which some clients would not take the id.
            data = passage.forward.rstrip(b"\n") or (None if event.data else event.data)
            await stream.write(Event(data, event.id, event.event, event.retry).encoded())
            asked.resumable = asked.resumable or event.id is not None

    async def _tell_server(self, passage: Passage, sent: headers.Headers) -> None:
        """What the server said was refused, and it waits for an answer."""
        if passage.reply:
            told = headers.for_reply(sent)
            with suppress(UpstreamError):
                async with self._upstream.ask("POST", told, passage.reply):
                    pass


def _told(passage: Passage) -> web.Response:
    """Nothing of the message goes on."""
    if not passage.reply:  # a notification
        return web.Response(status=202)
    status = 400 if passage.reply.startswith(messages.NO_ID) else 200
    return web.Response(status=status, body=batch(passage.reply.splitlines()), content_type=JSON)


def _single(passage: Passage) -> tuple[Message | None, Message | None]:
    """The message that goes on, as it came and as it goes, unless it is a batch."""
    if len(passage.passed) != 1:
        return None, None
    is_batch, after = messages.read(passage.forward)
    return (None, None) if is_batch else (passage.passed[0], after[0])


async def _begun(request: web.Request, response: ClientResponse, asked: _Asked) -> web.StreamResponse:
    passed = headers.to_client(response.headers)
    passed["Content-Type"] = EVENTS
    is_answer = asked.passage.reply and response.status < 300  # though the server was told nothing it must answer
    stream = web.StreamResponse(status=200 if is_answer else response.status, headers=passed)
    await stream.prepare(request)
    return stream


async def _say(stream: web.StreamResponse, lines: bytes) -> None:
    for line in lines.splitlines():
        await stream.write(Event(line).encoded())
