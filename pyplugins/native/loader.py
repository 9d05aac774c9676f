"""Chooses the implementation: cffi, then ctypes, then pure Python; the only place that does.

What is absent is passed over, and the log says why; what is there but wrong (ABI, symbol, loader error) raises
`ImportError`, because a slow guard that nobody asked for hides a broken deployment. A forced choice never falls back.
Nothing here may open a library before a guard is asked for. Tests: tests/unit/test_native_loader.py, tests/packaging/.

Environment: `GWPLUGINS_IMPL` (rust, cffi, ctypes, python) forces one; `GWPLUGINS_LIBRARY` names a library file, which
ctypes opens; `GWPLUGINS_REQUIRE_NATIVE=1` forbids falling back to Python.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from pyplugins.core import data
from pyplugins.core.limiter import Limiter
from pyplugins.core.protocol import Guard
from pyplugins.native.binding import Binding, NotPresent, library_file, why_not_built
from pyplugins.native.codec import CodecFunctions

_LOGGER = logging.getLogger("pyplugins")

#: What `implementation=` and `GWPLUGINS_IMPL` may say, and what each tries in order.
IMPLEMENTATIONS: dict[str, tuple[str, ...]] = {
    "auto": ("cffi", "ctypes", "python"),
    "rust": ("cffi", "ctypes"),
    "cffi": ("cffi",),
    "ctypes": ("ctypes",),
    "python": ("python",),
}

#: Bindings that were opened; one that is absent is looked for again the next time.
_bindings: dict[str, Binding] = {}
#: Kinds the log has told about.
_announced: set[str] = set()


class _Choice(NamedTuple):
    binding: Binding | None
    #: Why each implementation before the chosen one was passed over.
    passed: list[str]


def open_guard(kind: str, config_json: str, implementation: str = "auto") -> Guard | None:
    """A native guard, or `None` when the plugin's own pure-Python engine is to be used.

    Args:
        kind: name of the engine, e.g. ``pii_filter``.
        config_json: its configuration, JSON text.
        implementation: ``auto``, ``rust``, ``cffi``, ``ctypes`` or ``python``; all but the first force.

    Raises:
        ImportError: the forced implementation cannot be had, or something that is there is wrong.
        ConfigError: the configuration is refused.
    """
    choice = _choose(kind, _wanted(implementation), lambda binding: kind in binding.kinds)
    _announce(kind, choice)
    return None if choice.binding is None else choice.binding.open(kind, config_json)


def open_limiter(kind: str, config_json: str, implementation: str = "auto") -> Limiter | None:
    """A native limiter, or `None` when the plugin's own pure-Python engine is to be used.

    Args:
        kind: name of the plugin, for logs and errors.
        config_json: its configuration, JSON text.
        implementation: as for `open_guard`.

    Raises:
        ImportError, ConfigError: as for `open_guard`.
    """
    choice = _choose(kind, _wanted(implementation), lambda binding: binding.open_limiter is not None)
    _announce(kind, choice)
    if choice.binding is None or choice.binding.open_limiter is None:
        return None
    return choice.binding.open_limiter(config_json)


def codec_functions(kind: str, implementation: str = "auto") -> CodecFunctions | None:
    """The codecs of the native library, or `None` when pure Python is to be used.

    Args:
        kind: name of the engine, for the log.
        implementation: as for `open_guard`.

    Raises:
        ImportError: the forced implementation cannot be had, or something that is there is wrong.
    """
    choice = _choose(kind, _wanted(implementation), _has_codecs)
    _announce(kind, choice)
    return None if choice.binding is None else choice.binding.codecs


def _wanted(implementation: str) -> str:
    wanted = implementation if implementation != "auto" else os.environ.get("GWPLUGINS_IMPL") or "auto"
    if wanted not in IMPLEMENTATIONS:
        raise ValueError(f"no implementation is called {wanted!r}; there are {', '.join(IMPLEMENTATIONS)}")
    return wanted


def _choose(kind: str, wanted: str, holds: Callable[[Binding], bool]) -> _Choice:
    passed: list[str] = []
    for name in IMPLEMENTATIONS[wanted]:
        if name == "python":
            if wanted == "auto" and _native_required():
                passed.append("python: GWPLUGINS_REQUIRE_NATIVE is set")
                break
            return _Choice(None, passed)
        try:
            binding = _opened(name)
            if holds(binding):
                return _Choice(binding, passed)
            passed.append(f"{name}: {binding.library} has no {kind}")
        except NotPresent as why:
            passed.append(f"{name}: {why}")
    raise ImportError(f"no {wanted} implementation of {kind}: {'; '.join(passed)}")


def _opened(name: str) -> Binding:
    if name not in _bindings:
        _bindings[name] = cast(Binding, importlib.import_module(f"pyplugins.native._{name}").load())
    return _bindings[name]


def _has_codecs(binding: Binding) -> bool:
    return binding.codecs is not None and bool(binding.codecs.names)


def _native_required() -> bool:
    return os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") not in ("", "0")


def _announce(kind: str, choice: _Choice) -> None:
    """One word about each kind of plugin: a user must see without looking that a guard is slower than it could be."""
    if kind in _announced:
        return
    _announced.add(kind)
    title, factor = _title_and_factor(kind)
    reasons = f" ({'; '.join(choice.passed)})" if choice.passed else ""
    if choice.binding is not None:
        faster = f" ({factor} faster)" if factor else ""
        _LOGGER.info("✓ %s: Using Rust implementation%s%s", title, faster, reasons)
        return
    _LOGGER.warning("%s: Using Python implementation%s", title, reasons)
    if choice.passed:
        _LOGGER.warning("💡 Build Rust plugins for better performance")


def _title_and_factor(kind: str) -> tuple[str, str]:
    """From the engine's schema: what it is called, and how much faster Rust was measured to be (`x-speedup`)."""
    try:
        schema = data.load(kind, "schema.json")
    except FileNotFoundError:
        return kind, ""
    return schema.get("title", kind), schema.get("x-speedup", "")


def status() -> dict[str, Any]:
    """What is there and why the rest is not, for `gwplugins doctor`. Raises nothing, opens every binding.

    Returns:
        ``chosen`` (what ``auto`` gives, or `None`), ``attempts`` (name to what was found), ``library``,
        ``abi_version``, ``version``, ``kinds``, ``why_not_built``.
    """
    attempts = {name: _attempt(name) for name in IMPLEMENTATIONS["rust"]}
    found = next((_bindings[name] for name, attempt in attempts.items() if attempt["works"]), None)
    return {
        "chosen": _foreseen(attempts),
        "attempts": attempts,
        "library": found.library if found else library_file(),
        "abi_version": found.abi_version if found else None,
        "version": found.version if found else None,
        "kinds": sorted(found.kinds) if found else [],
        "why_not_built": why_not_built(),
    }


def _foreseen(attempts: dict[str, dict[str, Any]]) -> str | None:
    """What `auto` gives here; `None` when it raises."""
    wanted = os.environ.get("GWPLUGINS_IMPL") or "auto"
    for name in IMPLEMENTATIONS.get(wanted, ()):
        if name == "python":
            return None if wanted == "auto" and _native_required() else name
        if attempts[name]["present"]:
            return name if attempts[name]["works"] else None
    return None


def _attempt(name: str) -> dict[str, Any]:
    try:
        _opened(name)
    except NotPresent as why:
        return {"works": False, "present": False, "why": str(why)}
    except ImportError as why:
        return {"works": False, "present": True, "why": str(why)}
    return {"works": True, "present": True, "why": ""}
