"""Finds the plugins: every package of `pyplugins` that has a configuration schema is one.

A plugin package lists itself: its `__all__` names `X`, `XRust` and `XPython`, and `X` is the direct API. Nothing here
knows a plugin's name. Tests: tests/cli/test_plugins.py.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pyplugins
from pyplugins.cli.exits import Failure
from pyplugins.core import data


def names() -> list[str]:
    """The installed plugins, without importing them."""
    return sorted(
        module.name for module in pkgutil.iter_modules(pyplugins.__path__) if module.ispkg and _has_schema(module.name)
    )


def schema(plugin: str) -> dict[str, Any]:
    """The JSON Schema of a plugin's configuration."""
    known(plugin)
    found: dict[str, Any] = data.load(plugin, "schema.json")
    return found


def api(plugin: str) -> type[Any]:
    """The direct-API class of a plugin.

    Raises:
        Failure: there is no such plugin, or it has no direct API.
    """
    known(plugin)
    package = importlib.import_module(f"pyplugins.{plugin}")
    listed = set(getattr(package, "__all__", ()))
    found = [name for name in listed if {f"{name}Rust", f"{name}Python"} <= listed]
    if len(found) != 1:
        raise Failure(f"plugin {plugin} has no direct API")
    direct: type[Any] = getattr(package, found[0])
    return direct


def scanner(plugin: str) -> type[Any]:
    """The direct-API class of a plugin that scans text.

    Raises:
        Failure: the plugin does something else, such as counting requests.
    """
    direct = api(plugin)
    if not hasattr(direct, "scan"):
        raise Failure(f"plugin {plugin} does not scan text; those that do: {', '.join(scanners())}")
    return direct


def scanners() -> list[str]:
    """The plugins that scan text."""
    return [name for name in names() if hasattr(api(name), "scan")]


def known(plugin: str) -> str:
    """`plugin` itself, when it is one."""
    if not plugin.isidentifier() or not _has_schema(plugin):
        raise Failure(f"no plugin is called {plugin!r}; there are: {', '.join(names()) or 'none'}")
    return plugin


def _has_schema(name: str) -> bool:
    try:
        data.path(name, "schema.json")
    except FileNotFoundError:
        return False
    return True
