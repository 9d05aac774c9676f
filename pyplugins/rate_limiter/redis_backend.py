"""The rate limiter with its counts in Redis or Valkey: one limit for any number of processes and hosts.

`RedisLimiter` offers what every limiter does (`pyplugins.core.limiter.Limiter`), but export and import, and the same to
be awaited. docs/rate-limiting.md says what happens while the server is away. Tests: tests/redis/.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, Final, TypeAlias

from pyplugins.core import config as configuration
from pyplugins.core.faults import fault
from pyplugins.core.limiter import MAX_COST, Decision, Key, Limiter, number
from pyplugins.native import loader
from pyplugins.rate_limiter import fallback
from pyplugins.rate_limiter._redis_client import address
from pyplugins.rate_limiter._redis_command import Commands
from pyplugins.rate_limiter._redis_drive import AsyncDriver, Driver
from pyplugins.rate_limiter._redis_talk import Talk, Talks
from pyplugins.rate_limiter._share import share_of
from pyplugins.rate_limiter.fallback import PythonLimiter, Row

#: Leases of the server have this bit, those of the local limiter do not.
_LEASE: Final = 1 << 62
#: Who decided, in the nanoseconds of a decision's whole microsecond: a settlement goes to the same.
_SERVER, _LOCAL, _NOBODY = 0, 1, 2
Config: TypeAlias = Any


class _Core(PythonLimiter):
    """What both forms of a call share. The inherited engine reads keys and words decisions; its counts stay empty."""

    def __init__(self, config: Config) -> None:
        text = configuration.to_json(config)
        super().__init__(text)
        values = configuration.read_for("rate_limiter", text)
        self.address = address(values)
        self.timeout_s = values["redis_timeout_ms"] / 1000
        self._fail_mode: str = values["fail_mode"]
        self._talks = Talks(
            Commands(self.settings, values["redis_key_prefix"], values["redis_hash_tag"]),
            pause_ms=values["redis_pause_ms"],
            refusal_cache_ms=values["refusal_cache_ms"],
        )
        self._local = _local(values) if self._fail_mode == "local" else None

    @property
    def away(self) -> bool:
        """The server did not answer last time."""
        return self._talks.away

    def talk_check(
        self, key: Key, cost: int, now_ns: int, *, details: bool = False, peek: bool = False, dry_run: bool = False
    ) -> Talk[Decision]:
        values, now_us = self._accepted(key, cost), self._asked(now_ns)
        row = self._refused(values, now_us)
        if row is not None:
            return self._told(self._worded(row, values, dry_run))
        rows = yield from self._talks.check(values, cost, now_us, peek=peek)
        if rows is not None:
            row = self._worded(_told_of(rows, now_us), values, dry_run)
            return self._told(row, tuple(map(self._told, rows)) if details else ())
        if self._local is not None:
            decision = self._local.decide(key, cost, now_ns, peek=peek, dry_run=dry_run)
            return _marked(decision if details else decision._replace(details=()), _LOCAL)
        return self._open(now_us)

    def talk_decide(self, key: Key, cost: int, now_ns: int, peek: bool, dry_run: bool) -> Talk[Decision]:
        """A check that tells what every window says."""
        return self.talk_check(key, cost, now_ns, details=True, peek=peek, dry_run=dry_run)

    def talk_acquire(self, key: Key, cost: int, now_ns: int) -> Talk[tuple[Decision, int]]:
        values, now_us = self._accepted(key, cost), self._asked(now_ns)
        row = self._refused(values, now_us)
        if row is not None:
            return self._told(self._worded(row, values, False)), 0
        lease = _LEASE | secrets.randbits(62)
        rows = yield from self._talks.check(values, cost, now_us, lease=lease)
        if rows is not None:
            row = _told_of(rows, now_us)
            return self._told(self._worded(row, values, False)), lease if row[0] else 0
        if self._local is not None:
            decision, lease = self._local.acquire(key, cost, now_ns)
            return _marked(decision, _LOCAL), lease
        return self._open(now_us), 0

    def talk_settle(self, key: Key, reserved: int, reserved_ns: int, actual: int, now_ns: int) -> Talk[Decision]:
        values, now_us = self._accepted(key, reserved), self._asked(now_ns)
        number(actual, "bad_cost", MAX_COST, self.implementation)
        taken_us, by = self.clock(reserved_ns), reserved_ns % 1000
        if by == _LOCAL and self._local is not None:
            return _marked(self._local.settle(key, reserved, reserved_ns, actual, now_ns), _LOCAL)
        if by == _NOBODY:
            return self._told(fallback.unlimited(now_us))
        rows = yield from self._talks.settle(values, (reserved, taken_us), actual, now_us)
        if rows is None:
            return self._open(now_us)
        return self._told(_told_of(rows, now_us))

    def talk_release(self, key: Key, lease: int, now_ns: int) -> Talk[bool]:
        number(lease, "bad_number", 2**64 - 1, self.implementation)
        values, now_us = self._accepted(key, 0), self._asked(now_ns)
        if lease < _LEASE:
            return self._local is not None and self._local.release(key, lease, now_ns)
        return bool((yield from self._talks.release(values, lease, now_us)))

    def talk_reset(self, key: Key, now_ns: int) -> Talk[int]:
        values, now_us = self._accepted(key, 0), self._asked(now_ns)
        known = yield from self._talks.reset(values, now_us)
        if known is None:
            raise fault("unavailable")
        return known

    def _asked(self, now_ns: int) -> int:
        """Microseconds as the scripts get them: 0 is the server's clock, and nothing else becomes it."""
        return 0 if now_ns == 0 and now_ns is not False else max(1, self.clock(now_ns))

    def _refused(self, values: list[bytes], now_us: int) -> Row | None:
        blocked = self._blocked(values)
        return None if blocked is None else fallback.refused_by_list(now_us, blocked)

    def _open(self, now_us: int) -> Decision:
        """The server is away, and nobody counts."""
        if self._fail_mode == "closed":
            raise fault("unavailable")
        return _marked(self._told(fallback.unlimited(now_us)), _NOBODY)


