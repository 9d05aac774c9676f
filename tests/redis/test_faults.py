"""The pause after a failure, and refusals that still hold: by themselves, and by the questions a server gets."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import redis
from redis_servers import Server

from pyplugins.rate_limiter import RateLimiter
from pyplugins.rate_limiter._redis_faults import Pause, Refusals

MS = 1_000_000
Config = Callable[..., dict[str, Any]]


def test_pause_lets_one_try_at_a_time() -> None:
    pause = Pause(10)
    assert not pause.holds(0)
    pause.failed(5 * MS)
    assert [pause.holds(at * MS) for at in (5, 14)] == [True, True]
    assert [pause.holds(15 * MS), pause.holds(15 * MS)] == [False, True]
    pause.failed(16 * MS)
    assert pause.holds(25 * MS)
    assert not pause.holds(26 * MS)
    pause.answered()
    assert not pause.holds(26 * MS)


def test_no_pause() -> None:
    pause = Pause(0)
    pause.failed(5)
    assert not pause.holds(5)


def test_refusals_hold_until_they_end() -> None:
    refusals: Refusals[str] = Refusals(100)
    key = (0, b"a", 1)
    refusals.keep(key, 10 * MS, 50 * MS, "no")
    assert refusals.find([key], 59 * MS) == ("no", 49 * MS)
    assert refusals.find([key], 60 * MS) is None
    assert refusals.find([key], 59 * MS) is None  # forgotten, not only ended
    refusals.keep(key, 10 * MS, 10_000 * MS, "no")
    assert refusals.find([key], 109 * MS) == ("no", 99 * MS)
    assert refusals.find([key], 110 * MS) is None


def test_refusals_are_of_one_key_and_cost() -> None:
    refusals: Refusals[str] = Refusals(100)
    refusals.keep((0, b"a", 1), 0, 50 * MS, "no")
    assert refusals.find([(0, b"a", 2), (1, b"a", 1), (0, b"b", 1)], MS) is None
    assert refusals.find([(1, b"x", 1), (0, b"a", 1)], MS) == ("no", MS)
    refusals.forget()
    assert refusals.find([(0, b"a", 1)], MS) is None


def test_refusals_are_few() -> None:
    refusals: Refusals[int] = Refusals(1000, most=3)
    for number in range(5):
        refusals.keep((0, b"%d" % number, 1), 0, 500 * MS, number)
    assert [refusals.find([(0, b"%d" % number, 1)], MS) is not None for number in range(5)] == [False] * 2 + [True] * 3


def test_no_refusals_are_kept() -> None:
    refusals: Refusals[str] = Refusals(0)
    refusals.keep((0, b"a", 1), 0, 50 * MS, "no")
    assert refusals.find([(0, b"a", 1)], 0) is None


def asked(admin: Any) -> int:
    """How many scripts the server has run by their SHA-1."""
    return int(admin.info("commandstats")["cmdstat_evalsha"]["calls"])


def test_a_hot_key_asks_once_until_there_is_room(own_server: Server, config: Config) -> None:
    made = config(own_server, by_user="1/400ms", fail_mode="closed", refusal_cache_ms=1000)
    with RateLimiter(made) as limiter, redis.Redis(port=own_server.port) as admin:
        granted_ns = limiter.check("a").now_ns
        first = limiter.check("a")
        before = asked(admin)
        waits = [first.retry_after_ns or 0]
        while not (decision := limiter.check("a")).allowed:
            waits.append(decision.retry_after_ns or 0)
            assert (decision.limit, decision.remaining) == (1, 0)
        assert decision.now_ns - granted_ns >= 400 * MS
        assert waits == sorted(waits, reverse=True)
        assert len(waits) > 100
        assert asked(admin) - before <= 3


def test_other_keys_and_costs_are_asked_for(own_server: Server, config: Config) -> None:
    made = config(own_server, by_user="5/h", by_tenant="100/h", fail_mode="closed", refusal_cache_ms=1000)
    with RateLimiter(made) as limiter:
        assert not limiter.check({"user": "a", "tenant": "t"}, 6)
        assert limiter.check({"user": "a", "tenant": "t"}, 5)
        assert not limiter.check({"user": "a", "tenant": "t"}, 1)
        assert not limiter.check({"user": "a", "tenant": "u"}, 1)
        assert limiter.check({"user": "b", "tenant": "t"}, 1)
        assert limiter.check({"user": "a", "tenant": "t"}, 0)


def test_what_is_given_back_is_seen_at_once(own_server: Server, config: Config) -> None:
    made = config(own_server, by_user="5/h", fail_mode="closed", refusal_cache_ms=60_000)
    with RateLimiter(made) as limiter:
        reservation = limiter.reserve("a", 5)
        assert not limiter.check("a")
        reservation.settle(1)
        assert limiter.check("a")
        assert limiter.check("a", 3)
        assert not limiter.check("a")
        assert limiter.reset("a") == 1
        assert limiter.check("a")


def test_what_another_process_gives_back_is_seen_soon(own_server: Server, config: Config) -> None:
    made = config(own_server, by_user="5/h", fail_mode="closed", refusal_cache_ms=200)
    with RateLimiter(made) as limiter, RateLimiter(made) as other:
        limiter.check("a", 5)
        assert not limiter.check("a")
        start = time.monotonic()
        other.reset("a")
        while not limiter.check("a"):
            assert time.monotonic() - start < 5
        assert time.monotonic() - start < 2


def test_released_leases_are_seen_at_once(own_server: Server, config: Config) -> None:
    """A refusal by a concurrency limit is not remembered."""
    one = {"dimensions": [{"name": "job", "concurrency": 1}]}
    made = config(own_server, fail_mode="closed", refusal_cache_ms=60_000, **one)
    with RateLimiter(made) as limiter, RateLimiter(made) as other:
        lease = other.acquire("a")
        assert not limiter.acquire("a")
        lease.release()
        assert limiter.acquire("a")


def test_a_peek_and_a_given_time_ask_always(own_server: Server, config: Config) -> None:
    made = config(own_server, by_user="1/h", fail_mode="closed", refusal_cache_ms=60_000)
    with RateLimiter(made) as limiter, redis.Redis(port=own_server.port) as admin:
        limiter.check("a")
        limiter.check("a")
        before = asked(admin)
        for _ in range(3):
            limiter.peek("a")
            limiter.check("a", now_ns=10**18)
        assert asked(admin) - before == 6
