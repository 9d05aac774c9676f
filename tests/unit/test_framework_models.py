"""Records of the embedded framework: checks, copies, plain forms, and reprs that show no content."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from pyplugins.framework.embedded._model import FieldError
from pyplugins.framework.embedded.extensions import Extensions, RequestExtension
from pyplugins.framework.embedded.models import (
    GlobalContext,
    OnError,
    PluginCondition,
    PluginConfig,
    PluginContext,
    PluginErrorModel,
    PluginMode,
    PluginResult,
    PluginViolation,
    UserContext,
)
from pyplugins.framework.embedded.payloads import (
    HookRegistry,
    PromptPosthookPayload,
    PromptPrehookPayload,
    ResourcePostFetchPayload,
    ResourcePreFetchPayload,
    StructuredData,
    ToolHookType,
    ToolPostInvokePayload,
    ToolPreInvokePayload,
    ToolPreInvokeResult,
    get_hook_registry,
)

SECRET = "alice@example.com"


@pytest.mark.parametrize(
    ("written", "mode", "on_error"),
    [
        ({}, PluginMode.SEQUENTIAL, OnError.FAIL),
        ({"mode": "transform"}, PluginMode.TRANSFORM, OnError.FAIL),
        ({"mode": "audit", "on_error": "disable"}, PluginMode.AUDIT, OnError.DISABLE),
        ({"mode": "enforce"}, PluginMode.SEQUENTIAL, OnError.FAIL),
        ({"mode": "permissive"}, PluginMode.TRANSFORM, OnError.FAIL),
        ({"mode": "enforce_ignore_error"}, PluginMode.SEQUENTIAL, OnError.IGNORE),
        ({"mode": "enforce_ignore_error", "on_error": "fail"}, PluginMode.SEQUENTIAL, OnError.FAIL),
        ({"mode": "disabled"}, PluginMode.DISABLED, OnError.FAIL),
        ({"mode": PluginMode.CONCURRENT}, PluginMode.CONCURRENT, OnError.FAIL),
    ],
)
def test_modes_of_today_and_of_older_files(written: dict[str, Any], mode: PluginMode, on_error: OnError) -> None:
    config = PluginConfig(name="p", kind="a.B", **written)
    assert (config.mode, config.on_error) == (mode, on_error)
    assert config.model_copy(update={"priority": 1}).on_error is on_error


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", 3),
        ("kind", None),
        ("hooks", "tool_pre_invoke"),
        ("hooks", [1]),
        ("tags", {"a": 1}),
        ("mode", "sequentail"),
        ("on_error", True),
        ("priority", "10"),
        ("priority", True),
        ("priority", 1.0),
        ("conditions", {"tools": ["t"]}),
        ("conditions", [{"tool": ["t"]}]),
        ("conditions", [{"tools": "t"}]),
        ("capabilities", ["read_everything"]),
        ("config", ["a"]),
        ("config", {1: "a"}),
        ("max_content_size", 1.5),
    ],
)
def test_a_wrong_field_of_a_plugin_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(FieldError) as refused:
        PluginConfig(**{"name": "p", "kind": "a.B", field: value})
    assert refused.value.field == field


def test_a_member_of_a_hook_enumeration_is_a_hook_name() -> None:
    hooks = PluginConfig(name="p", kind="a.B", hooks=[ToolHookType.TOOL_PRE_INVOKE]).hooks
    assert [type(name) for name in hooks] == [str]
    assert hooks == ["tool_pre_invoke"]


def test_conditions_keep_sets_and_bare_content_types() -> None:
    condition = PluginCondition(tools=["a", "a"], content_types=["Text/HTML; charset=utf-8"])  # type: ignore[arg-type]
    assert condition.tools == {"a"}
    assert condition.content_types == ["text/html"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: PromptPrehookPayload(prompt_id=1),  # type: ignore[arg-type]
        lambda: PromptPrehookPayload(prompt_id="p", args={"a": 1}),  # type: ignore[dict-item]
        lambda: ToolPreInvokePayload(name=None),  # type: ignore[arg-type]
        lambda: ToolPreInvokePayload(name="t", args=["a"]),  # type: ignore[arg-type]
        lambda: ResourcePreFetchPayload(uri=b"x"),  # type: ignore[arg-type]
        lambda: GlobalContext(request_id="r", content_type="a\nb"),
        lambda: GlobalContext(request_id="r", content_type="a" * 201),
        lambda: PluginViolation(reason="r", description="d", code=7),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_field_of_a_record_is_refused(make: Any) -> None:
    with pytest.raises(FieldError):
        make()


def test_payloads_are_frozen_and_copies_leave_them_alone() -> None:
    payload = ToolPreInvokePayload(name="t", args={"a": 1})
    with pytest.raises(AttributeError):
        payload.name = "u"  # type: ignore[misc]
    copy = payload.model_copy(update={"args": {"a": 2}})
    assert (payload.args, copy.args, copy.name) == ({"a": 1}, {"a": 2}, "t")
    assert copy != payload
    assert payload == ToolPreInvokePayload(name="t", args={"a": 1})
    with pytest.raises(FieldError, match="unknown key"):
        payload.model_copy(update={"arguments": {}})


RECORDS = [
    PromptPrehookPayload(prompt_id=SECRET, args={"a": SECRET}),
    PromptPosthookPayload(prompt_id=SECRET, result={"messages": [{"content": {"text": SECRET}}]}),
    ToolPreInvokePayload(name=SECRET, args={"a": SECRET}),
    ToolPostInvokePayload(name=SECRET, result=SECRET),
    ResourcePreFetchPayload(uri=SECRET),
    ResourcePostFetchPayload(uri=SECRET, content=SECRET),
    PluginResult(modified_payload=SECRET, metadata={"a": SECRET}),
    PluginConfig(name="p", kind="a.B", config={"hash_key": SECRET}),
    PluginContext(global_context=GlobalContext(request_id="r", user=SECRET), state={"a": SECRET}),
    StructuredData(text=SECRET),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_repr_shows_no_content(record: Any) -> None:
    assert SECRET not in repr(record)
    assert type(record).__name__ in repr(record)


def test_field_errors_show_no_content() -> None:
    with pytest.raises(FieldError) as refused:
        PromptPrehookPayload(prompt_id="p", args=SECRET)  # type: ignore[arg-type]
    assert SECRET not in str(refused.value)


def test_prompt_results_are_read_by_attribute_and_dumped_as_they_came() -> None:
    result = {"description": None, "messages": [{"role": "user", "content": {"type": "text", "text": "hi"}}]}
    payload = PromptPosthookPayload(prompt_id="p", result=result)
    assert payload.result.messages[0].content.text == "hi"
    assert payload.model_dump()["result"] == result
    assert payload == PromptPosthookPayload(prompt_id="p", result=result)
    copy = payload.result.model_copy(update={"messages": []})
    assert (copy.messages, len(payload.result.messages)) == ([], 1)


def test_a_result_that_is_an_object_is_kept() -> None:
    result = SimpleNamespace(messages=[])
    assert PromptPosthookPayload(prompt_id="p", result=result).result is result


def test_deep_prompt_results_stop_at_the_depth_of_cpex() -> None:
    result: dict[str, Any] = {"text": "x"}
    for _ in range(30):
        result = {"a": result}
    value, depth = PromptPosthookPayload(prompt_id="p", result=result).result, 0
    while isinstance(value, StructuredData):
        value, depth = value.a, depth + 1
    assert depth == 20
    assert PromptPosthookPayload(prompt_id="p", result=result).model_dump()["result"] == result


def test_a_result_makes_its_containers_when_they_are_read() -> None:
    result, other = PluginResult[Any](), PluginResult[Any]()
    result.executions.append(SECRET)  # type: ignore[arg-type]
    assert result.executions == [SECRET]
    assert (other.executions, other.background_tasks, other.metadata) == ([], [], {})
    assert other == PluginResult[Any](metadata={}) != result
    assert PluginResult[Any](metadata=None).metadata is None
    copy = other.model_copy(update={"retry_delay_ms": 5})
    assert (copy.retry_delay_ms, copy.metadata, copy.continue_processing) == (5, {}, True)
    with pytest.raises(FieldError, match="mtadata"):
        PluginResult[Any](mtadata={})  # type: ignore[call-arg]


def test_results_dump_to_json() -> None:
    result = ToolPreInvokeResult(
        continue_processing=False,
        modified_payload=ToolPreInvokePayload(name="t", args={"o": SimpleNamespace(a=(1, 2)), "s": {"x"}}),
        violation=PluginViolation(reason="r", description="d", code="C", details={"count": 1}, plugin_name="p"),
        modified_extensions=Extensions(request=RequestExtension(trace_id="t")),
    )
    dumped = json.loads(json.dumps(result.model_dump(mode="json", exclude_none=True)))
    assert dumped["modified_payload"] == {"name": "t", "args": {"o": {"a": [1, 2]}, "s": ["x"]}, "headers": None}
    assert dumped["violation"]["code"] == "C"
    assert "background_tasks" not in dumped
    assert "http_headers" not in dumped


def test_records_are_made_from_json() -> None:
    payload = get_hook_registry().json_to_payload("tool_pre_invoke", '{"name": "t", "args": {"a": [1]}}')
    assert payload == ToolPreInvokePayload(name="t", args={"a": [1]})
    assert ToolPreInvokePayload.model_validate(payload) is payload


@pytest.mark.parametrize(
    ("hook", "data"),
    [
        ("tool_pre_invoke", {"args": {}}),
        ("tool_pre_invoke", {"name": "t", "arguments": {}}),
        ("tool_pre_invoke", ["t"]),
        ("no_such_hook", {}),
    ],
)
def test_data_that_does_not_fit_a_hook_is_refused(hook: str, data: Any) -> None:
    with pytest.raises(ValueError, match=r"unknown key|is required|must be|no payload type"):
        get_hook_registry().json_to_payload(hook, data)


def test_the_registry_takes_hooks_of_ones_own() -> None:
    registry = HookRegistry()
    registry.register_hook("mail_pre_send", ToolPreInvokePayload, ToolPreInvokeResult)
    assert registry.is_registered("mail_pre_send")
    assert registry.get_result_type("mail_pre_send") is ToolPreInvokeResult
    assert len(registry.get_registered_hooks()) == 7
    assert registry.get_payload_type("other") is None


def test_contexts_tell_who_calls_and_keep_state() -> None:
    context = PluginContext(global_context=GlobalContext(request_id="r", user={"email": "bob@example.com"}))
    assert context.user_email == "bob@example.com"
    assert context.user_groups == []
    known = UserContext(user_id="u", email="carol@example.com", groups=["g"])
    context.global_context.user_context = known
    assert (context.user_email, context.user_groups, context.user_context) == ("carol@example.com", ["g"], known)
    assert context.is_empty()
    context.set_state("k", 1)
    assert (context.get_state("k"), context.get_state("x", 2), context.is_empty()) == (1, 2, False)
    asyncio.run(context.cleanup())
    assert context.is_empty()


def test_background_tasks_report_what_failed() -> None:
    async def fails() -> PluginErrorModel:
        return PluginErrorModel(message="m", plugin_name="p")

    async def works() -> None:
        return None

    async def scenario() -> list[PluginErrorModel]:
        tasks: list[Any] = [asyncio.create_task(fails()), asyncio.create_task(works())]
        return await PluginResult[Any](background_tasks=tasks).wait_for_background_tasks()

    assert [error.plugin_name for error in asyncio.run(scenario())] == ["p"]
