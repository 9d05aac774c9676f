"""The cffi binding: the extension built against the header, whose second module is the C edge.

Guards are made by the edge (`pyplugins/native/edge/`); only what is asked once per process goes through cffi itself.
Tests: tests/unit/test_native_*.py.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from types import ModuleType
from typing import Any

from pyplugins.core.limiter import Limiter
from pyplugins.native._cffi_calls import CffiCalls
from pyplugins.native.binding import Binding, NotPresent, check_abi, named_library, own_library
from pyplugins.native.codec import functions
from pyplugins.native.limiter import NativeLimiter


def load() -> Binding:
    """Opens the extension.

    Raises:
        NotPresent: no extension for this Python, no library beside it, no cffi, or another library is asked for.
        ImportError: the extension does not load, or the library is of another ABI.
    """
    if named_library() is not None:
        raise NotPresent("the extension is bound to the package's library, and GWPLUGINS_LIBRARY names one")
    file = own_library()
    if find_spec("pyplugins.native._gwp") is None:
        raise NotPresent("the extension was not built for this Python")
    gwp = _import_extension()
    lib = gwp.lib
    version = check_abi(lib, lib, file)
    edge = _import_edge(gwp)
    name = gwp.ffi.string(lib.gwp_version()).decode()
    calls = CffiCalls(gwp.ffi, lib)
    limiter = _limiters(gwp.ffi, lib, edge, calls)
    codecs = functions(calls, edge.Codec, lib.gwp_codec_count())
    return Binding("cffi", file, name, version, _kinds(calls, lib), edge.Guard, limiter, codecs)


def _import_extension() -> ModuleType:
    try:
        return import_module("pyplugins.native._gwp")
    except ModuleNotFoundError as error:
        if error.name == "_cffi_backend":
            raise NotPresent("cffi is not installed") from None
        raise


def _import_edge(gwp: ModuleType) -> Any:
    """The second module of the extension's file; PEP 489 provides for several in one library."""
    assert gwp.__file__ is not None
    loader = ExtensionFileLoader("pyplugins.native._edge", gwp.__file__)
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    edge = module_from_spec(spec)
    loader.exec_module(edge)
    return edge


def _kinds(calls: CffiCalls, lib: Any) -> dict[str, str]:
    indices = range(lib.gwp_kind_count())
    return {calls.view("gwp_kind_name", i).decode(): calls.view("gwp_kind_schema", i).decode() for i in indices}


def _limiters(ffi: Any, lib: Any, edge: Any, calls: CffiCalls) -> Callable[[str], Limiter] | None:
    """What makes limiters; `None` when the library was built without."""
    view, length = ffi.new("const uint8_t **"), ffi.new("size_t *")
    if lib.gwp_limiter_schema(view, length, ffi.NULL) != lib.GWP_OK:
        return None

    def open_limiter(config_json: str) -> Limiter:
        engine = edge.Limiter(config_json)
        return CffiLimiter(calls, ffi.cast("gwp_limiter *", engine.address), engine)

    return open_limiter


class CffiLimiter(NativeLimiter):
    """A limiter of the library whose `check` is the C edge's: no Python frame, and the GIL is kept; so is the rest
    of `check_many`, once its costs are read."""

    binding = "cffi"

    def __init__(self, calls: CffiCalls, handle: Any, engine: Any) -> None:
        super().__init__(calls, handle, engine)
        engine.name_dimensions(self.dimensions)
        self.check = engine.check  # type: ignore[method-assign]
        self._check_many = engine.check_many  # type: ignore[method-assign]

    def close(self) -> None:
        """Drops the reference to the engine."""
        super().close()
        del self.check, self._check_many