def _local(values: dict[str, Any]) -> Limiter:
    """What decides while the server is away."""
    share = json.dumps(share_of(values, values["local_share_percent"]))
    native = loader.open_limiter("rate_limiter", share)
    return PythonLimiter(share) if native is None else native


def _told_of(rows: Sequence[Row], now_us: int) -> Row:
    """What is told about all windows."""
    return reduce(fallback.more_telling, rows) if rows else fallback.unlimited(now_us)


def _marked(decision: Decision, by: int) -> Decision:
    return decision._replace(now_ns=decision.now_ns + by)


class RedisLimiter:
    """A rate limiter with its counts in Redis, for threads and for tasks.

    Every call that asks the server has two forms: one blocks, the one with an `a` in front is awaited. Both share the
    pause after a failure and the refusals that still hold; each event loop has connections of its own.

    Args:
        config: a configuration of the rate limiter with `redis_url`.

    Raises:
        ConfigError: the configuration is wrong.
        ImportError: redis-py or hiredis is not installed.
    """

    implementation = "python"
    binding: str | None = None

    def __init__(self, config: Config) -> None:
        self._core = _Core(config)
        self._driver = Driver(self._core.address)
        self._async = AsyncDriver(self._core.address, 2 * self._core.timeout_s)
        self.dimensions = self._core.dimensions

    @property
    def away(self) -> bool:
        """The server did not answer last time."""
        return self._core.away

    def check(self, key: Key, cost: int = 1, now_ns: int = 0) -> Decision:
        """Decides, and takes the cost from all windows or from none.

        Args (here and below):
            now_ns: nanoseconds of a clock that all hosts share; 0 is the server's own.

        Raises:
            UsageError: key, cost or time are wrong.
            InputTooLarge: a value is too long. It was **not** allowed.
            ResourceError: the server could not be asked, and `fail_mode` is `closed`. It was **not** allowed.
        """
        return self._driver.run(self._core.talk_check(key, cost, now_ns))

    def decide(
        self, key: Key, cost: int = 1, now_ns: int = 0, *, peek: bool = False, dry_run: bool = False
    ) -> Decision:
        """`check` with what every window says; `peek` takes nothing, `dry_run` refuses nothing."""
        return self._driver.run(self._core.talk_decide(key, cost, now_ns, peek, dry_run))

    def check_many(self, keys: Iterable[Key], costs: Sequence[int] | None = None, now_ns: int = 0) -> list[Decision]:
        """One `check` after the other."""
        return [self.check(key, cost, now_ns) for key, cost in _paid(keys, costs)]

    def settle(self, key: Key, reserved: int, reserved_ns: int, actual: int, now_ns: int = 0) -> Decision:
        """Corrects the cost of a granted check: `reserved`, `reserved_ns` are its cost and its decision's `now_ns`."""
        return self._driver.run(self._core.talk_settle(key, reserved, reserved_ns, actual, now_ns))

    def acquire(self, key: Key, cost: int = 1, now_ns: int = 0) -> tuple[Decision, int]:
        """A check that takes leases, too, and the number of the lease; 0 when it was refused, or nobody counts."""
        return self._driver.run(self._core.talk_acquire(key, cost, now_ns))

    def release(self, key: Key, lease: int, now_ns: int = 0) -> bool:
        """Ends a lease; whether it was there and had not run out. False, too, when the server cannot be asked."""
        return self._driver.run(self._core.talk_release(key, lease, now_ns))

    def reset(self, key: Key, now_ns: int = 0) -> int:
        """Forgets keys; how many had counts.

        Raises:
            ResourceError: the server could not be asked, whatever `fail_mode` says.
        """
        return self._driver.run(self._core.talk_reset(key, now_ns))

    async def acheck(self, key: Key, cost: int = 1, now_ns: int = 0) -> Decision:
        """`check`, awaited."""
        return await self._async.run(self._core.talk_check(key, cost, now_ns))

    async def adecide(
        self, key: Key, cost: int = 1, now_ns: int = 0, *, peek: bool = False, dry_run: bool = False
    ) -> Decision:
        """`decide`, awaited."""
        return await self._async.run(self._core.talk_decide(key, cost, now_ns, peek, dry_run))

    async def asettle(self, key: Key, reserved: int, reserved_ns: int, actual: int, now_ns: int = 0) -> Decision:
        """`settle`, awaited."""
        return await self._async.run(self._core.talk_settle(key, reserved, reserved_ns, actual, now_ns))

    async def aacquire(self, key: Key, cost: int = 1, now_ns: int = 0) -> tuple[Decision, int]:
        """`acquire`, awaited."""
        return await self._async.run(self._core.talk_acquire(key, cost, now_ns))

    async def arelease(self, key: Key, lease: int, now_ns: int = 0) -> bool:
        """`release`, awaited."""
        return await self._async.run(self._core.talk_release(key, lease, now_ns))

    async def areset(self, key: Key, now_ns: int = 0) -> int:
        """`reset`, awaited."""
        return await self._async.run(self._core.talk_reset(key, now_ns))

    def export_state(self, now_ns: int = 0) -> bytes:
        """The server has the counts, and its own ways to save them.

        Raises:
            UsageError: always.
        """
        raise fault("unsupported")

    def import_state(self, data: bytes, now_ns: int = 0) -> int:
        """As `export_state`."""
        raise fault("unsupported")

    def key_count(self) -> int:
        """As `export_state`: the server is shared."""
        raise fault("unsupported")

    def describe(self) -> dict[str, Any]:
        """Dimensions, their classes of windows, limits."""
        return self._core.describe()

    def close(self) -> None:
        """Closes the blocking connections. Takes no more requests."""
        self._core.close()
        self._driver.close()

    async def aclose(self) -> None:
        """`close`, and the connections of the running event loop."""
        self.close()
        await self._async.close()


def _paid(keys: Iterable[Key], costs: Sequence[int] | None) -> list[tuple[Key, int]]:
    requests = list(keys)
    if costs is not None and len(costs) != len(requests):
        raise fault("bad_count", a=len(costs), b=len(requests))
    return list(zip(requests, costs if costs is not None else [1] * len(requests), strict=True))
