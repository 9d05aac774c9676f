"""The rate limiter as a plugin: codes, headers, details, metadata, and what it counts by."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import pytest

from pyplugins.errors import ConfigError, InputTooLarge
from pyplugins.framework import (
    Extensions,
    GlobalContext,
    PluginConfig,
    PluginContext,
    PluginResult,
    PromptPrehookPayload,
    RequestExtension,
    ToolPreInvokePayload,
)
from pyplugins.rate_limiter import RateLimiterPlugin

TRACED = Extensions(request=RequestExtension(trace_id="t1"))


@pytest.fixture(params=["rust", "python"], autouse=True)
def implementation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GWPLUGINS_IMPL", request.param)
    return str(request.param)


def plugin(**config: Any) -> RateLimiterPlugin:
    hooks = ["prompt_pre_fetch", "tool_pre_invoke"]
    return RateLimiterPlugin(PluginConfig(name="limits", kind="x.y", hooks=hooks, config=config))


def call(
    made: RateLimiterPlugin,
    user: Any = "alice",
    tenant: str | None = None,
    server: str | None = None,
    tool: str = "search",
    extensions: Extensions | None = None,
) -> PluginResult[Any]:
    shared = GlobalContext(request_id="1", user=user, tenant_id=tenant, server_id=server)
    payload = ToolPreInvokePayload(name=tool, args={"q": "x"})
    return asyncio.run(made.tool_pre_invoke(payload, PluginContext(global_context=shared), extensions))


def test_implementation(implementation: str) -> None:
    assert plugin(by_user="1/s").implementation == implementation


def test_what_is_allowed_is_told_by_headers() -> None:
    made = plugin(by_user="2/m", algorithm="sliding_window")
    result = call(made, extensions=TRACED)
    assert result.continue_processing
    assert result.modified_payload is None
    assert result.metadata == {"rate_limiter": {"allowed": 1, "throttled": 0, "backend": "memory"}}
    headers = result.http_headers or {}
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("2", "1")
    assert 55 < int(headers["X-RateLimit-Reset"]) - time.time() <= 62
    assert "Retry-After" not in headers
    assert call(made).metadata == {}, "metadata is for traces"


def test_what_is_refused_is_429() -> None:
    made = plugin(by_user="1/m", by_tenant="5/h", algorithm="sliding_window")
    call(made, tenant="acme")
    result = call(made, tenant="acme", extensions=TRACED)
    assert not result.continue_processing
    assert result.metadata == {"rate_limiter": {"allowed": 0, "throttled": 1, "backend": "memory"}}
    violation = result.violation
    assert violation is not None
    assert (violation.code, violation.reason, violation.http_status_code) == ("RATE_LIMIT", "Rate limit exceeded", 429)
    headers = violation.http_headers or {}
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("1", "0")
    assert 55 < int(headers["Retry-After"]) <= 60
    details = violation.details or {}
    assert {key: details[key] for key in ("limited", "remaining", "user_id", "tenant_id")} == {
        "limited": True, "remaining": 0, "user_id": "alice", "tenant_id": "acme",
    }  # fmt: skip
    assert 55 < details["reset_in"] <= 60
    assert [window["remaining"] for window in details["dimensions"]["violated"]] == [0]
    assert [window["remaining"] for window in details["dimensions"]["allowed"]] == [4]


def test_prompts_count_like_tools() -> None:
    made = plugin(by_tool={" Greeting ": "1/m"})
    context = PluginContext(global_context=GlobalContext(request_id="1"))
    payload = PromptPrehookPayload(prompt_id="greeting", args={})
    assert asyncio.run(made.prompt_pre_fetch(payload, context)).continue_processing
    assert not asyncio.run(made.prompt_pre_fetch(payload, context)).continue_processing
    assert not call(made, user=None, tool="GREETING").continue_processing
    assert call(made, tool="other").http_headers is None


def test_tenants_are_apart() -> None:
    made = plugin(by_user="1/h", by_tool={"search": "9/h"})
    for tenant in (None, "a", "b"):
        assert call(made, tenant=tenant).continue_processing
        assert not call(made, tenant=tenant).continue_processing
    assert call(made, tenant="a/alice", user="x").continue_processing


def test_rates_of_tools_are_chosen_by_the_tool_alone() -> None:
    made = plugin(by_tool={"export_*": "1/h", "search": "3/h"})
    for tenant in (None, "acme", "export_co", "export_"):
        assert [call(made, tenant=tenant).continue_processing for _ in "1234"] == [True, True, True, False]
        assert [call(made, tenant=tenant, tool="export_csv").continue_processing for _ in "12"] == [True, False]
        assert call(made, tenant=tenant, tool="other").http_headers is None
    own = plugin(dimensions=[{"name": "tool", "limits": "9/h", "blocked": ["search"]}])
    assert not call(own).continue_processing


def test_users_of_a_server_need_a_server() -> None:
    made = plugin(by_user_per_server="1/h")
    result = call(made)
    assert result.violation is not None
    assert result.violation.code == "RATE_LIMIT_CONTEXT_MISSING"
    assert result.violation.http_status_code == 503
    assert (result.violation.details or {})["field"] == "server_id"
    assert call(made, server="s1").continue_processing
    assert call(made, server="s2").continue_processing
    assert not call(made, server="s1").continue_processing


def test_dimensions_of_your_own() -> None:
    made = plugin(
        dimensions=[{"name": "server+tool", "limits": "1/h", "overrides": [{"match": "s1/*", "limits": "2/h"}]}]
    )
    assert [call(made, server="s1", user=name).continue_processing for name in "abc"] == [True, True, False]
    assert [call(made, server="s2").continue_processing for _ in "ab"] == [True, False]
    assert call(made).http_headers is None, "no server, no count"


def test_a_block_list_names_no_time() -> None:
    made = plugin(dimensions=[{"name": "user", "limits": "9/s", "blocked": ["mallory", "*/mallory"]}])
    result = call(made, user="mallory", tenant="t")
    assert result.violation is not None
    assert result.violation.http_headers == {"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0"}
    assert (result.violation.details or {})["reset_in"] is None


def test_a_dry_run_refuses_nothing_and_tells() -> None:
    made = plugin(by_user="1/h", dry_run=True)
    call(made)
    result = call(made, extensions=TRACED)
    assert result.continue_processing
    assert result.metadata == {"rate_limiter": {"allowed": 1, "throttled": 1, "backend": "memory"}}


def test_what_cannot_be_counted_does_not_pass() -> None:
    with pytest.raises(InputTooLarge):
        call(plugin(by_user="1/h", max_key_bytes=10), user="x" * 11)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"by_user": "abc"}, "$.by_user"),
        ({"by_tool": {"search": "0/s"}}, "$.by_tool.search"),
        ({"fail_mode": "opne"}, "$.fail_mode"),
        ({"algorithm": "nope"}, "$.algorithm"),
        ({"dimensions": [{"name": "colour"}]}, "$.dimensions[0].name"),
        ({"by_user": "1/s", "dimensions": [{"name": "server"}, {"name": "x"}]}, "$.dimensions[1].name"),
        ({"strict_config": True, "by_users": "1/s"}, "$.by_users"),
    ],
)
def test_wrong_configurations_are_refused(config: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as error:
        plugin(**config)
    assert error.value.path == path


def test_what_limits_nothing_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        plugin(by_users="1/s")
    assert "did you mean 'by_user'?" in caplog.text
    assert "limits nothing" in caplog.text


def test_logs_hold_no_name(caplog: pytest.LogCaptureFixture) -> None:
    made = plugin(by_user="1/h")
    with caplog.at_level(logging.DEBUG):
        call(made, user="alice")
        call(made, user="alice")
    assert "refused by dimension user" in caplog.text
    assert "alice" not in caplog.text
