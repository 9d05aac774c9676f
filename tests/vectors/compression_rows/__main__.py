"""Writes `tests/vectors/codec/compression.jsonl`: data that other programs compressed, whole, cut, changed and faked.

What a row expects is known from how it was made, never from what an engine said of it.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import cramjam
import lz4.frame
import zstandard

FILE = Path(__file__).resolve().parent.parent / "codec/compression.jsonl"

TEXTS = {
    "empty": b"",
    "byte": b"x",
    "json": b'{"id": 17, "name": "Ada", "tags": ["a", "b"], "note": null}\n' * 3,
    "binary": bytes((value * 37 + value // 7) % 256 for value in range(300)),
}
#: What leaves `TRAILING`, and what cut data leaves.
WRAPPED = ("gzip", "zlib", "deflate", "zstd", "lz4", "brotli")


def deflated(data: bytes, bits: int, level: int = 6) -> bytes:
    engine = zlib.compressobj(level, zlib.DEFLATED, bits)
    return engine.compress(data) + engine.flush()


def with_zstd(data: bytes, level: int = 3, **options: Any) -> bytes:
    return zstandard.ZstdCompressor(level=level, write_checksum=True, **options).compress(data)


def with_lz4(data: bytes, level: int = 0, **options: Any) -> bytes:
    return lz4.frame.compress(data, compression_level=level, content_checksum=True, **options)


PEERS = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zlib": lambda data: deflated(data, 15),
    "deflate": lambda data: deflated(data, -15),
    "zstd": with_zstd,
    "lz4": with_lz4,
    "brotli": brotli.compress,
    # cramjam leaves out the beginning of an empty stream, which the format wants.
    "snappy": lambda data: bytes(cramjam.snappy.compress(data)) or b"\xff\x06\x00\x00sNaPpY",
    "identity": bytes,
}


def row(
    id: str, codec: str, data: bytes, output: bytes | None = None, error: str = "", **config: Any
) -> dict[str, Any]:
    expect = {"error": error} if output is None else {"output_hex": output.hex()}
    return {"id": id, "codec": codec, "config": config, "input_hex": data.hex(), "expect": expect}


def whole() -> Iterator[dict[str, Any]]:
    for codec, compress in PEERS.items():
        for name, text in TEXTS.items():
            yield row(f"{codec}-{name}", codec, compress(text), text)
            if codec in ("gzip", "zlib", "zstd", "lz4", "snappy"):
                yield row(f"auto-{codec}-{name}", "auto", compress(text), text)
    text = TEXTS["json"]
    for level in (-5, 1, 19):
        yield row(f"zstd-level-{level}", "zstd", with_zstd(text, level), text)
    yield row("zstd-no-checksum", "zstd", zstandard.compress(text), text)
    yield row("zstd-no-size", "zstd", with_zstd(text, write_content_size=False), text)
    for level in (0, 1, 9):
        yield row(f"deflate-level-{level}", "deflate", deflated(text, -15, level), text)
    yield row("zlib-small-window", "zlib", deflated(text, 9), text)
    yield row("gzip-with-name", "gzip", gzip_with_fields(text), text)
    yield row("lz4-high", "lz4", with_lz4(text, 9, block_checksum=True), text)
    yield row("lz4-independent", "lz4", with_lz4(text, block_linked=False, store_size=False), text)
    yield row("lz4-plain", "lz4", lz4.frame.compress(text), text)
    yield row("brotli-quality-0", "brotli", brotli.compress(text, quality=0), text)
    yield row("brotli-window-10", "brotli", brotli.compress(text, lgwin=10), text, max_window_log=10)
    yield row("snappy-padding", "snappy", PEERS["snappy"](text) + b"\xfe\x03\x00\x00abc", text)


def gzip_with_fields(text: bytes) -> bytes:
    """Extra field, name, comment and a checksum of the header (RFC 1952, 2.3)."""
    header = b"\x1f\x8b\x08\x1e\x00\x00\x00\x00\x00\x03" + b"\x04\x00AB\x00\x00" + b"a.json\x00" + b"comment\x00"
    check = (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little")
    sizes = zlib.crc32(text).to_bytes(4, "little") + len(text).to_bytes(4, "little")
    return header + check + deflated(text, -15) + sizes


def cut() -> Iterator[dict[str, Any]]:
    text = TEXTS["json"]
    for codec in (*WRAPPED, "auto"):
        packed = PEERS["gzip" if codec == "auto" else codec](text)
        for size in sorted({0, 1, 2, 5, len(packed) // 2, len(packed) - 4, len(packed) - 1}):
            yield row(f"{codec}-cut-{size}", codec, packed[:size], error="TRUNCATED")
    packed = PEERS["snappy"](text)
    for size in (0, 3, 9, 12, 20, len(packed) - 1):
        yield row(f"snappy-cut-{size}", "snappy", packed[:size], error="TRUNCATED")


def trailing() -> Iterator[dict[str, Any]]:
    text = TEXTS["json"]
    for codec in WRAPPED:
        packed = PEERS[codec](text)
        yield row(f"{codec}-garbage", codec, packed + b"garbage", error="TRAILING")
        yield row(f"{codec}-one-byte", codec, packed + b"x", error="TRAILING")
        yield row(f"{codec}-zeros", codec, packed + bytes(3), error="TRAILING")
        joins = codec in ("gzip", "zstd", "lz4")
        both = packed + PEERS[codec](b"more")
        yield row(f"{codec}-twice", codec, both, text + b"more" if joins else None, "TRAILING")
        yield row(f"{codec}-twice-refused", codec, both, error="TRAILING", concatenated=False)
        if joins:
            yield row(f"{codec}-second-cut", codec, both[:-2], error="TRUNCATED")
            yield row(f"{codec}-second-begins", codec, packed + both[:1], error="TRUNCATED")
    # More than comes out in one step: the end is inside a chunk that was taken before.
    yield row("brotli-garbage-later", "brotli", PEERS["brotli"](b"a" * 200_000) + b"xx", error="TRAILING")
    yield row("snappy-garbage", "snappy", PEERS["snappy"](text) + b"garbage", error="BAD_DATA")
    yield row("snappy-twice", "snappy", PEERS["snappy"](text) + PEERS["snappy"](b"more"), text + b"more")
    yield row("auto-gzip-then-zstd", "auto", PEERS["gzip"](text) + PEERS["zstd"](text), error="TRAILING")
    skippable = b"\x52\x2a\x4d\x18\x03\x00\x00\x00abc"
    yield row("zstd-skippable", "zstd", skippable + PEERS["zstd"](text) + skippable, text)
    yield row("auto-skippable", "auto", skippable + PEERS["zstd"](text), text)
    yield row("lz4-skippable", "lz4", skippable + PEERS["lz4"](text), error="BAD_DATA")


def changed() -> Iterator[dict[str, Any]]:
    text = TEXTS["json"]
    for codec, at in (("gzip", -5), ("gzip", -1), ("zlib", -1), ("zstd", -1), ("lz4", -1), ("snappy", 15)):
        packed = bytearray(PEERS[codec](text))
        packed[at] ^= 1
        yield row(f"{codec}-checksum-{-at}", codec, bytes(packed), error="CHECKSUM")
    for codec in ("gzip", "zlib", "zstd", "lz4", "snappy"):
        yield row(f"{codec}-other-format", codec, b"no such format at all", error="BAD_DATA")
    yield row("gzip-method", "gzip", b"\x1f\x8b\x09" + PEERS["gzip"](text)[3:], error="BAD_DATA")
    # A literal, then a match by the length symbol 286, which RFC 1951 reserves; checksum and size are right.
    reserved = bytes.fromhex("1f8b08000000000000ff4b1c030056fac23403010000")
    yield row("gzip-reserved-symbol", "gzip", reserved, error="BAD_DATA")
    yield row("deflate-block-type", "deflate", b"\x07\x00\x00", error="BAD_DATA")
    yield row("deflate-far", "deflate", b"\x03\x42\x00\x00\x00", error="BAD_DATA")
    yield row("zlib-header", "zlib", b"\x78\x9d" + PEERS["zlib"](text)[2:], error="BAD_DATA")
    yield row("zlib-dictionary", "zlib", zlib_with_dictionary(text), error="DICTIONARY")
    promised = b"\x28\xb5\x2f\xfd\x20\x01\x01\x00\x00"
    yield row("zstd-less-than-announced", "zstd", promised, error="BAD_DATA")
    yield row("zstd-block-type", "zstd", b"\x28\xb5\x2f\xfd\x00\x58\x07\x00\x00", error="BAD_DATA")
    yield row("zstd-reserved-bit", "zstd", b"\x28\xb5\x2f\xfd\x08\x58\x01\x00\x00", error="BAD_DATA")
    yield row("lz4-legacy", "lz4", b"\x02\x21\x4c\x18\x01\x00\x00\x00\x00", error="BAD_DATA")
    yield row("lz4-header-checksum", "lz4", PEERS["lz4"](text)[:6] + b"\x00" + PEERS["lz4"](text)[7:], error="CHECKSUM")
    yield row("brotli-bad", "brotli", b"\x1c\x00\x00", error="BAD_DATA")
    yield row("snappy-no-beginning", "snappy", PEERS["snappy"](text)[10:], error="BAD_DATA")
    yield row("snappy-unknown-chunk", "snappy", PEERS["snappy"](text) + b"\x02\x00\x00\x00", error="BAD_DATA")
    yield row("snappy-long-chunk", "snappy", PEERS["snappy"](b"") + b"\x01\x05\x00\x01", error="BAD_DATA")
    yield row("auto-plain", "auto", b"plain text", error="BAD_DATA")
    yield row("auto-brotli", "auto", PEERS["brotli"](text), error="BAD_DATA")


def zlib_with_dictionary(text: bytes) -> bytes:
    engine = zlib.compressobj(zdict=b'{"id": ')
    return engine.compress(text) + engine.flush()


def bombs() -> Iterator[dict[str, Any]]:
    zeros = bytes(2_000_000)
    for codec in ("gzip", "zlib", "deflate", "zstd", "lz4", "brotli"):
        packed = PEERS[codec](zeros)
        yield row(f"{codec}-bomb", codec, packed, error="TOO_LARGE", max_output_bytes=1_999_999)
        yield row(f"{codec}-ratio", codec, packed, error="TOO_LARGE", max_ratio=10)
    inner = gzip.compress(gzip.compress(zeros, mtime=0), mtime=0)
    # One layer at a time: what is inside is data.
    yield row("gzip-nested", "gzip", inner, gzip.decompress(inner))
    for codec in ("gzip", "zstd", "lz4", "brotli", "snappy", "identity"):
        packed = PEERS[codec](b"12345")
        yield row(f"{codec}-exact", codec, packed, b"12345", max_output_bytes=5)
        yield row(f"{codec}-one-over", codec, packed, error="TOO_LARGE", max_output_bytes=4)
    huge = b"\x28\xb5\x2f\xfd\xe0" + (1 << 60).to_bytes(8, "little") + b"\x01\x00\x00"
    yield row("zstd-huge-content", "zstd", huge, error="TOO_LARGE")
    yield row("zstd-huge-window", "zstd", b"\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", error="TOO_LARGE")
    yield row("zstd-large-window-allowed", "zstd", b"\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00", b"", max_window_log=30)
    announced = b"\x28\xb5\x2f\xfd\xa0" + (300_000_000).to_bytes(4, "little") + b"\x01\x00\x00"
    yield row("zstd-announces-more", "zstd", announced, error="TOO_LARGE", max_window_log=31)
    yield row("brotli-large-window", "brotli", b"\x11\x1e\x00\x00", error="TOO_LARGE")
    yield row("brotli-window", "brotli", brotli.compress(TEXTS["json"], lgwin=22), error="TOO_LARGE", max_window_log=20)
    yield row("gzip-many", "gzip", gzip.compress(b"1234", mtime=0) * 40, error="TOO_LARGE", max_output_bytes=159)


def dictionaries() -> Iterator[dict[str, Any]]:
    words = TEXTS["json"] * 4
    trained = zstandard.ZstdCompressionDict(words, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    packed = zstandard.ZstdCompressor(dict_data=trained, write_checksum=True).compress(TEXTS["json"])
    text = base64_of(words)
    yield row("zstd-dictionary", "zstd", packed, TEXTS["json"], dictionary=text)
    named = b"\x28\xb5\x2f\xfd\x21\x07\x00\x01\x00\x00"
    yield row("zstd-dictionary-missing", "zstd", named, error="DICTIONARY")


def base64_of(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


def configurations() -> Iterator[dict[str, Any]]:
    yield row("unknown-codec", "lzma", b"", error="UNKNOWN_KIND")
    yield row("level-of-gzip", "gzip", b"", error="CONFIG_VALUE", level=10)
    yield row("level-of-zstd", "zstd", b"", error="CONFIG_VALUE", level=23)
    yield row("level-of-snappy", "snappy", b"", error="CONFIG_VALUE", level=1)
    yield row("level-of-auto", "auto", b"", error="CONFIG_VALUE", level=1)
    yield row("level-type", "gzip", b"", error="CONFIG_TYPE", level="9")
    yield row("unknown-key", "gzip", b"", error="CONFIG_KEY", levels=9)
    yield row("negative-limit", "gzip", b"", error="CONFIG_VALUE", max_output_bytes=-1)
    yield row("no-ratio", "gzip", b"", error="CONFIG_VALUE", max_ratio=0)
    yield row("dictionary-of-gzip", "gzip", b"", error="CONFIG_VALUE", dictionary="AAAA")
    damaged = base64_of(b"\x37\xa4\x30\xec" + b"garbage" * 20)
    for codec in ("zstd", "auto"):
        yield row(f"dictionary-damaged-{codec}", codec, b"", error="CONFIG_VALUE", dictionary=damaged)
    for index, text in enumerate(("A", "AAA", "A===", "AA=A", "AAAA=", "A A=", "_-==", "=AAA")):
        yield row(f"dictionary-base64-{index}", "zstd", b"", error="CONFIG_VALUE", dictionary=text)


def all_rows() -> list[dict[str, Any]]:
    """Every row, in the order of the file."""
    parts = (whole, cut, trailing, changed, bombs, dictionaries, configurations)
    return [found for part in parts for found in part()]


if __name__ == "__main__":
    FILE.write_text("".join(json.dumps(found) + "\n" for found in all_rows()), encoding="utf-8")
