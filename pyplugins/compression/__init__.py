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
        accepts,
        choose,
        coding,
        compress,
        decompress,
        encode,
        train_dictionary,
    )
    from pyplugins.compression.compression import CompressionPlugin
    from pyplugins.compression.envelope import is_envelope, open_envelope, seal
    from pyplugins.compression.files import open

__all__ = [
    "Compression",
    "CompressionPlugin",
    "CompressionPython",
    "CompressionRust",
    "Encoded",
    "accepts",
    "choose",
    "coding",
    "compress",
    "decompress",
    "encode",
    "is_envelope",
    "open",
    "open_envelope",
    "seal",
    "train_dictionary",
]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "Compression": "api",
        "CompressionPlugin": "compression",
        "CompressionPython": "api",
        "CompressionRust": "api",
        "Encoded": "api",
        "accepts": "api",
        "choose": "api",
        "coding": "api",
        "compress": "api",
        "decompress": "api",
        "encode": "api",
        "is_envelope": "envelope",
        "open": "files",
        "open_envelope": "envelope",
        "seal": "envelope",
        "train_dictionary": "api",
    },
)
