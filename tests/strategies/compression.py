"""Data and configurations for compression."""

from __future__ import annotations

from hypothesis import strategies as st

CODECS = ("zstd", "gzip", "zlib", "deflate", "lz4", "brotli", "snappy", "identity")

#: Noise, words over and over, and both in turns: what compresses badly, well, and in stretches.
blobs = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda word, count: word * count, st.binary(min_size=1, max_size=40), st.integers(0, 3000)),
    st.lists(st.one_of(st.binary(max_size=50), st.just(b'{"id": 17, "name": "Ada"}')), max_size=60).map(b"".join),
)

levels = {
    "zstd": st.integers(-7, 12),
    "gzip": st.integers(0, 9),
    "zlib": st.integers(0, 9),
    "deflate": st.integers(0, 9),
    "lz4": st.integers(0, 12),
    "brotli": st.integers(0, 9),
}


def cuts(data: bytes, sizes: list[int]) -> list[bytes]:
    """The data in chunks of these sizes, over and over; empty chunks in between are part of the game."""
    chunks, at, turn, sizes = [], 0, 0, [*sizes, 97]
    while at < len(data):
        size = sizes[turn % len(sizes)]
        chunks.append(data[at : at + size])
        at += size
        turn += 1
    return chunks
