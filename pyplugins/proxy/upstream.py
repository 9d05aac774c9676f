"""A streamable HTTP server: asks it, and reads its answers through a gate, per message or per event.

What is no message goes nowhere: error pages and bodies of other kinds are dropped, status and headers pass. A redirect
is an error, because whoever followed it would go around the proxy. Tests: tests/proxy/test_forwarding.py.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_address

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from pyplugins.proxy.framing import KEPT, TooLarge
from pyplugins.proxy.gate import Gate
from pyplugins.proxy.guarded import Passage
from pyplugins.proxy.headers import EVENTS, JSON
from pyplugins.proxy.sse import Event, Events
from pyplugins.proxy.streams import PIECE

logger = logging.getLogger("pyplugins.proxy")

#: Seconds to reach the server. How long it may think is its own business.
_CONNECT_SECONDS = 30.0
#: Bytes of one header: tokens in Authorization can be long.
HEADER_BYTES = 64 * 1024


class UpstreamError(Exception):
    """The server cannot be asked, or redirects; the message is safe to tell."""


class Upstream:
    """The server at one address.

    Arguments:
        url: the MCP endpoint.
        headers: sent with every request, unless the client says something else.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.url = URL(url)
        self._headers = headers
        # A proxy between us and ourselves is never meant.
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
            trust_env=not is_loopback(self.url.host or ""),
            read_bufsize=PIECE,
            max_field_size=HEADER_BYTES,
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0),
        )

    async def close(self) -> None:
        """Closes all connections."""
        await self._session.close()

    @asynccontextmanager
    async def ask(
        self, method: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer to one request, whose body is still to be read.

        Raises:
            UpstreamError: there is none, or it is a redirect.
        """
        sent = CIMultiDict(headers)  # which may have a name on several lines
        for name, value in self._headers.items():
            sent.setdefault(name, value)
        try:
            async with self._session.request(
                method, self.url, headers=sent, data=body, allow_redirects=False
            ) as response:
                if 300 <= response.status < 400:
                    raise UpstreamError(f"the server redirects (HTTP {response.status}): give the address it means")
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as why:
            raise UpstreamError(f"the server cannot be asked: {type(why).__name__}") from None


def is_loopback(host: str) -> bool:
    """Whether nobody else can listen on, or reach, this host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def kind_of(response: aiohttp.ClientResponse) -> str:
    """The media type, without parameters."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


async def passages(response: aiohttp.ClientResponse, gate: Gate, limit: int) -> AsyncIterator[tuple[Event, Passage]]:
    """What becomes of each message of an answer, with the event it came in; nothing for any other body."""
    kind = kind_of(response)
    if kind == EVENTS:
        async for event in _events(response, limit):
            yield await _passage(event, gate)
    elif kind == JSON:
        body = await _whole(response, limit)
        if isinstance(body, TooLarge):
            yield Event(), gate.too_large(body.head, body.tail, body.size, by_server=True)
        elif body.strip():
            yield Event(), await gate.from_server(body)
    elif kind:
        logger.warning("a body of the server is neither JSON nor events and was dropped (HTTP %d)", response.status)


async def _passage(event: Event | TooLarge, gate: Gate) -> tuple[Event, Passage]:
    if isinstance(event, TooLarge):
        return Event(), gate.too_large(event.head, event.tail, event.size, by_server=True)
    if not event.data:  # tells where to resume, or how long to wait before
        return event, Passage()
    return event, await gate.from_server(event.data)


async def _events(response: aiohttp.ClientResponse, limit: int) -> AsyncIterator[Event | TooLarge]:
    events = Events(limit)
    async for piece in response.content.iter_any():
        for event in events.feed(piece):
            yield Event() if event is None else event  # a comment keeps the connection open, here and there


async def _whole(response: aiohttp.ClientResponse, limit: int) -> bytes | TooLarge:
    """A body as one piece; of one that is too large, both ends."""
    parts: list[bytes] = []
    size, head, tail = 0, b"", b""
    async for piece in response.content.iter_any():
        size += len(piece)
        if size <= limit:
            parts.append(piece)
        if len(head) < KEPT:
            head = (head + piece)[:KEPT]
        tail = (tail + piece)[-KEPT:]
    return b"".join(parts) if size <= limit else TooLarge(head, tail, size)
