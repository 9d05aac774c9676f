"""The response body of an ASGI application: scanned as a whole, as records, or as a text that streams.

The head of a response waits until its body may go on, or, for a body that streams, until its kind is known. A refusal
before the head becomes an error response; after it nothing more is sent, and the connection is left unfinished, which
clients notice. It must never send what was not scanned. Tests: tests/integrations/test_asgi.py.
"""

from __future__ import annotations

import codecs
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from pyplugins.integrations._bodies import EVENTS, LINES, PARTS, TEXT, UNKNOWN, BinaryTest, Media, Unreadable, media_of
from pyplugins.integrations._records import Records, parse_event, parse_line, render_event, render_line
from pyplugins.integrations._request import Message, Send, with_length
from pyplugins.integrations._rules import Rules
from pyplugins.mcp.outcome import Refused
from pyplugins.mcp.text_stream import TextStream

#: Takes the next part of a body, and whether more follows.
Take: TypeAlias = Callable[[bytes, bool], Awaitable[None]]

_KEEP = "surrogateescape"
_BODILESS = frozenset({204, 205, 304})


class ScannedResponse:
    """One response; `send` takes the place of the server's."""

    def __init__(self, send: Send, method: str, rules: Rules) -> None:
        self._send = send
        self._method = method
        self._rules = rules
        self._head: Message = {}
        #: Chosen when the first part of the body comes.
        self._take: Take | None = None
        self._waiting: list[bytes] = []
        self._held = 0
        self._test = BinaryTest()
        #: The head has been sent.
        self.started = False
        #: Why nothing more is sent.
        self.refusal: Refused | Unreadable | None = None

    async def send(self, message: Message) -> None:
        """Takes a message of the application.

        Raises:
            Refused: a plugin refuses the body or could not read it.
            Unreadable: the body cannot be scanned.
        """
        if self.refusal is not None:
            raise self.refusal
        try:
            await self._handle(message)
        except (Refused, Unreadable) as why:
            self.refusal = why
            raise

    async def _handle(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
        elif message["type"] == "http.response.body":
            body, more = message.get("body", b""), message.get("more_body", False)
            if self._take is None:
                self._take = await self._way(more)
            await self._take(body, more)
        else:
            await self._send(message)

    async def _way(self, more: bool) -> Take:
        if self._method == "HEAD" or self._head["status"] in _BODILESS:
            return self._pass
        media = media_of(self._head.get("headers", ()))
        if self._rules.leaves_out(media):
            return self._pass
        if media.kind == PARTS:
            raise Unreadable("a body in several parts cannot be scanned", "CONTENT_TYPE", 415)
        if media.kind in (EVENTS, LINES):
            return self._by_record(media)
        stream = await self._rules.open_stream() if media.kind == TEXT and more else None
        return self._whole(media) if stream is None else self._streamed(media, stream)

    async def _pass(self, body: bytes, more: bool) -> None:
        await self._start(self._head.get("headers", ()))
        await self._forward(body, more)

    async def _start(self, headers: Any) -> None:
        if not self.started:
            self.started = True
            await self._send({**self._head, "headers": headers})

    async def _start_open_ended(self) -> None:
        """For a body whose length is not known yet."""
        await self._start(with_length(self._head.get("headers", ()), 0)[:-1])

    async def _forward(self, body: bytes, more: bool) -> None:
        if body or not more:
            await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _whole(self, media: Media) -> Take:
        async def take(body: bytes, more: bool) -> None:
            self._waiting.append(body)
            self._held += len(body)
            if media.kind == UNKNOWN:
                self._test.feed(body)
            if self._test.binary:
                held, self._waiting, self._take = b"".join(self._waiting), [], self._pass
                await self._pass(held, more)
            elif self._held > self._rules.max_bytes:
                raise Unreadable(f"the response is longer than {self._rules.max_bytes} bytes", "TOO_LARGE", 413)
            elif not more:
                await self._send_whole(media, b"".join(self._waiting))

        return take

    async def _send_whole(self, media: Media, body: bytes) -> None:
        new = await self._rules.whole(media, body)
        headers = self._head.get("headers", ())
        await self._start(headers if new is body else with_length(headers, len(new)))
        await self._forward(new, False)

    def _by_record(self, media: Media) -> Take:
        records = Records(media.kind, self._rules.max_bytes)

        async def take(body: bytes, more: bool) -> None:
            await self._start_open_ended()
            for record in records.feed(body):
                await self._forward(await self._scan_record(media.kind, record), True)
            if not more:
                rest = records.rest()
                await self._forward(await self._scan_record(media.kind, rest) if rest else b"", False)

        return take

    async def _scan_record(self, kind: str, record: bytes) -> bytes:
        if kind == LINES:
            line = parse_line(record)
            new = await self._rules.ask(line)
            return record if new is line else render_line(new, record)
        said = parse_event(record)
        new = await self._rules.ask(said)
        return record if new is said else render_event(new)

    def _streamed(self, media: Media, stream: TextStream) -> Take:
        decoder = codecs.getincrementaldecoder(media.charset)(_KEEP)
        encoder = codecs.getincrementalencoder(media.charset)(_KEEP)

        async def take(body: bytes, more: bool) -> None:
            try:
                text = stream.push(decoder.decode(body, final=not more))
                text += "" if more else stream.finish()
                released = encoder.encode(text, final=not more)
            except UnicodeError:
                raise Unreadable("the text is not in its character set", "CHARSET", 415) from None
            await self._start_open_ended()
            await self._forward(released, more)

        return take
