"""Our limiter and its plugin, cpex-rate-limiter's engine and plugin, and `limits`; with fixed windows, which all have.

Tests: tests/bench/test_verify.py.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable
from typing import Any

from bench.hooks import Hook
from bench.plugin import Opened, Subject, own, versions
from bench.plugins.rate_limiter import redis

#: Nobody can use it up in a second: a million is the most that the peer takes, and more than it can check.
PLENTY, OWN_PLENTY = "1000000/s", "1000000000/s"
_HOOK = ("tool_pre_invoke", "ToolPreInvokePayload")


def _three(rate: str) -> dict[str, Any]:
    return {"by_user": rate, "by_tenant": rate, "by_tool": {"search": rate}, "algorithm": "fixed_window"}


def _at(url: str) -> dict[str, Any]:
    return {"backend": "redis", "redis_url": url}


async def _nothing() -> None:
    """There is nothing to be closed."""


def _config(rate: str) -> dict[str, Any]:
    return {"by_user": rate, "algorithm": "fixed_window"}


def _operations(make: Callable[[str], Callable[[str], Any]], rate: str = PLENTY) -> dict[str, Callable[[Any], Any]]:
    """What all can do; `make` gives a check under a rate, which says whether the request may go on."""
    plenty, refusing = make(rate), make("1/h")
    refusing("user-1")

    def first(key: str) -> list[bool]:
        check = make("3/h")
        return [check(key) for _ in range(5)]

    return {
        "check": plenty,
        "checks": lambda keys: [plenty(key) for key in keys],
        "refused": refusing,
        "first": first,
    }


def _own(implementation: str) -> Opened:
    os.environ["GWPLUGINS_IMPL"] = implementation  # the plugin class takes what the loader chooses
    limiter_class = importlib.import_module("pyplugins.rate_limiter").RateLimiter
    three = limiter_class(_three(OWN_PLENTY), implementation).check
    many = limiter_class(_config(OWN_PLENTY), implementation).check_many
    hook = Hook("pyplugins.framework", "pyplugins.rate_limiter.RateLimiterPlugin", *_HOOK, _three(OWN_PLENTY))
    operations = {
        **_operations(lambda rate: limiter_class(_config(rate), implementation).check, OWN_PLENTY),
        "three": lambda key: three((key, "tenant", "search")),
        "many": many,
        "hook": hook,
        "new": lambda _: limiter_class(_config(OWN_PLENTY), implementation),
    }
    read: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(("check", "refused", "three"), bool),
        **dict.fromkeys(("checks", "first", "many"), lambda decisions: [bool(one) for one in decisions]),
        "hook": lambda result: result.continue_processing,
    }

    def at(url: str, rate: str) -> redis.Opened:
        limiter = limiter_class(_config(rate) | _at(url))
        return redis.Opened(limiter.acheck, limiter.aclose)

    return Opened(operations, prepare={"hook": hook.prepare}, read=read, jobs=redis.jobs(at, OWN_PLENTY))


def _cpex() -> Opened:
    engine = importlib.import_module("cpex_rate_limiter.rate_limiter_rust").RateLimiterEngine

    def make(rate: str) -> Callable[[str], bool]:
        check = engine(_config(rate)).check
        return lambda key: check(key, None, "t", int(time.time()), False, None)[0]

    hook = Hook("cpex.framework", "cpex_rate_limiter.rate_limiter.RateLimiterPlugin", *_HOOK, _three(PLENTY))
    read = {"hook": lambda result: result.continue_processing}
    packages = versions("cpex", "cpex-rate-limiter")
    operations = {**_operations(make), "hook": hook}

    def at(url: str, rate: str) -> redis.Opened:
        check = engine(_config(rate) | _at(url)).check_async

        async def allowed(key: str) -> bool:
            return (await check(key, None, "t", int(time.time()), False, None))[0]

        return redis.Opened(allowed, _nothing)

    jobs = redis.jobs(at, PLENTY)
    return Opened(operations, prepare={"hook": hook.prepare}, read=read, jobs=jobs, versions=packages)


def _limits() -> Opened:
    limits = importlib.import_module("limits")

    def parsed(rate: str) -> Any:
        return limits.parse(rate.replace("/h", "/hour").replace("/s", "/second"))

    strategies, storage = importlib.import_module("limits.strategies"), importlib.import_module("limits.storage")

    def make(rate: str) -> Callable[[str], bool]:
        item = parsed(rate)
        hit = strategies.FixedWindowRateLimiter(storage.MemoryStorage()).hit
        return lambda key: hit(item, key)

    def at(url: str, rate: str) -> redis.Opened:
        awaited = importlib.import_module("limits.aio")
        item, shared = parsed(rate), awaited.storage.RedisStorage(f"async+{url}", implementation="redispy")
        hit = awaited.strategies.FixedWindowRateLimiter(shared).hit
        return redis.Opened(lambda key: hit(item, key), shared.bridge.storage.aclose)

    packages = versions("limits", "redis", "hiredis")
    return Opened(_operations(make), jobs=redis.jobs(at, PLENTY), versions=packages)


SUBJECTS = {
    **own(_own, "pyplugins.rate_limiter.RateLimiter"),
    "cpex": Subject(
        "cpex-rate-limiter",
        _cpex,
        "peers",
        colour="#c2410c",
        program="from cpex_rate_limiter.rate_limiter_rust import RateLimiterEngine as d; d({})",
    ),
    "limits": Subject(
        "limits",
        _limits,
        "peers",
        colour="#6d28d9",
        program="from limits import strategies, storage; strategies.FixedWindowRateLimiter(storage.MemoryStorage())",
    ),
}
