"""The plugin manager: loads a chain from its configuration and runs it for a host.

Unlike cpex's it keeps no state between managers, refuses a chain with a plugin that cannot be loaded, and refuses a
missing configuration file: a guard that is not there must be noticed.
Tests: tests/unit/test_framework_manager.py, tests/unit/test_framework_reload.py.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import Any

from pyplugins.errors import error_for
from pyplugins.framework.embedded.base import Plugin
from pyplugins.framework.embedded.config import ConfigLoader
from pyplugins.framework.embedded.errors import PluginError
from pyplugins.framework.embedded.executor import PluginExecutor
from pyplugins.framework.embedded.extensions import Extensions
from pyplugins.framework.embedded.loading import Loaded, load
from pyplugins.framework.embedded.models import (
    Config,
    GlobalContext,
    PluginContext,
    PluginContextTable,
    PluginErrorModel,
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
        self._options = (timeout, hook_policies, default_hook_policy)
        self._file, chain = _source(config)
        #: The chain in use; without plugins until `initialize` and after `shutdown`.
        self._loaded = Loaded(chain, PluginExecutor(*self._options))
        self._lock = asyncio.Lock()
        self._initialized = False
        self._retiring: set[asyncio.Task[None]] = set()

    @classmethod
    def reset(cls) -> None:
        """Nothing to do: managers share no state. It is here because cpex's manager needs it between tests."""

    @property
    def config(self) -> Config:
        """The configuration in use."""
        return self._loaded.config

    @property
    def executor(self) -> PluginExecutor:
        """What runs the hooks; another one after `reload`."""
        return self._loaded.executor

    @property
    def initialized(self) -> bool:
        """True between ``initialize`` and ``shutdown``."""
        return self._initialized

    @property
    def plugin_count(self) -> int:
        """How many plugins are loaded; disabled ones are not."""
        return len(self._loaded.plugins)

    def get_plugin(self, name: str) -> Plugin | None:
        """The loaded plugin of that name."""
        ref = self._loaded.plugins.get(name)
        return ref.plugin if ref else None

    def has_hooks_for(self, hook_type: str) -> bool:
        """True when a loaded plugin is configured for the hook."""
        return bool(self._loaded.hooks.get(hook_type))

    async def initialize(self) -> None:
        """Loads and starts every plugin that is not disabled.

        Raises:
            ConfigError: a ``kind`` cannot be imported, a hook is missing, or a plugin refuses its configuration.
            RuntimeError: a plugin failed to start for another reason.
        """
        async with self._lock:
            if self._initialized:
                return
            self._loaded = await load(self._loaded.config, self._loaded.executor)
            self._initialized = True

    async def reload(self, config: str | os.PathLike[str] | Config | None = None) -> None:
        """Replaces the plugins by those of the configuration file, read again; all of them or none.

        Calls under way finish with the old plugins, which are stopped after the last of them. A plugin that
        ``on_error: disable`` had left out is back. Modules are not imported again: what changes is the configuration.

        Arguments:
            config: another file or ``Config`` instead of the one the manager was made with; the next reload reads it.

        Raises:
            ConfigError: the configuration is wrong, or there is no file to read again. The old plugins stay in use.
            RuntimeError: a plugin failed to start, or the manager is not initialised. The old plugins stay in use.
        """
        async with self._lock:
            if not self._initialized:
                raise RuntimeError("the plugin manager is not initialised: await initialize() first")
            file, chain = _source(self._file if config is None else config)
            if config is None and not file:
                raise error_for(_BAD_VALUE, "there is no configuration file to read again", path="$")
            fresh = await load(chain, PluginExecutor(*self._options))
            old, self._loaded, self._file = self._loaded, fresh, file
            task = asyncio.create_task(old.retire())
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def shutdown(self) -> None:
        """Stops the plugins, last one first, and waits for those that a reload has replaced."""
        async with self._lock:
            self._initialized = False
            await self._loaded.stop()
            await asyncio.gather(*self._retiring)

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
        async with self._loaded as loaded:
            refs = loaded.hooks.get(hook_type, [])
            result, contexts = await loaded.executor.execute(
                refs, payload, global_context, hook_type, local_contexts, violations_as_exceptions, extensions
            )
            loaded.watch(result.background_tasks)
            return result, contexts

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
        if isinstance(context, GlobalContext):
            context = PluginContext(global_context=context)
        async with self._loaded as loaded:
            found = [ref for ref in loaded.hooks.get(hook_type, []) if ref.plugin_ref.name == name]
            if not found:
                what = f"plugin {name!r} has no hook {hook_type}"
                raise PluginError(PluginErrorModel(message=what, plugin_name=name))
            return await loaded.executor.execute_one(found[0], payload, context, violations_as_exceptions, extensions)


class TenantPluginManager(PluginManager):
    """A manager of its own for each tenant; here every manager is, in cpex only this one."""


def _source(config: str | os.PathLike[str] | Config) -> tuple[str, Config]:
    """The file, if it is one, and the chain in it."""
    if isinstance(config, Config):
        return "", config
    file = os.fspath(config)
    return file, ConfigLoader.load_config(file) if file else Config()
