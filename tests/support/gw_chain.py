"""Plugins that misbehave in one way each, and a chain of them behind the embedded manager.

Used by tests/unit/test_framework_manager.py, test_framework_scope.py and test_framework_loading.py.
"""

from __future__ import annotations

import asyncio
import sys
import types
from typing import Any, ClassVar

import pytest

from pyplugins.errors import error_for
from pyplugins.framework.embedded.base import Plugin, hook
from pyplugins.framework.embedded.errors import PluginError, PluginViolationError
from pyplugins.framework.embedded.extensions import Extensions
from pyplugins.framework.embedded.manager import PluginManager
from pyplugins.framework.embedded.models import (
    Config,
    GlobalContext,
    PluginConfig,
    PluginContext,
    PluginErrorModel,
    PluginResult,
    PluginViolation,
)
from pyplugins.framework.embedded.payloads import (
    ResourcePreFetchPayload,
    ToolPreInvokePayload,
    ToolPreInvokeResult,
)

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


class Waits(Base):
    """Waits a few times, for things that come and for one that fails, before it answers."""

    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        broken = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(broken.set_exception, OSError("not there"))
        try:
            await broken
        except OSError:
            self.log.append(f"{self.name} waited")
        return await super().tool_pre_invoke(payload, context)


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


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the plugins below importable as `gwp_kinds`, with an empty log."""
    module = types.ModuleType("gwp_kinds")
    vars(module).update({name: kind for name, kind in globals().items() if isinstance(kind, type)})
    monkeypatch.setitem(sys.modules, "gwp_kinds", module)
    monkeypatch.setattr(Base, "log", [])


def plugin(kind: type[Plugin], name: str = "A", **fields: Any) -> PluginConfig:
    """The configuration of one of them."""
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
    """What a manager with these plugins answers, after `times` calls."""
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
