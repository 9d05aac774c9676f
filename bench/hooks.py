"""A plugin's hook as an operation, for ours and the peers' alike. Tests: tests/bench/test_worker.py."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


class Hook:
    """One hook of a plugin, called with a ready payload.

    Args:
        framework: ``pyplugins.framework`` or ``cpex.framework``, which have the same names.
        kind: the plugin's class.
        hook: the hook's name; `payload` is the name of its payload's class.
        config: the plugin's configuration.
    """

    def __init__(self, framework: str, kind: str, hook: str, payload: str, config: Mapping[str, Any]) -> None:
        names = import_module(framework)
        module, _, name = kind.rpartition(".")
        settings = names.PluginConfig(name="bench", kind=kind, hooks=[hook], config=dict(config))
        self._hook = getattr(getattr(import_module(module), name)(settings), hook)
        self._context = names.PluginContext(global_context=names.GlobalContext(request_id="bench"))
        self._payload = getattr(names, payload)

    def prepare(self, data: Mapping[str, Any]) -> Any:
        """The payload of these fields."""
        return self._payload(**data)

    def __call__(self, payload: Any) -> Any:
        """The hook's result. There is no event loop: no hook of a guard waits for anything."""
        running = self._hook(payload, self._context)
        try:
            running.send(None)
        except StopIteration as done:
            return done.value
        raise RuntimeError("the hook waits")
