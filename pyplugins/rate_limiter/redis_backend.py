"""The rate limiter with its counts in Redis or Valkey: one limit for any number of processes and hosts.

`RedisLimiter` blocks and serves any number of threads, `AsyncRedisLimiter` any number of tasks. docs/rate-limiting.md
says what happens while the server is away. Tests: tests/redis/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyplugins.core import config as configuration
from pyplugins.core.faults import fault
from pyplugins.rate_limiter._decision import NEVER, Decision, jittered
from pyplugins.rate_limiter._redis_client import address
from pyplugins.rate_limiter._redis_command import NONE, Answer, Commands
from pyplugins.rate_limiter._redis_drive import Driver
from pyplugins.rate_limiter._redis_talk import Outcome, Talks
from pyplugins.rate_limiter._settings import Settings

Request = str | bytes | Mapping[str, str | bytes]
_MAX_NOW_NS = 9_000_000_000_000_000_000
_MAX_COST = 1 << 50


class _Shared:
    """What both classes have: the configuration, and how requests and outcomes are read."""

    def __init__(self, config: Any) -> None:
        self.settings = Settings(configuration.to_json(config))
        values = self.settings.values
        names = [dimension.name for dimension in self.settings.dimensions]
        tag = values["redis_hash_tag"]
        if tag is not None and tag not in names:
            raise fault("config_enum", "$.redis_hash_tag")
        commands = Commands(self.settings.dimensions, values["warm_up_percent"], values["redis_key_prefix"], tag or "")
        self.names = names
        self.address = address(values)
        self.talks = Talks(
            commands,
            fail_mode=values["fail_mode"],
            pause_ms=values["redis_pause_ms"],
            refusal_cache_ms=values["refusal_cache_ms"],
        )

    def values(self, request: Request, cost: int = 0) -> list[bytes]:
        """One value for each dimension."""
        if isinstance(request, (str, bytes)):
            if len(self.names) != 1:
                raise fault("bad_count", a=1, b=len(self.names))
            request = {self.names[0]: request}
        unknown = sum(name not in self.names for name in request)
        if unknown:
            raise fault("bad_count", a=len(request), b=len(self.names))
        if not 0 <= cost <= _MAX_COST:
            raise fault("bad_cost", a=cost, b=_MAX_COST)
        found = [_bytes(request.get(name, b"")) for name in self.names]
        most = self.settings.values["max_key_bytes"]
        longest = max(map(len, found), default=0)
        if longest > most:
            raise fault("too_large", a=longest, b=most)
        return found

    def blocked(self, values: Sequence[bytes], now_us: int, dry_run: bool) -> Decision | None:
        """The refusal of the first dimension whose block list has its value."""
        for dimension, value in zip(self.settings.dimensions, values, strict=True):
            if value and dimension.blocked and dimension.blocked.find(value) is not None:
                refused = Decision(False, 0, 0, 0, NEVER, dimension.name, None, blocked=True, now_ns=now_us * 1000)
                return self._worded(replace(refused, backend="redis"), dry_run)
        return None

    def decision(self, values: Sequence[bytes], outcome: Outcome, dry_run: bool = False) -> Decision:
        """What is told to the caller."""
        settings = self.settings.values
        told = outcome.told
        if not told.allowed:
            percent, seed = settings["jitter_percent"], settings["jitter_seed"]
            told = replace(told, retry_us=jittered(told.retry_us, percent, seed, outcome.now_us, values))
        details = tuple(self._decision(answer, outcome) for answer in outcome.details)
        return self._worded(replace(self._decision(told, outcome), details=details), dry_run)

    def _decision(self, answer: Answer, outcome: Outcome) -> Decision:
        return Decision(
            allowed=answer.allowed,
            limit=answer.limit,
            remaining=answer.remaining,
            reset_ns=answer.reset_us * 1000,
            retry_after_ns=NEVER if answer.retry_us == NEVER else answer.retry_us * 1000,
            dimension=None if answer.dimension == NONE else self.names[answer.dimension],
            window=None if answer.window == NONE else answer.window,
            now_ns=outcome.now_us * 1000,
            backend=outcome.source,
        )

    def _worded(self, decision: Decision, dry_run: bool) -> Decision:
        dry = not decision.allowed and (dry_run or self.settings.values["dry_run"])
        return replace(decision, allowed=True, would_refuse=True) if dry else decision


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _microseconds(now_ns: int) -> int:
    """Whole microseconds; 0 stays 0, the server's clock."""
    if not 0 <= now_ns <= _MAX_NOW_NS:
        raise fault("bad_time", a=now_ns, b=_MAX_NOW_NS)
    return now_ns // 1000


class RedisLimiter:
    """A rate limiter with its counts in Redis, for threads."""

    def __init__(self, config: Any) -> None:
        self._shared = _Shared(config)
        self._driver = Driver(self._shared.address)

    def check(
        self, request: Request, cost: int = 1, now_ns: int = 0, *, peek: bool = False, dry_run: bool = False
    ) -> Decision:
        values, now_us = self._shared.values(request, cost), _microseconds(now_ns)
        if refused := self._shared.blocked(values, now_us, dry_run):
            return refused
        outcome = self._driver.run(self._shared.talks.check(values, cost, now_us, peek=peek))
        assert outcome is not None
        return self._shared.decision(values, outcome, dry_run)

    def close(self) -> None:
        self._driver.close()
