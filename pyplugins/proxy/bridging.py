"""A stdio client before a streamable HTTP server: each line is posted, and what streams back becomes lines.

The proxy is the HTTP client here: it keeps the session id and the protocol version, opens the stream for what the
server says unasked, resumes a stream that broke where the server lets it, and ends the session. The client is read
whatever the server does. Tests: tests/proxy/test_bridge.py.
"""

from __future__ import annotations

import asyncio
import logging
import re
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pyplugins.proxy import headers, messages
from pyplugins.proxy.control import on_signal
from pyplugins.proxy.framing import Lines, TooLarge
from pyplugins.proxy.gate import Gate
from pyplugins.proxy.guarded import Guarded, Passage
from pyplugins.proxy.headers import EVENTS, JSON, SESSION, VERSION
from pyplugins.proxy.messages import Message
from pyplugins.proxy.mirrors import Mirrors
from pyplugins.proxy.sse import Event
from pyplugins.proxy.streams import PIECE, Sink, Source
from pyplugins.proxy.turns import Turn, Turns
from pyplugins.proxy.upstream import Upstream, UpstreamError, kind_of, passages

logger = logging.getLogger("pyplugins.proxy")

_FAILED = -32000
_CANCELLED = "notifications/cancelled"
#: Attempts in a row that bring nothing new, and seconds before each unless the server says how many.
_ATTEMPTS, _PAUSE_SECONDS = 5, 1.0
#: Whatever the server says: a pause of nothing would keep both sides busy with connections alone.
_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 60.0
#: Seconds without any answer that end it all after the client has closed its end.
_LAST_SECONDS = 5.0
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


