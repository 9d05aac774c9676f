"""How `_codecs` calls the library through cffi, which releases the GIL during each call.

Tests: tests/parity/test_compression_parity.py.
"""

from __future__ import annotations

from array import array
from typing import Any

from pyplugins.errors import PluginError, error_for

#: Results that held more bytes than this are freed after use.
_KEEP_BYTES = 1_048_576


class CffiCalls:
    """Functions of the extension's library."""

    binding = "cffi"

    def __init__(self, ffi: Any, lib: Any) -> None:
        self._ffi = ffi
        self._lib = lib
        #: Results wait here for their next call; each serves one call at a time.
        self._results: list[Any] = []

    def made(self, function: str, free: str, *arguments: Any) -> Any:
        """The handle that a function makes; its finaliser frees it."""
        out = self._ffi.new("void **")
        self._call(function, *arguments, out)
        return self._ffi.gc(out[0], getattr(self._lib, free))

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
        data, length = self._ffi.new("uint8_t **"), self._ffi.new("size_t *")
        self._call(function, *arguments, data, length)
        return bytes(self._ffi.buffer(data[0], length[0])) if length[0] else b""

    def _call(self, function: str, *arguments: Any) -> None:
        error = self._ffi.new("gwp_error **")
        call = getattr(self._lib, function)
        status = call(*self._passed(call, arguments), error)
        if status != self._lib.GWP_OK:
            raise self._exception(status, error[0])

    def _passed(self, call: Any, arguments: tuple[Any, ...]) -> list[Any]:
        """C arguments; handles and out-parameters are void pointers here and of their type there."""
        values: list[Any] = []
        for argument in arguments:
            if isinstance(argument, array):
                values.append(self._ffi.from_buffer("uint64_t[]", argument))
            elif isinstance(argument, (bytes, bytearray, memoryview)):
                data = self._ffi.from_buffer("uint8_t[]", argument)
                values += (data, len(data))
            else:
                values.append(argument)
        types = self._ffi.typeof(call).args
        # The last parameter, the error, is not among the values.
        return [self._typed(value, type_) for value, type_ in zip(values, types, strict=False)]

    def _typed(self, value: Any, type_: Any) -> Any:
        is_pointer = type_.kind == "pointer" and isinstance(value, self._ffi.CData)
        return self._ffi.cast(type_, value) if is_pointer else value

    def _exception(self, status: int, error: Any) -> PluginError:
        try:
            message, path = (self._text(name, error) for name in ("gwp_error_message", "gwp_error_path"))
        finally:
            self._lib.gwp_error_free(error)
        return error_for(status, message, path=path, implementation="rust")

    def _text(self, function: str, error: Any) -> str:
        data, length = self._ffi.new("uint8_t **"), self._ffi.new("size_t *")
        getattr(self._lib, function)(error, self._ffi.cast("const uint8_t **", data), length)
        return bytes(self._ffi.buffer(data[0], length[0])).decode() if length[0] else ""
