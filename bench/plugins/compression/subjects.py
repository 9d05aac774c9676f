"""Our codecs, the fastest packages of each format, and the standard library: bytes in, bytes out.

Packing is an operation for each text, so that a peer has its level for each (`pair`). gzip is opened from what the
standard library packed, by all the same bytes; the other formats from what each packed itself.
Tests: tests/bench/test_verify.py, tests/bench/test_compression_section.py.
"""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple

from bench.plugin import Opened, Subject, Workload, own, versions
from bench.plugins.compression.settings import BACK, SETTINGS, Levels, Setting, all_named, nearest

Call = Callable[[bytes], bytes]


class Coder(NamedTuple):
    """One codec of a subject."""

    #: What packs at a level.
    at: Callable[[Any], Call]
    unpack: Call


def checked(packed: bytes, opener: Call) -> dict[str, int]:
    """Size of what was packed, and the checksum of what it holds."""
    return {"size": len(packed), "check": zlib.crc32(opener(packed))}


def _opened(coders: Mapping[str, Coder], levels: Callable[[Setting], Levels], **more: Any) -> Opened:
    """`levels`: those of a setting that the subject may be paired at; none when it takes no part."""
    operations: dict[str, Callable[[Any], Any]] = {}
    prepare: dict[str, Callable[[Any], Any]] = {}
    read: dict[str, Callable[[Any], Any]] = {}
    for operation, setting in SETTINGS.items():
        if not (found := levels(setting)):
            continue
        at, unpack = coders[setting.codec]
        pack, back = at(found[0]), BACK.format(setting.codec)
        for name in (operation, *all_named(operation)):
            operations[name], prepare[name], read[name] = pack, str.encode, partial(checked, opener=unpack)
        if operation == setting.codec:
            packed = partial(gzip.compress, compresslevel=6) if setting.codec == "gzip" else pack
            operations[back], prepare[back], read[back] = unpack, partial(_packed, packed), zlib.crc32

    def pair(workload: Workload, size: int) -> int | None:
        """Packs this text from now on at the level that comes nearest to a size."""
        setting = SETTINGS[workload.operation.partition(":")[0]]
        text = workload.source()
        level = nearest(size, {level: size_at(setting.codec, level, text) for level in levels(setting)})
        operations[workload.operation] = coders[setting.codec].at(level)
        return level

    @cache
    def size_at(codec: str, level: int | None, text: str) -> int:
        return len(coders[codec].at(level)(text.encode()))

    return Opened(operations, prepare=prepare, read=read, jobs={"pair": pair}, **more)


def _packed(pack: Call, text: str) -> bytes:
    return bytes(pack(text.encode()))


def _own(implementation: str) -> Opened:
    codec_class = importlib.import_module("pyplugins.compression").Compression

    def coder(codec: str) -> Coder:
        return Coder(
            lambda level: codec_class(codec, {"level": level}, implementation).compress,
            codec_class(codec, None, implementation).decompress,
        )

    return _opened({setting.codec: coder(setting.codec) for setting in SETTINGS.values()}, lambda one: (one.level,))


def _peer(name: str, coders: Mapping[str, Coder], package: str | None = None) -> Opened:
    more = {"versions": versions(package)} if package else {}
    return _opened(coders, lambda setting: setting.peers.get(name, ()), **more)


def _gzip_of(module: Any) -> Coder:
    return Coder(
        lambda level: lambda data: module.compress(data, level, 31),
        lambda data: module.decompress(data, 31),
    )


def _isal() -> Opened:
    return _peer("isal", {"gzip": _gzip_of(importlib.import_module("isal.isal_zlib"))}, "isal")


def _zlib_ng() -> Opened:
    return _peer("zlib_ng", {"gzip": _gzip_of(importlib.import_module("zlib_ng.zlib_ng"))}, "zlib-ng")


def _stdlib() -> Opened:
    return _peer("stdlib", {"gzip": Coder(lambda level: partial(gzip.compress, compresslevel=level), gzip.decompress)})


def _zstandard() -> Opened:
    package = importlib.import_module("zstandard")
    coder = Coder(
        lambda level: package.ZstdCompressor(level=level, write_checksum=True).compress,
        package.ZstdDecompressor().decompress,
    )
    return _peer("zstandard", {"zstd": coder}, "zstandard")


def _lz4() -> Opened:
    frame = importlib.import_module("lz4.frame")
    coder = Coder(
        lambda level: partial(frame.compress, compression_level=level, content_checksum=True), frame.decompress
    )
    return _peer("lz4", {"lz4": coder}, "lz4")


def _brotli() -> Opened:
    package = importlib.import_module("brotli")
    coder = Coder(lambda level: partial(package.compress, quality=level), package.decompress)
    return _peer("brotli", {"brotli": coder}, "brotli")


def _cramjam() -> Opened:
    package = importlib.import_module("cramjam")

    def coder(codec: str) -> Coder:
        module = getattr(package, codec)

        def at(level: int | None) -> Call:
            arguments = () if level is None else (level,)
            return lambda data: bytes(module.compress(data, *arguments))

        return Coder(at, lambda data: bytes(module.decompress(data)))

    return _peer("cramjam", {codec: coder(codec) for codec in ("zstd", "brotli", "snappy")}, "cramjam")


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