@dataclass
class _Place:
    """Where a stream can be resumed, as far as its server has told."""

    last_id: str = ""
    pause_seconds: float = _PAUSE_SECONDS

    def take(self, event: Event) -> None:
        """Remembers what an event says about it, unless no header can say that."""
        if event.id is not None and not _CONTROL.search(event.id):
            self.last_id = event.id.decode(errors="replace")
        if event.retry is not None and event.retry.isdigit() and len(event.retry) < 10:
            wanted = int(event.retry) / 1000
            self.pause_seconds = min(max(wanted, _SHORTEST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)

    def headers(self) -> dict[str, str]:
        """Those of the request that opens the stream again."""
        return {"Accept": EVENTS} | ({"Last-Event-ID": self.last_id} if self.last_id else {})


class Bridge:
    """One client and its session with the server."""

    def __init__(self, guarded: Guarded, upstream: Upstream, to_client: Sink) -> None:
        self._gate = Gate(guarded)
        self._limit = guarded.max_message_bytes
        self._upstream = upstream
        self._client = to_client
        self._session: dict[str, str] = {}
        self._mirrors = Mirrors()
        self._turns = Turns()
        self._listening: asyncio.Task[None] | None = None

    async def run(self, client: Source) -> None:
        """Passes lines on until the client's stream ends."""
        lines = Lines(self._limit)
        while data := await client.read(PIECE):
            for line in lines.feed(data):
                await self._take(line)
        for line in lines.finish():
            await self._take(line)
        await self._turns.finish(_LAST_SECONDS)

    async def end(self) -> None:
        """Ends the session with the server."""
        await self._turns.end()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if SESSION in self._session:
            with suppress(UpstreamError, TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS), self._upstream.ask("DELETE", self._headers()):
                    pass
        await self._upstream.close()

    async def _take(self, line: bytes | TooLarge) -> None:
        if isinstance(line, TooLarge):
            passage = self._gate.too_large(line.head, line.tail, line.size, by_server=False)
        else:
            passage = await self._gate.from_client(line)
        if passage.reply:
            await self._client.write(passage.reply)
        self._let_go(passage)
        if passage.requests and self._turns.full:
            await self._fail(passage, "more is under way than the proxy holds")
        elif passage.forward:
            await self._turns.room()
            self._turns.begin(passage, self._post if passage.requests else self._tell)

    async def _tell(self, turn: Turn) -> None:
        """Posts what has no answer."""
        passage = turn.passage
        if not passage.passed:  # an error in place of an answer that was too large
            await self._reply(passage.forward)
        elif not self._is_cancelled_by_closing(passage):
            await self._post(turn)
        told = any(message.method == "notifications/initialized" for message in passage.passed)
        if told and self._listening is None:
            self._listening = asyncio.create_task(self._listen())

    def _let_go(self, passage: Passage) -> None:
        """Closes the streams of what is cancelled: many servers say nothing more on them, and leave them open."""
        params = [m.members.get("params") for m in passage.passed if m.method == _CANCELLED]
        ids = [part.get("requestId") for part in params if isinstance(part, dict)]
        if ids:
            self._turns.cancel(ids, self._waits)

    def _is_cancelled_by_closing(self, passage: Passage) -> bool:
        """Protocol 2026-07-28 has no message for it over HTTP: a request is cancelled by closing its stream."""
        if passage.passed[0].method != _CANCELLED or SESSION in self._session:
            return False
        return self._session.get(VERSION, "") >= "2026"

    # HTTP

    def _headers(self, message: Message | None = None) -> dict[str, str]:
        told = {"Accept": f"{JSON}, {EVENTS}", "Accept-Encoding": "identity", **self._session}
        if message is None or headers.version_of(message) is None:
            return told
        return {**told, **self._mirrors.of(message), **headers.of_message(message)}

    async def _post(self, turn: Turn) -> None:
        try:
            why = await self._ask(turn)
        except Exception as failure:  # whatever it is, the client waits; its words may quote a message
            logger.error("a message of the client could not be sent: %s", type(failure).__name__)
            why = f"the request cannot be sent: {type(failure).__name__}"
        await self._fail(turn.passage, why)

    async def _ask(self, turn: Turn) -> str:
        """Posts a message and passes on what is answered; why there was no more."""
        passage = turn.passage
        first = passage.passed[0]
        if (version := headers.version_of(first)) is not None:
            self._session[VERSION] = version
            # The headers repeat what goes on, not what came.
            _, (first, *_) = messages.read(passage.forward)
        elif first.method == "initialize":
            self._session.clear()
        sent = {**self._headers(first), "Content-Type": JSON}
        place = _Place()
        try:
            async with self._upstream.ask("POST", sent, passage.forward) as response:
                if SESSION in response.headers:
                    self._session[SESSION] = response.headers[SESSION]
                why = f"the server answered HTTP {response.status}"
                await self._hear(response, place, turn)
        except UpstreamError as failure:
            why = str(failure)
        if place.last_id and self._waits(passage):
            why = await self._resume(place, turn)
        return why

    async def _hear(self, response: Any, place: _Place, turn: Turn | None = None) -> None:
        """Writes what an answer says."""
        async for event, passage in passages(response, self._gate, self._limit):
            place.take(event)
            self._learn(passage)
            if passage.forward:
                await self._client.write(passage.forward.replace(b"\n", b" ").strip() + b"\n")
            if turn is not None and turn.passage.requests and not self._waits(turn.passage):
                turn.taken.set()
            await self._reply(passage.reply)

    def _learn(self, passage: Passage) -> None:
        """The version that the handshake has agreed on, and what tools want repeated."""
        for message in passage.passed:
            self._mirrors.learn(message)
            result = message.members.get("result")
            agreed = result.get("protocolVersion") if isinstance(result, dict) else None
            if isinstance(agreed, str) and agreed.isprintable() and agreed.isascii() and VERSION not in self._session:
                self._session[VERSION] = agreed

    async def _reply(self, line: bytes) -> None:
        if not line:
            return
        with suppress(UpstreamError):
            async with self._upstream.ask("POST", {**self._headers(), "Content-Type": JSON}, line):
                pass

    def _waits(self, passage: Passage) -> bool:
        return bool(self._waiting(passage))

    def _waiting(self, passage: Passage) -> list[Message]:
        """The requests that got no answer yet."""
        return [message for message in passage.requests if self._gate.method_of(message.id) is not None]

    async def _resume(self, place: _Place, turn: Turn) -> str:
        """Goes on with a stream that ended before its answer came; why there was no more."""
        why, attempts = "the stream of the server broke", 0
        while attempts < _ATTEMPTS:
            await asyncio.sleep(place.pause_seconds)
            before = place.last_id
            if not place.last_id:
                return "the stream of the server broke and cannot be resumed"
            try:
                async with self._upstream.ask("GET", {**self._headers(), **place.headers()}) as response:
                    if response.status >= 400 or kind_of(response) != EVENTS:
                        return f"the server answered HTTP {response.status}"
                    await self._hear(response, place, turn)
            except UpstreamError as failure:
                why = str(failure)
            if not self._waits(turn.passage):
                break
            attempts = attempts + 1 if place.last_id == before else 0
        return why

    async def _fail(self, passage: Passage, why: str) -> None:
        """Tells the client about requests that got no answer."""
        for message in self._waiting(passage):
            self._gate.forget(message.id)
            await self._client.write(messages.error_line(message.id_text, _FAILED, why))

    async def _listen(self) -> None:
        """The stream for what the server says unasked; a server need not have one."""
        place = _Place()
        attempts = 0
        while attempts < _ATTEMPTS:
            try:
                async with self._upstream.ask("GET", {**self._headers(), **place.headers()}) as response:
                    if response.status >= 400 or kind_of(response) != EVENTS:
                        return
                    attempts = 0
                    await self._hear(response, place)
            except UpstreamError as why:
                attempts += 1
                logger.info("the stream of the server broke: %s", why)
            await asyncio.sleep(place.pause_seconds)


async def serve(guarded: Guarded, upstream: Upstream, client: Source, to_client: Sink) -> int:
    """Serves one client until it closes its end or a signal comes; the exit code."""
    bridge = Bridge(guarded, upstream, to_client)
    running = asyncio.create_task(bridge.run(client))
    ended: list[int] = []

    def stop(number: int) -> None:
        ended.append(128 + number)
        running.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        on_signal(number.name, lambda number=number: stop(number))  # type: ignore[misc]
    try:
        await running
    except asyncio.CancelledError:
        if not ended:
            raise
    except OSError:
        logger.info("the client has gone")
    finally:
        await bridge.end()
    return ended[0] if ended else 0
