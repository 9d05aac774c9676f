"""What every implementation of a codec offers. Tests: tests/parity/test_compression_parity.py."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from pyplugins.core.faults import fault

#: What is taken as data.
Buffer: TypeAlias = bytes | bytearray | memoryview


def as_bytes(data: Any, implementation: str) -> bytes:
    """`data` itself, or a copy of what another thread might change meanwhile.

    Raises:
        UsageError: it is neither bytes, bytearray nor memoryview; text must be encoded by who knows how.
    """
    if isinstance(data, bytes):
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    raise fault("codec_bytes", implementation=implementation)


class CodecStream(Protocol):
    """Data that arrives in chunks of any size. After an error or its end it gives only `UsageError`."""

    def push(self, chunk: Buffer) -> bytes:
        """Takes a chunk; what it has led to, which may be nothing."""

    def finish(self) -> bytes:
        """Ends the data and gives the rest; raises when compressed data was not complete."""


class CodecEngine(Protocol):
    """A configured codec; any number of threads may use it."""

    #: ``"rust"`` or ``"python"``.
    implementation: str
    #: ``"cffi"`` or ``"ctypes"``; `None` in Python.
    binding: str | None
    #: Name of the codec, or ``"auto"``.
    name: str

    def compress(self, data: Buffer) -> bytes:
        """The compressed data; `UsageError` for ``auto``."""

    def decompress(self, data: Buffer) -> bytes:
        """All that the data holds, or an error."""

    def compressor(self) -> CodecStream:
        """A stream that compresses; `UsageError` for ``auto``."""

    def decompressor(self) -> CodecStream:
        """A stream that decompresses."""

    def describe(self) -> dict[str, Any]:
        """Name, version, level, limits."""

    def close(self) -> None:
        """Drops the reference to the codec; further calls are `UsageError`."""
