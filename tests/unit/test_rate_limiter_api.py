"""The direct API of the rate limiter: keys, reservations, leases, state, life."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any
from unittest.mock import Mock

import pytest
from gw_tests import need_binding

from pyplugins.errors import ConfigError, InputTooLarge, ResourceError, UsageError
from pyplugins.rate_limiter import Decision, RateLimiter, RateLimiterPython, RateLimiterRust

SECOND = 10**9
TWO = {"by_user": "2/s", "by_tenant": "3/s", "algorithm": "sliding_window_log"}


@pytest.fixture(params=["cffi", "ctypes", "python"])
def implementation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name != "python":
        need_binding(name)
    return name


def test_a_decision_is_true_when_allowed(implementation: str) -> None:
    limiter = RateLimiter({"by_user": "1/s"}, implementation)
    first, second = limiter.check("a", 1, SECOND), limiter.check("a", now_ns=SECOND)
    assert first
    assert not second
    assert isinstance(first, Decision)
    assert first == (True, "user", 0, 1, 0, SECOND, 0, False, False, SECOND, ())
    assert second == (False, "user", 0, 1, 0, SECOND, SECOND, False, False, SECOND, ())


class Wrapper(Mapping[str, Any]):
    """What hosts pass instead of a dict."""

    def __init__(self, **members: Any) -> None:
        self._members = members

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Any:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


@pytest.mark.parametrize(
    "key",
    [
        ["a", "t"],
        ("a", b"t"),
        {"tenant": "t", "user": "a"},
        Wrapper(user=b"a", tenant="t"),
    ],
    ids=["list", "tuple", "dict", "mapping"],
)
def test_keys_in_every_form(implementation: str, key: Any) -> None:
    limiter = RateLimiter(TWO, implementation)
    limiter.check(["a", "t"], 2, SECOND)
    assert limiter.check(key, 1, SECOND).dimension == "user"
    assert limiter.check(key, 1, SECOND).allowed is False
    assert len(limiter) == 2


@pytest.mark.parametrize("key", [["a", None], {"user": "a"}, {"user": "a", "tenant": None}, ("a", "")])
def test_absent_values(implementation: str, key: Any) -> None:
    limiter = RateLimiter(TWO, implementation)
    assert limiter.check(key, 2, SECOND).allowed
    assert len(limiter) == 1
    assert limiter.check([None, None], 99, SECOND).limit is None


def test_details_say_what_every_window_says(implementation: str) -> None:
    limiter = RateLimiter(TWO, implementation)
    decision = limiter.decide(["a", "t"], 2, SECOND)
    assert [(one.dimension, one.remaining) for one in decision.details] == [("user", 0), ("tenant", 1)]
    refused = limiter.decide(["a", "t"], 1, SECOND)
    assert [one.allowed for one in refused.details] == [False, True]
    assert limiter.peek(["a", "t"], 1, SECOND).details == refused.details
    assert limiter.decide(["a", "t"], 1, SECOND, dry_run=True)[:1] == (True,)


def test_many(implementation: str) -> None:
    limiter = RateLimiter({"by_user": "3/s", "algorithm": "fixed_window"}, implementation)
    keys = ["a", "b", "a", "a", "b"]
    assert [one.remaining for one in limiter.check_many(keys, now_ns=SECOND)] == [2, 2, 1, 0, 1]
    assert [one.allowed for one in limiter.check_many(iter(keys), [1, 2, 1, 1, 0], SECOND)] == [
        False, False, False, False, True,
    ]  # fmt: skip
    assert limiter.check_many([]) == []


@pytest.mark.parametrize("requests", [1, 63, 200])
@pytest.mark.parametrize("costs", [False, True])
def test_many_are_one_after_the_other(implementation: str, requests: int, costs: bool) -> None:
    at_once, in_turn = (RateLimiter(TWO, implementation) for _ in range(2))
    kinds: list[Any] = [
        ("a", "t"),
        ["\u00e4" * 40, None],
        {"tenant": "t"},
        {"user": "b", "tenant": b"u" * 200},
        ("", "t"),
    ]
    keys = [kinds[i % 5] for i in range(requests)]
    paid = [i % 3 for i in range(requests)] if costs else None
    expected = [in_turn.check(key, cost, SECOND) for key, cost in zip(keys, paid or [1] * requests, strict=True)]
    assert at_once.check_many(keys, paid, SECOND) == expected
    assert len(at_once) == len(in_turn)


WRONG: list[tuple[list[Any], list[Any] | None, int]] = [
    (["a", 5], None, SECOND),
    (["a", ("b", "c")], None, SECOND),
    (["a", {"nobody": "b"}], None, SECOND),
    (["a", "b"], [1], SECOND),
    (["a", "b"], [1, -1], SECOND),
    (["a", "b"], [1, True], SECOND),
    (["a", "b"], [1, 2**50 + 1], SECOND),
    (["a", "b"], [1, 2**70], SECOND),
    (["a", "b"], None, -1),
    (["a", "b"], None, 2**63),
]


@pytest.mark.parametrize(("keys", "costs", "now_ns"), WRONG)
def test_a_wrong_request_among_many_takes_nothing(
    implementation: str, keys: list[Any], costs: list[Any] | None, now_ns: int
) -> None:
    limiter, python = RateLimiter({"by_user": "3/s"}, implementation), RateLimiterPython({"by_user": "3/s"})
    with pytest.raises(UsageError) as error:
        limiter.check_many(keys, costs, now_ns)
    with pytest.raises(UsageError) as expected:
        python.check_many(keys, costs, now_ns)
    assert (error.value.code, str(error.value)) == (expected.value.code, str(expected.value))
    assert len(limiter) == 0


def test_a_reservation_is_settled_once(implementation: str) -> None:
    limiter = RateLimiter({"by_user": "1000/m"}, implementation)
    reservation = limiter.reserve("a", 800, SECOND)
    assert reservation
    assert reservation.settle(100, SECOND).remaining == 900
    with pytest.raises(UsageError) as error:
        reservation.settle(100, SECOND)
    assert error.value.code == 7
    refused = limiter.reserve("a", 901, SECOND)
    assert not refused
    with pytest.raises(UsageError):
        refused.settle(0, SECOND)
    assert limiter.peek("a", now_ns=SECOND).remaining == 900


def test_a_settlement_that_may_have_been_heard_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = RateLimiter({"by_user": "1000/m"}, "python")
    reservation = limiter.reserve("a", 800, SECOND)
    with pytest.raises(UsageError) as wrong:
        reservation.settle(-1, SECOND)
    assert wrong.value.code != 7
    for failure in (ResourceError("away", code=62), KeyboardInterrupt()):
        heard = limiter.reserve("b", 8, SECOND)
        with monkeypatch.context() as patch:
            patch.setattr(limiter, "settle", Mock(side_effect=failure))
            with pytest.raises(type(failure)):
                heard.settle(1, SECOND)
        with pytest.raises(UsageError) as over:
            heard.settle(1, SECOND)
        assert over.value.code == 7
    assert reservation.settle(100, SECOND).remaining == 900


def test_leases_end_with_their_block(implementation: str) -> None:
    limiter = RateLimiter({"dimensions": [{"name": "model", "concurrency": 1, "lease_ms": 1000}]}, implementation)
    with limiter.acquire("m", now_ns=SECOND) as lease:
        assert lease
        assert not limiter.acquire("m", now_ns=SECOND)
    with limiter.acquire("m", now_ns=SECOND) as lease:
        assert lease.release(2 * SECOND) is False, "it has run out"
    assert limiter.acquire("m", now_ns=SECOND)


def test_the_librarys_clock_goes_on(implementation: str) -> None:
    limiter = RateLimiter({"by_user": "1/h"}, implementation)
    first, second = limiter.check("a"), limiter.check("a")
    assert first.allowed
    assert not second.allowed
    assert second.now_ns >= first.now_ns > 0
    assert 3_500 * SECOND < (second.retry_after_ns or 0) <= 3_600 * SECOND


def test_state_of_the_librarys_clock_is_as_old_as_it_was(implementation: str) -> None:
    limiter = RateLimiter({"by_user": "1/h"}, implementation)
    limiter.check("a")
    wait = limiter.check("a").retry_after_ns or 0
    other = RateLimiter({"by_user": "1/h"}, implementation)
    assert other.import_state(limiter.export_state()) == 1
    assert abs((other.check("a").retry_after_ns or 0) - wait) < 60 * SECOND


def test_counts_older_than_the_process_can_be_imported(implementation: str) -> None:
    config = {"by_user": "1/31d", "algorithm": "sliding_window"}
    old, new = RateLimiter(config, implementation), RateLimiter(config, implementation)
    day, then = 86_400 * SECOND, 2**62
    assert old.check("a", 1, then)
    assert new.import_state(old.export_state(then + 30 * day)) == 1
    assert abs((new.check("a").retry_after_ns or 0) - day) < 60 * SECOND


@pytest.mark.parametrize("state", [b"", b"gwplim1\n", bytes(40), b"\xff" * 100])
def test_a_state_that_is_none_is_refused(implementation: str, state: bytes) -> None:
    with pytest.raises(UsageError) as error:
        RateLimiter({"by_user": "1/h"}, implementation).import_state(state, SECOND)
    assert error.value.code == 11


def test_errors_hold_no_value(implementation: str) -> None:
    limiter = RateLimiter({"by_user": "1/s"}, implementation)
    for key in ("secret" * 1000, ["secret", "secret"], {"secret": "secret"}):
        with pytest.raises((UsageError, InputTooLarge)) as error:
            limiter.check(key)
        assert "secret" not in str(error.value)
        assert error.value.implementation == limiter.implementation
    assert "secret" not in repr(limiter)


def test_a_closed_limiter_takes_nothing(implementation: str) -> None:
    with RateLimiter({"by_user": "1/s"}, implementation) as limiter:
        check = limiter.check
        assert check("a")
    for call in (limiter.check, limiter.peek, limiter.reset):
        with pytest.raises(UsageError) as error:
            call("a")
        assert error.value.code == 2
    limiter.close()


def test_threads_never_get_more_than_the_quota(implementation: str) -> None:
    limiter = RateLimiter({"by_user": "500/d"}, implementation)
    granted: list[int] = []

    def run() -> None:
        granted.append(sum(limiter.check("a", now_ns=SECOND).allowed for _ in range(50)))

    threads = [threading.Thread(target=run) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 500


def test_max_keys_is_kept(implementation: str) -> None:
    limiter = RateLimiter({"by_user": "1/m", "max_keys": 10}, implementation)
    for number in range(1000):
        assert limiter.check(f"user {number}", now_ns=SECOND + number)
    assert len(limiter) <= 10


def test_code_that_awaits(implementation: str) -> None:
    async def use() -> None:
        limiter = RateLimiter({"by_user": "10/m"}, implementation)
        assert await limiter.acheck("a", now_ns=SECOND)
        reservation = await limiter.areserve("a", 5, SECOND)
        assert (await reservation.asettle(2, SECOND)).remaining == 7
        assert (await limiter.apeek("a", now_ns=SECOND)).remaining == 7
        assert await limiter.areset("a", SECOND) == 1

    asyncio.run(use())


def test_counts_in_redis_need_an_address() -> None:
    with pytest.raises(ConfigError) as error:
        RateLimiter({"backend": "redis"})
    assert error.value.path == "$.redis_url"


def test_named_implementations() -> None:
    assert RateLimiterPython().implementation == "python"
    need_binding("cffi")
    assert RateLimiterRust().implementation == "rust"
    assert RateLimiter().binding in ("cffi", "ctypes", None)
    assert RateLimiter(None, "python").describe()["dimensions"] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_counts_by_itself(implementation: str) -> None:
    code = """
import os, sys
from pyplugins.rate_limiter import RateLimiter
limiter = RateLimiter({"by_user": "3/h"}, sys.argv[1])
assert limiter.check("a") and limiter.check("b")
child = os.fork()
assert [limiter.check("a").allowed for _ in range(3)] == [True, True, False]
assert limiter.check("b") and limiter.check("c") and len(limiter) == 3
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    command = [sys.executable, "-P", "-c", code, implementation]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
