"""What every fail mode does while a real server is stopped, restarted, frozen, busy, full, foreign or closed to us.

docs/rate-limiting.md has the table; each row names a test of this file. The blocking and the asyncio limiter run the
same steps (`Both`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from redis_servers import Server, wait_until

from pyplugins.core.limiter import Decision
from pyplugins.errors import ResourceError
from pyplugins.rate_limiter.redis_backend import RedisLimiter

#: Much longer than all waits of one call together (the configuration says 200 ms each), on a busy machine.
SOON = 3.0
UNAVAILABLE = 62
Config = Callable[..., dict[str, Any]]


class Both:
    """One limiter, blocking or of asyncio, behind the same methods."""

    def __init__(self, kind: str, config: dict[str, Any]) -> None:
        self._loop = asyncio.new_event_loop() if kind == "asyncio" else None
        self.limiter: Any = RedisLimiter(config)

    def __getattr__(self, name: str) -> Any:
        loop, waiting = self._loop, getattr(self.limiter, f"a{name}", None)
        if loop is None or waiting is None:
            return getattr(self.limiter, name)
        return lambda *args, **more: loop.run_until_complete(waiting(*args, **more))

    def shut(self) -> None:
        self.close()
        if self._loop is not None:
            self._loop.close()

    def answers(self, key: Any = "someone else") -> bool:
        """Asks once; whether the server answered."""
        try:
            self.check(key)
        except ResourceError:
            return False
        return not self.away


@pytest.fixture(params=["blocking", "asyncio"])
def opened(request: pytest.FixtureRequest) -> Iterator[Callable[[dict[str, Any]], Both]]:
    """Opens limiters of one kind."""
    made: list[Both] = []

    def make(config: dict[str, Any]) -> Both:
        made.append(Both(request.param, config))
        return made[-1]

    yield make
    for both in made:
        both.shut()


def timed(call: Callable[[], Any]) -> Any:
    """The call's outcome; it must come soon."""
    start = time.monotonic()
    try:
        return call()
    finally:
        assert time.monotonic() - start < SOON


def in_mode(mode: str, limiter: Both) -> None:
    """With the server away, requests get what the mode promises: of 10 a second, at once, by key `alice`."""
    if mode == "closed":
        for _ in range(3):
            with pytest.raises(ResourceError) as caught:
                timed(lambda: limiter.check("alice"))
            assert caught.value.code == UNAVAILABLE
        return
    decisions: list[Decision] = [timed(lambda: limiter.check("alice")) for _ in range(12)]
    granted = [decision for decision in decisions if decision.allowed]
    assert len(granted) == {"open": 12, "local": 5}[mode]
    assert {decision.limit for decision in decisions} == {{"open": None, "local": 5}[mode]}


MODES = pytest.mark.parametrize("mode", ["open", "closed", "local"])
#: Half of 10 a minute: nothing comes back during a test.
LIMIT: dict[str, Any] = {"by_user": "10/min", "local_share_percent": 50}


@MODES
def test_stopped_and_started_again(mode: str, own_server: Server, config: Config, opened: Any) -> None:
    limiter = opened(config(own_server, fail_mode=mode, **LIMIT))
    assert limiter.check("alice").remaining == 9
    own_server.stop()
    in_mode(mode, limiter)
    assert limiter.away
    own_server.start()
    wait_until(limiter.answers, "recovery")
    assert limiter.check("alice").remaining == 9  # a restarted server without a dump has forgotten


@MODES
def test_never_there(mode: str, own_server: Server, config: Config, opened: Any) -> None:
    own_server.stop()
    limiter = opened(config(own_server, fail_mode=mode, **LIMIT))
    in_mode(mode, limiter)
    own_server.start()
    wait_until(limiter.answers, "recovery")


@MODES
def test_frozen(mode: str, own_server: Server, config: Config, opened: Any) -> None:
    """The process stands still: connections are there, answers are not."""
    limiter = opened(config(own_server, fail_mode=mode, **LIMIT))
    limiter.check("bob")
    own_server.freeze()
    in_mode(mode, limiter)
    own_server.thaw()
    wait_until(limiter.answers, "recovery")


