"""The embedded manager: loading, starting and stopping plugins, and hooks of one's own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from gw_chain import (
    HOOK,
    Appends,
    Base,
    BreaksAtStart,
    ChangesItsConfig,
    Denies,
    Lives,
    Marked,
    NotAsync,
    Raises,
    RefusesConfig,
    TakesOne,
    install,
    invoke,
    plugin,
)

from pyplugins.errors import ConfigError
from pyplugins.framework.embedded.base import hook
from pyplugins.framework.embedded.errors import PluginError, PluginViolationError
from pyplugins.framework.embedded.manager import PluginManager, TenantPluginManager
from pyplugins.framework.embedded.models import (
    Config,
    GlobalContext,
    PluginConfig,
    PluginContext,
    PluginResult,
)
from pyplugins.framework.embedded.payloads import (
    ToolPreInvokePayload,
    ToolPreInvokeResult,
    get_hook_registry,
)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


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
