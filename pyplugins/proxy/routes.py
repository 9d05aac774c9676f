"""Which stream of a session a message of the server belongs to.

Answers go where their request came from, progress too; what the server says unasked goes to the stream that was opened
for it, else to any that is open, else it waits. Each stream is bounded: who does not read makes the server wait.
Tests: tests/proxy/test_routes.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pyplugins.proxy import messages
from pyplugins.proxy.guarded import Passage
from pyplugins.proxy.messages import Message

logger = logging.getLogger("pyplugins.proxy")

#: Messages that one stream holds for a client that reads slowly.
_MOST_WAITING = 64
#: Messages that are kept until the client opens a stream for them.
_MOST_UNASKED = 256


class Route:
    """One stream to the client; what is put into one that has ended is dropped."""

    def __init__(self, *, asked: bool) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_WAITING)
        #: Ids of requests whose answers come this way, and tokens of their progress.
        self.ids: set[Any] = set()
        self.tokens: set[Any] = set()
        #: Whether it belongs to a request; it ends with the last answer.
        self.asked = asked
        self._open = True

    @property
    def waits(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self.ids)

    async def put(self, line: bytes) -> None:
        """Adds a message; waits while the stream is full."""
        if self._open:
            await self._queue.put(line.rstrip(b"\n"))

    def put_now(self, line: bytes) -> None:
        """Adds a message if there is room."""
        if self._open and not self._queue.full():
            self._queue.put_nowait(line.rstrip(b"\n"))

    def close(self) -> None:
        """Nothing more will come."""
        self._open = False
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    def drain(self) -> None:
        """Lets go whoever waits to put something."""
        self._open = False
        while not self._queue.empty():
            self._queue.get_nowait()

    async def lines(self, ping_seconds: float) -> AsyncIterator[bytes | None]:
        """Messages as they come; None after each silence."""
        while not (self.asked and not self.waits and self._queue.empty()):
            try:
                line = await asyncio.wait_for(self._queue.get(), ping_seconds)
            except TimeoutError:
                yield None
                continue
            if line is None:
                return
            yield line

    async def answers(self) -> AsyncIterator[bytes]:
        """Messages until the last answer."""
        while self.waits or not self._queue.empty():
            line = await self._queue.get()
            if line is None:
                return
            yield line


class Routes:
    """The streams of one session."""

    def __init__(self) -> None:
        self._asked: list[Route] = []
        self._unasked: list[Route] = []
        self._backlog: deque[bytes] = deque()
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a stream is open."""
        return bool(self._asked or self._unasked)

    @contextmanager
    def asked(self) -> Iterator[Route]:
        """The stream of a request."""
        with self._held(self._asked, Route(asked=True)) as route:
            yield route

    @contextmanager
    def unasked(self) -> Iterator[Route]:
        """The stream for what the server says unasked; it begins with what has waited for it."""
        with self._held(self._unasked, Route(asked=False)) as route:
            while self._backlog and not route._queue.full():
                route._queue.put_nowait(self._backlog.popleft())
            yield route

    @contextmanager
    def _held(self, among: list[Route], route: Route) -> Iterator[Route]:
        among.append(route)
        if self._closed:
            route.close()
        try:
            yield route
        finally:
            among.remove(route)
            route.drain()

    def expect(self, passed: Sequence[Message], route: Route) -> None:
        """Answers of these requests, and their progress, come by this route."""
        for message in passed:
            if message.method is None or not message.has_id:
                continue
            route.ids.add(_key(message.id))
            params = message.members.get("params")
            meta = params.get("_meta") if isinstance(params, dict) else None
            token = meta.get("progressToken") if isinstance(meta, dict) else None
            if isinstance(token, (str, int, float)):
                route.tokens.add(_key(token))

    async def send(self, passage: Passage) -> None:
        """Sends what goes on to where it belongs."""
        passed = passage.passed
        if not passed:  # an error that stands for an answer that could not be passed on
            _, passed = messages.read(passage.forward)
        route = next((found for message in passed if (found := self._route(message))), None)
        if route is None:
            route = self._any()
        if route is not None:
            await route.put(passage.forward)
        elif any(message.method is None for message in passed):
            logger.debug("an answer came too late and was dropped")
        else:
            self._keep(passage.forward.rstrip(b"\n"))
        for message in passed:
            if route is not None and message.method is None:
                route.ids.discard(_key(message.id))

    def close(self) -> None:
        """The server has ended: streams end after what they hold."""
        self._closed = True
        for route in (*self._asked, *self._unasked):
            for _, id_ in route.ids:
                route.put_now(messages.error_line(messages.dumped(id_), -32603, "the server has ended"))
            route.close()

    def _route(self, message: Message) -> Route | None:
        if message.method is None:
            return next((route for route in self._asked if _key(message.id) in route.ids), None)
        params = message.members.get("params")
        token = params.get("progressToken") if isinstance(params, dict) else None
        if token is None:
            return None
        return next((route for route in self._asked if _key(token) in route.tokens), None)

    def _any(self) -> Route | None:
        """The stream opened for it, else that of the latest request that waits."""
        waiting = [route for route in self._asked if route.waits]
        return (self._unasked[-1:] or waiting[-1:] or [None])[0]  # type: ignore[list-item]

    def _keep(self, line: bytes) -> None:
        if len(self._backlog) >= _MOST_UNASKED:
            self._backlog.popleft()
            logger.warning("no stream is open for what the server says, and the oldest message was dropped")
        self._backlog.append(line)


def _key(id_: Any) -> Any:
    return (isinstance(id_, str), id_) if isinstance(id_, (str, int, float)) else None
