"""docs/rate-limiting.md: the tests that it names exist, and its keys are those of the schema with their defaults."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import redis
from gw_tests import ROOT
from redis_servers import Server

from pyplugins.core import data
from pyplugins.rate_limiter import RateLimiter

PAGE = (ROOT / "docs/rate-limiting.md").read_text(encoding="utf-8")


def test_named_tests_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/redis").glob("test_*.py"))
    assert len(named) > 15
    assert named <= set(re.findall(r"^def (test_\w+)", sources, re.MULTILINE))


def test_every_fault_has_its_row() -> None:
    source = (ROOT / "tests/redis/test_server_faults.py").read_text(encoding="utf-8")
    tests = set(re.findall(r"^@MODES\ndef (test_\w+)", source, re.MULTILINE))
    assert tests
    assert not [name for name in tests if f"`{name}`" not in PAGE]


def test_the_user_needs_these_commands_only(own_server: Server, config: Callable[..., dict[str, Any]]) -> None:
    """A user with no other rights can do everything."""
    (line,) = re.findall(r"^The user needs .*$", PAGE, re.MULTILINE)
    spans = [word for part in re.findall(r"`([A-Z]+(?: [A-Z]+)*)`", line) for word in part.split()]
    with redis.Redis(port=own_server.port) as admin:
        admin.acl_setuser("limits", enabled=True, passwords=["+word"], keys=["rl:*"], commands=[f"+{w}" for w in spans])
    address = {"redis_url": f"redis://limits:word@127.0.0.1:{own_server.port}", "redis_key_prefix": "rl"}
    for algorithm in ("gcra", "fixed_window", "sliding_window_log", "sliding_window_counter"):
        row = {"name": algorithm, "limits": "9/h", "algorithm": algorithm, "concurrency": 2}
        made = config(own_server, fail_mode="closed", redis_pause_ms=0, dimensions=[row]) | address
        with RateLimiter(made) as limiter:
            assert limiter.check("a", 2)
            reservation = limiter.reserve("a", 5)
            assert not limiter.check("a", 3)
            reservation.settle(1)
            with limiter.acquire("a") as lease, limiter.acquire("a"):
                assert lease
                assert not limiter.acquire("a")
            assert limiter.peek("a", 6).retry_after_ns
            assert limiter.reset("a") == 1


def test_keys_and_defaults() -> None:
    properties = data.load("rate_limiter", "schema.json")["properties"]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
    defaults = {key: properties[key]["default"] for key in rows if key in properties}
    numbers = {key: default for key, default in defaults.items() if isinstance(default, int)}
    assert len(numbers) >= 4
    assert {key: int(rows[key]) for key in numbers} == numbers
    told = {key for key in properties if key.startswith("redis_") or key in ("fail_mode", "refusal_cache_ms")}
    assert not [key for key in told if f"`{key}`" not in PAGE]
