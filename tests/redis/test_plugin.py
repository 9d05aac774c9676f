"""The plugin with its counts in Redis: shared by processes, and going on by itself when the server comes back."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest
import redis
from redis_servers import Server

from pyplugins.framework import (
    GlobalContext,
    PluginConfig,
    PluginContext,
    PluginResult,
    ToolPreInvokePayload,
)
from pyplugins.framework.extensions import Extensions, RequestExtension
from pyplugins.rate_limiter import RateLimiterPlugin

Config = Callable[..., dict[str, Any]]


def made(config: dict[str, Any]) -> RateLimiterPlugin:
    kind = "pyplugins.rate_limiter.rate_limiter.RateLimiterPlugin"
    return RateLimiterPlugin(PluginConfig(name="limits", kind=kind, hooks=["tool_pre_invoke"], config=config))


async def call(plugin: RateLimiterPlugin, user: str = "alice") -> PluginResult[Any]:
    context = PluginContext(global_context=GlobalContext(request_id="1", user=user, tenant_id="acme"))
    traced = Extensions(request=RequestExtension(trace_id="t"))
    return await plugin.tool_pre_invoke(ToolPreInvokePayload(name="search", args={}), context, traced)


def test_two_processes_share_a_limit(own_server: Server, config: Config) -> None:
    """Two plugins stand for two processes. A decision is one round trip, a refusal too."""
    limits = config(own_server, fail_mode="closed", by_user="3/h", by_tenant="100/h", by_tool={"search": "50/h"})

    async def use() -> None:
        one, two = made(limits), made(limits)
        results = [await call(plugin) for plugin in (one, two, one, two)]
        assert [result.continue_processing for result in results] == [True, True, True, False]
        assert results[0].http_headers["X-RateLimit-Remaining"] == "2"
        assert results[0].metadata == {"rate_limiter": {"allowed": 1, "throttled": 0, "backend": "redis"}}
        violation = results[3].violation
        assert (violation.code, violation.http_status_code) == ("RATE_LIMIT", 429)
        assert violation.details["dimensions"]["violated"][0]["remaining"] == 0
        assert len(violation.details["dimensions"]["allowed"]) == 2
        assert (await call(two, "bob")).continue_processing
        with redis.Redis(port=own_server.port) as admin:
            counts = admin.info("commandstats")
            assert counts["cmdstat_evalsha"]["calls"] == 5
            assert counts["cmdstat_eval"]["calls"] == 1
        await one.shutdown()
        await two.shutdown()
        with redis.Redis(port=own_server.port) as admin:
            assert len(admin.client_list()) == 1

    asyncio.run(use())


def test_closed_while_the_server_is_away(own_server: Server, config: Config) -> None:
    limits = config(own_server, fail_mode="closed", by_user="3/h")

    async def use() -> None:
        plugin = made(limits)
        assert (await call(plugin)).continue_processing
        own_server.stop()
        result = await call(plugin)
        assert not result.continue_processing
        violation = result.violation
        assert (violation.code, violation.http_status_code) == ("BACKEND_UNAVAILABLE", 503)
        assert violation.http_headers == {"Retry-After": "1"}
        own_server.start()
        while not (result := await call(plugin)).continue_processing:
            await asyncio.sleep(0.01)
        assert result.http_headers["X-RateLimit-Limit"] == "3"
        await plugin.shutdown()

    asyncio.run(asyncio.wait_for(use(), 30))


def test_open_while_the_server_is_away(own_server: Server, config: Config) -> None:
    async def use() -> None:
        plugin = made(config(own_server, fail_mode="open", by_user="1/h"))
        own_server.stop()
        results = [await call(plugin) for _ in range(5)]
        assert all(result.continue_processing and result.http_headers is None for result in results)
        own_server.start()
        while (result := await call(plugin)).continue_processing:
            await asyncio.sleep(0.01)
        assert result.violation.code == "RATE_LIMIT"
        await plugin.shutdown()

    asyncio.run(asyncio.wait_for(use(), 30))


def test_local_while_the_server_is_away(own_server: Server, config: Config) -> None:
    async def use() -> None:
        plugin = made(config(own_server, fail_mode="local", by_user="40/h", local_share_percent=10))
        own_server.stop()
        results = [await call(plugin) for _ in range(6)]
        assert [result.continue_processing for result in results] == [True] * 4 + [False] * 2
        assert results[0].http_headers["X-RateLimit-Limit"] == "4"
        await plugin.shutdown()

    asyncio.run(use())


def test_a_frozen_server_does_not_hold_the_loop(own_server: Server, config: Config) -> None:
    """Other tasks run while a request waits, and many requests wait together."""

    async def use() -> None:
        plugin = made(config(own_server, fail_mode="open", by_user="3/h", redis_timeout_ms=400, redis_pause_ms=0))
        await call(plugin)
        own_server.freeze()
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.005)

        ticking = asyncio.create_task(tick())
        start = asyncio.get_running_loop().time()
        results = await asyncio.gather(*(call(plugin, f"user-{number}") for number in range(200)))
        assert asyncio.get_running_loop().time() - start < 5
        assert all(result.continue_processing for result in results)
        assert ticks > 10
        ticking.cancel()
        own_server.thaw()
        await plugin.shutdown()

    asyncio.run(use())


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_event_loops_come_and_go(own_server: Server, config: Config) -> None:
    """A plugin that is used from one loop after the other, as in tests of hosts, which leave connections behind."""
    plugin = made(config(own_server, fail_mode="closed", by_user="3/h"))
    left = [asyncio.run(call(plugin)).http_headers["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    del plugin
    gc.collect()
