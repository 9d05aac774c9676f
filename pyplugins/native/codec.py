"""Codecs of the library: what both bindings offer, and the codec of ctypes; that of cffi is in the C edge.

How a function is called is hidden by `Calls`. Tests: tests/parity/test_compression_parity.py.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from pyplugins.core.codec import Buffer, CodecEngine, CodecStream, as_bytes
from pyplugins.core.faults import fault
from pyplugins.native.calls import Calls

#: `GWP_CODEC_COMPRESS` and `GWP_CODEC_DECOMPRESS`.
_COMPRESS, _DECOMPRESS = 0, 1


class CodecFunctions(NamedTuple):
    """What the library offers beside its guards."""

    calls: Calls
    #: Makes a codec from a name and JSON text.
    open: Callable[[str, str], CodecEngine]
    #: Names of the codecs, in the order of preference.
    names: tuple[str, ...]

    def choose(self, data: bytes, media_type: bytes, accept: bytes) -> str:
        """The codec that suits data best."""
        return self.calls.view("gwp_codec_choose", data, media_type, accept).decode()

    def train(self, samples: Sequence[bytes], max_bytes: int) -> bytes:
        """A zstd dictionary."""
        offsets = array("Q", [0])
        for sample in samples:
            offsets.append(offsets[-1] + len(sample))
        return self.calls.output("gwp_codec_train", b"".join(samples), offsets, len(samples), max_bytes)


def functions(calls: Calls, opener: Callable[[str, str], CodecEngine] | None, count: int) -> CodecFunctions:
    """The functions of an open library that has `count` codecs; without an opener, `NativeCodec` serves."""
    opener = opener or partial(NativeCodec, calls)
    return CodecFunctions(calls, opener, tuple(calls.view("gwp_codec_name", index).decode() for index in range(count)))


class NativeCodec:
    """A codec of the library. `close` drops our reference; a call under way holds its own."""

    implementation = "rust"

    def __init__(self, calls: Calls, name: str, config_json: str) -> None:
        self._calls = calls
        self.binding: str | None = calls.binding
        self.name = name
        config = config_json.encode("utf-8", "surrogatepass")
        self._handle: Any = calls.made("gwp_codec_new", "gwp_codec_free", name.encode(), config)

    def compress(self, data: Buffer) -> bytes:
        """The compressed data."""
        return self._calls.output("gwp_codec_compress", self._live(), as_bytes(data, "rust"))

    def decompress(self, data: Buffer) -> bytes:
        """What the data holds."""
        return self._calls.output("gwp_codec_decompress", self._live(), as_bytes(data, "rust"))

    def compressor(self) -> CodecStream:
        """A stream that compresses."""
        return NativeStream(self._calls, self._live(), _COMPRESS)

    def decompressor(self) -> CodecStream:
        """A stream that decompresses."""
        return NativeStream(self._calls, self._live(), _DECOMPRESS)

    def describe(self) -> dict[str, Any]:
        """Name, version, level, limits."""
        described: dict[str, Any] = json.loads(self._calls.view("gwp_codec_describe", self._live()))
        return described

    def close(self) -> None:
        """Drops the reference to the codec."""
        self._handle = None

    def _live(self) -> Any:
        handle = self._handle
        if handle is None:
            raise fault("bad_handle", a=1, implementation=self.implementation)
        return handle


class NativeStream:
    """Data that arrives in chunks."""

    def __init__(self, calls: Calls, codec: Any, flags: int) -> None:
        self._calls = calls
        self._handle = calls.made("gwp_codec_stream_new", "gwp_codec_stream_free", codec, flags)

    def push(self, chunk: Buffer) -> bytes:
        """Takes a chunk; what it has led to."""
        return self._calls.output("gwp_codec_stream_push", self._handle, as_bytes(chunk, "rust"))

    def finish(self) -> bytes:
        """Ends the data; the rest of the output."""
        return self._calls.output("gwp_codec_stream_finish", self._handle)
