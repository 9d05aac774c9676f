"""A stdio client before a streamable HTTP server: each line is posted, and what streams back becomes lines.

The proxy is the HTTP client here: it keeps the session id and the protocol version, opens the stream for what the
server says unasked, resumes a stream that broke where the server lets it, and ends the session. Requests wait for
their answers side by side; everything else is posted in its order. Tests: tests/proxy/test_http.py.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pyplugins.proxy import headers, messages
from pyplugins.proxy.control import on_signal
from pyplugins.proxy.framing import Lines, TooLarge
from pyplugins.proxy.gate import Gate
from pyplugins.proxy.guarded import Guarded, Passage
from pyplugins.proxy.headers import EVENTS, JSON, SESSION, VERSION
from pyplugins.proxy.messages import Message
from pyplugins.proxy.mirrors import Mirrors
from pyplugins.proxy.streams import PIECE, Sink, Source
from pyplugins.proxy.upstream import Upstream, UpstreamError, kind_of, passages

logger = logging.getLogger("pyplugins.proxy")

_FAILED = -32000
#: Requests that wait at once; the next lines wait with them.
_MOST_WAITING = 64
#: Attempts to open a stream again, and seconds before each unless the server says how many.
_ATTEMPTS, _PAUSE_SECONDS = 5, 1.0
_LONGEST_PAUSE_SECONDS = 60.0
#: Seconds that requests have to be answered after the client has closed its end.
_LAST_SECONDS = 5.0


class Bridge:
    """One client and its session with the server."""

    def __init__(self, guarded: Guarded, upstream: Upstream, to_client: Sink) -> None:
        self._gate = Gate(guarded)
        self._limit = guarded.max_message_bytes
        self._upstream = upstream
        self._client = to_client
        self._session: dict[str, str] = {}
        self._mirrors = Mirrors()
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_MOST_WAITING)
        self._listening: asyncio.Task[None] | None = None

    async def run(self, client: Source) -> None:
        """Passes lines on until the client's stream ends."""
        lines = Lines(self._limit)
        while data := await client.read(PIECE):
            for line in lines.feed(data):
                await self._take(line)
        for line in lines.finish():
            await self._take(line)
        if self._asking:
            await asyncio.wait(self._asking.values(), timeout=_LAST_SECONDS)

    async def end(self) -> None:
        """Ends the session with the server."""
        tasks = [task for task in (self._listening, *self._asking.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
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
        if not passage.passed:
            # Nothing, or an error in place of an answer that was too large.
            await self._reply(passage.forward)
            return
        if self._is_cancelled(passage):
            return
        requests = [message for message in passage.passed if message.method is not None and message.has_id]
        if not requests:
            await self._post(passage)
            told = any(message.method == "notifications/initialized" for message in passage.passed)
            if told and self._listening is None:
                self._listening = asyncio.create_task(self._listen())
            return
        await self._places.acquire()
        key = requests[0].id_text
        task = asyncio.create_task(self._post(passage))
        self._asking[key] = task
        task.add_done_callback(lambda _: self._done(key, task))
        if requests[0].method == "initialize":
            await asyncio.wait([task])  # what follows belongs to the session that begins here

    def _done(self, key: str, task: asyncio.Task[None]) -> None:
        self._places.release()
        if not task.cancelled() and (why := task.exception()) is not None:
            logger.info("an answer could not be passed on: %s", type(why).__name__)
        if self._asking.get(key) is task:
            del self._asking[key]

    def _is_cancelled(self, passage: Passage) -> bool:
        """Protocol 2026-07-28 has no message for it over HTTP: a request is cancelled by closing its stream."""
        message = passage.passed[0]
        params = message.members.get("params")
        if message.method != "notifications/cancelled" or VERSION not in self._session or SESSION in self._session:
            return False
        if self._session[VERSION] < "2026" or not isinstance(params, dict):
            return False
        task = self._asking.get(messages.dumped(params.get("requestId")))
        if task is not None:
            task.cancel()
        return True

    # HTTP

    def _headers(self, message: Message | None = None) -> dict[str, str]:
        told = {"Accept": f"{JSON}, {EVENTS}", "Accept-Encoding": "identity", **self._session}
        if message is None or headers.version_of(message) is None:
            return told
        return {**told, **self._mirrors.of(message), **headers.of_message(message)}

    async def _post(self, passage: Passage) -> None:
        first = passage.passed[0]
        if (version := headers.version_of(first)) is not None:
            self._session[VERSION] = version
            # The headers repeat what goes on, not what came.
            _, (first, *_) = messages.read(passage.forward)
        elif first.method == "initialize":
            self._session.clear()
        sent = {**self._headers(first), "Content-Type": JSON}
        try:
            async with self._upstream.ask("POST", sent, passage.forward) as response:
                if SESSION in response.headers:
                    self._session[SESSION] = response.headers[SESSION]
                why = f"the server answered HTTP {response.status}"
                place = await self._hear(response)
                if place and self._waits(passage):
                    why = await self._resume(place, passage) or "the stream of the server broke"
        except UpstreamError as failure:
            why = str(failure)
        await self._fail(passage, why)

    async def _hear(self, response: Any) -> dict[str, str]:
        """Writes what an answer says; where to resume it, if the server told."""
        place: dict[str, str] = {}
        async for event, passage in passages(response, self._gate, self._limit):
            if event.id is not None:
                place["Last-Event-ID"] = event.id.decode(errors="replace")
            if event.retry is not None and event.retry.isdigit():
                place["retry"] = event.retry.decode()
            self._learn(passage)
            if passage.forward:
                await self._client.write(passage.forward.replace(b"\n", b" ").strip() + b"\n")
            await self._reply(passage.reply)
        return place

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
        return any(message.has_id and self._gate.method_of(message.id) is not None for message in passage.passed)

    async def _resume(self, place: dict[str, str], passage: Passage) -> str:
        """Goes on with a stream that ended before its answer came; why that could not be done, if it could not."""
        why = ""
        for _ in range(_ATTEMPTS):
            await asyncio.sleep(_pause(place))
            if "Last-Event-ID" not in place:
                return "the stream of the server broke and cannot be resumed"
            sent = {**self._headers(), "Accept": EVENTS, "Last-Event-ID": place["Last-Event-ID"]}
            try:
                async with self._upstream.ask("GET", sent) as response:
                    if response.status >= 400 or kind_of(response) != EVENTS:
                        return f"the server answered HTTP {response.status}"
                    place.update(await self._hear(response))
            except UpstreamError as failure:
                why = str(failure)
            if not self._waits(passage):
                return ""
        return why

    async def _fail(self, passage: Passage, why: str) -> None:
        """Tells the client about requests that got no answer."""
        for message in passage.passed:
            if message.method is not None and message.has_id and self._gate.method_of(message.id) is not None:
                self._gate.forget(message.id)
                await self._client.write(messages.error_line(message.id_text, _FAILED, why))

    async def _listen(self) -> None:
        """The stream for what the server says unasked; a server need not have one."""
        place: dict[str, str] = {}
        attempts = 0
        while attempts < _ATTEMPTS:
            last = {"Last-Event-ID": place["Last-Event-ID"]} if "Last-Event-ID" in place else {}
            try:
                async with self._upstream.ask("GET", {**self._headers(), "Accept": EVENTS, **last}) as response:
                    if response.status >= 400 or kind_of(response) != EVENTS:
                        return
                    attempts = 0
                    place.update(await self._hear(response))
            except UpstreamError as why:
                attempts += 1
                logger.info("the stream of the server broke: %s", why)
            await asyncio.sleep(_pause(place))


def _pause(place: Mapping[str, str]) -> float:
    told = place.get("retry", "")
    return min(int(told) / 1000, _LONGEST_PAUSE_SECONDS) if told and len(told) < 10 else _PAUSE_SECONDS


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
