"""Checks a plugin chain's configuration by making every plugin of it, and no more: nothing is started, nothing is run.

Tests: tests/cli/test_check_config.py.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from pyplugins import framework
from pyplugins.cli import exits
from pyplugins.errors import ConfigError

#: Our own plugins take this key: unknown keys are then errors instead of warnings.
_STRICT = "strict_config"


@dataclass(frozen=True)
class Checked:
    """One plugin: what it is, or what is wrong with it. A file that cannot be read at all has one row without a
    plugin."""

    plugin: str
    about: str = ""
    error: str = ""
    #: JSON path of the value at fault.
    path: str = ""


def chain(file: str) -> list[Checked]:
    """A row for each plugin of the file."""
    try:
        config = framework.ConfigLoader.load_config(file)
    except Exception as why:  # cpex raises whatever its parts raise; no scanned text is near
        path = getattr(why, "path", "")
        return [Checked("", error=_led(_words(why), file), path=path)]
    return [_plugin(file, index, plugin) for index, plugin in enumerate(config.plugins or [])]


def _plugin(file: str, index: int, config: framework.PluginConfig) -> Checked:
    about = f"{config.kind}, {config.mode.value}, {len(config.hooks)} hooks"
    if config.mode is framework.PluginMode.DISABLED:
        return Checked(config.name, about=f"{about}, not checked")
    place = f"$.plugins[{index}]"
    try:
        kind = _import(config.kind)
    except (ImportError, AttributeError, ValueError, TypeError) as why:
        return _wrong(file, config, f"{place}.kind", f"{config.kind} cannot be imported: {_words(why)}")
    try:
        plugin = _made(kind, config)
    except ConfigError as why:
        path = f"{place}.config{why.path.removeprefix('$')}"
        return _wrong(file, config, path, str(why).removeprefix(f"{why.path}: "))
    except Exception as why:
        return _wrong(file, config, f"{place}.config", _words(why))
    try:
        ref = framework.PluginRef(plugin, config)
        for hook in config.hooks:
            framework.HookRef(hook, ref)
    except framework.PluginError as why:
        return _wrong(file, config, f"{place}.hooks", why.error.message)
    implementation = getattr(plugin, "implementation", None)
    return Checked(config.name, about=f"{about}, {implementation}" if implementation else about)


def _import(kind: str) -> type[Any]:
    module, _, name = kind.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    if not (isinstance(found, type) and issubclass(found, framework.Plugin)):
        raise TypeError("it is not a plugin class")
    return found


def _made(kind: type[Any], config: framework.PluginConfig) -> Any:
    own = dict(config.config or {})
    if kind.__module__.startswith("pyplugins."):
        try:
            return kind(config.model_copy(update={"config": {_STRICT: True, **own}}))
        except ConfigError as why:
            if why.path != f"$.{_STRICT}":
                raise
    return kind(config.model_copy(update={"config": own}))


def _wrong(file: str, config: framework.PluginConfig, path: str, what: str) -> Checked:
    return Checked(config.name, error=f"{exits.printable(file)}: plugin {config.name!r}: {path}: {what}", path=path)


def _words(why: Exception) -> str:
    return " ".join(str(why).split()) or type(why).__name__


def _led(words: str, file: str) -> str:
    return words if words.startswith(file) else f"{exits.printable(file)}: {words}"
