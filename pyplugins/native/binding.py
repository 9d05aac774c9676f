"""What the bindings share: where the library is, and what a binding offers.

Nothing here opens a library. Tests: tests/unit/test_native_loader.py.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pyplugins.core.limiter import Limiter
from pyplugins.core.protocol import Guard
from pyplugins.native.codec import CodecFunctions

_FILES = {"darwin": "libgwplugins.dylib", "win32": "gwplugins.dll"}


class NotPresent(Exception):
    """An implementation is absent, which is no defect: the next one is tried."""


class Binding(NamedTuple):
    """An open library."""

    name: str
    #: The library file, as it was asked for.
    library: str
    #: Version of the library, e.g. ``0.1.0``.
    version: str
    #: Major << 16 | minor.
    abi_version: int
    #: JSON Schema of every kind of guard in this library.
    kinds: Mapping[str, str]
    #: Makes a guard from a kind and JSON text.
    open: Callable[[str, str], Guard]
    #: Makes a limiter from JSON text; `None`: the library was built without.
    open_limiter: Callable[[str], Limiter] | None = None
    #: What the library offers beside guards; `None` in tests that need none.
    codecs: CodecFunctions | None = None


def named_library() -> str | None:
    """The library the environment names, if any."""
    return os.environ.get("GWPLUGINS_LIBRARY") or None


def library_file() -> str:
    """Where the package's own library is, or would be."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), _FILES.get(sys.platform, "libgwplugins.so"))


def own_library() -> str:
    """The package's own library.

    Raises:
        NotPresent: it was not built, or taken away.
    """
    file = library_file()
    if not os.path.isfile(file):
        why = why_not_built()
        raise NotPresent(f"no {os.path.basename(file)} in the package" + (f": {why}" if why else ""))
    return file


def why_not_built() -> str:
    """What setup.py noted about missing native code; empty when all was built, or nothing is known."""
    try:
        return str(importlib.import_module("pyplugins._build_info").WHY_NOT_NATIVE)
    except ImportError:
        return "this is a source checkout that was not built"


def check_abi(lib: Any, header: Any, file: str) -> int:
    """The library's ABI version: major << 16 | minor.

    Args:
        lib: the functions of the library.
        header: the constants of the header that the binding was made from.
        file: what to call the library in the error.

    Raises:
        ImportError: the library does not serve that header.
    """
    version: int = lib.gwp_abi_version()
    if not lib.gwp_abi_supports(header.GWP_ABI_MAJOR, header.GWP_ABI_MINOR):
        wanted = f"{header.GWP_ABI_MAJOR}.{header.GWP_ABI_MINOR}"
        raise ImportError(f"{file} has ABI {version >> 16}.{version & 0xFFFF}; this package needs {wanted}")
    return version
