"""Our plugins in the real gateway, between the official SDK's client and server: what arrives on either side.

Run with `tools/environment.py gateway`: the gateway needs an environment of its own, because it takes an older MCP SDK.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from gw_tests import HOOKS

from pyplugins.compression import Compression, seal

pytest.importorskip("mcpgateway", reason="the gateway is not installed: pip install mcp-contextforge-gateway")

MAIL, OTHER, SSN = "alice@example.com", "bob@example.org", "219-09-9999"
#: All that must never be seen behind the filter, nor in a log line of ours.
PRIVATE = (MAIL, OTHER, SSN)
MASK = "[REDACTED]"


def plugin(name: str, kind: str, priority: int, config: dict[str, Any], **fields: Any) -> dict[str, Any]:
    entry = {"name": name, "kind": f"pyplugins.{kind}", "hooks": HOOKS, "mode": "sequential", "on_error": "fail"}
    return {**entry, "priority": priority, "config": {**config, "strict_config": True}, **fields}


def only(*tools: str) -> dict[str, Any]:
    """Conditions on tools say nothing of prompts and resources, so the other hooks go."""
    names = [f"people-{tool}" for tool in tools]
    return {"hooks": ["tool_pre_invoke", "tool_post_invoke"], "conditions": [{"tools": names}]}


CHAIN = [
    plugin("Opens", "compression.CompressionPlugin", 5, {}, hooks=["tool_pre_invoke"]),
    plugin(
        "Rates", "rate_limiter.RateLimiterPlugin", 8, {"by_tool": {"people-rated": "1/h"}}, hooks=["tool_pre_invoke"]
    ),
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
    plugin(
        "TOON",
        "toon_encoder.ToonEncoderPlugin",
        80,
        {"min_size_bytes": 0},
        **{**only("table"), "hooks": ["tool_post_invoke"]},
    ),
]


@pytest.fixture(scope="module", params=["rust", "python"])
def gateway(
    request: pytest.FixtureRequest, start: Callable[..., Any], upstream: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The gateway with the whole chain, over each implementation."""
    forced = {"GWPLUGINS_IMPL": "python"} if request.param == "python" else {"GWPLUGINS_REQUIRE_NATIVE": "1"}
    with start(tmp_path_factory.mktemp("gateway"), upstream, yaml.safe_dump({"plugins": CHAIN}), **forced) as running:
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


def test_a_virtual_server_is_guarded_too(gateway: Any) -> None:
    """What operators give to clients: some tools of some servers under an address of their own."""
    (tool,) = (one for one in gateway.request("GET", "/tools").json() if one["name"] == "people-echo")
    server = {"name": "selection", "description": "d", "associated_tools": [tool["id"]]}
    made = gateway.request("POST", "/servers", {"server": server})
    assert made.status_code < 300, made.text

    async def use(client: Any) -> Any:
        tools = await client.list_tools()
        return [one.name for one in tools.tools], await client.call_tool("people-echo", {"text": f"to {MAIL}"})

    path = f"/servers/{made.json()['id']}/mcp/"
    (names, result), received = gateway.asked(lambda: gateway.as_mcp_client(use, path))
    assert names == ["people-echo"]
    assert result.content[0].text == f"you said to {MASK}"
    assert received == [["echo", {"text": f"to {MASK}", "more": None}]]


def refused(gateway: Any, act: Callable[[], Any]) -> tuple[dict[str, Any], list[list[Any]]]:
    """The error that a call was answered with, and what the server received meanwhile."""
    answer, received = gateway.asked(act)
    assert "result" not in answer
    assert private_in(json.dumps(answer)) == []
    error: dict[str, Any] = answer["error"]
    return error, received


def private_in(text: str) -> list[str]:
    return [value for value in PRIVATE if value in text]


def test_a_refused_call_reaches_no_server_and_quotes_nothing(gateway: Any) -> None:
    error, received = refused(gateway, lambda: gateway.call("guarded", text=f"to {MAIL}"))
    assert received == []
    assert error["data"] == {
        "description": "Sensitive information detected in tool arguments",
        "details": {"detected_types": ["email"], "count": 1},
        "plugin_error_code": "PII_DETECTED_IN_TOOL_ARGS",
        "plugin_name": "Refuses",
    }


def test_a_refused_result_reaches_no_client(gateway: Any) -> None:
    error, received = refused(gateway, lambda: gateway.call("guarded-person"))
    assert received == [["guarded_person", None]]
    assert error["data"]["plugin_error_code"] == "PII_DETECTED_IN_TOOL_RESULT"


def test_the_official_client_is_told_of_a_refusal(gateway: Any) -> None:
    async def use(client: Any) -> list[Any]:
        call = await client.call_tool("people-guarded", {"text": f"to {MAIL}"})
        return [call, await client.call_tool("people-guarded-person", {})]

    told = gateway.as_mcp_client(use)
    for result, code in zip(told, ("PII_DETECTED_IN_TOOL_ARGS", "PII_DETECTED_IN_TOOL_RESULT"), strict=True):
        assert result.isError is True
        assert code in result.content[0].text
        assert private_in(repr(result)) == []


def test_what_could_not_be_checked_does_not_pass(gateway: Any) -> None:
    error, received = refused(gateway, lambda: gateway.call("limited", text="x" * 30))
    assert received == []
    assert error["data"] == {"plugin_name": "Limited"}
    assert "input of 30 bytes is over the limit of 20 bytes" in error["message"]
    _, received = gateway.asked(lambda: gateway.call("limited", text="x"))
    assert received == [["limited", "x"]]


