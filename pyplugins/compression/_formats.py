"""The formats of the fallback: the standard library, and for the rest the well-known package of each.

Every decoder offers `step`: it reads some of what it is given and stays near the room it is told. Tests:
tests/parity/test_compression_parity.py, tests/vectors/codec/compression.jsonl.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, Protocol

from pyplugins.compression._settings import Settings
from pyplugins.compression._snappy import SnappyDecoder, SnappyEncoder
from pyplugins.compression._tables import codecs
from pyplugins.core.faults import fault


class Step(NamedTuple):
    """How far a step came."""

    output: bytes
    #: What of the input was not read.
    rest: bytes
    #: The compressed stream is complete and its checksums hold.
    ended: bool


class Encode(Protocol):
    """Compresses one stream."""

    def push(self, chunk: bytes) -> bytes:
        """Takes a chunk."""

    def finish(self) -> bytes:
        """The rest."""


class Decode(Protocol):
    """Decompresses one stream."""

    #: Bytes of output that the stream has announced.
    announced: int | None

    def step(self, data: bytes, room: int) -> Step:
        """Reads from `data` and gives about `room` bytes. No progress means: more input is needed."""

    def may_end(self) -> bool:
        """The data may end here, although the format has no end of its own."""


def encoder(name: str, settings: Settings, size: int | None = None) -> Encode:
    """Begins to compress.

    Args:
        name: of the format.
        settings: of the codec.
        size: bytes of the content, when they are known.

    Raises:
        ImportError: the format needs a package that is not installed; the message names it.
    """
    return _ENCODERS[name](settings, size)


def decoder(name: str, settings: Settings) -> Decode:
    """Begins to decompress; `ImportError` as for `encoder`."""
    return _DECODERS[name](settings)


class _Package(NamedTuple):
    module: str
    #: What pip is told.
    install: str


#: Of the codecs that the standard library does not have.
_PACKAGES = {
    "zstd": _Package("zstandard", "zstandard>=0.22"),
    "lz4": _Package("lz4.frame", "lz4>=4"),
    "brotli": _Package("brotli", "brotli>=1.2"),
    "snappy": _Package("cramjam", "cramjam>=2.8"),
}


def package(codec: str) -> Any:
    """The module that knows a codec; `ImportError` as for `encoder`."""
    needed = _PACKAGES[codec]
    try:
        return importlib.import_module(needed.module)
    except ImportError:
        raise ImportError(
            f"{codec} without the native library needs a package: pip install '{needed.install}'"
        ) from None


@cache
def usable() -> frozenset[str]:
    """The codecs that need no package or have theirs."""
    return frozenset(name for name in codecs() if name not in _PACKAGES or _is_there(name))


def _is_there(codec: str) -> bool:
    try:
        package(codec)
    except ImportError:
        return False
    return True


# --- the standard library ---

_WRAPPINGS = {"gzip": 31, "zlib": 15, "deflate": -15}
_CHECKS = ("incorrect data check", "incorrect length check", "header crc mismatch")


class _ZlibEncoder:
    def __init__(self, bits: int, settings: Settings) -> None:
        assert settings.level is not None
        self._engine = zlib.compressobj(settings.level, zlib.DEFLATED, bits)

    def push(self, chunk: bytes) -> bytes:
        return self._engine.compress(chunk)

    def finish(self) -> bytes:
        return self._engine.flush()


class _ZlibDecoder:
    announced: int | None = None

    def __init__(self, bits: int) -> None:
        self._engine = zlib.decompressobj(bits)

    def step(self, data: bytes, room: int) -> Step:
        try:
            output = self._engine.decompress(data, room)
        except zlib.error as error:
            raise fault(_zlib_fault(str(error))) from None
        engine = self._engine
        return Step(output, engine.unused_data if engine.eof else engine.unconsumed_tail, engine.eof)

    def may_end(self) -> bool:
        return False


def _zlib_fault(words: str) -> str:
    if "Error 2" in words:
        return "codec_dictionary"
    return "codec_checksum" if any(check in words for check in _CHECKS) else "codec_data"


# --- identity ---


class _Identity:
    announced: int | None = None

    def push(self, chunk: bytes) -> bytes:
        return chunk

    def finish(self) -> bytes:
        return b""

    def step(self, data: bytes, room: int) -> Step:
        return Step(data[:room], data[room:], False)

    def may_end(self) -> bool:
        return True


# --- zstd ---

#: Input of one step: it can give 32768 times as much, and the package knows no limit.
_ZSTD_STEP = 512
_ZSTD_LONGEST_HEADER = 18


class _ZstdEncoder:
    def __init__(self, settings: Settings, size: int | None) -> None:
        library = package("zstd")
        dictionary = library.ZstdCompressionDict(settings.dictionary) if settings.dictionary else None
        compressor = library.ZstdCompressor(
            level=settings.level, dict_data=dictionary, write_checksum=settings.checksum
        )
        self._engine = compressor.compressobj(size=-1 if size is None else size)

    def push(self, chunk: bytes) -> bytes:
        compressed: bytes = self._engine.compress(chunk)
        return compressed

    def finish(self) -> bytes:
        compressed: bytes = self._engine.flush()
        return compressed


class _ZstdDecoder:
    def __init__(self, settings: Settings) -> None:
        self._package = package("zstd")
        dictionary = self._package.ZstdCompressionDict(settings.dictionary) if settings.dictionary else None
        window = 1 << settings.max_window_log
        decompressor = self._package.ZstdDecompressor(dict_data=dictionary, max_window_size=window)
        self._engine = decompressor.decompressobj(read_across_frames=False)
        self._window_log = settings.max_window_log
        self._has_header = False
        #: The bytes of the header, until they are decoded.
        self._head = b""
        self.announced: int | None = None

    def step(self, data: bytes, room: int) -> Step:
        if not self._has_header:
            return self._read_header(data)
        data, self._head = self._head + data, b""
        data, later = data[:_ZSTD_STEP], data[_ZSTD_STEP:]
        if not data:
            return Step(b"", later, False)
        try:
            output = self._engine.decompress(data)
        except self._package.ZstdError as error:
            raise fault(_zstd_fault(str(error)), b=self._window_log) from None
        return Step(output, self._engine.unused_data + later, self._engine.eof)

    def may_end(self) -> bool:
        return False

    def _read_header(self, data: bytes) -> Step:
        """Collects the header. It is decoded in the next step: what it announces is judged before."""
        known = len(self._head)
        head = self._head + data[: _ZSTD_LONGEST_HEADER - known]
        header = _zstd_header(head, self._window_log)
        if header is None:
            self._head = head
            return Step(b"", b"", False)
        self._has_header, self._head, self.announced = True, head[: header.size], header.content
        return Step(b"", data[header.size - known :], False)


class _ZstdHeader(NamedTuple):
    #: Bytes of the header itself.
    size: int
    content: int | None


def _zstd_header(head: bytes, window_log: int) -> _ZstdHeader | None:
    """RFC 8878, 3.1.1.1; `None` when bytes are missing. A skippable frame announces nothing."""
    may_skip = head[:1] and 0x50 <= head[0] <= 0x5F and b"\x2a\x4d\x18".startswith(head[1:4])
    if may_skip:
        return _ZstdHeader(8, None) if len(head) >= 8 else None
    if not codecs()["zstd"].magic.startswith(head[:4]):
        raise fault("codec_data")
    if len(head) < 5:
        return None
    descriptor = head[4]
    single = bool(descriptor & 0x20)
    digits = (int(single), 2, 4, 8)[descriptor >> 6]
    before = 5 + (not single) + (0, 1, 2, 4)[descriptor & 3]
    if len(head) < before + digits:
        return None
    number = int.from_bytes(head[before : before + digits], "little") + (256 if digits == 2 else 0)
    if (number if single else _zstd_window(head[5])) > 1 << window_log:
        raise fault("codec_window", b=window_log)
    return _ZstdHeader(before + digits, number if digits else None)


def _zstd_window(descriptor: int) -> int:
    base = 1 << (10 + (descriptor >> 3))
    return base + base // 8 * (descriptor & 7)


def _zstd_fault(words: str) -> str:
    if "checksum" in words:
        return "codec_checksum"
    if "ictionary" in words:
        return "codec_dictionary"
    return "codec_window" if "too much memory" in words else "codec_data"


# --- lz4 ---


class _Lz4Encoder:
    def __init__(self, settings: Settings, size: int | None) -> None:
        self._engine = package("lz4").LZ4FrameCompressor(
            compression_level=settings.level, content_checksum=settings.checksum, block_linked=True
        )
        self._head: bytes = self._engine.begin(size or 0)

    def push(self, chunk: bytes) -> bytes:
        head, self._head = self._head, b""
        return head + bytes(self._engine.compress(chunk))

    def finish(self) -> bytes:
        head, self._head = self._head, b""
        return head + bytes(self._engine.flush())


class _Lz4Decoder:
    announced: int | None = None

    def __init__(self) -> None:
        self._engine = package("lz4").LZ4FrameDecompressor()
        self._begun = False

    def step(self, data: bytes, room: int) -> Step:
        if data and not self._begun:
            self._begun = True
            # Only frames of today: skippable and legacy ones are read differently by every package.
            if not codecs()["lz4"].magic.startswith(data[:1]):
                raise fault("codec_data")
        if not data and self._engine.needs_input:
            return Step(b"", b"", False)
        try:
            output = self._engine.decompress(data, max_length=room)
        except RuntimeError as error:
            raise fault("codec_checksum" if "hecksum_invalid" in str(error) else "codec_data") from None
        return Step(output, self._engine.unused_data or b"", self._engine.eof)

    def may_end(self) -> bool:
        return False


# --- brotli ---

_BROTLI_STEP = 4096


class _BrotliEncoder:
    def __init__(self, settings: Settings) -> None:
        self._engine = package("brotli").Compressor(quality=settings.level, lgwin=22)

    def push(self, chunk: bytes) -> bytes:
        compressed: bytes = self._engine.process(chunk)
        return compressed

    def finish(self) -> bytes:
        compressed: bytes = self._engine.finish()
        return compressed


class _BrotliDecoder:
    announced: int | None = None

    def __init__(self, settings: Settings) -> None:
        self._package = package("brotli")
        self._engine = self._package.Decompressor()
        self._window_log = settings.max_window_log
        #: All that was read before the last chunk: the package does not say where in a chunk a stream ends.
        self._before: list[bytes] = []
        self._chunk = b""
        #: Bytes that the last chunk has led to.
        self._given = 0

    def step(self, data: bytes, room: int) -> Step:
        if data and not self._chunk and not _brotli_window_fits(data[0], self._window_log):
            raise fault("codec_window", b=self._window_log)
        taken, later = b"", data
        if data and self._engine.can_accept_more_data():
            taken, later = data[:_BROTLI_STEP], data[_BROTLI_STEP:]
            self._before.append(self._chunk)
            self._chunk, self._given = taken, 0
        try:
            output = self._engine.process(taken, output_buffer_limit=max(room, 1))
        except self._package.error:
            return self._last(later)
        self._given += len(output)
        return Step(output, later, self._engine.is_finished())

    def may_end(self) -> bool:
        return False

    def _last(self, later: bytes) -> Step:
        """The last chunk is damaged, or the stream ends inside it. All is read again, byte by byte at last."""
        engine = self._package.Decompressor()
        for part in self._before:
            engine.process(part)
        chunk, given = self._chunk, self._given
        output: list[bytes] = []
        for size in range(1, len(chunk)):
            try:
                found = engine.process(chunk[size - 1 : size])
            except self._package.error:
                break
            output.append(found[given:])
            given = max(0, given - len(found))
            if engine.is_finished():
                return Step(b"".join(output), chunk[size:] + later, True)
        raise fault("codec_data")


def _brotli_window_fits(first: int, window_log: int) -> bool:
    """RFC 7932, 9.1: the window from the first byte of a stream. The large windows of later encoders never fit."""
    low, high = first >> 1 & 7, first >> 4 & 7
    if not first & 1:
        return window_log >= 16
    if low:
        return window_log >= low + 17
    return high != 1 and window_log >= (high + 8 if high else 17)


_ENCODERS: dict[str, Callable[[Settings, int | None], Encode]] = {
    "gzip": lambda settings, size: _ZlibEncoder(_WRAPPINGS["gzip"], settings),
    "zlib": lambda settings, size: _ZlibEncoder(_WRAPPINGS["zlib"], settings),
    "deflate": lambda settings, size: _ZlibEncoder(_WRAPPINGS["deflate"], settings),
    "zstd": _ZstdEncoder,
    "lz4": _Lz4Encoder,
    "brotli": lambda settings, size: _BrotliEncoder(settings),
    "snappy": lambda settings, size: SnappyEncoder(package("snappy")),
    "identity": lambda settings, size: _Identity(),
}
_DECODERS: dict[str, Callable[[Settings], Decode]] = {
    "gzip": lambda settings: _ZlibDecoder(_WRAPPINGS["gzip"]),
    "zlib": lambda settings: _ZlibDecoder(_WRAPPINGS["zlib"]),
    "deflate": lambda settings: _ZlibDecoder(_WRAPPINGS["deflate"]),
    "zstd": _ZstdDecoder,
    "lz4": lambda settings: _Lz4Decoder(),
    "brotli": _BrotliDecoder,
    "snappy": lambda settings: SnappyDecoder(package("snappy")),
    "identity": lambda settings: _Identity(),
}