@MODES
def test_slow(mode: str, own_server: Server, config: Config, opened: Any) -> None:
    """CLIENT PAUSE: every command waits, longer than we do."""
    limiter = opened(config(own_server, fail_mode=mode, **LIMIT))
    limiter.check("bob")
    with redis.Redis(port=own_server.port) as admin:
        admin.client_pause(30_000, all=False)  # a pause of all would hold up its own end
        in_mode(mode, limiter)
        admin.client_unpause()
    wait_until(limiter.answers, "recovery")


def test_slow_but_within_the_timeout(own_server: Server, config: Config, opened: Any) -> None:
    limiter = opened(config(own_server, fail_mode="closed", redis_timeout_ms=5000, **LIMIT))
    with redis.Redis(port=own_server.port) as admin:
        admin.client_pause(300)
    assert limiter.check("alice").remaining == 9
    assert not limiter.away


@MODES
def test_out_of_memory(mode: str, own_server: Server, config: Config, opened: Any) -> None:
    """maxmemory with noeviction: no write is taken, and nothing of a request is counted."""
    two = {
        "by_user": "10/min",
        "by_tenant": "10/min",
        "algorithm": "sliding_window_log",
        "local_share_percent": 50,
        "fail_mode": mode,
    }
    limiter = opened(config(own_server, **two))
    key = {"user": "alice", "tenant": "acme"}
    assert limiter.check(key).remaining == 9
    with redis.Redis(port=own_server.port) as admin:
        before = {name: admin.dump(name) for name in admin.scan_iter()}
        admin.config_set("maxmemory", 1)
        if mode == "closed":
            with pytest.raises(ResourceError):
                limiter.check(key)
        else:
            assert limiter.check(key).limit == {"open": None, "local": 5}[mode]
        assert {name: admin.dump(name) for name in admin.scan_iter()} == before
        admin.config_set("maxmemory", 0)
    wait_until(lambda: limiter.answers(key), "recovery")


def test_scripts_forgotten(own_server: Server, config: Config, opened: Any) -> None:
    """NOSCRIPT: the script is sent again, and the request is counted once."""
    limiter = opened(config(own_server, fail_mode="closed", **LIMIT))
    with redis.Redis(port=own_server.port) as admin:
        for left in (9, 8, 7):
            admin.script_flush()
            assert limiter.check("alice").remaining == left
        assert limiter.check("alice").remaining == 6
        assert admin.info("commandstats")["cmdstat_eval"]["calls"] == 3


@MODES
def test_connections_killed(mode: str, own_server: Server, config: Config, opened: Any) -> None:
    """A broken connection is no failure: the request is sent again on another one."""
    limiter = opened(config(own_server, fail_mode=mode, **LIMIT))
    with redis.Redis(port=own_server.port) as admin:
        for left in (9, 8, 7):
            assert limiter.check("alice").remaining == left
            admin.client_kill_filter(_type="normal", skipme=True)


@MODES
def test_read_only_replica(mode: str, own_server: Server, config: Config, opened: Any) -> None:
    limiter = opened(config(own_server, fail_mode=mode, **LIMIT))
    with redis.Redis(port=own_server.port) as admin:
        admin.replicaof("127.0.0.1", "1")
        in_mode(mode, limiter)
        admin.replicaof("NO", "ONE")
    wait_until(limiter.answers, "recovery")


@MODES
def test_refused_password(mode: str, own_server: Server, config: Config, opened: Any, caplog: Any) -> None:
    with redis.Redis(port=own_server.port) as admin:
        admin.config_set("requirepass", "right")
        wrong = config(own_server, fail_mode=mode, **LIMIT) | {
            "redis_url": f"redis://:wrong@127.0.0.1:{own_server.port}"
        }
        with caplog.at_level(logging.DEBUG, "pyplugins"):
            in_mode(mode, opened(wrong))
        assert "wrong" not in caplog.text
    right = {"redis_url": f"redis://:right@127.0.0.1:{own_server.port}"}
    assert opened(config(own_server, fail_mode=mode, **LIMIT) | right).check("alice").remaining == 9


