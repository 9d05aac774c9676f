"""Reloading the embedded manager: all plugins or none, and calls under way keep the ones they began with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from gw_chain import HOOK, Base, Denies, Lives, Raises, RaisesPluginError, Result, TooLarge, install, plugin

from pyplugins.errors import ConfigError
from pyplugins.framework.embedded.errors import PluginError
from pyplugins.framework.embedded.manager import PluginManager
from pyplugins.framework.embedded.models import Config, GlobalContext, PluginContext, PluginResult
from pyplugins.framework.embedded.payloads import ToolPreInvokePayload, ToolPreInvokeResult


class Gated(Lives):
    """Waits in its hook until the test lets it go, and tells whether it had been stopped by then."""

    entered: asyncio.Event
    gate: asyncio.Event

    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> Result:
        type(self).entered.set()
        await type(self).gate.wait()
        self.log.append(f"answer {self.name}")
        return ToolPreInvokeResult(metadata={"by": self.name})


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    monkeypatch.setattr("gwp_kinds.Gated", Gated, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chain.yaml"


def write(file: Path, *kinds: type[Any], mode: str = "sequential", on_error: str = "fail", prefix: str = "") -> None:
    lines = [
        f"  - {{name: {prefix}{kind.__name__}, kind: gwp_kinds.{kind.__name__}, hooks: [{HOOK}], mode: {mode}, "
        f"on_error: {on_error}}}\n"
        for kind in kinds
    ]
    file.write_text("plugins:\n" + "".join(lines))


async def call(manager: PluginManager) -> PluginResult[Any]:
    payload = ToolPreInvokePayload(name="t", args={"text": "-"})
    result, _ = await manager.invoke_hook(HOOK, payload, GlobalContext(request_id="r"))
    return result


def run(file: Path, *kinds: type[Any], then: Callable[[PluginManager], Awaitable[None]], **fields: str) -> None:
    async def scenario() -> None:
        write(file, *kinds, **fields)
        manager = PluginManager(file)
        await manager.initialize()
        await then(manager)
        await manager.shutdown()

    asyncio.run(scenario())


def test_the_file_is_read_again(file: Path) -> None:
    async def then(manager: PluginManager) -> None:
        assert (await call(manager)).continue_processing
        write(file, Denies)
        await manager.reload()
        assert not (await call(manager)).continue_processing
        assert [one.name for one in manager.config.plugins] == ["Denies"]
        assert manager.get_plugin("Lives") is None
        assert manager.plugin_count == 1

    run(file, Lives, then=then)
    assert sorted(Base.log) == sorted(["start Lives", "Lives", "stop Lives", "Denies"])


BAD = {
    "gone": None,
    "no YAML": "plugins: [",
    "no such kind": "plugins: [{name: A, kind: no.such.Kind}]",
    "second one is bad": f"plugins: [{{name: A, kind: gwp_kinds.Lives, hooks: [{HOOK}]}}, {{name: B, kind: x}}]",
    "does not start": "plugins: [{name: A, kind: gwp_kinds.BreaksAtStart}]",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_file_keeps_the_old_plugins(file: Path, text: str | None) -> None:
    async def then(manager: PluginManager) -> None:
        file.unlink() if text is None else file.write_text(text)
        with pytest.raises((ConfigError, RuntimeError), match=r"chain\.yaml"):
            await manager.reload()
        assert not (await call(manager)).continue_processing
        assert [one.name for one in manager.config.plugins] == ["Denies"]
        write(file, Lives)
        await manager.reload()
        assert (await call(manager)).continue_processing

    run(file, Denies, then=then)
    # What the bad file had started was stopped at once.
    assert Base.log.count("start A") == Base.log.count("stop A")


def test_a_call_under_way_finishes_with_the_plugins_it_began_with(file: Path) -> None:
    async def then(manager: PluginManager) -> None:
        Gated.entered, Gated.gate = asyncio.Event(), asyncio.Event()
        under_way = asyncio.create_task(call(manager))
        await Gated.entered.wait()
        write(file, Lives)
        await manager.reload()
        assert (await call(manager)).metadata == {}
        Gated.gate.set()
        assert (await under_way).metadata == {"by": "Gated"}

    run(file, Gated, then=then)
    assert Base.log == ["start Gated", "start Lives", "Lives", "answer Gated", "stop Gated", "stop Lives"]


def test_background_plugins_finish_before_they_are_stopped(file: Path) -> None:
    async def then(manager: PluginManager) -> None:
        Gated.entered, Gated.gate = asyncio.Event(), asyncio.Event()
        result = await call(manager)
        await Gated.entered.wait()
        write(file, Lives)
        await manager.reload()
        await asyncio.sleep(0)
        assert "stop Gated" not in Base.log
        Gated.gate.set()
        assert await result.wait_for_background_tasks() == []

    run(file, Gated, mode="fire_and_forget", then=then)
    assert Base.log.index("answer Gated") < Base.log.index("stop Gated")


def test_a_plugin_that_was_left_out_is_back(file: Path) -> None:
    async def then(manager: PluginManager) -> None:
        for _ in range(2):
            assert (await call(manager)).continue_processing
        assert Base.log == ["Raises"]
        await manager.reload()
        await call(manager)
        assert Base.log == ["Raises", "Raises"]

    run(file, Raises, on_error="disable", then=then)


def test_options_of_the_manager_outlive_a_reload(file: Path) -> None:
    async def scenario() -> None:
        write(file, Lives)
        manager = PluginManager(file, timeout=7, default_hook_policy="deny")
        await manager.initialize()
        await manager.reload()
        assert (manager.executor.timeout, manager.executor.default_hook_policy) == (7, "deny")
        await manager.shutdown()

    asyncio.run(scenario())


def test_another_configuration(file: Path) -> None:
    async def scenario() -> None:
        manager = PluginManager(Config(plugins=[plugin(Lives)]))
        await manager.initialize()
        with pytest.raises(ConfigError, match="no configuration file"):
            await manager.reload()
        await manager.reload(Config(plugins=[plugin(Denies)]))
        assert not (await call(manager)).continue_processing
        write(file, TooLarge)
        await manager.reload(file)
        with pytest.raises(PluginError):
            await call(manager)
        write(file, RaisesPluginError, on_error="ignore")
        await manager.reload()
        assert (await call(manager)).continue_processing
        await manager.shutdown()

    asyncio.run(scenario())


def test_reload_before_initialize_is_an_error(file: Path) -> None:
    write(file, Lives)
    with pytest.raises(RuntimeError, match="not initialised"):
        asyncio.run(PluginManager(file).reload())
