"""When the messages of a client are posted to an HTTP server, so that its silence never keeps the next from being read.

`initialize`, and whatever has no answer, is taken by the server before anything that follows is posted; requests
between them go side by side. Tests: tests/proxy/test_turns.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from pyplugins.proxy.guarded import Passage

logger = logging.getLogger("pyplugins.proxy")

#: Requests that wait for the server at once; the next wait for a place, all else does not.
_MOST_WAITING = 64
#: Bytes of messages under way beyond which no request is taken, and what each costs beside its text.
_MOST_BYTES, _COST_BYTES = 64 * 1024 * 1024, 4096


@dataclass(eq=False)
class Turn:
    """What the client has said in one line, until all is heard that the server says to it."""

    passage: Passage
    #: Set when all that it asks is answered, even if the stream stays open; else at the end: what follows may go on.
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def size(self) -> int:
        """Bytes that it holds, roughly."""
        return len(self.passage.forward) + _COST_BYTES


class Turns:
    """The messages of one client that are under way."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[None], Turn] = {}
        self._places = asyncio.Semaphore(_MOST_WAITING)
        self._bytes = 0
        self._moved = asyncio.Event()
        #: Set when the next message may be posted.
        self._free = asyncio.Event()
        self._free.set()

    @property
    def full(self) -> bool:
        """Whether too much is under way for another request."""
        return self._bytes >= _MOST_BYTES

    async def room(self) -> None:
        """Waits, while too much is under way, until all that holds up the next message has been taken."""
        if self.full:
            await self._free.wait()

    def begin(self, passage: Passage, post: Callable[[Turn], Awaitable[None]]) -> None:
        """Has a message posted when its turn comes."""
        turn = Turn(passage)
        task = asyncio.create_task(self._post(turn, self._free, post))
        self._tasks[task] = turn
        self._bytes += turn.size
        task.add_done_callback(self._done)
        if not passage.requests or passage.requests[0].method == "initialize":
            self._free = turn.taken

    def cancel(self, ids: list[Any], waits: Callable[[Passage], bool]) -> None:
        """Lets go what has asked under these ids, unless it still waits for another answer."""
        for task, turn in self._tasks.items():
            asked = turn.passage
            if any(request.id in ids for request in asked.requests) and not waits(asked):
                task.cancel()

    async def finish(self, seconds: float) -> None:
        """Waits until all is answered, or none of it for so long."""
        with suppress(TimeoutError):
            while self._tasks:
                self._moved.clear()
                async with asyncio.timeout(seconds):
                    await self._moved.wait()

    async def end(self) -> None:
        """Lets go all that is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _post(self, turn: Turn, free: asyncio.Event, post: Callable[[Turn], Awaitable[None]]) -> None:
        await free.wait()
        async with self._places if turn.passage.requests else nullcontext():
            await post(turn)

    def _done(self, task: asyncio.Task[None]) -> None:
        turn = self._tasks.pop(task)
        self._bytes -= turn.size
        turn.taken.set()
        self._moved.set()
        if not task.cancelled() and (why := task.exception()) is not None:
            logger.info("an answer could not be passed on: %s", type(why).__name__)