@MODES
def test_foreign_value_under_our_key(mode: str, own_server: Server, config: Config, opened: Any) -> None:
    """WRONGTYPE and nonsense: an error of the script, not a decision."""
    limiter = opened(config(own_server, fail_mode=mode, redis_pause_ms=0, **LIMIT))
    limiter.check("alice")
    with redis.Redis(port=own_server.port) as admin:
        (name,) = admin.scan_iter()
        for spoil in (lambda: admin.set(name, "no state"), lambda: (admin.delete(name), admin.rpush(name, "x"))):
            spoil()
            if mode == "closed":
                with pytest.raises(ResourceError):
                    limiter.check("alice")
            else:
                assert limiter.check("alice").limit == {"open": None, "local": 5}[mode]
        admin.delete(name)
    assert limiter.check("alice").remaining == 9


def test_pause_spares_the_server(own_server: Server, config: Config, opened: Any) -> None:
    """After a failure requests are answered at once, and one at a time tries again."""
    limiter = opened(config(own_server, fail_mode="open", redis_timeout_ms=100, redis_pause_ms=60_000, **LIMIT))
    own_server.freeze()
    assert limiter.check("alice").allowed
    start = time.monotonic()
    assert all(limiter.check("alice").limit is None for _ in range(50))
    assert time.monotonic() - start < 1.0  # 50 timeouts would be 5 s


def test_one_warning_for_an_outage(own_server: Server, config: Config, opened: Any, caplog: Any) -> None:
    limiter = opened(config(own_server, fail_mode="open", redis_pause_ms=0, **LIMIT))
    own_server.stop()
    with caplog.at_level(logging.INFO, "pyplugins"):
        for _ in range(3):
            limiter.check("private-user")
        own_server.start()
        wait_until(limiter.answers, "recovery")
    texts = [record.getMessage() for record in caplog.records if record.name.startswith("pyplugins")]
    assert texts == ["rate limiter: Redis failed (ConnectionError)", "rate limiter: Redis answers again"]


def test_settlements_go_to_who_decided(own_server: Server, config: Config, opened: Any) -> None:
    """What the local limiter granted is never given back to the server, or the other way round."""
    limiter = opened(config(own_server, fail_mode="local", redis_pause_ms=0, **LIMIT))
    there = limiter.check("alice", 4)
    assert limiter.settle("alice", 4, there.now_ns, 1).remaining == 9
    own_server.stop()
    here = limiter.check("alice", 4)
    assert here.remaining == 1
    own_server.start()
    wait_until(limiter.answers, "recovery")
    assert limiter.check("alice", 6).remaining == 4
    assert limiter.settle("alice", 4, here.now_ns, 0).remaining == 5  # the local limiter's
    assert limiter.decide("alice", 0, peek=True).remaining == 4


def test_leases_go_to_who_gave_them(own_server: Server, config: Config, opened: Any) -> None:
    most_two = {"dimensions": [{"name": "job", "concurrency": 4}], "local_share_percent": 50}
    limiter = opened(config(own_server, fail_mode="local", redis_pause_ms=0, **most_two))
    decision, there = limiter.acquire("a")
    assert decision.remaining == 3
    own_server.stop()
    (first, here), (second, _), (third, none) = (limiter.acquire("a") for _ in range(3))
    assert (first.remaining, second.remaining, third.allowed, none) == (1, 0, False, 0)
    assert limiter.release("a", here)
    assert not limiter.release("a", there)  # nobody to ask
    own_server.start()
    wait_until(limiter.answers, "recovery")
    assert not limiter.release("a", there)  # forgotten by the restart
    assert not limiter.release("a", here)


def test_nobody_counts_when_open(own_server: Server, config: Config, opened: Any) -> None:
    limiter = opened(config(own_server, fail_mode="open", **LIMIT))
    own_server.stop()
    decision, lease = limiter.acquire("alice")
    assert decision.allowed
    assert lease == 0
    assert not limiter.release("alice", lease)
    assert limiter.settle("alice", 1, decision.now_ns, 5).allowed
    with pytest.raises(ResourceError):
        limiter.reset("alice")


def test_a_defect_is_no_fault_of_the_server(own_server: Server, config: Config, opened: Any, monkeypatch: Any) -> None:
    """What is wrong in this package is raised: `open` must not hide it."""
    limiter = opened(config(own_server, fail_mode="open", **LIMIT))

    def broken(*_: Any, **__: Any) -> Any:
        raise AttributeError("defect")

    monkeypatch.setattr("pyplugins.rate_limiter._redis_drive._call", broken)
    with pytest.raises(AttributeError):
        limiter.check("alice")
