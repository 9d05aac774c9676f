"""Twin of rustlib/engines/rate_limiter/src/saved.rs: all keys as bytes, and back. Each reads what the other wrote.

Tests: tests/parity/test_rate_limiter_parity.py, tests/unit/test_rate_limiter_api.py.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from pyplugins.core.faults import fault
from pyplugins.core.limiter import MAX_NOW_NS
from pyplugins.errors import PluginError

if TYPE_CHECKING:
    from pyplugins.rate_limiter._settings import Settings

_MAGIC: Final = int.from_bytes(b"gwplim1\n", "little")
_HEADER: Final = struct.Struct("<5Q")
_PAIR: Final = struct.Struct("<2Q")
_ONE: Final = struct.Struct("<Q")
#: Dimension and value; time of the last change; class; a cell for each window.
Found = tuple[tuple[int, bytes], int, int, list[Any]]


def fnv1a(parts: Iterable[bytes]) -> int:
    """FNV-1a of 64 bits over all parts, one after the other."""
    found = 0xCBF29CE484222325
    for part in parts:
        for byte in part:
            found = ((found ^ byte) * 0x100000001B3) & 0xFFFF_FFFF_FFFF_FFFF
    return found


def _shape(settings: Settings) -> int:
    return fnv1a((settings.shape(), b"\xff"))


def write(settings: Settings, keys: Iterable[tuple[tuple[int, bytes], Any]], lease: int, now: int) -> bytes:
    """The export of a limiter with these keys."""
    rows = [_written(settings, name, entry) for name, entry in keys]
    return _HEADER.pack(_MAGIC, _shape(settings), now, lease, len(rows)) + b"".join(rows)


def _written(settings: Settings, name: tuple[int, bytes], entry: Any) -> bytes:
    dimension, value = name
    parts = [_PAIR.pack(dimension, len(value)), value, _PAIR.pack(entry.kind, entry.time)]
    windows = settings.dimensions[dimension].classes[entry.kind].windows
    for window, cell in zip(windows, entry.cells, strict=True):
        pairs = window.pairs(cell)
        parts += [_ONE.pack(len(pairs)), *(_PAIR.pack(*pair) for pair in pairs)]
    return b"".join(parts)


def read(settings: Settings, data: bytes, now: int, *, moved: bool) -> tuple[int, list[Found]]:
    """The number of the next lease, and the keys of an export. `moved`: every key stays as old as it was.

    Raises:
        UsageError: the bytes are damaged, or of a limiter with other dimensions.
    """
    reader = _Reader(data)
    magic, shape, then, lease, count = reader.numbers(_HEADER)
    if magic != _MAGIC or shape != _shape(settings):
        raise fault("bad_state")
    found = [_key(settings, reader, now - then if moved else 0, now) for _ in range(min(count, len(data)))]
    if count > len(data) or reader.place != len(data):
        raise reader.damaged()
    return lease, found


def _key(settings: Settings, reader: _Reader, shift: int, now: int) -> Found:
    dimension, length = reader.numbers(_PAIR)
    value = reader.bytes(length)
    kind, time = reader.numbers(_PAIR)
    known = dimension < len(settings.dimensions) and kind < len(settings.dimensions[dimension].classes)
    if not known or length > settings.max_key_bytes or time > MAX_NOW_NS // 1000:
        raise reader.damaged()
    moved = min(max(time + shift, 0), now)
    cells = []
    for window in settings.dimensions[dimension].classes[kind].windows:
        (count,) = reader.numbers(_ONE)
        if count > len(reader.data):
            raise reader.damaged()
        pairs = [(a, b) for a, b in (reader.numbers(_PAIR) for _ in range(count))]
        cell = window.read(pairs, moved - time, moved)
        if cell is None:
            raise reader.damaged()
        cells.append(cell)
    return (dimension, value), moved, kind, cells


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def damaged(self) -> PluginError:
        return fault("bad_state", a=self.place)

    def bytes(self, length: int) -> bytes:
        end = self.place + length
        if end > len(self.data):
            raise self.damaged()
        found = self.data[self.place : end]
        self.place = end
        return found

    def numbers(self, form: struct.Struct) -> tuple[int, ...]:
        return form.unpack(self.bytes(form.size))
