"""The local limiter that stands in for Redis has a share of every limit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pyplugins.core import config as configuration
from pyplugins.errors import ConfigError
from pyplugins.rate_limiter import RateLimiterPython
from pyplugins.rate_limiter._share import share_of


def shared(config: dict[str, Any], percent: int) -> dict[str, Any]:
    return share_of(configuration.read_for("rate_limiter", json.dumps(config)), percent)


@pytest.mark.parametrize(
    ("rates", "share"),
    [
        ("100/s", "10/1 s"),
        ("5/min", "1/1 m"),
        ("1000/h burst 50", "100/1 h burst 5"),
        ("70/90 sec, 30/1500ms", "7/90 s, 3/1500 ms"),
        ("20/7d", "2/7 d"),
        ("unlimited", "unlimited"),
    ],
)
def test_rates(rates: str, share: str) -> None:
    assert shared({"by_user": rates}, 10)["by_user"] == share


def test_every_limit_is_shared() -> None:
    row = {
        "name": "job",
        "limits": "100/s",
        "concurrency": 50,
        "overrides": [
            {"match": "a", "limits": "10/s", "concurrency": 20},
            {"match": "b", "limits": "unlimited", "concurrency": None},
            {"match": "c", "limits": "1/s", "concurrency": 0},
        ],
    }
    made = shared({"by_tenant": "40/s", "by_tool": {"search": "30/s"}, "dimensions": [row]}, 10)
    assert (made["by_tenant"], made["by_tool"]) == ("4/1 s", {"search": "3/1 s"})
    (part,) = made["dimensions"]
    assert (part["limits"], part["concurrency"]) == ("10/1 s", 5)
    found = [(entry["limits"], entry["concurrency"]) for entry in part["overrides"]]
    assert found == [("1/1 s", 2), ("unlimited", None), ("1/1 s", 0)]


def test_what_else_is_configured_stays() -> None:
    more = {"by_user": "10/s", "algorithm": "fixed_window", "max_key_bytes": 9, "warm_up_percent": 50, "dry_run": True}
    of_redis = {"backend": "redis", "redis_url": "redis://h", "fail_mode": "local", "local_share_percent": 50}
    made = shared(more | of_redis, 50)
    assert {key: made[key] for key in more} == more | {"by_user": "5/1 s"}
    assert not [key for key in made if key.startswith("redis") or key in of_redis]
    assert RateLimiterPython(made).check("a").limit == 5


def test_a_whole_share_is_the_limit() -> None:
    for rates in ("1/1000000ms", "1000000/31d", "3/7 min burst 1000"):
        made = RateLimiterPython(shared({"by_user": rates}, 100)).describe()["dimensions"]
        assert made == RateLimiterPython({"by_user": rates}).describe()["dimensions"]


@pytest.mark.parametrize("algorithm", ["gcra", "fixed_window", "sliding_window_log", "sliding_window_counter"])
@pytest.mark.parametrize("percent", [1, 3, 7, 33, 97, 99])
def test_every_share_can_be_served(algorithm: str, percent: int) -> None:
    """A share has other common divisors than the limit; it is rounded down until it can be counted exactly."""
    bursts = ("", " burst 1000000") if algorithm == "gcra" else ("",)
    for burst in bursts:
        for rates in ("1000000/31d", "1000000/d", "999999/h", "1/31d"):
            whole = {"by_user": rates + ("" if rates == "1/31d" else burst), "algorithm": algorithm}
            try:
                RateLimiterPython(whole)
            except ConfigError:
                continue
            limit = RateLimiterPython(shared(whole, percent)).check("a", 0).limit
            most = 1_000_000 if burst and rates != "1/31d" else int(rates.split("/")[0])
            assert limit is not None
            assert max(1, most * percent // 100) >= limit >= max(1, most * percent // 200)
