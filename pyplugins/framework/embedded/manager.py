"""The plugin manager: loads a chain from its configuration and runs it for a host.

Unlike cpex's it keeps no state between managers, refuses a chain with a plugin that cannot be loaded, and refuses a
missing configuration file: a guard that is not there must be noticed. Tests: tests/unit/test_framework_manager.py.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyplugins.errors import PluginError as EngineError
from pyplugins.errors import error_for
from pyplugins.framework.embedded.base import HookRef, Plugin, PluginRef
from pyplugins.framework.embedded.config import ConfigLoader
from pyplugins.framework.embedded.errors import PluginError
from pyplugins.framework.embedded.executor import PluginExecutor
from pyplugins.framework.embedded.extensions import Extensions
from pyplugins.framework.embedded.models import (
    Config,
    GlobalContext,
    PluginConfig,
    PluginContext,
    PluginContextTable,
    PluginErrorModel,
    PluginMode,
    PluginResult,
)
from pyplugins.framework.embedded.payloads import PluginPayload
from pyplugins.framework.embedded.policy import HookPayloadPolicy

logger = logging.getLogger("pyplugins.framework")

DEFAULT_PLUGIN_TIMEOUT = 30.0  # seconds for one hook of one plugin, as in cpex
_BAD_VALUE = 24  # CONFIG_VALUE in rustlib/core/rules/messages.json


class PluginManager:
    """Loads the plugins of a configuration and invokes their hooks.

    Arguments:
        config: path of the configuration file, or a ``Config``; empty for no plugins.
        timeout: seconds that one hook of one plugin may take.
        hook_policies: payload fields that plugins may change, per hook; plugins then work on a private copy.
        default_hook_policy: ``"allow"`` or ``"deny"`` changes on hooks without a policy.

    Raises:
        ConfigError: the configuration is wrong; the message names file, plugin and key.
    """

    def __init__(
        self,
        config: str | os.PathLike[str] | Config = "",
        timeout: float = DEFAULT_PLUGIN_TIMEOUT,
        hook_policies: Mapping[str, HookPayloadPolicy] | None = None,
        default_hook_policy: str | None = None,
    ) -> None:
        if isinstance(config, Config):
            self._config = config
        else:
            self._config = ConfigLoader.load_config(config) if os.fspath(config) else Config()
        self._executor = PluginExecutor(timeout, hook_policies, default_hook_policy)
        self._plugins: dict[str, PluginRef] = {}
        self._hooks: dict[str, list[HookRef]] = {}
        self._lock = asyncio.Lock()
        self._initialized = False

    @classmethod
    def reset(cls) -> None:
        """Nothing to do: managers share no state. It is here because cpex's manager needs it between tests."""

    @property
    def config(self) -> Config:
        """The configuration in use."""
        return self._config

    @property
    def executor(self) -> PluginExecutor:
        """What runs the hooks."""
        return self._executor

    @property
    def initialized(self) -> bool:
        """True between ``initialize`` and ``shutdown``."""
        return self._initialized

    @property
    def plugin_count(self) -> int:
        """How many plugins are loaded; disabled ones are not."""
        return len(self._plugins)

    def get_plugin(self, name: str) -> Plugin | None:
        """The loaded plugin of that name."""
        ref = self._plugins.get(name)
        return ref.plugin if ref else None

    def has_hooks_for(self, hook_type: str) -> bool:
        """True when a loaded plugin is configured for the hook."""
        return bool(self._hooks.get(hook_type))

    async def initialize(self) -> None:
        """Loads and starts every plugin that is not disabled.

        Raises:
            ConfigError: a ``kind`` cannot be imported, a hook is missing, or a plugin refuses its configuration.
            RuntimeError: a plugin failed to start for another reason.
        """
        async with self._lock:
            if self._initialized:
                return
            _extend_search_path(self._config.plugin_dirs)
            try:
                for config in self._config.plugins:
                    if config.mode is not PluginMode.DISABLED:
                        self._register(await self._start(config), config)
            except BaseException:
                await self._stop_all()
                raise
            self._initialized = True
            logger.info("%d plugins loaded", len(self._plugins))

    async def shutdown(self) -> None:
        """Stops the plugins, last one first."""
        async with self._lock:
            await self._stop_all()
            self._initialized = False

    async def invoke_hook(
        self,
        hook_type: str,
        payload: PluginPayload,
        global_context: GlobalContext,
        local_contexts: PluginContextTable | None = None,
        violations_as_exceptions: bool = False,
        extensions: Extensions | None = None,
    ) -> tuple[PluginResult[Any], PluginContextTable | None]:
        """Runs the plugins of a hook and returns the joint result and their contexts.

        Arguments:
            local_contexts: what the pre hook of the same request returned.
            violations_as_exceptions: raise a refusal instead of returning it.

        Raises:
            PluginError: a plugin with ``on_error: fail`` failed; the content has not been checked.
            PluginViolationError: a plugin refused, and ``violations_as_exceptions`` is set.
            RuntimeError: the manager was not initialised; an empty chain would pass everything.
        """
        if not self._initialized:
            raise RuntimeError("the plugin manager is not initialised: await initialize() first")
        refs = self._hooks.get(hook_type, [])
        return await self._executor.execute(
            refs, payload, global_context, hook_type, local_contexts, violations_as_exceptions, extensions
        )

    async def invoke_hook_for_plugin(
        self,
        name: str,
        hook_type: str,
        payload: PluginPayload,
        context: PluginContext | GlobalContext,
        violations_as_exceptions: bool = False,
        extensions: Extensions | None = None,
    ) -> PluginResult[Any]:
        """Runs one hook of one plugin and returns its own result.

        Raises:
            PluginError: the plugin is not loaded for this hook, or it failed with ``on_error: fail``.
        """
        found = [ref for ref in self._hooks.get(hook_type, []) if ref.plugin_ref.name == name]
        if not found:
            raise PluginError(PluginErrorModel(message=f"plugin {name!r} has no hook {hook_type}", plugin_name=name))
        if isinstance(context, GlobalContext):
            context = PluginContext(global_context=context)
        return await self._executor.execute_one(found[0], payload, context, violations_as_exceptions, extensions)

    async def _start(self, config: PluginConfig) -> Plugin:
        kind = self._import(config)
        # The plugin gets a copy: what the manager enforces must not be in the plugin's hands.
        own = config.model_copy(update={"config": copy.deepcopy(config.config)})
        try:
            plugin = kind(own)
            await plugin.initialize()
        except EngineError as why:
            where = f"$.plugins[{self._config.plugins.index(config)}].config" + why.path.removeprefix("$")
            raise error_for(
                why.code, f"{self._label(config)}: config: {why}", path=where, implementation=why.implementation
            ) from why
        except Exception as why:
            raise RuntimeError(f"{self._label(config)}: did not start: {type(why).__name__}: {why}") from why
        return plugin

    def _import(self, config: PluginConfig) -> type[Plugin]:
        module, _, name = config.kind.rpartition(".")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, ValueError, AttributeError) as why:
            raise self._refused(config, f"kind: {config.kind} cannot be imported: {why}") from why
        if not (isinstance(found, type) and issubclass(found, Plugin)):
            raise self._refused(config, f"kind: {config.kind} is not a subclass of pyplugins.framework.Plugin")
        return found

    def _register(self, plugin: Plugin, config: PluginConfig) -> None:
        ref = PluginRef(plugin, config)
        self._plugins[config.name] = ref
        for hook_type in config.hooks:
            try:
                self._hooks.setdefault(hook_type, []).append(HookRef(hook_type, ref))
            except PluginError as why:
                raise self._refused(config, f"hooks: {why}") from why

    async def _stop_all(self) -> None:
        for ref in reversed(self._plugins.values()):
            try:
                await ref.plugin.shutdown()
            except Exception as why:  # one plugin must not keep the others from stopping
                logger.error("plugin %s did not stop cleanly: %s", ref.name, type(why).__name__)
        self._plugins.clear()
        self._hooks.clear()

    def _label(self, config: PluginConfig) -> str:
        return f"{self._config.source}: plugin {config.name!r}" if self._config.source else f"plugin {config.name!r}"

    def _refused(self, config: PluginConfig, what: str) -> EngineError:
        path = f"$.plugins[{self._config.plugins.index(config)}].{what.partition(':')[0]}"
        return error_for(_BAD_VALUE, f"{self._label(config)}: {what}", path=path)


class TenantPluginManager(PluginManager):
    """A manager of its own for each tenant; here every manager is, in cpex only this one."""


def _extend_search_path(plugin_dirs: list[str]) -> None:
    for name in plugin_dirs:
        folder = Path(name).resolve()
        if not folder.is_dir():
            logger.warning("plugin_dirs: %s is not a folder", name)
        elif str(folder) not in sys.path:
            sys.path.append(str(folder))
