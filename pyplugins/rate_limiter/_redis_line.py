"""One connection for all tasks of an event loop: commands go out as they come, answers come back in their order.

A client of redis-py takes a connection for each command, and several turns of the loop for its answer; both cost more
than the server's work. Connecting, TLS and logging in are redis-py's, reading is hiredis's; between them stands the
transport alone. Tests: tests/redis/test_line.py, and all tests of the asyncio limiter.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

from hiredis import Reader, pack_command
from redis.exceptions import ConnectionError as Broken
from redis.exceptions import InvalidResponse, RedisError

from pyplugins.rate_limiter._redis_once import ONCE

#: Most commands whose answers are awaited: they must come within one timeout. Who comes later waits.
MOST: Final = 256
#: So many that were asked in one turn of the loop go out before it ends: the server works while others ask.
TOGETHER: Final = 16


class _Asked:
    """A command, and who waits for its answer."""

    __slots__ = ("answer", "data", "last", "until")

    def __init__(self, data: bytes, answer: asyncio.Future[Any]) -> None:
        self.data = data
        self.answer = answer
        #: It is not sent again: its connection broke once, or it must not be.
        self.last = ONCE.get()
        #: When the answer must be there, in the loop's time; known when it is sent.
        self.until = 0.0


class _Wire(asyncio.Protocol):
    """What a line hears from its connection, until the line lets go of it."""

    def __init__(self, line: Line, reader: Reader) -> None:
        self.line: Line | None = line
        self._reader = reader

    def data_received(self, data: bytes) -> None:
        line = self.line
        if line is None:
            return
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not False:
                line.answered(answer)
        except RedisError as why:  # no server speaks like that
            line.give_up(why)
        line.flush()

    def connection_lost(self, why: Exception | None) -> None:
        if self.line is not None:
            self.line.broken()


class Line:
    """Sends commands to one server.

    Args:
        pool: a pool of redis-py, which makes the connection; of the protocol's version 2, where nothing comes unasked.
        longest_s: how long connecting and an answer may take together.
    """

    def __init__(self, pool: Any, longest_s: float) -> None:
        self._pool = pool
        self._longest_s = longest_s
        self._connection: Any = None
        #: Both are there while commands can be sent.
        self._wire: _Wire | None = None
        self._transport: Any = None
        self._waiting: deque[_Asked] = deque()
        self._sent: deque[_Asked] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._will_flush = False

    async def execute_command(self, *words: bytes | str | int) -> Any:
        """The answer.

        Raises:
            RedisError, OSError, TimeoutError: there is none, or it is an error. A command whose connection broke was
                sent once more before that, unless it is to be sent `ONCE`; one that was not answered in time was not.
        """
        loop = asyncio.get_running_loop()
        asked = _Asked(pack_command(words), loop.create_future())  # type: ignore[arg-type]  # hiredis says: of one word
        self._waiting.append(asked)
        if self._wire is None:
            self._open(loop.time() + self._longest_s)
        elif not self._sent or len(self._waiting) >= TOGETHER:
            self.flush()
        elif not self._will_flush:
            self._will_flush = True
            loop.call_soon(self.flush)
        return await asked.answer

    def flush(self) -> None:
        """Sends what waits, as far as there is room."""
        self._will_flush = False
        if self._wire is None or not self._waiting:
            return
        loop = asyncio.get_running_loop()
        until, data = loop.time() + self._longest_s, []
        while self._waiting and len(self._sent) < MOST:
            asked = self._waiting.popleft()
            if not asked.answer.done():
                asked.until = asked.until or until
                data.append(asked.data)
                self._sent.append(asked)
        self._transport.write(b"".join(data))
        if self._timer is None and self._sent:
            self._timer = loop.call_at(self._sent[0].until, self._late)

    def answered(self, answer: Any) -> None:
        """The answer to the oldest command.

        Raises:
            InvalidResponse: nothing was asked.
        """
        if not self._sent:
            raise InvalidResponse("an answer that nobody asked for")
        waits = self._sent.popleft().answer
        if waits.done():
            return
        if isinstance(answer, Exception):
            waits.set_exception(answer)
        else:
            waits.set_result(answer)

    def broken(self) -> None:
        """The connection is gone. What was not answered is sent again, once at most; in the time that it has."""
        self._hang_up()
        lost = [asked for asked in self._sent if not asked.answer.done()]
        self._sent.clear()
        _fail([asked for asked in lost if asked.last], Broken("the connection was closed"))
        again = [asked for asked in lost if not asked.last]
        for asked in again:
            asked.last = True
        self._waiting.extendleft(reversed(again))
        if self._waiting:
            self._open(again[0].until if again else asyncio.get_running_loop().time() + self._longest_s)

    def give_up(self, why: Exception) -> None:
        """What goes wrong goes to all who wait: nobody waits in vain twice."""
        self._hang_up()
        _fail([*self._sent, *self._waiting], why)
        self._sent.clear()
        self._waiting.clear()

    async def aclose(self) -> None:
        """Closes the connection; who waits gets an error."""
        if self._task is not None:
            self._task.cancel()
        self.give_up(Broken("the connection was closed"))
        await asyncio.gather(*(task for task in (self._task, self._closing) if task), return_exceptions=True)

    def _late(self) -> None:
        """The time of the oldest command was over when the timer was set; by now it may be another one."""
        self._timer = None
        if not self._sent:
            return
        loop = asyncio.get_running_loop()
        if self._sent[0].until > loop.time():
            self._timer = loop.call_at(self._sent[0].until, self._late)
        else:
            self.give_up(TimeoutError())

    def _open(self, until: float) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._connect(until))

    async def _connect(self, until: float) -> None:
        """Lets redis-py connect, and takes the transport over."""
        connection = self._pool.make_connection()
        try:
            async with asyncio.timeout_at(until):
                await connection.connect()
            if connection._reader.at_eof():
                raise Broken("the connection was closed")
            self._connection, parse_error = connection, connection._parser.parse_error
            self._wire = _Wire(self, Reader(protocolError=InvalidResponse, replyError=parse_error))
            self._transport = connection._writer.transport
            self._transport.set_protocol(self._wire)
            for asked in self._waiting:
                asked.until = asked.until or until
            self.flush()
        except Exception as why:
            await _disconnect(connection)
            self.give_up(why)
        except BaseException:  # cancelled: by `aclose`, or with the loop
            await _disconnect(connection)
            self.give_up(Broken("the connection was closed"))
            raise
        finally:
            self._task = None

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.line = None
            self._wire = self._transport = None
        connection, self._connection = self._connection, None
        if connection is not None:
            self._closing = asyncio.get_running_loop().create_task(_disconnect(connection))


async def _disconnect(connection: Any) -> None:
    with contextlib.suppress(Exception):  # it is gone either way
        await connection.disconnect(nowait=True)


def _fail(all_asked: Iterable[_Asked], why: Exception) -> None:
    for asked in all_asked:
        if not asked.answer.done():
            asked.answer.set_exception(why)
