"""The same decisions from Redis and from the local engines, on replayed traces of every operation and algorithm."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis_servers import Server

from pyplugins.core.limiter import Decision, Limiter
from pyplugins.native import loader
from pyplugins.rate_limiter._settings import Settings
from pyplugins.rate_limiter.fallback import PythonLimiter
from pyplugins.rate_limiter.redis_backend import RedisLimiter

#: 32 traces of 3,200 steps: more than 10^5.
TRACES, STEPS = 32, 3200
ALGORITHMS = ("gcra", "token_bucket", "fixed_window", "sliding_window_log", "sliding_window_counter")
RATES = ("10/s", "3/100ms", "5/2s", "7/3s", "20/min", "4/7ms", "1000/h", "30/10s")
WAITS_US = (0, 0, 1, 3, 7, 50, 999, 1000, 20_000, 100_000, 1_000_000)


def configuration(chance: random.Random, first: str) -> dict[str, Any]:
    """One to three dimensions; the first has the algorithm that is asked for."""

    def rates(algorithm: str) -> str:
        burst = algorithm in ("gcra", "token_bucket") and chance.random() < 0.4
        parts = (chance.choice(RATES) + (" burst 15" if burst else "") for _ in range(chance.choice([1, 1, 2])))
        return ", ".join(parts)

    def dimension(number: int) -> dict[str, Any]:
        algorithm = first if number == 0 else chance.choice(ALGORITHMS)
        return {
            "name": f"d{number}",
            "limits": rates(algorithm),
            "algorithm": algorithm,
            "cost": chance.choice(["given", "given", "one"]),
            "concurrency": chance.choice([0, 0, 2, 3]),
            "lease_ms": chance.choice([5, 1000, 60_000]),
            "overrides": [{"match": "vip*", "limits": rates(algorithm)}, {"match": "free", "limits": "unlimited"}],
            "blocked": ["evil*"],
        }

    share = chance.choice([100, 100, 50, 1])
    jitter = chance.choice([0, 0, 30])
    dimensions = [dimension(number) for number in range(chance.choice([1, 2, 3]))]
    return {"dimensions": dimensions, "warm_up_percent": share, "jitter_percent": jitter, "jitter_seed": 5}


def alike(decision: Decision) -> Decision:
    """But the time of details: the local engines tell the key's own there."""
    details = tuple(detail._replace(now_ns=0) for detail in decision.details)
    return decision._replace(details=details)


class Trace:
    """Steps both limiters through one random history."""

    def __init__(self, chance: random.Random, local: Limiter, shared: RedisLimiter, longest_back_us: int) -> None:
        self.chance = chance
        self.local, self.shared = local, shared
        self.back_us = longest_back_us
        self.now_us = self.latest_us = chance.choice([5_000_000, 1_700_000_000_000_000]) + chance.randrange(1_000_000)
        self.granted: list[tuple[list[str], int, Decision]] = []
        self.leases: list[tuple[list[str], int, int]] = []
        self.seen: dict[bool, int] = {True: 0, False: 0}

    def values(self) -> list[str]:
        names = ("a", "a", "b", "c", "", "vip-1", "free", "evil-1")
        return [
            self.chance.choice(names) if self.chance.random() < 0.95 else f"x{self.chance.randrange(40)}"
            for _ in self.local.dimensions
        ]

    def tick(self) -> int:
        """The next time in nanoseconds; now and then the clock steps back, by less than keys are kept."""
        self.now_us += self.chance.choice((*WAITS_US, self.chance.randrange(5_000_000)))
        if self.chance.random() < 0.1:
            self.now_us = max(1, self.latest_us - self.chance.randrange(self.back_us))
        self.latest_us = max(self.latest_us, self.now_us)
        return self.now_us * 1000 + self.chance.randrange(1000)

    def step(self) -> None:
        operation = self.chance.choices(
            (self.check, self.peek, self.acquire, self.settle, self.release, self.reset), (60, 8, 12, 14, 5, 1)
        )[0]
        operation(self.tick())

    def check(self, now_ns: int) -> None:
        values, cost = self.values(), self.chance.choice([0, 1, 1, 1, 2, 3, 5, self.chance.randrange(12)])
        mine, theirs = (limiter.decide(values, cost, now_ns) for limiter in (self.local, self.shared))
        assert alike(mine) == alike(theirs)
        self.seen[mine.allowed] += 1
        if mine.allowed:
            self.granted = [*self.granted[-4:], (values, cost, theirs)]

    def peek(self, now_ns: int) -> None:
        values, cost, dry = self.values(), self.chance.randrange(5), self.chance.random() < 0.5
        mine = self.local.decide(values, cost, now_ns, peek=True, dry_run=dry)
        assert alike(mine) == alike(self.shared.decide(values, cost, now_ns, peek=True, dry_run=dry))

    def acquire(self, now_ns: int) -> None:
        values, cost = self.values(), self.chance.randrange(3)
        (mine, here), (theirs, there) = (limiter.acquire(values, cost, now_ns) for limiter in (self.local, self.shared))
        assert mine == theirs
        assert (here == 0) == (there == 0)
        if here:
            self.leases = [*self.leases[-4:], (values, here, there)]

    def settle(self, now_ns: int) -> None:
        if self.granted:
            values, cost, decision = self.chance.choice(self.granted)
            actual = self.chance.choice([0, cost, cost + 1, 2 * cost, self.chance.randrange(40), max(0, cost - 1)])
            both = (
                limiter.settle(values, cost, decision.now_ns, actual, now_ns) for limiter in (self.local, self.shared)
            )
            mine, theirs = both
            assert mine == theirs

    def release(self, now_ns: int) -> None:
        if self.leases:
            values, here, there = self.chance.choice(self.leases)
            assert self.local.release(values, here, now_ns) == self.shared.release(values, there, now_ns)

    def reset(self, now_ns: int) -> None:
        values = self.values()
        assert self.local.reset(values, now_ns) == self.shared.reset(values, now_ns)


def local_limiter(number: int, text: str) -> Limiter:
    """The library's on even traces, where there is one, and pure Python."""
    native = loader.open_limiter("rate_limiter", text) if number % 2 == 0 else None
    return native or PythonLimiter(text)


@pytest.fixture
def opened() -> Iterator[list[RedisLimiter]]:
    """Limiters to be closed."""
    limiters: list[RedisLimiter] = []
    yield limiters
    for limiter in limiters:
        limiter.close()


@pytest.mark.parametrize("number", range(TRACES))
def test_same_decisions(
    number: int, server: Server, config: Callable[..., dict[str, Any]], opened: list[RedisLimiter]
) -> None:
    chance = random.Random(number)
    made = configuration(chance, ALGORITHMS[number // 2 % len(ALGORITHMS)])
    shared = RedisLimiter(config(server, redis_timeout_ms=5000, **made))
    opened.append(shared)
    text = json.dumps(made)
    kept = min(found.kept for row in Settings(text).dimensions for found in row.classes if found.windows)
    trace = Trace(chance, local_limiter(number, text), shared, kept)
    for _ in range(STEPS):
        trace.step()
    assert not shared.away
    assert min(trace.seen.values()) > STEPS // 50
