"""64 threads in 8 processes on one server get the limit: not one more, and no refusal where there was room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from multiprocessing.pool import Pool
from typing import Any

import pytest
from redis_crowd import KEY, LIMITS, crowd, judged, processes
from redis_servers import Server

from pyplugins.rate_limiter import RateLimiter

Config = Callable[..., dict[str, Any]]
REQUESTS = 20_000


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """The processes."""
    with processes() as made:
        yield made


@pytest.mark.parametrize("algorithm", LIMITS)
def test_a_crowd_gets_the_limit(algorithm: str, pool: Pool, server: Server, config: Config) -> None:
    made = config(server, fail_mode="closed", redis_timeout_ms=20_000)
    got = crowd(pool, made, algorithm, REQUESTS)
    assert got.requests >= REQUESTS - 64
    assert (got.more, got.less) == (0, 0)
    assert min(got.granted, got.refused) > REQUESTS // 100


def test_the_proof_can_fail() -> None:
    """One grant too many, and one refusal too many, are found."""
    grants = [(10_000_000, True)] * 150
    assert (judged("fixed_window", grants, 1).more, judged("fixed_window", grants, 1).less) == (0, 0)
    assert judged("fixed_window", [*grants, (10_000_001, True)], 1).more == 1
    assert judged("fixed_window", [*grants, (10_100_000, False)], 1).less == 1


@pytest.mark.parametrize("algorithm", LIMITS)
def test_remembered_refusals_let_nobody_through(algorithm: str, server: Server, config: Config) -> None:
    """Two limiters that remember refusals beside one that always asks: together they get the limit."""
    made = config(server, fail_mode="closed", redis_timeout_ms=20_000)
    limit = {"by_user": LIMITS[algorithm], "algorithm": algorithm}
    eager, *patient = (RateLimiter(made | limit | {"refusal_cache_ms": wait}) for wait in (0, 1000, 1000))
    answers = []
    for _ in range(1000):
        for limiter in (eager, *patient):
            decision = limiter.check(KEY)
            if limiter is eager or decision.allowed:
                answers.append((decision.now_ns // 1000, decision.allowed))
    got = judged(algorithm, answers, 0)
    assert (got.more, got.less) == (0, 0)
    for limiter in (eager, *patient):
        limiter.close()
