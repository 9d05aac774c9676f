"""Public names of a plugin package that load their module on first use, so that a detector loads no framework.

Tests: tests/unit/test_direct.py.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def names(package: str, modules: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package.

    Args:
        package: its name.
        modules: module of the package for each public name. A name that ends in `Rust` is an engine of the native
            library: it is made once with its defaults, so that importing it fails where it could not be used.

    Raises (when a name is looked up):
        AttributeError: the package has no such name.
        ImportError: a native engine is asked for and cannot be had; the message says why.
    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(importlib.import_module(f"{package}.{modules[name]}"), name)
        if name.endswith("Rust"):
            found()
        return found

    return get, lambda: sorted(modules)
