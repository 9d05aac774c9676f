"""Twin of rustlib/engines/compression/src/snappy.rs: the framing format of Snappy, around blocks by `cramjam`.

Tests: tests/parity/test_compression_parity.py, tests/vectors/codec/compression.jsonl.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pyplugins.core.faults import fault

if TYPE_CHECKING:
    from pyplugins.compression._formats import Step

#: The chunk that every stream begins with.
_START = b"\xff\x06\x00\x00sNaPpY"
#: Most bytes of content in one chunk, and of a chunk that holds it compressed.
_CHUNK = 65536
_LONGEST = 32 + _CHUNK + _CHUNK // 6
_HEADER, _CHECKSUM = 4, 4
_COMPRESSED, _PLAIN, _STREAM = 0, 1, 0xFF


@cache
def _table() -> tuple[int, ...]:
    """CRC-32C (polynomial 0x1EDC6F41, reflected), one entry for each byte."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


def _checksum(data: bytes) -> bytes:
    """CRC-32C, turned and shifted so that data may hold checksums of itself."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    turned = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return (turned + 0xA282EAD8 & 0xFFFFFFFF).to_bytes(4, "little")


class SnappyEncoder:
    """Writes a stream in chunks of 64 KiB."""

    def __init__(self, package: Any) -> None:
        self._pack = package.snappy.compress_raw
        self._head = _START
        self._held = bytearray()

    def push(self, chunk: bytes) -> bytes:
        """Takes a chunk."""
        self._held += chunk
        whole = len(self._held) // _CHUNK * _CHUNK
        content, self._held = bytes(self._held[:whole]), self._held[whole:]
        head, self._head = self._head, b""
        return head + b"".join(self._written(content[at : at + _CHUNK]) for at in range(0, whole, _CHUNK))

    def finish(self) -> bytes:
        """The rest."""
        head = self.push(b"")
        return head + (self._written(bytes(self._held)) if self._held else b"")

    def _written(self, content: bytes) -> bytes:
        packed = bytes(self._pack(content))
        # What shrinks by less than an eighth is not worth unpacking: the format's own rule of thumb.
        worth = len(packed) < len(content) - len(content) // 8
        kind, body = (_COMPRESSED, packed) if worth else (_PLAIN, content)
        size = (len(body) + _CHECKSUM).to_bytes(3, "little")
        return bytes([kind]) + size + _checksum(content) + body


class SnappyDecoder:
    """Collects one chunk at a time."""

    announced: int | None = None

    def __init__(self, package: Any) -> None:
        self._package = package
        self._begun = False
        self._held = b""
        #: Bytes of a chunk without content that are still to be passed over.
        self._skip = 0

    def step(self, data: bytes, room: int) -> Step:
        """Reads up to the next border: the end of a header, of a chunk, or of what is passed over."""
        from pyplugins.compression._formats import Step

        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            return Step(b"", data[skipped:], False)
        had_header = len(self._held) >= _HEADER
        wanted = self._wanted() - len(self._held)
        self._held += data[:wanted]
        output = b""
        if not had_header and len(self._held) >= _HEADER:
            self._judge(self._wanted() - _HEADER)
        elif had_header and len(self._held) == self._wanted():
            output = self._content()
        return Step(output, data[wanted:], False)

    def may_end(self) -> bool:
        """Between chunks."""
        return self._begun and not self._held and not self._skip

    def _wanted(self) -> int:
        if len(self._held) < _HEADER:
            return _HEADER
        return _HEADER + int.from_bytes(self._held[1:_HEADER], "little")

    def _judge(self, size: int) -> None:
        """A chunk by its header, before its body is collected."""
        kind = self._held[0]
        if not self._begun and self._held != _START[:_HEADER]:
            raise fault("codec_data")
        if 0x80 <= kind < _STREAM:
            self._skip, self._held = size, b""
            return
        least, most = {
            _COMPRESSED: (_CHECKSUM, _CHECKSUM + _LONGEST),
            _PLAIN: (_CHECKSUM, _CHECKSUM + _CHUNK),
            _STREAM: (len(_START) - _HEADER,) * 2,
        }.get(kind, (1, 0))
        if not least <= size <= most:
            raise fault("codec_data")

    def _content(self) -> bytes:
        held, self._held = self._held, b""
        if held[0] == _STREAM:
            self._begun = True
            if held != _START:
                raise fault("codec_data")
            return b""
        body = held[_HEADER + _CHECKSUM :]
        content = body if held[0] == _PLAIN else self._unpacked(body)
        if _checksum(content) != held[_HEADER : _HEADER + _CHECKSUM]:
            raise fault("codec_checksum")
        return content

    def _unpacked(self, body: bytes) -> bytes:
        if _announced(body) > _CHUNK:
            raise fault("codec_data")
        try:
            return bytes(self._package.snappy.decompress_raw(body))
        except self._package.DecompressionError:
            raise fault("codec_data") from None


def _announced(body: bytes) -> int:
    """The size that a block announces: a number of seven bits a byte. Too large when it does not end."""
    size = 0
    for index, byte in enumerate(body[:5]):
        size |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return size
    return _CHUNK + 1
