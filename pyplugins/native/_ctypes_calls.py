"""`Calls` through ctypes, which releases the GIL during each call. Tests: those of `calls`."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from ctypes import CDLL, byref, c_char, c_size_t, c_uint32, c_uint64, c_void_p, string_at
from struct import calcsize
from typing import Any

from pyplugins.errors import PluginError, error_for
from pyplugins.native import _decls
from pyplugins.native.calls import Calls, Space

_SCALARS: dict[str, Any] = {"size_t": c_size_t, "uint32_t": c_uint32, "uint64_t": c_uint64}


class Handle:
    """Owns one handle of the library."""

    __slots__ = ("_as_parameter_", "_free")

    def __init__(self, address: int | None, free: Any) -> None:
        self._as_parameter_ = address
        self._free = free

    def __del__(self) -> None:
        self._free(self._as_parameter_)


class CtypesCalls(Calls):
    """Functions of a library whose prototypes are declared."""

    binding = "ctypes"

    def __init__(self, lib: CDLL) -> None:
        super().__init__()
        self._lib = lib

    def call(self, function: str, *arguments: Any) -> None:
        """Calls a function."""
        error = c_void_p()
        status = getattr(self._lib, function)(*_passed(arguments), byref(error))
        if status != _decls.GWP_OK:
            raise self._exception(status, error)

    def made(self, function: str, free: str, *arguments: Any) -> Handle:
        """The handle that a function makes; its finaliser frees it."""
        address = c_void_p()
        self.call(function, *arguments, byref(address))
        return Handle(address.value, getattr(self._lib, free))

    def view(self, function: str, *arguments: Any) -> bytes:
        """A copy of the bytes that a function points to."""
        return self.records(function, 1, *arguments)

    def records(self, function: str, size: int, *arguments: Any) -> bytes:
        """A copy of the records, of so many bytes each, that a function points to."""
        address, count = c_void_p(), c_size_t()
        self.call(function, *arguments, byref(address), byref(count))
        return string_at(address, count.value * size) if address.value else b""

    def space(self, kind: str, count: int = 1) -> Space:
        """Room for so many of a C type."""
        scalar = _SCALARS.get(kind)
        room = (scalar * count)() if scalar else (c_char * (calcsize(_decls.RECORDS[kind]) * count))()
        return Space(room, lambda: bytes(room))

    def _exception(self, status: int, error: c_void_p) -> PluginError:
        try:
            message, path = (self._text(name, error) for name in ("gwp_error_message", "gwp_error_path"))
        finally:
            self._lib.gwp_error_free(error)
        return error_for(status, message, path=path, implementation="rust")

    def _text(self, function: str, error: c_void_p) -> str:
        address, length = c_void_p(), c_size_t()
        getattr(self._lib, function)(error, byref(address), byref(length))
        return string_at(address, length.value).decode() if address.value else ""


def _passed(arguments: tuple[Any, ...]) -> Iterator[Any]:
    for argument in arguments:
        if isinstance(argument, array):
            yield (c_uint64 * len(argument)).from_buffer(argument)
        elif isinstance(argument, (bytes, bytearray, memoryview)):
            data = bytes(argument)  # the very object when it is bytes
            yield data
            yield len(data)
        else:
            yield argument
