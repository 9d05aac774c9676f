"""The vectors of compression, on every implementation that works here: in one call, and byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gw_vectors
import pytest
from gw_tests import need_binding

from pyplugins.compression.api import Compression
from pyplugins.core import data
from pyplugins.errors import PluginError

ROWS = gw_vectors.rows("codec/compression")
CODES = {row["name"]: row["code"] for row in data.load("core", "messages.json")}
IMPLEMENTATIONS = ["cffi", "ctypes", "python"]


def outcome(row: dict[str, Any], implementation: str, read: Callable[[Compression, bytes], bytes]) -> Any:
    try:
        codec = Compression(row["codec"], row["config"], implementation)
        return read(codec, bytes.fromhex(row["input_hex"])).hex()
    except PluginError as error:
        return error.code


def whole(codec: Compression, packed: bytes) -> bytes:
    return codec.decompress(packed)


def by_bytes(codec: Compression, packed: bytes) -> bytes:
    stream = codec.decompressor()
    return b"".join(stream.push(packed[at : at + 1]) for at in range(len(packed))) + stream.finish()


def by_views(codec: Compression, packed: bytes) -> bytes:
    stream = codec.decompressor()
    view = memoryview(bytearray(packed))
    return b"".join(stream.push(view[at : at + 5]) for at in range(0, len(packed), 5)) + stream.finish()


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_row(row: dict[str, Any], implementation: str) -> None:
    if implementation != "python":
        need_binding(implementation)
    expect = row["expect"]
    wanted = expect["output_hex"] if "output_hex" in expect else CODES[expect["error"]]
    for read in (whole, by_bytes, by_views):
        assert outcome(row, implementation, read) == wanted, read.__name__


def test_ids_are_unique() -> None:
    ids = [row["id"] for row in ROWS]
    assert len(ids) > 150
    assert len(set(ids)) == len(ids)
