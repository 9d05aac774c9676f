"""The plugin base class, the ``hook`` decorator, and what the manager keeps about a loaded plugin.

Tests: tests/unit/test_framework_loading.py.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from pyplugins.framework.embedded.errors import PluginError
from pyplugins.framework.embedded.models import (
    OnError,
    PluginCondition,
    PluginConfig,
    PluginErrorModel,
    PluginMode,
    PluginResult,
)
from pyplugins.framework.embedded.payloads import PluginPayload, get_hook_registry

HookMethod = Callable[..., Awaitable[PluginResult[Any]]]
F = TypeVar("F", bound=Callable[..., Any])

_HOOKS_ATTRIBUTE = "_gwplugins_hooks"


class Plugin:
    """Base of every plugin: one ``PluginConfig`` in, and ``async`` methods named like the hooks.

    A hook takes ``(payload, context)`` or ``(payload, context, extensions)`` and returns a ``PluginResult``.
    """

    def __init__(
        self,
        config: PluginConfig,
        hook_payloads: dict[str, type[PluginPayload]] | None = None,
        hook_results: dict[str, type[PluginResult[Any]]] | None = None,
    ) -> None:
        self._config = config
        self._hook_payloads = hook_payloads
        self._hook_results = hook_results

    @property
    def config(self) -> PluginConfig:
        """The configuration that the plugin was made with."""
        return self._config

    @property
    def name(self) -> str:
        """Unique name in the chain."""
        return self._config.name

    @property
    def priority(self) -> int:
        """Place within a phase; lower runs first."""
        return self._config.priority

    @property
    def mode(self) -> PluginMode:
        """What the plugin may do."""
        return self._config.mode

    @property
    def hooks(self) -> list[str]:
        """The hooks it is configured for."""
        return self._config.hooks

    @property
    def tags(self) -> list[str]:
        """Free labels."""
        return self._config.tags

    @property
    def conditions(self) -> list[PluginCondition] | None:
        """When it runs."""
        return self._config.conditions

    async def initialize(self) -> None:
        """Called once, before the first hook."""

    async def shutdown(self) -> None:
        """Called once, after the last hook."""


def hook(
    hook_type: str | Sequence[str],
    payload_type: type[PluginPayload] | None = None,
    result_type: type[PluginResult[Any]] | None = None,
) -> Callable[[F], F]:
    """Marks a method as the handler of one or several hooks, whatever its name.

    A hook of one's own is made known by giving its payload and result types.
    """
    names = [hook_type] if isinstance(hook_type, str) else list(hook_type)
    if payload_type and result_type:
        for name in names:
            get_hook_registry().register_hook(name, payload_type, result_type)

    def mark(function: F) -> F:
        setattr(function, _HOOKS_ATTRIBUTE, frozenset(names))
        return function

    return mark


class PluginRef:
    """A loaded plugin with the manager's own copy of its configuration, which the plugin cannot change."""

    def __init__(self, plugin: Plugin, trusted_config: PluginConfig) -> None:
        self.plugin = plugin
        self.trusted_config = trusted_config
        self.uuid = os.urandom(16).hex()

    @property
    def name(self) -> str:
        """Unique name in the chain."""
        return self.trusted_config.name

    @property
    def mode(self) -> PluginMode:
        """What the plugin may do."""
        return self.trusted_config.mode

    @property
    def on_error(self) -> OnError:
        """What its failure means."""
        return self.trusted_config.on_error

    @property
    def priority(self) -> int:
        """Place within a phase."""
        return self.trusted_config.priority


class HookRef:
    """One hook method of one plugin."""

    def __init__(self, hook_type: str, plugin_ref: PluginRef) -> None:
        """Finds the method and checks its signature.

        Raises:
            PluginError: there is no such method, it is not ``async``, or it does not take two or three arguments.
        """
        self.hook_type = hook_type
        self.plugin_ref = plugin_ref
        self.method = _find(hook_type, plugin_ref)
        self.accepts_extensions = _arguments(hook_type, self.method, plugin_ref) == 3


def _find(hook_type: str, ref: PluginRef) -> HookMethod:
    named: HookMethod | None = getattr(ref.plugin, hook_type, None)
    if named is not None:
        return named
    for _, method in inspect.getmembers(ref.plugin, inspect.ismethod):
        if hook_type in getattr(method, _HOOKS_ATTRIBUTE, ()):
            return method
    raise _refused(ref, f"has no method {hook_type!r} and none marked @hook({hook_type!r})")


def _arguments(hook_type: str, method: HookMethod, ref: PluginRef) -> int:
    count = len(inspect.signature(method).parameters)
    if count not in (2, 3):
        raise _refused(ref, f"hook {hook_type!r} must take (payload, context[, extensions])")
    if not inspect.iscoroutinefunction(method):
        raise _refused(ref, f"hook {hook_type!r} must be async")
    return count


def _refused(ref: PluginRef, why: str) -> PluginError:
    return PluginError(PluginErrorModel(message=f"plugin {ref.name!r} {why}", plugin_name=ref.name))
