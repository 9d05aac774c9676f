"""A limiter with its counts in Redis, but for the sending: a call is a generator that yields commands and gets replies.

So the blocking and the asyncio class share everything: fail modes, the pause after a failure, refusals that still hold.
Who drives a talk throws the exception into it when a command fails. Tests: tests/redis/.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from pyplugins.errors import ResourceError
from pyplugins.rate_limiter._redis_command import NEVER, Answer, Command, Commands, most_telling
from pyplugins.rate_limiter._redis_faults import Pause, Refusals

T = TypeVar("T")
#: Yields commands, is sent replies, returns T.
Talk = Generator[Command, Sequence[int], T]
log = logging.getLogger(__name__)
UNAVAILABLE = 62


class BackendUnavailable(ResourceError):
    """The server could not be asked, and `fail_mode` is `closed`: the request has **not** been allowed."""

    def __init__(self) -> None:
        super().__init__("the server of the rate limiter cannot be asked", code=UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided.

    Attributes:
        told: about all windows.
        now_us: the time of the decision; 0 if no server was asked.
        details: what each window says.
        source: `redis`, `refusals` (one that still holds), or `open` (the server is away, nothing was counted).
    """

    told: Answer
    now_us: int = 0
    details: Sequence[Answer] = ()
    source: str = "redis"


class Talks:
    """The calls of one limiter. Values are one for each dimension, an empty one does not apply; times are in us."""

    def __init__(
        self,
        commands: Commands,
        *,
        fail_mode: str,
        pause_ms: int,
        refusal_cache_ms: int,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._commands = commands
        self._fail_mode = fail_mode
        self._pause = Pause(pause_ms)
        self._refusals: Refusals[Answer] = Refusals(refusal_cache_ms)
        self._clock_ns = clock_ns
        self._away = False

    def check(
        self, values: Sequence[bytes], cost: int, now_us: int, *, peek: bool = False, lease: int = 0
    ) -> Talk[Outcome | None]:
        """A check, or with a lease an acquire. None: the server is away, and the local limiter decides."""
        command = self._commands.check(values, cost, now_us, peek, lease)
        if command is None:
            return Outcome(most_telling(()), now_us)
        asked_ns = self._clock_ns()
        remembers = now_us == 0 and not peek
        if remembers and (held := self._held(values, cost, asked_ns)):
            return held
        found = yield from self._answers(command, values, lease != 0)
        if found is None:
            return self._failed()
        answers, now_us = found
        told = most_telling(answers)
        if remembers and not told.allowed:
            self._remember(values, cost, asked_ns, answers)
        return Outcome(told, now_us, answers)

    def settle(
        self, values: Sequence[bytes], reserved: tuple[int, int], actual: int, now_us: int
    ) -> Talk[Outcome | None]:
        """Corrects a check: `reserved` is its cost and its time."""
        command = self._commands.settle(values, reserved, actual, now_us)
        if command is None:
            return Outcome(most_telling(()), now_us)
        found = yield from self._answers(command, values, False)
        if found is None:
            return self._failed()
        answers, now_us = found
        self._refusals.forget()
        return Outcome(most_telling(answers), now_us, answers)

    def release(self, values: Sequence[bytes], lease: int, now_us: int) -> Talk[int | None]:
        """Ends a lease: how many of the keys had it."""
        return (yield from self._count(self._commands.release(values, lease, now_us)))

    def reset(self, values: Sequence[bytes], now_us: int) -> Talk[int | None]:
        """Forgets the keys: how many there were."""
        known = yield from self._count(self._commands.reset(values, now_us))
        self._refusals.forget()
        return known

    def _count(self, command: Command | None) -> Talk[int | None]:
        if command is None:
            return 0
        count = yield from self._ask(command, lambda reply: reply[0])
        if count is None and self._fail_mode == "closed":
            raise BackendUnavailable
        return count

    def _answers(
        self, command: Command, values: Sequence[bytes], leases: bool
    ) -> Talk[tuple[list[Answer], int] | None]:
        return (yield from self._ask(command, lambda reply: (self._commands.answers(values, reply, leases), reply[1])))

    def _ask(self, command: Command, read: Callable[[Sequence[int]], T]) -> Talk[T | None]:
        """What is read in the reply; None if there is none, or another one than expected."""
        if self._pause.holds(self._clock_ns()):
            return None
        try:
            found = read((yield command))
        except Exception as why:
            self._pause.failed(self._clock_ns())
            if not self._away:
                # The type alone: the text may quote a key.
                log.warning("rate limiter: Redis failed (%s), fail_mode %s", type(why).__name__, self._fail_mode)
            self._away = True
            return None
        self._pause.answered()
        if self._away:
            log.warning("rate limiter: Redis answers again")
        self._away = False
        return found

    def _failed(self) -> Outcome | None:
        if self._fail_mode == "closed":
            raise BackendUnavailable
        return Outcome(most_telling(()), source="open") if self._fail_mode == "open" else None

    def _held(self, values: Sequence[bytes], cost: int, now_ns: int) -> Outcome | None:
        found = self._refusals.find(((index, value, cost) for index, value in enumerate(values) if value), now_ns)
        if found is None:
            return None
        answer, age_us = found[0], found[1] // 1000
        retry = answer.retry_us if answer.retry_us == NEVER else answer.retry_us - age_us
        told = replace(answer, reset_us=max(0, answer.reset_us - age_us), retry_us=retry)
        return Outcome(told, 0, (told,), "refusals")

    def _remember(self, values: Sequence[bytes], cost: int, asked_ns: int, answers: Iterable[Answer]) -> None:
        """Refusals by concurrency limits are not kept: a release ends them at any time."""
        for answer in answers:
            if not answer.allowed and not self._commands.is_concurrency(values, answer):
                self._refusals.keep(
                    (answer.dimension, values[answer.dimension], cost), asked_ns, answer.retry_us * 1000, answer
                )
