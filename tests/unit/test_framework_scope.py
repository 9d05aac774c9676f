"""The embedded manager: whom a plugin serves, what it sees, what it may change."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from gw_chain import HOOK, Base, KeepsState, Mutates, OtherPayload, Renames, SeesExtensions, install, invoke, plugin

from pyplugins.framework.embedded.extensions import Extensions, HttpExtension, RequestExtension
from pyplugins.framework.embedded.manager import PluginManager
from pyplugins.framework.embedded.models import (
    Config,
    GlobalContext,
)
from pyplugins.framework.embedded.payloads import (
    ToolPreInvokePayload,
)
from pyplugins.framework.embedded.policy import HookPayloadPolicy


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


# --- conditions, contexts, extensions -------------------------------------------------------------------------------

HERE = {"server_id": "s", "tenant_id": "n", "user": "admin@example.com", "content_type": "Text/HTML; charset=x"}


@pytest.mark.parametrize(
    ("conditions", "runs"),
    [
        ([], True),
        ([{"tools": ["t"]}], True),
        ([{"tools": ["u"]}], False),
        ([{"tools": ["u"]}, {"tools": ["t"]}], True),
        ([{"prompts": ["u"]}], True),
        ([{"server_ids": ["s"], "tools": ["t"]}], True),
        ([{"server_ids": ["x"], "tools": ["t"]}], False),
        ([{"tenant_ids": ["n"]}], True),
        ([{"tenant_ids": ["x"]}], False),
        ([{"user_patterns": ["nobody", "admin"]}], True),
        ([{"user_patterns": ["nobody"]}], False),
        ([{"content_types": ["text/html; q=1"]}], True),
        ([{"content_types": ["text/plain"]}], False),
    ],
)
@pytest.mark.parametrize("user", ["admin@example.com", {"email": "admin@example.com"}])
def test_conditions(conditions: list[dict[str, Any]], runs: bool, user: Any) -> None:
    invoke(plugin(Base, conditions=conditions), context=GlobalContext(**{"request_id": "r", **HERE, "user": user}))
    assert Base.log == (["A"] if runs else [])


@pytest.mark.parametrize("condition", [{"user_patterns": ["a"]}, {"content_types": ["a/b"]}, {"server_ids": ["s"]}])
def test_a_condition_on_what_is_unknown_does_not_match(condition: dict[str, Any]) -> None:
    invoke(plugin(Base, conditions=[condition]))
    assert Base.log == []


def test_contexts_last_from_hook_to_hook_of_a_request() -> None:
    async def scenario() -> None:
        manager = PluginManager(Config(plugins=[plugin(KeepsState), plugin(KeepsState, "B", mode="audit")]))
        await manager.initialize()
        payload, context = ToolPreInvokePayload(name="t"), GlobalContext(request_id="r")
        first, contexts = await manager.invoke_hook(HOOK, payload, context)
        second, _ = await manager.invoke_hook(HOOK, payload, context, contexts)
        fresh, _ = await manager.invoke_hook(HOOK, payload, context)
        assert [result.metadata for result in (first, second, fresh)] == [{"runs": 1}, {"runs": 2}, {"runs": 1}]
        assert context.state == {"seen": ["A", "A", "A"]}, "an audit plugin does not write to what is shared"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("capabilities", "seen"),
    [
        ([], ["request", "meta"]),
        (["read_headers"], ["request", "http", "meta"]),
        (["read_agent"], ["request", "agent", "meta"]),
    ],
)
def test_extensions_are_shown_by_capability(capabilities: list[str], seen: list[str]) -> None:
    given = Extensions(request=RequestExtension(trace_id="t"), http=HttpExtension(), agent={"a": 1}, meta={"m": 1})
    result = invoke(plugin(SeesExtensions, capabilities=capabilities), extensions=given)
    assert result.metadata == {"seen": seen}
    assert result.modified_extensions is not None
    assert given.http is not None
    assert invoke(plugin(SeesExtensions)).metadata == {"seen": []}


# --- policies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "name", "args"),
    [
        ({}, "u", {"text": "new"}),
        ({"hook_policies": {HOOK: HookPayloadPolicy(frozenset({"args"}))}}, "t", {"text": "new"}),
        ({"hook_policies": {HOOK: HookPayloadPolicy(frozenset({"name"}))}}, "u", {"text": "-"}),
        ({"hook_policies": {HOOK: HookPayloadPolicy(frozenset())}}, None, None),
        ({"hook_policies": {"other": HookPayloadPolicy(frozenset())}}, "u", {"text": "new"}),
        ({"default_hook_policy": "deny"}, None, None),
        (
            {"default_hook_policy": "deny", "hook_policies": {HOOK: HookPayloadPolicy(frozenset({"name"}))}},
            "u",
            {"text": "-"},
        ),
    ],
)
def test_only_writable_fields_are_taken_over(options: dict[str, Any], name: str | None, args: Any) -> None:
    modified = invoke(plugin(Renames), manager_options=options).modified_payload
    assert (modified and modified.name, modified and modified.args) == (name, args)


def test_a_payload_of_another_type_is_dropped_under_a_policy() -> None:
    options = {"hook_policies": {HOOK: HookPayloadPolicy(frozenset({"name", "args"}))}}
    assert invoke(plugin(OtherPayload), manager_options=options).modified_payload is None


def test_an_unknown_default_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="maybe"):
        PluginManager(default_hook_policy="maybe")


@pytest.mark.parametrize("beside", [None, threading.Lock()], ids=["copyable", "not copyable"])
def test_under_a_policy_plugins_work_on_a_copy(beside: Any) -> None:
    payload = ToolPreInvokePayload(name="t", args={"deep": {"list": [], "beside": beside}})
    options = {"hook_policies": {HOOK: HookPayloadPolicy(frozenset({"args"}))}}
    result = invoke(plugin(Mutates), payload=payload, manager_options=options)
    assert result.modified_payload is None, "the plugin returned the very payload it was given"
    assert payload.args == {"deep": {"list": [], "beside": beside}}
