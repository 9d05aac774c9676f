"""Every plugin class in cpex's real manager: modes, failures, conditions, priorities, traces, with hook policies on.

Under a policy cpex hands each plugin a copy-on-write payload and takes over the writable fields only; the policy here
is the gateway's. test_same_manager.py compares managers, this is about what each of our plugins comes to.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from pyplugins import framework
from pyplugins.compression import Compression, seal

pytest.importorskip("cpex", reason="cpex is not installed: pip install gwplugins[cpex]")

if framework.FRAMEWORK != "cpex":
    pytest.skip("GWPLUGINS_FRAMEWORK forces the embedded framework", allow_module_level=True)

#: The fields that the gateway lets plugins write (mcpgateway/plugins/policy.py).
POLICIES = {
    "tool_pre_invoke": framework.HookPayloadPolicy(writable_fields=frozenset({"name", "args", "headers"})),
    "tool_post_invoke": framework.HookPayloadPolicy(writable_fields=frozenset({"result"})),
}
MODES = ("sequential", "transform", "audit", "concurrent", "fire_and_forget", "disabled")
MODIFY, REFUSE = ("sequential", "transform"), ("sequential", "concurrent")
MAIL = "alice@example.com"


class Case(NamedTuple):
    """What one plugin class does to a payload."""

    kind: str
    hook: str
    #: Of a field that the plugin changes under `config`: before and after.
    given: Any
    changed: Any
    config: dict[str, Any]
    #: What it refuses under `strict`, and the code; none for a plugin that refuses nothing.
    bad: Any
    strict: dict[str, Any]
    code: str | None
    #: Metadata with a trace id, and without one.
    traced: dict[str, Any]
    untraced: dict[str, Any]


CASES = {
    "pii_filter": Case(
        "pyplugins.pii_filter.PIIFilterPlugin",
        "tool_pre_invoke",
        {"text": f"to {MAIL}", "n": [1, {"x": MAIL}]},
        {"text": "to [REDACTED]", "n": [1, {"x": "[REDACTED]"}]},
        {},
        {"text": MAIL},
        {"block_on_detection": True},
        "PII_DETECTED_IN_TOOL_ARGS",
        {
            "pii_filter": {
                "total_detections": 2,
                "total_masked": 2,
                "detection_types": ["email"],
                "stage": "tool_pre_invoke",
            }
        },
        {},
    ),
    "regex_filter": Case(
        "pyplugins.regex_filter.RegexFilterPlugin",
        "tool_pre_invoke",
        {"text": "what crap", "n": 1},
        {"text": "what crud", "n": 1},
        {"words": [{"search": "crap", "replace": "crud"}]},
        {"text": "Blue Sky"},
        {"rules": [{"name": "project", "search": "Blue Sky", "literal": True, "action": "block"}]},
        "REGEX_FILTER",
        {
            "regex_filter": {
                "total_findings": 1,
                "total_replaced": 1,
                "rules": ["words[0]"],
                "stage": "tool_pre_invoke",
            }
        },
        {},
    ),
    "search_replace": Case(
        "pyplugins.regex_filter.SearchReplacePlugin",
        "tool_pre_invoke",
        {"text": "what crap", "n": 1},
        {"text": "what crud", "n": 1},
        {"words": [{"search": r"\bcra(?=p)p", "replace": "crud"}]},
        {},
        {},
        None,
        {
            "regex_filter": {
                "total_findings": 1,
                "total_replaced": 1,
                "rules": ["words[0]"],
                "stage": "tool_pre_invoke",
            }
        },
        {},
    ),
    "sql_sanitizer": Case(
        "pyplugins.sql_sanitizer.SQLSanitizerPlugin",
        "tool_pre_invoke",
        {"sql": "SELECT 1 -- why", "n": 1},
        {"sql": "SELECT 1 ", "n": 1},
        {},
        {"sql": "DROP TABLE t"},
        {},
        "SQL_SANITIZER",
        # As the plugin it replaces: told in any case.
        {"sql_sanitized": True},
        {"sql_sanitized": True},
    ),
    "json_repair": Case(
        "pyplugins.json_repair.JSONRepairPlugin",
        "tool_post_invoke",
        {"content": [{"type": "text", "text": "{'a': 1,}"}]},
        {"content": [{"type": "text", "text": '{"a": 1}'}]},
        {},
        {},
        {},
        None,
        {"repaired": True, "json_repair": {"edits": {"quote_style": 2, "trailing_comma": 1}}},
        {"repaired": True},
    ),
}
REFUSING = [name for name, case in CASES.items() if case.code is not None]


def entry(case: Case, name: str = "p", **fields: Any) -> dict[str, Any]:
    """A row of the configuration."""
    return {"name": name, "kind": case.kind, "hooks": [case.hook], "config": case.config, **fields}


def payload_of(hook: str, content: Any) -> Any:
    field = "args" if hook == "tool_pre_invoke" else "result"
    return framework.get_hook_registry().json_to_payload(hook, {"name": "t", field: content})


def content_of(payload: Any) -> Any:
    """The content of a payload as plain values, whatever cpex has wrapped it in."""
    told = payload.model_dump()
    return told["args"] if "args" in told else told["result"]


class Answer(NamedTuple):
    result: Any
    #: The content that goes on: the modified payload's, or what was given.
    content: Any
    background: list[Any]


def run(
    hook: str, content: Any, *plugins: dict[str, Any], traced: bool = False, times: int = 1, **context: Any
) -> Answer:
    """The last answer of a manager with these plugins. What was given must be as it was."""

    async def use() -> Answer:
        config = framework.Config(plugins=[framework.PluginConfig(**row) for row in plugins])
        manager = framework.TenantPluginManager(config, timeout=10, hook_policies=POLICIES)
        await manager.initialize()
        try:
            payload = payload_of(hook, copy.deepcopy(content))
            request = framework.RequestExtension(trace_id="t" if traced else None)
            for _ in range(times):
                result, _ = await manager.invoke_hook(
                    hook,
                    payload,
                    framework.GlobalContext(request_id="r", **context),
                    extensions=framework.Extensions(request=request),
                )
            background = await result.wait_for_background_tasks()
            assert content_of(payload) == content, "what was given is changed"
            return Answer(result, content_of(result.modified_payload or payload), background)
        finally:
            await manager.shutdown()

    return asyncio.run(use())


def statuses(answer: Answer) -> list[str]:
    return [str(record.status.value) for record in answer.result.executions]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CASES)
def test_only_modes_that_may_modify_do(name: str, mode: str) -> None:
    case = CASES[name]
    answer = run(case.hook, case.given, entry(case, mode=mode))
    assert answer.result.continue_processing is True
    assert answer.content == (case.changed if mode in MODIFY else case.given)
    assert answer.background == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", REFUSING)
def test_only_modes_that_may_refuse_do(name: str, mode: str) -> None:
    case = CASES[name]
    answer = run(case.hook, case.bad, entry(case, mode=mode, config=case.strict))
    assert answer.result.continue_processing is (mode not in REFUSE)
    assert (answer.result.violation.code if answer.result.violation else None) == (
        case.code if mode in REFUSE else None
    )
    assert answer.content == case.bad
    assert answer.background == []


def failing(case: Case, **fields: Any) -> dict[str, Any]:
    """The same plugin with a limit that its text is over."""
    return entry(case, config={**case.config, "max_text_bytes": 5}, **fields)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CASES)
def test_a_failure_stops_the_call(name: str, mode: str) -> None:
    case = CASES[name]
    row = failing(case, mode=mode, on_error="fail")
    if mode in ("fire_and_forget", "disabled"):
        answer = run(case.hook, case.given, row)
        assert answer.content == case.given
        assert len(answer.background) == (mode == "fire_and_forget")
        assert MAIL not in str(answer.background)
        return
    with pytest.raises(framework.PluginError) as caught:
        run(case.hook, case.given, row)
    assert caught.value.error.plugin_name == "p"
    assert "over the limit of 5 bytes" in str(caught.value)
    assert MAIL not in str(caught.value)


@pytest.mark.parametrize("mode", ["sequential", "transform", "audit", "concurrent"])
@pytest.mark.parametrize("name", CASES)
def test_an_ignored_failure_lets_the_content_go_on(name: str, mode: str) -> None:
    case = CASES[name]
    answer = run(case.hook, case.given, failing(case, mode=mode, on_error="ignore"), times=2)
    assert answer.result.continue_processing is True
    assert answer.content == case.given
    assert len(answer.result.executions) == 1, "it is asked again"


@pytest.mark.parametrize("mode", ["sequential", "transform", "audit", "concurrent"])
@pytest.mark.parametrize("name", CASES)
def test_a_failure_can_leave_the_plugin_out(name: str, mode: str) -> None:
    case = CASES[name]
    once = run(case.hook, case.given, failing(case, mode=mode, on_error="disable"))
    assert once.content == case.given
    assert len(once.result.executions) == 1
    twice = run(case.hook, case.given, failing(case, mode=mode, on_error="disable"), times=2)
    assert twice.content == case.given
    assert "completed" not in statuses(twice)


CONDITIONS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "tool": ({"tools": ["t"]}, {}, True),
    "other tool": ({"tools": ["u"]}, {}, False),
    "server": ({"server_ids": ["s"]}, {"server_id": "s"}, True),
    "other server": ({"server_ids": ["s"]}, {"server_id": "x"}, False),
    "tenant and tool": ({"tenant_ids": ["n"], "tools": ["t"]}, {"tenant_id": "n"}, True),
    "tenant, not the tool": ({"tenant_ids": ["n"], "tools": ["u"]}, {"tenant_id": "n"}, False),
    "user": ({"user_patterns": ["admin"]}, {"user": "admin@example.com"}, True),
    "nothing but empty lists": ({"prompts": [], "server_ids": [], "tenant_ids": []}, {}, True),
}


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("name", CASES)
def test_conditions_decide_whether_it_runs(name: str, condition: str) -> None:
    case = CASES[name]
    wanted, context, runs = CONDITIONS[condition]
    answer = run(case.hook, case.given, entry(case, conditions=[wanted]), **context)
    assert answer.content == (case.changed if runs else case.given)


@pytest.mark.parametrize("traced", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_metrics_are_told_to_traces(name: str, traced: bool) -> None:
    case = CASES[name]
    answer = run(case.hook, case.given, entry(case), traced=traced)
    assert dict(answer.result.metadata or {}) == (case.traced if traced else case.untraced)


def words(name: str, search: str, replace: str, priority: int) -> dict[str, Any]:
    config = {"words": [{"search": search, "replace": replace}]}
    return entry(CASES["regex_filter"], name, config=config, priority=priority)


@pytest.mark.parametrize(("first", "second", "wanted"), [(1, 2, "c"), (2, 1, "b")])
@pytest.mark.parametrize("turned", [False, True])
def test_priorities_decide_the_order(first: int, second: int, wanted: str, turned: bool) -> None:
    """Not the order in the file."""
    rows = [words("one", "a", "b", first), words("two", "b", "c", second)]
    answer = run("tool_pre_invoke", {"text": "a"}, *(reversed(rows) if turned else rows))
    assert answer.content == {"text": wanted}
    assert [record.plugin_name for record in answer.result.executions] == (
        ["one", "two"] if first < second else ["two", "one"]
    )


def chain(order: Callable[[int], int]) -> list[dict[str, Any]]:
    """All classes on one result, each where it has something to do."""
    hook = {"hooks": ["tool_post_invoke"]}
    rows = [
        entry(CASES["json_repair"], "json"),
        entry(CASES["pii_filter"], "pii", **hook),
        entry(CASES["regex_filter"], "words", **hook),
        entry(CASES["search_replace"], "re", **hook, config={"words": [{"search": "crud", "replace": "yikes"}]}),
        entry(CASES["sql_sanitizer"], "sql", **hook),
    ]
    return [{**row, "priority": order(place)} for place, row in enumerate(rows)]


def test_all_of_them_in_one_chain() -> None:
    text = "{'mail': '" + MAIL + "', 'say': 'crap',}"
    given = {"content": [{"type": "text", "text": text}], "structuredContent": {"sql": "SELECT 1 -- why"}}
    answer = run("tool_post_invoke", given, *chain(lambda place: place), traced=True)
    (block,) = answer.content["content"]
    assert block["text"] == '{"mail": "[REDACTED]", "say": "yikes"}'
    assert answer.content["structuredContent"] == {"sql": "SELECT 1 "}
    assert set(answer.result.metadata) == {"repaired", "json_repair", "pii_filter", "regex_filter", "sql_sanitized"}
    assert [record.plugin_name for record in answer.result.executions] == ["json", "pii", "words", "re", "sql"]


def test_what_a_policy_does_not_let_write_stays() -> None:
    case = CASES["pii_filter"]

    async def use() -> Any:
        config = framework.Config(plugins=[framework.PluginConfig(**entry(case))])
        policy = {"tool_pre_invoke": framework.HookPayloadPolicy(writable_fields=frozenset({"name"}))}
        manager = framework.TenantPluginManager(config, timeout=10, hook_policies=policy)
        await manager.initialize()
        payload = payload_of(case.hook, case.given)
        result, _ = await manager.invoke_hook(case.hook, payload, framework.GlobalContext(request_id="r"))
        await manager.shutdown()
        return content_of(result.modified_payload or payload)

    assert asyncio.run(use()) == case.given


# Codecs, limiters, and the encoder whose metadata holds a time.

TEXT = "The quick brown fox jumps over the lazy dog. " * 60
ROWS = '[{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}]'


class Other(NamedTuple):
    """What a plugin class does to a payload, and the configuration that makes it fail."""

    kind: str
    hook: str
    given: Any
    changed: Any
    config: dict[str, Any]
    failing: dict[str, Any]


OTHERS = {
    "compression": Other(
        "pyplugins.compression.CompressionPlugin",
        "tool_pre_invoke",
        {"a": seal(TEXT, Compression("gzip"))},
        {"a": TEXT},
        {},
        {"max_output_bytes": 5},
    ),
    "toon_encoder": Other(
        "pyplugins.toon_encoder.ToonEncoderPlugin",
        "tool_post_invoke",
        {"content": [{"type": "text", "text": ROWS}]},
        {"content": [{"type": "text", "text": "[2]{id,name}:\n  1,Ada\n  2,Bob"}]},
        {"min_size_bytes": 0, "add_format_marker": False},
        {"max_text_bytes": 5, "skip_on_error": False},
    ),
}


def other(case: Other, **fields: Any) -> dict[str, Any]:
    return {"name": "p", "kind": case.kind, "hooks": [case.hook], "config": case.config, **fields}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OTHERS)
def test_codecs_and_encoders_change_in_modes_that_may(name: str, mode: str) -> None:
    case = OTHERS[name]
    answer = run(case.hook, case.given, other(case, mode=mode))
    assert answer.result.continue_processing is True
    assert answer.content == (case.changed if mode in MODIFY else case.given)


@pytest.mark.parametrize("name", OTHERS)
def test_a_failure_of_a_codec_or_encoder_is_as_the_configuration_says(name: str) -> None:
    case = OTHERS[name]
    with pytest.raises(framework.PluginError, match="over the limit of 5 bytes"):
        run(case.hook, case.given, other(case, config={**case.config, **case.failing}, on_error="fail"))
    ignored = run(case.hook, case.given, other(case, config={**case.config, **case.failing}, on_error="ignore"))
    assert ignored.content == case.given


LIMITER = {"name": "p", "kind": "pyplugins.rate_limiter.RateLimiterPlugin", "hooks": ["tool_pre_invoke"]}


@pytest.mark.parametrize("mode", MODES)
def test_a_limiter_refuses_in_modes_that_may(mode: str) -> None:
    row = {**LIMITER, "mode": mode, "config": {"by_user": "1/h"}}
    first = run("tool_pre_invoke", {"a": "x"}, row, user="ann")
    assert first.result.continue_processing is True
    second = run("tool_pre_invoke", {"a": "x"}, row, user="ann", times=2)
    assert second.result.continue_processing is (mode not in REFUSE)
    assert (second.result.violation.code if second.result.violation else None) == (
        "RATE_LIMIT" if mode in REFUSE else None
    )
    assert second.content == {"a": "x"}


def test_what_a_limiter_cannot_count_does_not_pass() -> None:
    row = {**LIMITER, "config": {"by_user": "1/h", "max_key_bytes": 2}}
    with pytest.raises(framework.PluginError) as caught:
        run("tool_pre_invoke", {}, {**row, "on_error": "fail"}, user="ann@example.com")
    assert "ann@" not in str(caught.value)
    assert run("tool_pre_invoke", {}, {**row, "on_error": "ignore"}, user="ann@example.com").content == {}