def test_sql_is_read_in_the_tool_that_takes_sql(gateway: Any) -> None:
    error, received = refused(gateway, lambda: gateway.call("query", sql="DELETE FROM people"))
    assert received == []
    assert error["data"]["details"] == {"issues": ["DELETE without WHERE clause"]}
    _, received = gateway.asked(lambda: gateway.call("query", sql="SELECT 1 -- why"))
    assert received == [["query", "SELECT 1 "]]
    _, received = gateway.asked(lambda: gateway.call("echo", text="DELETE FROM people"))
    assert received == [["echo", {"text": "DELETE FROM people", "more": None}]]


def test_json_is_repaired_and_then_masked(gateway: Any) -> None:
    (text,) = texts(gateway.call("nearly-json")["result"])
    assert json.loads(text) == {"mail": MASK, "rows": [1, 2]}


def test_what_came_compressed_is_opened_and_then_masked(gateway: Any) -> None:
    packed = seal(f"{'no data here. ' * 20}to {MAIL}", Compression("gzip"))
    _, received = gateway.asked(lambda: gateway.call("echo", text=packed))
    assert received == [["echo", {"text": f"{'no data here. ' * 20}to {MASK}", "more": None}]]


def test_rows_are_masked_and_then_encoded(gateway: Any) -> None:
    assert texts(gateway.call("table")["result"]) == [f'[2]{{id,mail}}:\n  1,"{MASK}"\n  2,""']


def test_a_tool_may_be_called_as_often_as_its_rate_says(gateway: Any) -> None:
    _, received = gateway.asked(lambda: gateway.call("rated", text="one"))
    assert received == [["rated", "one"]]
    error, received = refused(gateway, lambda: gateway.call("rated", text="two"))
    assert error["data"]["plugin_error_code"] == "RATE_LIMIT"
    assert received == []


def test_words_are_replaced(gateway: Any) -> None:
    _, received = gateway.asked(lambda: gateway.call("echo", text="what crap"))
    assert received == [["echo", {"text": "what crud", "more": None}]]


def test_prompts_of_the_server(gateway: Any) -> None:
    (prompt,) = (one for one in gateway.request("GET", "/prompts").json() if one["name"] == "people-letter")
    answer, received = gateway.asked(lambda: gateway.request("POST", f"/prompts/{prompt['id']}", {"to": OTHER}))
    assert answer.status_code == 200
    assert answer.json()["messages"][0]["content"]["text"] == f"Write to {MASK}, copy to {MASK}"
    assert received == [["letter", MASK]]
    answer, received = gateway.asked(lambda: gateway.request("POST", f"/prompts/{prompt['id']}", {"to": "Blue Sky"}))
    assert answer.status_code == 422
    assert "REGEX_FILTER" in answer.text
    assert "Blue Sky" not in answer.text
    assert received == []


def test_prompts_of_the_gateway(gateway: Any) -> None:
    prompt = {
        "name": "greeting",
        "description": "d",
        "template": "Hi {{ who }}, ask " + MAIL,
        "arguments": [{"name": "who", "required": True}],
    }
    made = gateway.request("POST", "/prompts", {"prompt": prompt})
    assert made.status_code == 200, made.text
    answer = gateway.request("POST", f"/prompts/{made.json()['id']}", {"who": OTHER})
    assert answer.json()["messages"][0]["content"]["text"] == f"Hi {MASK}, ask {MASK}"


def test_resources(gateway: Any) -> None:
    (one,) = (one for one in gateway.request("GET", "/resources").json() if one["uri"] == "people://alice")
    answer = gateway.request("GET", f"/resources/{one['id']}")
    assert answer.json()["text"] == f"alice has {MASK} and {MASK}"
    told = gateway.rpc("resources/read", uri="people://alice")
    assert told["result"]["contents"][0]["text"] == f"alice has {MASK} and {MASK}"


def test_metrics_reach_the_traces_of_the_gateway(gateway: Any) -> None:
    before = len(gateway.metrics())
    gateway.call("echo", text=f"{MAIL} {SSN}")
    told = gateway.metrics()[before:]
    assert ("plugin.metrics.pii_filter", {
        "total_detections": 2, "total_masked": 2, "detection_types": "email,ssn", "stage": "tool_pre_invoke",
    }) in told  # fmt: skip
    assert private_in(json.dumps(gateway.metrics())) == []


def test_the_log_says_which_implementation_runs_and_quotes_nothing(gateway: Any) -> None:
    gateway.call("echo", text=f"to {MAIL} and {SSN}")
    lines = [json.loads(line) for line in gateway.log().splitlines() if line.startswith("{")]
    ours = [line["message"] for line in lines if line["name"].startswith("pyplugins")]
    wanted = {"rust": "Using Rust implementation", "python": "Using Python implementation"}[gateway.implementation]
    for name in ("PII Filter", "Regex Filter", "JSON Repair", "SQL Sanitizer"):
        assert any(f"{name}: {wanted}" in message for message in ours), (name, ours)
    assert f"Plugin manager initialized with {len(CHAIN)} plugins" in [line["message"] for line in lines]
    assert "PII detected during tool_pre_invoke: action=masked total=2 types=email,ssn" in ours
    assert private_in("\n".join(ours)) == []
