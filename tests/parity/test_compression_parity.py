"""The implementations of compression read each other's output and fail with the same codes, whatever they are given."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gw_vectors
import pytest
from gw_tests import need_binding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyplugins.compression.api import Compression, choose, train_dictionary
from pyplugins.errors import PluginError

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import compression as strategies

from bench.plugins.compression.corpora import KINDS, text

NATIVE = ("cffi", "ctypes")
ROWS = gw_vectors.rows("codec/compression")
SOUND = [row for row in ROWS if not row["config"] and row["codec"] != "lzma" and len(row["input_hex"]) < 2000]
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@pytest.fixture(params=NATIVE)
def native(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    need_binding(name)
    return name


def outcome(codec: Compression, packed: bytes) -> Any:
    """What comes out, or the class and code of the error."""
    try:
        return codec.decompress(packed)
    except PluginError as error:
        return type(error), error.code, str(error)


def in_chunks(codec: Compression, packed: bytes, sizes: list[int]) -> Any:
    stream = codec.decompressor()
    try:
        return b"".join(map(stream.push, strategies.cuts(packed, sizes))) + stream.finish()
    except PluginError as error:
        return type(error), error.code, str(error)


@pytest.mark.parametrize("codec", strategies.CODECS)
@given(data=st.data(), blob=strategies.blobs, sizes=st.lists(st.integers(0, 200), max_size=6))
@relaxed
def test_they_read_each_other(native: str, codec: str, data: st.DataObject, blob: bytes, sizes: list[int]) -> None:
    level = data.draw(strategies.levels[codec]) if codec in strategies.levels else None
    config = {"level": level, "checksum": data.draw(st.booleans())}
    engines = [Compression(codec, config, name) for name in (native, "python")]
    for writer in engines:
        packed = writer.compress(blob)
        stream = writer.compressor()
        streamed = b"".join(map(stream.push, strategies.cuts(blob, sizes))) + stream.finish()
        for reader in engines:
            assert reader.decompress(packed) == blob
            assert in_chunks(reader, streamed, sizes) == blob


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", range(2, 10))
def test_a_level_of_gzip_comes_equally_far(native: str, level: int, kind: str) -> None:
    """Whatever compresses, and whether at once or in a stream. Level 1 is left out: zlib-ng, which may be Python's
    zlib, does not look for matches at it."""
    data = text(kind, 65536).encode()
    engines = [Compression("gzip", {"level": level}, name) for name in (native, "python")]
    sizes = [len(engine.compress(data)) for engine in engines]
    for engine in engines:
        stream = engine.compressor()
        sizes.append(len(stream.push(data) + stream.finish()))
    assert max(sizes) <= 1.1 * min(sizes)


@given(
    row=st.sampled_from(SOUND),
    at=st.integers(0, 10_000),
    change=st.integers(0, 255),
    cut=st.integers(0, 40),
    more=st.binary(max_size=4),
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=4),
)
@settings(relaxed, max_examples=300)
def test_they_fail_alike(
    native: str, row: dict[str, Any], at: int, change: int, cut: int, more: bytes, sizes: list[int]
) -> None:
    packed = bytearray(bytes.fromhex(row["input_hex"]))
    if packed:
        packed[at % len(packed)] ^= change
        packed = packed[: len(packed) - cut % len(packed)]
    packed += more
    config = {"max_output_bytes": 100_000, "max_window_log": 24}
    theirs, ours = (Compression(row["codec"], config, name) for name in (native, "python"))
    assert outcome(theirs, bytes(packed)) == outcome(ours, bytes(packed))
    assert in_chunks(theirs, bytes(packed), sizes) == in_chunks(ours, bytes(packed), sizes)


@given(codec=st.sampled_from((*strategies.CODECS, "auto")), noise=st.binary(max_size=60))
@settings(relaxed, max_examples=300)
def test_noise_is_refused_alike(native: str, codec: str, noise: bytes) -> None:
    config = {"max_output_bytes": 100_000}
    theirs, ours = (Compression(codec, config, name) for name in (native, "python"))
    assert outcome(theirs, noise) == outcome(ours, noise)


NAMES = st.sampled_from(["gzip", "x-gzip", "br", "zstd", "deflate", "identity", "*", "lz4", "GZIP", ""])
WEIGHTS = st.sampled_from(
    ["", ";q=0", ";q=1", ";q=0.5", "; q=0.25 ", ";q=1.001", ";q=2", ";Q=0.7", ";q=", ";x=1", ";q=0.5;a=b"]
)
FIELDS = st.one_of(st.lists(st.tuples(NAMES, WEIGHTS).map("".join), max_size=5).map(" ,\t".join), st.text(max_size=20))


@given(
    accept=FIELDS,
    media_type=st.sampled_from(["", "application/json", "IMAGE/png ; a=b", "image/svg+xml", "x"]),
    blob=strategies.blobs,
)
@settings(relaxed, max_examples=300)
def test_they_choose_alike(native: str, accept: str, media_type: str, blob: bytes) -> None:
    def chosen(implementation: str) -> Any:
        try:
            return choose(blob, accept, media_type, implementation=implementation)
        except PluginError as error:
            return error.code

    assert chosen(native) == chosen("python")


def test_a_dictionary_of_one_serves_the_other(native: str) -> None:
    samples = [
        json.dumps({"id": n, "name": f"user {n * 7919 % 1000}", "roles": ["reader"]}).encode() for n in range(500)
    ]
    for maker in (native, "python"):
        dictionary = train_dictionary(samples, 4096, implementation=maker)
        engines = [Compression("zstd", {"dictionary": dictionary}, name) for name in (native, "python")]
        for writer in engines:
            for reader in engines:
                assert reader.decompress(writer.compress(samples[3])) == samples[3]
        plain = [Compression("zstd", None, name) for name in (native, "python")]
        refusals = {outcome(reader, engines[0].compress(samples[3])) for reader in plain}
        assert len(refusals) == 1
        assert next(iter(refusals))[1] == 49
