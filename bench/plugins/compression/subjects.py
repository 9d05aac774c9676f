"""Our codecs, the fastest packages of each format, and the standard library: bytes in, bytes out.

An operation is a format at a setting; `LEVELS` says which level of whom that is, paired so that ratios are alike.
Tests: tests/bench/test_verify.py.
"""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bench.plugin import Opened, Subject, own, versions

Call = Callable[[bytes], bytes]

#: By operation: level of ours, then of each peer.
LEVELS: dict[str, dict[str, int | None]] = {
    "gzip, fast": {"ours": 1, "isal": 3, "zlib_ng": 2},
    "gzip": {"ours": 6, "zlib_ng": 6, "stdlib": 9},
    "zstd": {"ours": 3, "zstandard": 3, "cramjam": 3},
    "lz4": {"ours": 0, "lz4": 0},
    "brotli": {"ours": 5, "brotli": 5, "cramjam": 5},
    "snappy": {"ours": None, "cramjam": None},
}
#: What reads an operation's output back has this name.
BACK = "open {}"


def takers(operation: str) -> tuple[str, ...]:
    """Who takes part in an operation, either way."""
    peers = [name for name in LEVELS[operation.removeprefix("open ")] if name != "ours"]
    return ("cffi", "ctypes", "python", *peers)


def checked(packed: bytes, opener: Call) -> dict[str, int]:
    """Size of what was packed, and the checksum of what it holds."""
    return {"size": len(packed), "check": zlib.crc32(opener(packed))}


def _opened(pairs: Mapping[str, tuple[Call, Call]], **more: Any) -> Opened:
    operations: dict[str, Callable[[Any], Any]] = {}
    prepare: dict[str, Callable[[Any], Any]] = {}
    read: dict[str, Callable[[Any], Any]] = {}
    for name, (pack, unpack) in pairs.items():
        back = BACK.format(name)
        operations |= {name: pack, back: unpack}
        prepare |= {name: str.encode, back: partial(_packed, pack)}
        read |= {name: partial(checked, opener=unpack), back: zlib.crc32}
    return Opened(operations, prepare=prepare, read=read, **more)


def _packed(pack: Call, text: str) -> bytes:
    return bytes(pack(text.encode()))


def _own(implementation: str) -> Opened:
    codec_class = importlib.import_module("pyplugins.compression").Compression

    def pair(operation: str, level: int | None) -> tuple[Call, Call]:
        codec = codec_class(operation.partition(",")[0], {"level": level}, implementation)
        return codec.compress, codec.decompress

    return _opened({name: pair(name, levels["ours"]) for name, levels in LEVELS.items()})


def _isal() -> Opened:
    isal = importlib.import_module("isal.isal_zlib")
    return _opened(_zlib_like(isal, "isal", 31), versions=versions("isal"))


def _zlib_ng() -> Opened:
    return _opened(_zlib_like(importlib.import_module("zlib_ng.zlib_ng"), "zlib_ng", 31), versions=versions("zlib-ng"))


def _zlib_like(module: Any, name: str, bits: int) -> dict[str, tuple[Call, Call]]:
    def pair(level: Any) -> tuple[Call, Call]:
        return (lambda data: module.compress(data, level, bits)), (lambda data: module.decompress(data, bits))

    return {operation: pair(levels[name]) for operation, levels in LEVELS.items() if name in levels}


def _stdlib() -> Opened:
    return _opened({"gzip": (gzip.compress, gzip.decompress)})


def _zstandard() -> Opened:
    package = importlib.import_module("zstandard")
    packer = package.ZstdCompressor(level=LEVELS["zstd"]["zstandard"], write_checksum=True)
    return _opened({"zstd": (packer.compress, package.ZstdDecompressor().decompress)}, versions=versions("zstandard"))


def _lz4() -> Opened:
    frame = importlib.import_module("lz4.frame")
    pack = partial(frame.compress, compression_level=LEVELS["lz4"]["lz4"], content_checksum=True)
    return _opened({"lz4": (pack, frame.decompress)}, versions=versions("lz4"))


def _brotli() -> Opened:
    package = importlib.import_module("brotli")
    pack = partial(package.compress, quality=LEVELS["brotli"]["brotli"])
    return _opened({"brotli": (pack, package.decompress)}, versions=versions("brotli"))


def _cramjam() -> Opened:
    package = importlib.import_module("cramjam")

    def pair(operation: str, level: int | None) -> tuple[Call, Call]:
        module = getattr(package, operation)
        arguments = () if level is None else (level,)
        return (lambda data: bytes(module.compress(data, *arguments))), (lambda data: bytes(module.decompress(data)))

    pairs = {name: pair(name, levels["cramjam"]) for name, levels in LEVELS.items() if "cramjam" in levels}
    return _opened(pairs, versions=versions("cramjam"))


#: What fresh interpreters run: the first half imports, the second makes a codec.
_PROGRAM = "from pyplugins.compression import Compression as c; c('zstd', {{}}, '{}')"

SUBJECTS: dict[str, Subject] = {
    **{
        name: replace(subject, program=_PROGRAM.format(name))
        for name, subject in own(_own, "pyplugins.compression.Compression").items()
    },
    "isal": Subject("isal (PyPI)", _isal, environment="peers", colour="#8250df"),
    "zlib_ng": Subject("zlib-ng (PyPI)", _zlib_ng, environment="peers", colour="#bf3989"),
    "stdlib": Subject("standard library", _stdlib, environment="peers", colour="#8b949e"),
    "zstandard": Subject("zstandard (PyPI)", _zstandard, environment="peers", colour="#1a7f37"),
    "lz4": Subject("lz4 (PyPI)", _lz4, environment="peers", colour="#cf222e"),
    "brotli": Subject("brotli (PyPI)", _brotli, environment="peers", colour="#9a6700"),
    "cramjam": Subject("cramjam (PyPI)", _cramjam, environment="peers", colour="#57606a"),
}
