"""How `_codecs` calls the library through ctypes, which releases the GIL during each call.

Tests: tests/parity/test_compression_parity.py.
"""

from __future__ import annotations

from array import array
from ctypes import CDLL, byref, c_size_t, c_uint64, c_void_p, string_at
from typing import Any

from pyplugins.errors import PluginError, error_for
from pyplugins.native import _decls

#: Results that held more bytes than this are freed after use.
_KEEP_BYTES = 1_048_576


class _Handle:
    """Owns one handle of the library."""

    __slots__ = ("_free", "address")

    def __init__(self, address: int | None, free: Any) -> None:
        self.address = address
        self._free = free

    def __del__(self) -> None:
        self._free(self.address)


class CtypesCalls:
    """Functions of a library whose prototypes are declared."""

    binding = "ctypes"

    def __init__(self, lib: CDLL) -> None:
        self._lib = lib
        #: Results wait here for their next call; each serves one call at a time.
        self._results: list[_Handle] = []

    def made(self, function: str, free: str, *arguments: Any) -> _Handle:
        """The handle that a function makes; its finaliser frees it."""
        address = c_void_p()
        self._call(function, *arguments, byref(address))
        return _Handle(address.value, getattr(self._lib, free))

    def output(self, function: str, *arguments: Any) -> bytes:
        """The output that a function leaves in a result."""
        try:
            result = self._results.pop()
        except IndexError:
            result = self.made("gwp_result_new", "gwp_result_free")
        self._call(function, *arguments, result)
        output = self.view("gwp_result_output", result)
        if len(output) <= _KEEP_BYTES:
            self._results.append(result)
        return output

    def view(self, function: str, *arguments: Any) -> bytes:
        """A copy of the bytes that a function points to."""
        address, length = c_void_p(), c_size_t()
        self._call(function, *arguments, byref(address), byref(length))
        return string_at(address, length.value) if address.value else b""

    def _call(self, function: str, *arguments: Any) -> None:
        error = c_void_p()
        values: list[Any] = []
        for argument in arguments:
            if isinstance(argument, array):
                values.append((c_uint64 * len(argument)).from_buffer(argument))
            elif isinstance(argument, (bytes, bytearray, memoryview)):
                data = bytes(argument)  # the very object when it is bytes
                values += (data, len(data))
            else:
                values.append(argument.address if isinstance(argument, _Handle) else argument)
        status = getattr(self._lib, function)(*values, byref(error))
        if status != _decls.GWP_OK:
            raise self._exception(status, error)

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
