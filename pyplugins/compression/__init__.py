"""Compression: zstd, gzip, zlib, deflate, lz4, brotli, snappy; hostile compressed data does no harm.

`compress` and `decompress` take whole values, `open` files and file-like objects, `Compression` a configured codec;
`CompressionPlugin` is the plugin class. Importing all but the last loads no framework. README.md says more.
Tests: tests/unit/test_compression_*.py, tests/parity/test_compression_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.compression.api import (
        Compression,
        CompressionPython,
        CompressionRust,
        Encoded,
        choose,
        coding,
        compress,
        decompress,
        encode,
        train_dictionary,
    )

__all__ = [
    "Compression",
    "CompressionPython",
    "CompressionRust",
    "Encoded",
    "choose",
    "coding",
    "compress",
    "decompress",
    "encode",
    "train_dictionary",
]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "Compression": "api",
        "CompressionPython": "api",
        "CompressionRust": "api",
        "Encoded": "api",
        "choose": "api",
        "coding": "api",
        "compress": "api",
        "decompress": "api",
        "encode": "api",
        "train_dictionary": "api",
    },
)
