"""A listener before a streamable HTTP server: each request is asked there, and its answer read on the way back.

The proxy holds nothing of a session but which requests wait for an answer. Tests: tests/proxy/test_http.py.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from contextlib import suppress

from aiohttp import ClientResponse, web

from pyplugins.proxy import headers, messages
from pyplugins.proxy.gate import Gate
from pyplugins.proxy.guarded import Guarded, Passage
from pyplugins.proxy.headers import EVENTS, JSON, SESSION
from pyplugins.proxy.listener import page_headers, refusal
from pyplugins.proxy.messages import Message
from pyplugins.proxy.sse import Event
from pyplugins.proxy.upstream import Upstream, UpstreamError, kind_of, passages

logger = logging.getLogger("pyplugins.proxy")

#: Sessions whose open requests are known. What an older one is answered late is read as an answer nobody asked for.
_MOST_SESSIONS = 10_000


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
        before, after = _single(passage)
        sent = headers.to_server(request.headers, before, after)
        return await self._asked(request, "POST", sent, gate, passage)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """See `Backend`."""
        gate = self._gate(request.headers.get(SESSION))
        return await self._asked(request, "GET", headers.to_server(request.headers, None, None), gate, Passage())

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """See `Backend`."""
        session = request.headers.get(SESSION)
        gate = self._gate(session)
        answer = await self._asked(request, "DELETE", headers.to_server(request.headers, None, None), gate, Passage())
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

    async def _asked(
        self, request: web.Request, method: str, sent: headers.Headers, gate: Gate, passage: Passage
    ) -> web.StreamResponse:
        stream: web.StreamResponse | None = None
        try:
            async with self._upstream.ask(method, sent, passage.forward or None) as response:
                session = response.headers.get(SESSION) or request.headers.get(SESSION)
                if session is not None and response.status < 400:
                    self._remember(session, gate)
                if kind_of(response) != EVENTS and not passage.reply:
                    return await self._plain(request, response, gate, sent, passage)
                stream = await _begun(request, response)
                await _say(stream, passage.reply)
                if not await self._stream(stream, response, gate, sent):
                    await _say(stream, _unanswered(passage, gate))
        except UpstreamError as why:
            if stream is None:
                return refusal(502, str(why), -32603, _id(passage))
            logger.warning("a stream of the server broke: %s", why)
        assert stream is not None
        with suppress(OSError):
            await stream.write_eof()
        return stream

    async def _plain(
        self, request: web.Request, response: ClientResponse, gate: Gate, sent: headers.Headers, asked: Passage
    ) -> web.Response:
        """An answer that is one message, or none."""
        said = b""
        async for _, passage in passages(response, gate, self._guarded.max_message_bytes):
            said += passage.forward
            await self._tell_server(passage, sent)
        if not said and response.status < 300:
            said = _array(_unanswered(asked, gate))
        passed = headers.to_client(response.headers)
        passed.popall("Content-Type", None)
        passed.update(page_headers(request))
        return web.Response(
            status=response.status, body=said or None, headers=passed, content_type=JSON if said else None
        )

    async def _stream(
        self, stream: web.StreamResponse, response: ClientResponse, gate: Gate, sent: headers.Headers
    ) -> bool:
        """Passes events on; whether the client could resume the stream."""
        resumable = False
        async for event, passage in passages(response, gate, self._guarded.max_message_bytes):
            await self._tell_server(passage, sent)
            data = passage.forward.rstrip(b"\n") if event.data or passage.forward else event.data
            await stream.write(Event(data or None, event.id, event.event, event.retry).encoded())
            resumable = resumable or event.id is not None
        return resumable

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
    return web.Response(status=status, body=_array(passage.reply), content_type=JSON)


def _array(lines: bytes) -> bytes:
    """Several messages as a batch, one as it is."""
    parts = lines.splitlines()
    return lines if len(parts) < 2 else b"[" + b",".join(parts) + b"]"


def _single(passage: Passage) -> tuple[Message | None, Message | None]:
    """The message that goes on, as it came and as it goes, unless it is a batch."""
    if len(passage.passed) != 1:
        return None, None
    is_batch, after = messages.read(passage.forward)
    return (None, None) if is_batch else (passage.passed[0], after[0])


def _unanswered(asked: Passage, gate: Gate) -> bytes:
    """Errors for requests whose answers could not be read, or never came: whoever waits would wait for ever."""
    lines = []
    for message in asked.passed:
        if message.method is not None and message.has_id and gate.method_of(message.id) is not None:
            gate.forget(message.id)
            lines.append(messages.error_line(message.id_text, -32603, "what the server answered could not be read"))
    return b"".join(lines)


def _id(passage: Passage) -> str:
    return passage.passed[0].id_text if passage.passed else "null"


async def _begun(request: web.Request, response: ClientResponse) -> web.StreamResponse:
    passed = headers.to_client(response.headers)
    passed["Content-Type"] = EVENTS
    passed.update(page_headers(request))
    stream = web.StreamResponse(status=response.status, headers=passed)
    await stream.prepare(request)
    return stream


async def _say(stream: web.StreamResponse, lines: bytes) -> None:
    for line in lines.splitlines():
        await stream.write(Event(line).encoded())
