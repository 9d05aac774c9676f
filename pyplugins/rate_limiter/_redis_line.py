"""One connection for all tasks of an event loop: what is asked while answers are on their way goes out together.

A client of redis-py takes a connection for each command; that costs more than the server's answer. Here the first who
asks starts a task that sends all that waits, reads as many answers, and so on until nobody waits. Connecting, TLS,
logging in and reading answers is redis-py's. Tests: tests/redis/test_line.py, and all tests of the asyncio limiter.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from redis.exceptions import ConnectionError as Broken
from redis.exceptions import ResponseError

#: Most commands that go out together: their answers must come within one timeout.
MOST: Final = 256


class _Asked(NamedTuple):
    """A command on the wire, and who waits for its answer."""

    data: bytes
    answer: asyncio.Future[Any]


def packed(words: Sequence[bytes | str | int]) -> bytes:
    """A command as the protocol has it.

    >>> packed(["GET", b"a", 7])
    b'*3\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n$1\\r\\n7\\r\\n'
    """
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


class Line:
    """Sends commands to one server.

    Args:
        pool: a pool of redis-py, which makes the connection.
        longest_s: how long connecting, sending and all answers to what goes out together may take.
    """

    def __init__(self, pool: Any, longest_s: float) -> None:
        self._pool = pool
        self._longest_s = longest_s
        self._connection: Any = None
        self._waiting: deque[_Asked] = deque()
        self._task: asyncio.Task[None] | None = None

    async def execute_command(self, *words: bytes | str | int) -> Any:
        """The answer.

        Raises:
            RedisError, OSError, TimeoutError: there is none, or it is an error. A command whose connection broke was
                sent once more before that; one that was not answered in time was not.
        """
        loop = asyncio.get_running_loop()
        asked = _Asked(packed(words), loop.create_future())
        self._waiting.append(asked)
        if self._task is None:
            self._task = loop.create_task(self._work())
        return await asked.answer

    async def aclose(self) -> None:
        """Closes the connection; who waits gets an error."""
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):  # it is gone either way
                await connection.disconnect()

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                await self._exchange([asked for asked in batch if not asked.answer.done()])
        finally:
            self._task = None
            _fail(self._waiting, Broken("the connection was closed"))
            self._waiting.clear()

    async def _exchange(self, batch: list[_Asked]) -> None:
        """Sends, and hands out the answers. What goes wrong goes to all who have none: nobody waits in vain twice."""
        try:
            async with asyncio.timeout(self._longest_s):
                try:
                    await self._ask(batch)
                except (Broken, ConnectionError):
                    await self._hang_up()
                    await self._ask([asked for asked in batch if not asked.answer.done()])
        except Exception as why:
            await self._hang_up()
            _fail([*batch, *self._waiting], why)
            self._waiting.clear()
        except BaseException:  # cancelled: by `aclose`, or with the loop
            _fail(batch, Broken("the connection was closed"))
            raise

    async def _ask(self, batch: list[_Asked]) -> None:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._pool.make_connection()
            await connection.connect()
            # One deadline for all answers is enough.
            connection.socket_timeout = None
        await connection.send_packed_command(b"".join([asked.data for asked in batch]), check_health=False)
        for asked in batch:
            try:
                answer = await connection.read_response()
            except ResponseError as why:
                _fail([asked], why)
            else:
                if not asked.answer.done():
                    asked.answer.set_result(answer)

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)


def _fail(batch: Iterable[_Asked], why: Exception) -> None:
    for asked in batch:
        if not asked.answer.done():
            asked.answer.set_exception(why)
