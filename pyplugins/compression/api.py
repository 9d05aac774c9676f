"""The direct API: functions for one value, `Compression` for a configured codec. Importing it loads no framework.

Tests: tests/unit/test_compression_api.py, tests/parity/test_compression_parity.py.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pyplugins.compression import _choose, _settings
from pyplugins.compression._tables import codecs
from pyplugins.core import config as configs
from pyplugins.core.codec import Buffer, CodecEngine, CodecStream, as_bytes
from pyplugins.core.faults import fault
from pyplugins.native import codec_functions

KIND = "compression"
#: Bytes that a dictionary has unless it is told otherwise: what the zstd tool makes.
DICTIONARY_BYTES = 112_640


class Compression:
    """A configured codec.

    Args:
        codec: ``zstd``, ``gzip``, ``zlib``, ``deflate`` (raw), ``lz4`` (frame), ``brotli``, ``snappy`` (frame),
            ``identity``, or ``auto``: decompresses what tells its format by its first bytes.
        config: `None`, a mapping or JSON text with the keys ``level``, ``checksum``, ``max_output_bytes``,
            ``max_ratio``, ``max_window_log``, ``concatenated`` and ``dictionary`` (base64; bytes in a mapping).
        implementation: ``auto``, ``rust``, ``cffi``, ``ctypes`` or ``python``.

    Attributes:
        implementation: ``"rust"`` or ``"python"``.
        binding: ``"cffi"`` or ``"ctypes"``; `None` in Python.

    Raises:
        ConfigError: there is no such codec, or a value is wrong.
        ImportError: the forced implementation, or the package that Python needs for this codec, is not installed.

    >>> codec = Compression("gzip", {"level": 9})
    >>> codec.decompress(codec.compress(b"text"))
    b'text'
    """

    def __init__(self, codec: str = "zstd", config: Any = None, implementation: str = "auto") -> None:
        functions = codec_functions(KIND, implementation)
        text = configs.to_json(_with_text(config))
        if functions is None or codec not in (*functions.names, "auto"):
            _settings.read(codec, text)  # a name that nobody knows is an error of its own
        self._engine = _opened(functions, codec, text)
        self.codec = codec
        self.implementation = self._engine.implementation
        self.binding: str | None = self._engine.binding
        # No frame of Python between the caller and the engine.
        self.__dict__["compress"] = self._engine.compress
        self.__dict__["decompress"] = self._engine.decompress

    def compress(self, data: Buffer, /) -> bytes:
        """The compressed data. The GIL is released meanwhile.

        Raises:
            UsageError: no bytes, or the codec is ``auto``.
        """
        return self._engine.compress(data)

    def decompress(self, data: Buffer, /) -> bytes:
        """All that `data` holds. The GIL is released meanwhile.

        Raises:
            InputTooLarge: a limit is passed: output, ratio or window.
            BadData: the data is damaged, cut, followed by something, or of another format or dictionary.
            UsageError: no bytes.
        """
        return self._engine.decompress(data)

    def compressor(self) -> CodecStream:
        """A stream: ``push(chunk)`` and ``finish()`` give compressed bytes."""
        return self._engine.compressor()

    def decompressor(self) -> CodecStream:
        """A stream: ``push(chunk)`` and ``finish()`` give decompressed bytes, and raise what `decompress` raises.

        Only when ``finish`` has returned is it known that the data was complete.
        """
        return self._engine.decompressor()

    def describe(self) -> dict[str, Any]:
        """Name, version, level, limits."""
        return self._engine.describe()

    def close(self) -> None:
        """Drops the codec; further calls are `UsageError`. Calls and streams under way are not disturbed."""
        self._engine.close()


class CompressionRust(Compression):
    """`Compression` of the native library, never of Python."""

    def __init__(self, codec: str = "zstd", config: Any = None, implementation: str = "rust") -> None:
        super().__init__(codec, config, implementation)


class CompressionPython(Compression):
    """`Compression` in pure Python.

    >>> CompressionPython("gzip").implementation
    'python'
    """

    def __init__(self, codec: str = "zstd", config: Any = None, implementation: str = "python") -> None:
        super().__init__(codec, config, implementation)


def compress(data: Buffer, codec: str = "zstd", level: int | None = None, *, implementation: str = "auto") -> bytes:
    """The compressed data; `Compression` says what the arguments are and what is raised.

    >>> len(compress(b"a" * 1000, "gzip")) < 50
    True
    """
    return _cached(codec, level, None, implementation).compress(data)


def decompress(
    data: Buffer, codec: str = "auto", max_output_bytes: int | None = None, *, implementation: str = "auto"
) -> bytes:
    """What `data` holds, at most `max_output_bytes` bytes (268435456 unless told); errors as `Compression.decompress`.

    >>> decompress(compress(b"text", "lz4"))
    b'text'
    """
    return _cached(codec, None, max_output_bytes, implementation).decompress(data)


def choose(data: Buffer, accept: str = "*", media_type: str = "", *, implementation: str = "auto") -> str:
    """The codec that suits the data and the other side: ``identity`` for what will not shrink.

    Args:
        data: what is to be sent.
        accept: value of an ``Accept-Encoding`` field; ``*`` when there was none.
        media_type: of the data, e.g. ``application/json``; unknown when empty.
        implementation: as for `Compression`.

    Raises:
        BadData: `accept` refuses everything there is (`GWP_E_NOT_ACCEPTABLE`); an HTTP server answers 406.

    >>> choose(b'{"id": 1}' * 100, "gzip;q=0.5, br")
    'brotli'
    >>> choose(bytes(10), "gzip")
    'identity'
    """
    functions = codec_functions(KIND, implementation)
    given = as_bytes(data, "python" if functions is None else "rust")
    told = given, media_type.encode("utf-8", "replace"), accept.encode("utf-8", "replace")
    if functions is None:
        from pyplugins.compression._formats import usable

        return _choose.choose(*told, usable())
    return functions.choose(*told)


def accepts(accept: str, codec: str) -> bool:
    """Whether who sent this ``Accept-Encoding`` reads a codec, and likes it no less than plain data.

    >>> accepts("br, gzip;q=0", "brotli"), accepts("br, gzip;q=0", "gzip")
    (True, False)
    """
    return _choose.accepts(accept.encode("utf-8", "replace"), coding(codec))


def coding(codec: str) -> str | None:
    """What HTTP calls a codec in ``Content-Encoding``; `None` when it has no name for it.

    >>> coding("brotli"), coding("zlib"), coding("lz4")
    ('br', 'deflate', None)
    """
    if codec not in codecs():
        raise fault("unknown_codec")
    return codecs()[codec].coding


class Encoded(NamedTuple):
    """What `encode` made."""

    codec: str
    data: bytes


def encode(data: Buffer, accept: str = "*", media_type: str = "", *, implementation: str = "auto") -> Encoded:
    """`choose`, then `compress`; the data itself when that does not make it smaller and ``identity`` is accepted.

    >>> encode(b"short", "gzip")
    Encoded(codec='identity', data=b'short')
    """
    codec = choose(data, accept, media_type, implementation=implementation)
    given = as_bytes(data, implementation)
    made = compress(given, codec, implementation=implementation)
    if len(made) >= len(given) and accepts(accept, "identity"):
        return Encoded("identity", given)
    return Encoded(codec, made)


def train_dictionary(
    samples: Sequence[Buffer], max_bytes: int = DICTIONARY_BYTES, *, implementation: str = "auto"
) -> bytes:
    """A zstd dictionary from samples of what is to be compressed; ``{"dictionary": ...}`` of a configuration takes it.

    Args:
        samples: many small texts that resemble each other; a hundred and more, together a hundred times `max_bytes`
            at best.
        max_bytes: most bytes of the dictionary.
        implementation: as for `Compression`.

    Raises:
        UsageError: the samples are too few or too small to learn from.
    """
    if not 256 <= max_bytes <= 1 << 30:
        raise fault("codec_samples")
    functions = codec_functions(KIND, implementation)
    given = [as_bytes(sample, "python" if functions is None else "rust") for sample in samples]
    if functions is None:
        from pyplugins.compression.fallback import train

        return train(given, max_bytes)
    return functions.train(given, max_bytes)


@lru_cache(maxsize=64)
def _cached(codec: str, level: int | None, max_output_bytes: int | None, implementation: str) -> Compression:
    config = {"level": level} if max_output_bytes is None else {"level": level, "max_output_bytes": max_output_bytes}
    return Compression(codec, config, implementation)


def _opened(functions: Any, codec: str, text: str) -> CodecEngine:
    if functions is not None:
        engine: CodecEngine = functions.open(codec, text)
        return engine
    from pyplugins.compression.fallback import CompressionPython as Engine

    return Engine(codec, text)


def _with_text(config: Any) -> Any:
    """A dictionary given as bytes, in base64."""
    if isinstance(config, Mapping) and isinstance(config.get("dictionary"), (bytes, bytearray, memoryview)):
        return {**config, "dictionary": base64.b64encode(config["dictionary"]).decode("ascii")}
    return config
