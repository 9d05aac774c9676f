"""Who packs at which level. A level of ours is paired, on each text, with the peer's level of the nearest size.

Standard library only. Tests: tests/bench/test_compression_section.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bench.plugins.compression.corpora import KINDS
from bench.texts import KIB, MIB

SIZES = {"1 KB": 1000, "64 KiB": 64 * KIB, "1 MiB": MIB, "8 MiB": 8 * MIB}

Levels = tuple[int | None, ...]


class Setting(NamedTuple):
    """A codec at a level of ours; `None` is its default."""

    codec: str
    level: int | None
    #: By peer, the levels it may be paired at.
    peers: Mapping[str, Levels]


_ISAL: Levels = (0, 1, 2, 3)
_ZLIB_NG: Levels = (1, 2, 3, 4, 5, 6, 7, 8, 9)

#: By operation. `gzip.compress` has level 9 unless it is told otherwise; zstd, lz4 and brotli are the same libraries.
SETTINGS = {
    "gzip 1": Setting("gzip", 1, {"isal": _ISAL, "zlib_ng": _ZLIB_NG}),
    "gzip": Setting("gzip", None, {"isal": _ISAL, "zlib_ng": _ZLIB_NG, "stdlib": (9,)}),
    "gzip 9": Setting("gzip", 9, {"isal": _ISAL, "zlib_ng": _ZLIB_NG}),
    "zstd 1": Setting("zstd", 1, {"zstandard": (-1, 1, 2)}),
    "zstd": Setting("zstd", None, {"zstandard": (2, 3, 4), "cramjam": (3,)}),
    "lz4": Setting("lz4", None, {"lz4": (-1, 0, 3)}),
    "brotli": Setting("brotli", None, {"brotli": (4, 5, 6), "cramjam": (5,)}),
    "snappy": Setting("snappy", None, {"cramjam": (None,)}),
}
#: What reads a codec's output back has this name.
BACK = "open {}"


def taking(codec: str) -> list[str]:
    """Peers of a codec."""
    settings = [setting for setting in SETTINGS.values() if setting.codec == codec]
    return list(dict.fromkeys(peer for setting in settings for peer in setting.peers))


def named(operation: str, kind: str, size: str) -> str:
    """The name of a workload."""
    return f"{operation}: {kind}, {size}"


def all_named(operation: str) -> list[str]:
    """The names of an operation's workloads."""
    return [named(operation, kind, size) for kind in KINDS for size in SIZES]


def nearest(size: int, sizes: Mapping[int | None, int]) -> int | None:
    """The level whose size is nearest to a size; the first of equals."""
    return min(sizes, key=lambda level: max(size / sizes[level], sizes[level] / size))
