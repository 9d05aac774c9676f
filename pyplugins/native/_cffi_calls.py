"""`Calls` through cffi, which releases the GIL during each call. Tests: those of `calls`."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from pyplugins.errors import PluginError, error_for
from pyplugins.native.calls import Calls, Space


class CffiCalls(Calls):
    """Functions of the extension's library."""

    binding = "cffi"

    def __init__(self, ffi: Any, lib: Any) -> None:
        super().__init__()
        self._ffi = ffi
        self._lib = lib

    def call(self, function: str, *arguments: Any) -> None:
        """Calls a function."""
        error = self._ffi.new("gwp_error **")
        status = getattr(self._lib, function)(*self._passed(arguments), error)
        if status != self._lib.GWP_OK:
            raise self._exception(status, error[0])

    def made(self, function: str, free: str, *arguments: Any) -> Any:
        """The handle that a function makes; its finaliser frees it."""
        *_, handle, _ = self._ffi.typeof(getattr(self._lib, function)).args
        out = self._ffi.new(handle)
        self.call(function, *arguments, out)
        return self._ffi.gc(out[0], getattr(self._lib, free))

    def view(self, function: str, *arguments: Any) -> bytes:
        """A copy of the bytes that a function points to."""
        data, length = self._ffi.new("const uint8_t **"), self._ffi.new("size_t *")
        self.call(function, *arguments, data, length)
        return self._copy(data, length)

    def space(self, kind: str, count: int = 1) -> Space:
        """Room for so many of a C type."""
        room = self._ffi.new(f"{kind}[]", count)
        return Space(room, lambda: bytes(self._ffi.buffer(room)))

    def _passed(self, arguments: tuple[Any, ...]) -> Iterator[Any]:
        for argument in arguments:
            if argument is None:
                yield self._ffi.NULL
            elif isinstance(argument, array):
                yield self._ffi.from_buffer("uint64_t[]", argument)
            elif isinstance(argument, (bytes, bytearray, memoryview)):
                data = self._ffi.from_buffer("uint8_t[]", argument)
                yield data
                yield len(data)
            else:
                yield argument

    def _copy(self, data: Any, length: Any) -> bytes:
        return bytes(self._ffi.buffer(data[0], length[0])) if length[0] else b""

    def _exception(self, status: int, error: Any) -> PluginError:
        try:
            message, path = (self._text(name, error) for name in ("gwp_error_message", "gwp_error_path"))
        finally:
            self._lib.gwp_error_free(error)
        return error_for(status, message, path=path, implementation="rust")

    def _text(self, function: str, error: Any) -> str:
        data, length = self._ffi.new("const uint8_t **"), self._ffi.new("size_t *")
        getattr(self._lib, function)(error, data, length)
        return self._copy(data, length).decode()
