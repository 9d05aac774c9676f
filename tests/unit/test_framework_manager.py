"""The embedded manager: phases, rights of the modes, failures, time limits."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any

import pytest
from gw_chain import (
    HOOK,
    SECRET,
    Appends,
    Base,
    Denies,
    Hangs,
    Raises,
    RaisesPluginError,
    RaisesViolation,
    Result,
    ReturnsNothing,
    TimesOutInside,
    TooLarge,
    Waits,
    install,
    invoke,
    plugin,
)

from pyplugins.errors import InputTooLarge
from pyplugins.framework.embedded.base import Plugin
from pyplugins.framework.embedded.errors import PluginError, PluginViolationError
from pyplugins.framework.embedded.manager import PluginManager
from pyplugins.framework.embedded.models import (
    Config,
    GlobalContext,
    PluginConfig,
    PluginContext,
    PluginMode,
)
from pyplugins.framework.embedded.payloads import (
    ToolPreInvokePayload,
    ToolPreInvokeResult,
)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


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


@pytest.mark.parametrize("mode", ["sequential", "concurrent"])
def test_a_hook_may_wait_within_its_time(mode: str) -> None:
    assert invoke(plugin(Waits, mode=mode)).continue_processing
    assert Base.log == ["A waited", "A"]


def test_what_a_hook_did_before_it_waits_counts_against_its_time() -> None:
    class Works(Hangs):
        async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
            time.sleep(0.1)  # blocks, as a long computation does
            return await super().tool_pre_invoke(payload, context)

    vars(sys.modules["gwp_kinds"])["Works"] = Works
    record = invoke(plugin(Works, on_error="ignore"), timeout=0.15).executions[0]
    assert record.status == "timeout"
    assert record.duration_ns >= 150_000_000


def test_a_hook_that_waits_is_cancelled_with_its_caller() -> None:
    ended: list[str] = []

    class Clears(Base):
        async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(self.name)
            raise AssertionError("not reached")

    vars(sys.modules["gwp_kinds"])["Clears"] = Clears

    async def scenario() -> None:
        manager = PluginManager(Config(plugins=[plugin(Clears)]))
        await manager.initialize()
        call = manager.invoke_hook(HOOK, ToolPreInvokePayload(name="t"), GlobalContext(request_id="r"))
        task = asyncio.create_task(call)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert ended == ["A"]


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
