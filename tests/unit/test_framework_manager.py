"""The embedded manager: loading, phases, rights of the modes, failures, time limits, policies, contexts."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import types
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pyplugins.errors import ConfigError, InputTooLarge, error_for
from pyplugins.framework.embedded.base import Plugin, hook
from pyplugins.framework.embedded.errors import PluginError, PluginViolationError
from pyplugins.framework.embedded.extensions import Extensions, HttpExtension, RequestExtension
from pyplugins.framework.embedded.manager import PluginManager, TenantPluginManager
from pyplugins.framework.embedded.models import (
    Config,
    GlobalContext,
    PluginConfig,
    PluginContext,
    PluginErrorModel,
    PluginMode,
    PluginResult,
    PluginViolation,
)
from pyplugins.framework.embedded.payloads import (
    ResourcePreFetchPayload,
    ToolPreInvokePayload,
    ToolPreInvokeResult,
    get_hook_registry,
)
from pyplugins.framework.embedded.policy import HookPayloadPolicy

HOOK = "tool_pre_invoke"
SECRET = "alice@example.com"
Result = PluginResult[ToolPreInvokePayload]


class Base(Plugin):
    """Writes its name into a common log; subclasses decide."""

    log: ClassVar[list[str]] = []

    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        self.log.append(self.name)
        return self.answer(payload, context)

    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        return ToolPreInvokeResult()


class Appends(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        args = {"text": (payload.args or {})["text"] + self.name}
        return ToolPreInvokeResult(
            modified_payload=payload.model_copy(update={"args": args}),
            metadata={self.name: 1, "last": self.name},
            http_headers={"X-" + self.name: "1"},
            retry_delay_ms=self.priority,
        )


class Denies(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        violation = PluginViolation(reason="no", description="not this", code="DENIED", details={"by": self.name})
        args = {"text": "must not be used"}
        return ToolPreInvokeResult(
            continue_processing=False,
            violation=violation,
            modified_payload=payload.model_copy(update={"args": args}),
            metadata={self.name: 1},
        )


class Raises(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        raise ValueError(f"cannot handle {SECRET}")


class RaisesViolation(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        raise PluginViolationError("no", PluginViolation(reason="no", description="d", code="RAISED"))


class TooLarge(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        raise error_for(40, "input of 9 bytes is over the limit of 8 bytes")


class RaisesPluginError(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        raise PluginError(PluginErrorModel(message="backend is down", plugin_name=self.name))


class ReturnsNothing(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        return None  # type: ignore[return-value]


class Hangs(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        await asyncio.Event().wait()
        raise AssertionError("not reached")


class TimesOutInside(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        raise TimeoutError("a backend of its own")


class Mutates(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        assert payload.args is not None
        payload.args["deep"]["list"].append(self.name)
        return ToolPreInvokeResult(modified_payload=payload)


class Renames(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        return ToolPreInvokeResult(modified_payload=payload.model_copy(update={"name": "u", "args": {"text": "new"}}))


class OtherPayload(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        return ToolPreInvokeResult(modified_payload=ResourcePreFetchPayload(uri="u"))  # type: ignore[arg-type]


class KeepsState(Base):
    def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        context.set_state("runs", context.get_state("runs", 0) + 1)
        context.global_context.state["seen"] = [*context.global_context.state.get("seen", []), self.name]
        return ToolPreInvokeResult(metadata={"runs": context.get_state("runs")})


class SeesExtensions(Plugin):
    async def tool_pre_invoke(
        self, payload: ToolPreInvokePayload, context: PluginContext, extensions: Extensions | None
    ) -> Result:
        shown = [] if extensions is None else [name for name, value in vars(extensions).items() if value is not None]
        return ToolPreInvokeResult(metadata={"seen": shown}, modified_extensions=extensions)


class Marked(Plugin):
    @hook([HOOK, "prompt_pre_fetch"])
    async def whatever(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        return ToolPreInvokeResult(metadata={"marked": True})


class NotAsync(Plugin):
    def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        return ToolPreInvokeResult()


class TakesOne(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload) -> Result:
        return ToolPreInvokeResult()


class RefusesConfig(Plugin):
    def __init__(self, config: PluginConfig) -> None:
        super().__init__(config)
        raise error_for(23, "$.detect_ssn: wrong type", path="$.detect_ssn")


class BreaksAtStart(Base):
    async def initialize(self) -> None:
        raise OSError("no disk")


class Lives(Base):
    async def initialize(self) -> None:
        self.log.append("start " + self.name)

    async def shutdown(self) -> None:
        self.log.append("stop " + self.name)
        if self.name == "B":
            raise RuntimeError("cannot stop")


class ChangesItsConfig(Base):
    async def initialize(self) -> None:
        assert self.config.config is not None
        self.config.config["inner"].append(1)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("gwp_kinds")
    vars(module).update({name: kind for name, kind in globals().items() if isinstance(kind, type)})
    monkeypatch.setitem(sys.modules, "gwp_kinds", module)
    monkeypatch.setattr(Base, "log", [])


def plugin(kind: type[Plugin], name: str = "A", **fields: Any) -> PluginConfig:
    return PluginConfig(**{"name": name, "kind": f"gwp_kinds.{kind.__name__}", "hooks": [HOOK], **fields})


def invoke(
    *plugins: PluginConfig,
    payload: ToolPreInvokePayload | None = None,
    context: GlobalContext | None = None,
    times: int = 1,
    timeout: float = 5,
    manager_options: dict[str, Any] | None = None,
    **options: Any,
) -> PluginResult[Any]:
    payload = payload or ToolPreInvokePayload(name="t", args={"text": "-"})
    context = context or GlobalContext(request_id="r")

    async def scenario() -> PluginResult[Any]:
        manager = PluginManager(Config(plugins=list(plugins)), timeout=timeout, **(manager_options or {}))
        await manager.initialize()
        for _ in range(times - 1):
            await manager.invoke_hook(HOOK, payload, context, **options)
        result, _ = await manager.invoke_hook(HOOK, payload, context, **options)
        await result.wait_for_background_tasks()
        await manager.shutdown()
        return result

    return asyncio.run(scenario())


# --- order and rights -----------------------------------------------------------------------------------------------


def test_phases_come_in_order_and_priorities_within_a_phase() -> None:
    modes = ["fire_and_forget", "concurrent", "audit", "transform", "sequential"]
    plugins = [plugin(Base, f"{mode}-{p}", mode=mode, priority=p) for mode in modes for p in (9, 1)]
    invoke(*plugins)
    expected = [f"{mode}-{p}" for mode in reversed(modes) for p in (1, 9)]
    assert Base.log == expected


def test_disabled_plugins_are_not_even_imported() -> None:
    result = invoke(PluginConfig(name="X", kind="no.such.Kind", mode=PluginMode.DISABLED, hooks=[HOOK]))
    assert (result.continue_processing, result.executions) == (True, [])


@pytest.mark.parametrize(
    ("mode", "text"),
    [("sequential", "-AB"), ("transform", "-AB"), ("audit", None), ("concurrent", None), ("fire_and_forget", None)],
)
def test_who_may_modify(mode: str, text: str | None) -> None:
    payload = ToolPreInvokePayload(name="t", args={"text": "-"})
    result = invoke(
        plugin(Appends, "B", mode=mode, priority=2), plugin(Appends, "A", mode=mode, priority=1), payload=payload
    )
    assert payload.args == {"text": "-"}
    assert (result.modified_payload.args if result.modified_payload else None) == ({"text": text} if text else None)
    assert [run.payload_modified for run in result.executions] == [text is not None] * 2


@pytest.mark.parametrize(
    ("mode", "stops"),
    [("sequential", True), ("transform", False), ("audit", False), ("concurrent", True), ("fire_and_forget", False)],
)
def test_who_may_block(mode: str, stops: bool) -> None:
    result = invoke(plugin(Denies, mode=mode))
    assert result.continue_processing is not stops
    assert (result.violation is not None) is stops
    if result.violation:
        assert (result.violation.code, result.violation.plugin_name) == ("DENIED", "A")
        assert result.modified_payload is None
    assert result.executions[0].effective_allow is not stops


def test_a_refusal_keeps_what_came_before_and_stops_what_comes_after() -> None:
    result = invoke(
        plugin(Appends, "A", priority=1), plugin(Denies, "B", priority=2), plugin(Appends, "C", priority=3),
        plugin(Base, "D", mode="audit"), plugin(Base, "E", mode="fire_and_forget"),
    )  # fmt: skip
    assert Base.log == ["A", "B", "E"]
    assert result.modified_payload.args == {"text": "-A"}
    assert result.metadata == {"A": 1, "last": "A", "B": 1}
    assert [(run.plugin_name, run.effective_allow) for run in result.executions] == [
        ("A", True), ("B", False), ("E", True),
    ]  # fmt: skip


def test_a_concurrent_refusal_cancels_the_others() -> None:
    result = invoke(plugin(Hangs, "A", mode="concurrent"), plugin(Denies, "B", mode="concurrent"))
    assert not result.continue_processing
    assert [run.plugin_name for run in result.executions] == ["B"]


def test_answers_are_merged() -> None:
    result = invoke(plugin(Appends, "A", priority=1), plugin(Appends, "B", priority=2))
    assert result.metadata == {"A": 1, "B": 1, "last": "B"}
    assert result.http_headers == {"X-A": "1", "X-B": "1"}
    assert result.retry_delay_ms == 2


def test_background_plugins_get_what_the_others_made_of_the_payload() -> None:
    seen = []

    class Sees(Base):
        def answer(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
            seen.append(payload.args)
            return ToolPreInvokeResult()

    vars(sys.modules["gwp_kinds"])["Sees"] = Sees
    invoke(plugin(Sees, "B", mode="fire_and_forget"), plugin(Appends, "A"))
    assert seen == [{"text": "-A"}]


def test_a_raised_violation_is_a_refusal() -> None:
    result = invoke(plugin(RaisesViolation))
    assert result.violation is not None
    assert result.violation.code == "RAISED"
    assert invoke(plugin(RaisesViolation, mode="audit")).continue_processing


def test_violations_as_exceptions() -> None:
    with pytest.raises(PluginViolationError) as refused:
        invoke(plugin(Appends, "A", priority=1), plugin(Denies, "B"), violations_as_exceptions=True)
    assert str(refused.value) == f"{HOOK} blocked by plugin B: DENIED - no (not this)"
    assert refused.value.violation is not None
    assert [run.plugin_name for run in refused.value.executions or []] == ["A", "B"]
    assert invoke(plugin(Denies, mode="audit"), violations_as_exceptions=True).continue_processing


# --- failures -------------------------------------------------------------------------------------------------------

FAILURES: dict[type[Plugin], tuple[str, str, str]] = {
    Raises: ("ValueError", "error", "plugin_error"),
    RaisesPluginError: ("backend is down", "error", "plugin_error"),
    ReturnsNothing: ("TypeError", "error", "plugin_error"),
    TooLarge: ("InputTooLarge 40: input of 9 bytes is over the limit of 8 bytes", "error", "plugin_error"),
    TimesOutInside: ("TimeoutError", "error", "plugin_error"),
    Hangs: ("Plugin A exceeded 0.01s timeout", "timeout", "plugin_timeout"),
}


@pytest.mark.parametrize("mode", ["sequential", "transform", "audit", "concurrent"])
@pytest.mark.parametrize("kind", FAILURES)
def test_a_failure_fails_closed(kind: type[Plugin], mode: str) -> None:
    with pytest.raises(PluginError) as failed:
        invoke(plugin(kind, mode=mode), plugin(Base, "B", mode="concurrent"), timeout=0.01)
    assert (str(failed.value), failed.value.error.plugin_name) == (FAILURES[kind][0], "A")
    assert failed.value.__cause__ is not None


def test_the_cause_and_the_code_of_a_limit_reach_the_host() -> None:
    with pytest.raises(PluginError) as failed:
        invoke(plugin(TooLarge))
    assert isinstance(failed.value.__cause__, InputTooLarge)
    assert failed.value.error.code == "40"


@pytest.mark.parametrize("mode", ["sequential", "transform", "audit", "concurrent", "fire_and_forget"])
@pytest.mark.parametrize("on_error", ["ignore", "disable"])
@pytest.mark.parametrize("kind", FAILURES)
def test_a_failure_that_is_ignored_is_recorded(kind: type[Plugin], on_error: str, mode: str) -> None:
    result = invoke(plugin(kind, mode=mode, on_error=on_error), plugin(Base, "B"), timeout=0.01)
    assert result.continue_processing
    record = next(run for run in result.executions if run.plugin_name == "A")
    if mode == "fire_and_forget":  # the record is written when it starts
        assert record.status == "completed"
        return
    assert (record.status, record.error_code) == FAILURES[kind][1:]
    assert (record.requested_allow, record.effective_allow, record.matched) == (None, True, None)


@pytest.mark.parametrize(("on_error", "runs"), [("ignore", 3), ("disable", 1)])
def test_disable_leaves_a_plugin_out_after_its_first_failure(on_error: str, runs: int) -> None:
    invoke(plugin(Raises, on_error=on_error), times=3)
    assert Base.log == ["A"] * runs


def test_a_disabled_plugin_can_be_let_in_again() -> None:
    async def scenario() -> None:
        manager = PluginManager(Config(plugins=[plugin(Raises, on_error="disable")]))
        await manager.initialize()
        payload, context = ToolPreInvokePayload(name="t"), GlobalContext(request_id="r")
        await manager.invoke_hook(HOOK, payload, context)
        manager.executor.reset_runtime_disabled()
        await manager.invoke_hook(HOOK, payload, context)

    asyncio.run(scenario())
    assert Base.log == ["A", "A"]


def test_background_failures_are_reported_and_stop_nothing() -> None:
    async def scenario() -> list[Any]:
        manager = PluginManager(Config(plugins=[plugin(Raises, mode="fire_and_forget")]))
        await manager.initialize()
        result, _ = await manager.invoke_hook(HOOK, ToolPreInvokePayload(name="t"), GlobalContext(request_id="r"))
        assert result.continue_processing
        return await result.wait_for_background_tasks()

    assert [(error.plugin_name, error.message) for error in asyncio.run(scenario())] == [("A", "ValueError")]


def test_no_log_record_and_no_error_quotes_a_foreign_exception(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(PluginError) as failed:
        invoke(plugin(Raises))
    result = invoke(plugin(Raises, on_error="ignore"))
    told = (
        caplog.text.partition("Traceback")[0] + str(failed.value) + repr(result.executions) + str(result.model_dump())
    )
    assert SECRET not in told
    assert "plugin A failed: ValueError in tool_pre_invoke (on_error: ignore)" in caplog.text


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


# --- loading --------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[PluginConfig, int, str, str]] = {
    "no module": (PluginConfig(name="A", kind="no.such.Kind"), 24, "kind: no.such.Kind cannot be imported", "kind"),
    "no dot": (PluginConfig(name="A", kind="Kind"), 24, "kind: Kind cannot be imported", "kind"),
    "no class": (PluginConfig(name="A", kind="gwp_kinds.Nothing"), 24, "cannot be imported", "kind"),
    "no plugin": (PluginConfig(name="A", kind="json.JSONDecoder"), 24, "not a subclass", "kind"),
    "no hook": (plugin(Base, hooks=["tool_post_invoke"]), 24, "has no method 'tool_post_invoke'", "hooks"),
    "not async": (plugin(NotAsync), 24, "must be async", "hooks"),
    "one argument": (plugin(TakesOne), 24, "must take (payload, context[, extensions])", "hooks"),
    "its own config": (plugin(RefusesConfig), 23, "config: $.detect_ssn: wrong type", "config.detect_ssn"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_plugin_that_cannot_be_loaded_stops_the_chain(case: str) -> None:
    config, code, words, path = REFUSED[case]
    manager = PluginManager(Config(plugins=[plugin(Lives, "L"), config], source="chain.yaml"))
    with pytest.raises(ConfigError) as refused:
        asyncio.run(manager.initialize())
    assert str(refused.value).startswith(f"chain.yaml: plugin {config.name!r}: ")
    assert words in str(refused.value)
    assert (refused.value.code, refused.value.path) == (code, f"$.plugins[1].{path}")
    assert (manager.initialized, manager.plugin_count) == (False, 0)
    assert Base.log == ["start L", "stop L"]


def test_another_failure_at_start_names_the_plugin() -> None:
    manager = PluginManager(Config(plugins=[plugin(BreaksAtStart)]))
    with pytest.raises(RuntimeError, match="plugin 'A': did not start: OSError: no disk"):
        asyncio.run(manager.initialize())


def test_plugins_start_in_order_and_stop_in_reverse() -> None:
    async def scenario() -> None:
        manager = PluginManager(Config(plugins=[plugin(Lives, name) for name in "ABC"]))
        await manager.initialize()
        await manager.initialize()
        assert (manager.initialized, manager.plugin_count, manager.has_hooks_for(HOOK)) == (True, 3, True)
        assert manager.get_plugin("B") is not None
        await manager.shutdown()
        assert (manager.initialized, manager.plugin_count, manager.has_hooks_for(HOOK)) == (False, 0, False)
        assert manager.get_plugin("B") is None

    asyncio.run(scenario())
    assert Base.log == ["start A", "start B", "start C", "stop C", "stop B", "stop A"]


def test_a_plugin_cannot_change_what_the_manager_enforces() -> None:
    config = plugin(ChangesItsConfig, config={"inner": []})
    invoke(config)
    assert config.config == {"inner": []}


def test_hooks_may_be_marked_instead_of_named() -> None:
    assert invoke(plugin(Marked)).metadata == {"marked": True}


def test_a_hook_of_ones_own_is_made_known_by_its_types() -> None:
    hook("mail_pre_send", ToolPreInvokePayload, ToolPreInvokeResult)
    assert get_hook_registry().get_payload_type("mail_pre_send") is ToolPreInvokePayload


def test_a_manager_that_was_not_initialised_lets_nothing_pass() -> None:
    manager = PluginManager(Config(plugins=[plugin(Denies)]))
    with pytest.raises(RuntimeError, match="not initialised"):
        asyncio.run(manager.invoke_hook(HOOK, ToolPreInvokePayload(name="t"), GlobalContext(request_id="r")))


def test_managers_share_nothing() -> None:
    one, other = PluginManager(Config(plugins=[plugin(Base)])), TenantPluginManager()
    PluginManager.reset()
    asyncio.run(one.initialize())
    assert (one.plugin_count, other.plugin_count) == (1, 0)
    assert other.config.plugins == []


def test_a_hook_without_plugins_has_an_empty_answer() -> None:
    result = invoke()
    assert result == PluginResult()


def test_one_hook_of_one_plugin() -> None:
    async def scenario() -> None:
        manager = PluginManager(Config(plugins=[plugin(Appends), plugin(Denies, "B"), plugin(Raises, "C")]))
        await manager.initialize()
        payload, context = ToolPreInvokePayload(name="t", args={"text": "-"}), GlobalContext(request_id="r")
        result = await manager.invoke_hook_for_plugin("A", HOOK, payload, context)
        assert result.modified_payload.args == {"text": "-A"}
        denied = await manager.invoke_hook_for_plugin("B", HOOK, payload, PluginContext(global_context=context))
        assert not denied.continue_processing
        with pytest.raises(PluginViolationError, match="blocked by plugin B"):
            await manager.invoke_hook_for_plugin("B", HOOK, payload, context, violations_as_exceptions=True)
        with pytest.raises(PluginError, match="ValueError"):
            await manager.invoke_hook_for_plugin("C", HOOK, payload, context)
        with pytest.raises(PluginError, match="plugin 'D' has no hook"):
            await manager.invoke_hook_for_plugin("D", HOOK, payload, context)

    asyncio.run(scenario())


def test_plugin_dirs_make_modules_importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "gwp_local_kind.py").write_text(
        "from pyplugins.framework.embedded.base import Plugin\nclass Local(Plugin): pass\n", encoding="utf-8"
    )
    file = tmp_path / "config.yaml"
    file.write_text(
        f"plugin_dirs: [{tmp_path}, {tmp_path}/none]\nplugins: [{{name: A, kind: gwp_local_kind.Local}}]\n",
        encoding="utf-8",
    )
    manager = PluginManager(str(file))
    asyncio.run(manager.initialize())
    assert manager.plugin_count == 1
    assert str(tmp_path / "none") not in sys.path
