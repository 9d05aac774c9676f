"""Loads the plugins of a configuration, and stops them when the last call that uses them has ended.

A chain is whole or it is not there: a plugin that cannot be loaded stops those that were started before it. It must
never choose plugins for a call. Tests: tests/unit/test_framework_loading.py, tests/unit/test_framework_reload.py.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyplugins.errors import PluginError as EngineError
from pyplugins.errors import error_for
from pyplugins.framework.embedded.base import HookRef, Plugin, PluginRef
from pyplugins.framework.embedded.errors import PluginError
from pyplugins.framework.embedded.executor import PluginExecutor
from pyplugins.framework.embedded.models import Config, PluginMode

logger = logging.getLogger("pyplugins.framework")

_BAD_VALUE = 24  # CONFIG_VALUE in rustlib/core/rules/messages.json


@dataclass(eq=False)
class Loaded:
    """The plugins of one configuration, what runs them, and how many calls are using them."""

    config: Config
    executor: PluginExecutor
    plugins: dict[str, PluginRef] = field(default_factory=dict)
    hooks: dict[str, list[HookRef]] = field(default_factory=dict)
    _calls: int = 0
    _background: set[asyncio.Task[Any]] = field(default_factory=set)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Loaded:
        self._calls += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self._calls -= 1
        if not self._calls:
            self._idle.set()

    def watch(self, tasks: list[asyncio.Task[Any]]) -> None:
        """Background plugins of a call that has ended use the plugins still."""
        for task in tasks:
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def retire(self) -> None:
        """Stops the plugins when nobody uses them any more. No new call may begin."""
        while self._calls:
            self._idle.clear()
            await self._idle.wait()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.stop()

    async def stop(self) -> None:
        """Stops the plugins, last one first."""
        for ref in reversed(self.plugins.values()):
            try:
                await ref.plugin.shutdown()
            except Exception as why:  # one plugin must not keep the others from stopping
                logger.error("plugin %s did not stop cleanly: %s", ref.name, type(why).__name__)
        self.plugins.clear()
        self.hooks.clear()


async def load(config: Config, executor: PluginExecutor) -> Loaded:
    """Loads and starts every plugin that is not disabled.

    Raises:
        ConfigError: a ``kind`` cannot be imported, a hook is missing, or a plugin refuses its configuration.
        RuntimeError: a plugin failed to start for another reason.
    """
    _extend_search_path(config.plugin_dirs)
    loaded = Loaded(config, executor)
    try:
        for place, one in enumerate(config.plugins):
            if one.mode is not PluginMode.DISABLED:
                await _Entry(config, place).load_into(loaded)
    except BaseException:
        await loaded.stop()
        raise
    logger.info("%d plugins loaded", len(loaded.plugins))
    return loaded


class _Entry:
    """One plugin of a configuration, on its way to be loaded."""

    def __init__(self, config: Config, place: int) -> None:
        self._config = config.plugins[place]
        self._path = f"$.plugins[{place}]"
        name = f"plugin {self._config.name!r}"
        self._label = f"{config.source}: {name}" if config.source else name

    async def load_into(self, loaded: Loaded) -> None:
        ref = PluginRef(await self._start(), self._config)
        loaded.plugins[self._config.name] = ref
        for hook_type in self._config.hooks:
            try:
                loaded.hooks.setdefault(hook_type, []).append(HookRef(hook_type, ref))
            except PluginError as why:
                raise self._refused(f"hooks: {why}") from why

    async def _start(self) -> Plugin:
        kind = self._import()
        # The plugin gets a copy: what the manager enforces must not be in the plugin's hands.
        own = self._config.model_copy(update={"config": copy.deepcopy(self._config.config)})
        try:
            plugin = kind(own)
            await plugin.initialize()
        except EngineError as why:
            where = f"{self._path}.config" + why.path.removeprefix("$")
            raise error_for(
                why.code, f"{self._label}: config: {why}", path=where, implementation=why.implementation
            ) from why
        except Exception as why:
            raise RuntimeError(f"{self._label}: did not start: {type(why).__name__}: {why}") from why
        return plugin

    def _import(self) -> type[Plugin]:
        kind = self._config.kind
        module, _, name = kind.rpartition(".")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, ValueError, AttributeError) as why:
            raise self._refused(f"kind: {kind} cannot be imported: {why}") from why
        if not (isinstance(found, type) and issubclass(found, Plugin)):
            raise self._refused(f"kind: {kind} is not a subclass of pyplugins.framework.Plugin")
        return found

    def _refused(self, what: str) -> EngineError:
        return error_for(_BAD_VALUE, f"{self._label}: {what}", path=f"{self._path}.{what.partition(':')[0]}")


def _extend_search_path(plugin_dirs: list[str]) -> None:
    for name in plugin_dirs:
        folder = Path(name).resolve()
        if not folder.is_dir():
            logger.warning("plugin_dirs: %s is not a folder", name)
        elif str(folder) not in sys.path:
            sys.path.append(str(folder))
