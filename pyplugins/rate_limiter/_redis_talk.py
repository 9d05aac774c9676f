"""A limiter with its counts in Redis, but for the sending: a call is a generator that yields commands and gets replies.

So the blocking and the asyncio class share everything: the pause after a failure, refusals that still hold, what is
read in a reply. Who drives a talk throws `ServerFault` into it when a command fails. Tests: tests/redis/.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TypeVar

from pyplugins.errors import PluginError
from pyplugins.rate_limiter._redis_command import Command, Commands
from pyplugins.rate_limiter._redis_faults import Pause, Refusals
from pyplugins.rate_limiter._windows import NEVER
from pyplugins.rate_limiter.fallback import Row

T = TypeVar("T")
#: Yields commands, is sent replies, returns T.
Talk = Generator[Command, Sequence[int], T]
log = logging.getLogger(__name__)


class ServerFault(Exception):
    """What is thrown into a talk when the server, or the way to it, failed; the cause is the error itself."""


class Talks:
    """The calls of one limiter. Values are one for each dimension, an empty one does not apply; times are in us.

    Each gives None when the server could not be asked.
    """

    def __init__(
        self,
        commands: Commands,
        *,
        pause_ms: int,
        refusal_cache_ms: int,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._commands = commands
        self._pause = Pause(pause_ms)
        self._refusals: Refusals[Row] = Refusals(refusal_cache_ms)
        self._clock_ns = clock_ns
        #: The last question was not answered.
        self.away = False

    def check(
        self, values: Sequence[bytes], cost: int, now_us: int, *, peek: bool = False, lease: int = 0
    ) -> Talk[list[Row] | None]:
        """What each window says to a check, or with a lease to an acquire. A refusal that still holds is one row."""
        command = self._commands.check(values, cost, now_us, peek, lease)
        if command is None:
            return []
        asked_ns = self._clock_ns()
        remembers = now_us == 0 and not peek
        if remembers and len(self._refusals) and (held := self._held(values, cost, asked_ns)):
            return [held]
        rows = yield from self._ask(command, command.rows)
        if rows and remembers:
            self._remember(values, cost, asked_ns, rows)
        return rows

    def settle(
        self, values: Sequence[bytes], reserved: tuple[int, int], actual: int, now_us: int
    ) -> Talk[list[Row] | None]:
        """What each window says after a correction: `reserved` are cost and time of the check."""
        command = self._commands.settle(values, reserved, actual, now_us)
        if command is None:
            return []
        rows = yield from self._ask(command, command.rows)
        self._refusals.forget()
        return rows

    def release(self, values: Sequence[bytes], lease: int, now_us: int) -> Talk[int | None]:
        """Ends a lease: how many of the keys had it."""
        command = self._commands.release(values, lease, now_us)
        return 0 if command is None else (yield from self._ask(command, _count))

    def reset(self, values: Sequence[bytes], now_us: int) -> Talk[int | None]:
        """Forgets the keys: how many there were."""
        command = self._commands.reset(values, now_us)
        known = 0 if command is None else (yield from self._ask(command, _count))
        self._refusals.forget()
        return known

    def _ask(self, command: Command, read: Callable[[Sequence[int]], T]) -> Talk[T | None]:
        """What is read in the reply; None if there is none, or another one than expected."""
        if self._pause.holds(self._clock_ns()):
            return None
        try:
            found = read((yield command))
        except (ServerFault, PluginError) as why:
            if command.once and _is_broken(why):
                return None  # others are sent again then: it says nothing of the server
            self._pause.failed(self._clock_ns())
            if not self.away:
                # The type alone: the text may quote a key.
                log.warning("rate limiter: Redis failed (%s)", type(why.__cause__ or why).__name__)
            self.away = True
            return None
        self._pause.answered()
        if self.away:
            log.warning("rate limiter: Redis answers again")
        self.away = False
        return found

    def _held(self, values: Sequence[bytes], cost: int, now_ns: int) -> Row | None:
        found = self._refusals.find(((index, value, cost) for index, value in enumerate(values) if value), now_ns)
        if found is None:
            return None
        *first, reset, retry, then = found[0]
        age = found[1] // 1000
        wait = NEVER if retry == NEVER else retry - age
        return (*first, max(0, reset - age), wait, then + age)  # type: ignore[return-value]

    def _remember(self, values: Sequence[bytes], cost: int, asked_ns: int, rows: Iterable[Row]) -> None:
        """Refusals by concurrency limits are not kept: a release ends them at any time."""
        for row in rows:
            if not row[0] and not self._commands.is_concurrency(values, row):
                self._refusals.keep((row[2], values[row[2]], cost), asked_ns, row[7] * 1000, row)


def _is_broken(why: Exception) -> bool:
    return type(why.__cause__).__name__ == "ConnectionError"


def _count(reply: Sequence[int]) -> int:
    return reply[0]
