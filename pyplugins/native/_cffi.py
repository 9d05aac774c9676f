"""The cffi binding: the extension built against the header, whose second module is the C edge.

Guards are made by the edge (`pyplugins/native/edge/`); only what is asked once per process goes through cffi itself.
Tests: tests/unit/test_native_*.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from types import ModuleType
from typing import Any

from pyplugins.core.limiter import Limiter
from pyplugins.errors import error_for
from pyplugins.native._cffi_calls import CffiCalls
from pyplugins.native._codecs import functions
from pyplugins.native.binding import Binding, NotPresent, check_abi, named_library, own_library
from pyplugins.native.limiter import NativeLimiter, Space


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
    limiter = _limiters(gwp.ffi, lib, edge)
    codecs = functions(CffiCalls(gwp.ffi, lib), edge.Codec, lib.gwp_codec_count())
    return Binding("cffi", file, name, version, _kinds(gwp.ffi, lib), edge.Guard, limiter, codecs)


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


def _kinds(ffi: Any, lib: Any) -> dict[str, str]:
    view, length = ffi.new("const uint8_t **"), ffi.new("size_t *")

    def text(read: Any, index: int) -> str:
        status = read(index, view, length, ffi.NULL)
        assert status == lib.GWP_OK
        return bytes(ffi.buffer(view[0], length[0])).decode()

    indices = range(lib.gwp_kind_count())
    return {text(lib.gwp_kind_name, index): text(lib.gwp_kind_schema, index) for index in indices}


def _limiters(ffi: Any, lib: Any, edge: Any) -> Callable[[str], Limiter] | None:
    """What makes limiters; `None` when the library was built without."""
    view, length = ffi.new("const uint8_t **"), ffi.new("size_t *")
    if lib.gwp_limiter_schema(view, length, ffi.NULL) != lib.GWP_OK:
        return None
    calls = _Calls(ffi, lib)

    def open_limiter(config_json: str) -> Limiter:
        engine = edge.Limiter(config_json)
        return CffiLimiter(calls, ffi.cast("gwp_limiter *", engine.address), engine)

    return open_limiter


class _Calls:
    """What the calls of a limiter need of cffi."""

    def __init__(self, ffi: Any, lib: Any) -> None:
        self._ffi = ffi
        self._lib = lib

    def numbers(self, values: Sequence[int]) -> Any:
        return self._ffi.new("uint64_t[]", values)

    def space(self, kind: str, count: int = 1) -> Space:
        room = self._ffi.new(f"{kind}[]", count)
        return Space(room, lambda: bytes(self._ffi.buffer(room)))

    def call(self, name: str, *arguments: Any) -> None:
        error = self._ffi.new("gwp_error **")
        given = (self._ffi.NULL if argument is None else argument for argument in arguments)
        status = getattr(self._lib, name)(*given, error)
        if status != self._lib.GWP_OK:
            raise self._exception(status, error[0])

    def view(self, name: str, *arguments: Any) -> bytes:
        data, length = self._ffi.new("const uint8_t **"), self._ffi.new("size_t *")
        self.call(name, *arguments, data, length)
        return bytes(self._ffi.buffer(data[0], length[0])) if length[0] else b""

    def result(self) -> Any:
        made = self._ffi.new("gwp_result **")
        self.call("gwp_result_new", made)
        return self._ffi.gc(made[0], self._lib.gwp_result_free)

    def _exception(self, status: int, error: Any) -> Exception:
        try:
            message, path = (self._text(read, error) for read in ("gwp_error_message", "gwp_error_path"))
        finally:
            self._lib.gwp_error_free(error)
        return error_for(status, message, path=path, implementation="rust")

    def _text(self, read: str, error: Any) -> str:
        data, length = self._ffi.new("const uint8_t **"), self._ffi.new("size_t *")
        getattr(self._lib, read)(error, data, length)
        return bytes(self._ffi.buffer(data[0], length[0])).decode() if length[0] else ""


class CffiLimiter(NativeLimiter):
    """A limiter of the library whose `check` is the C edge's: no Python frame, and the GIL is kept."""

    binding = "cffi"

    def __init__(self, calls: _Calls, handle: Any, engine: Any) -> None:
        super().__init__(calls, handle, engine)
        engine.name_dimensions(self.dimensions)
        self.check = engine.check  # type: ignore[method-assign]

    def close(self) -> None:
        """Drops the reference to the engine."""
        super().close()
        del self.check
