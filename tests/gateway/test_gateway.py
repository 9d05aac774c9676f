"""Our plugins in the real gateway, between the official SDK's client and server: what arrives on either side.

Run with `tools/environment.py gateway`: the gateway needs an environment of its own, because it takes an older MCP SDK.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("mcpgateway", reason="the gateway is not installed: pip install mcp-contextforge-gateway")

MAIL, OTHER, SSN = "alice@example.com", "bob@example.org", "219-09-9999"
#: All that must never be seen behind the filter, nor in a log line of ours.
PRIVATE = (MAIL, OTHER, SSN)
MASK = "[REDACTED]"
HOOKS = [
    "prompt_pre_fetch",
    "prompt_post_fetch",
    "tool_pre_invoke",
    "tool_post_invoke",
    "resource_pre_fetch",
    "resource_post_fetch",
]


def plugin(name: str, kind: str, priority: int, config: dict[str, Any], **fields: Any) -> dict[str, Any]:
    entry = {"name": name, "kind": f"pyplugins.{kind}", "hooks": HOOKS, "mode": "sequential", "on_error": "fail"}
    return {**entry, "priority": priority, "config": {**config, "strict_config": True}, **fields}


def only(*tools: str) -> dict[str, Any]:
    """Conditions on tools say nothing of prompts and resources, so the other hooks go."""
    names = [f"people-{tool}" for tool in tools]
    return {"hooks": ["tool_pre_invoke", "tool_post_invoke"], "conditions": [{"tools": names}]}


CHAIN = [
    plugin(
        "Refuses",
        "pii_filter.PIIFilterPlugin",
        10,
        {"block_on_detection": True},
        **only("guarded", "guarded-person"),
    ),
    plugin("Limited", "pii_filter.PIIFilterPlugin", 20, {"max_text_bytes": 20}, **only("limited")),
    plugin("SQL", "sql_sanitizer.SQLSanitizerPlugin", 30, {}, **only("query")),
    plugin("JSON", "json_repair.JSONRepairPlugin", 40, {}, hooks=["tool_post_invoke"], on_error="ignore"),
    plugin("PII", "pii_filter.PIIFilterPlugin", 50, {"log_detections": True}),
    plugin(
        "Rules",
        "regex_filter.RegexFilterPlugin",
        60,
        {"rules": [{"name": "project", "search": "Blue Sky", "literal": True, "action": "block"}]},
    ),
    plugin(
        "Words",
        "regex_filter.SearchReplacePlugin",
        70,
        {"words": [{"search": "crap", "replace": "crud"}]},
    ),
]


@pytest.fixture(scope="module", params=["rust", "python"])
def gateway(
    request: pytest.FixtureRequest, start: Callable[..., Any], upstream: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The gateway with the whole chain, over each implementation."""
    forced = {"GWPLUGINS_IMPL": "python"} if request.param == "python" else {"GWPLUGINS_REQUIRE_NATIVE": "1"}
    with start(tmp_path_factory.mktemp("gateway"), upstream, CHAIN, **forced) as running:
        running.implementation = request.param
        yield running


def texts(result: dict[str, Any]) -> list[str]:
    return [block["text"] for block in result["content"] if block["type"] == "text"]


def test_arguments_are_masked_before_the_server_sees_them(gateway: Any) -> None:
    answer, received = gateway.asked(lambda: gateway.call("echo", text=f"to {MAIL}", more={"a": [SSN, 5]}))
    assert received == [["echo", {"text": f"to {MASK}", "more": {"a": [MASK, 5]}}]]
    assert texts(answer["result"]) == [f"you said to {MASK}"]
    assert answer["result"]["structuredContent"] == {"result": f"you said to {MASK}"}


def test_clean_arguments_arrive_as_they_are(gateway: Any) -> None:
    more = {"n": [1, 2.5, None, True, {"x": "日本"}], "": "empty key"}
    answer, received = gateway.asked(lambda: gateway.call("echo", text="nothing here", more=more))
    assert received == [["echo", {"text": "nothing here", "more": more}]]
    assert texts(answer["result"]) == ["you said nothing here"]


def test_results_are_masked_and_images_are_left(gateway: Any) -> None:
    result = gateway.call("person")["result"]
    assert texts(result) == [f"mail {MASK} ssn {MASK}"]
    assert result["structuredContent"] == {"contact": {"mail": MASK}, "numbers": [1, MASK]}
    (image,) = (block for block in result["content"] if block["type"] == "image")
    assert image["data"].startswith("AAECAwQFBgcICQoLDA0ODxAREhMU")
    assert len(image["data"]) == 344


def test_errors_of_tools_are_masked(gateway: Any) -> None:
    result = gateway.call("failing")["result"]
    assert result["isError"] is True
    assert texts(result) == [f"no account for {MASK}"]


def test_the_official_client_sees_the_same(gateway: Any) -> None:
    async def use(client: Any) -> dict[str, Any]:
        return {
            "tool": await client.call_tool("people-echo", {"text": f"to {MAIL}"}),
            "person": await client.call_tool("people-person", {}),
            "prompt": await client.get_prompt("people-letter", {"to": OTHER}),
            "resource": await client.read_resource("people://alice"),
        }

    told, received = gateway.asked(lambda: gateway.as_mcp_client(use))
    assert told["tool"].content[0].text == f"you said to {MASK}"
    assert told["person"].structuredContent == {"contact": {"mail": MASK}, "numbers": [1, MASK]}
    assert told["prompt"].messages[0].content.text == f"Write to {MASK}, copy to {MASK}"
    assert told["resource"].contents[0].text == f"alice has {MASK} and {MASK}"
    assert received == [
        ["echo", {"text": f"to {MASK}", "more": None}],
        ["person", None],
        ["letter", MASK],
        ["alice", None],
    ]


def test_the_log_says_which_implementation_runs_and_nothing_that_was_scanned(gateway: Any) -> None:
    gateway.call("echo", text=f"to {MAIL} and {SSN}")
    ours = [line for line in gateway.log().splitlines() if '"pyplugins' in line or "pyplugins." in line]
    assert any("implementation" in line for line in ours), gateway.log()[-3000:]
    assert [line for line in ours if any(value in line for value in PRIVATE)] == []
