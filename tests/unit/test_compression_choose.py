"""Which codec: negotiation by RFC 9110, media types, and the probe for noise."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from array import array

import pytest
from gw_tests import need_binding

from pyplugins.compression.api import choose, coding, encode
from pyplugins.errors import BadData

TEXT = b'{"id": 17, "name": "Ada"}' * 100
NOISE = random.Random(7).randbytes(20_000)

CASES = {
    "nothing said": ("*", "zstd"),
    "one": ("gzip", "gzip"),
    "the old name": ("x-gzip", "gzip"),
    "the order does not count": ("gzip, br, zstd", "zstd"),
    "quality counts": ("gzip;q=0.9, br;q=0.8, zstd;q=0.1", "gzip"),
    "zero refuses": ("zstd;q=0, br", "brotli"),
    "star is the rest": ("zstd;q=0, br;q=0, *", "gzip"),
    "deflate is zlib": ("deflate", "zlib"),
    "upper case": ("GZIP ; Q=0.5", "gzip"),
    "blanks": (" gzip ;  q=0.5 ,\tbr;q=0.4", "gzip"),
    "empty: nothing but identity": ("", "identity"),
    "unknown ones are passed over": ("lzma, compress", "identity"),
    "identity is liked better": ("gzip;q=0.5, identity;q=0.6", "identity"),
    "identity is liked less": ("gzip;q=0.6, identity;q=0.5", "gzip"),
    "what cannot be read is passed over": ("gzip;q=high, br;q=1.5, deflate;q=0.123", "zlib"),
    "four decimals": ("gzip;q=0.1234, deflate", "zlib"),
    "no others": ("gzip, *;q=0", "gzip"),
}


@pytest.fixture(params=["cffi", "ctypes", "python"])
def implementation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name != "python":
        need_binding(name)
    return name


@pytest.mark.parametrize("case", CASES)
def test_negotiation(case: str, implementation: str) -> None:
    accept, expected = CASES[case]
    assert choose(TEXT, accept, implementation=implementation) == expected


@pytest.mark.parametrize("accept", ["*;q=0", "identity;q=0", "lzma, *;q=0", "identity;q=0, gzip;q=0"])
def test_nothing_is_acceptable(accept: str, implementation: str) -> None:
    with pytest.raises(BadData) as raised:
        choose(TEXT, accept, implementation=implementation)
    assert raised.value.code == 50


@pytest.mark.parametrize(
    ("data", "media_type", "expected"),
    [
        (TEXT, "", "zstd"),
        (TEXT, "application/json; charset=utf-8", "zstd"),
        (TEXT, "image/svg+xml", "zstd"),
        (TEXT, "image/png", "identity"),
        (TEXT, "Video/MP4; codecs=x", "identity"),
        (TEXT, "application/zip", "identity"),
        (TEXT[:63], "", "identity"),
        (TEXT[:64], "", "zstd"),
        (NOISE, "", "identity"),
        (NOISE[:500], "", "identity"),
        (NOISE.hex().encode(), "", "zstd"),
        (bytes(5000), "", "zstd"),
        (NOISE[:3000] + TEXT * 20, "", "zstd"),
        (b"", "", "identity"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else str(len(value)),
)
def test_what_will_not_shrink_is_left(data: bytes, media_type: str, expected: str, implementation: str) -> None:
    assert choose(data, "*", media_type, implementation=implementation) == expected


def test_identity_that_is_refused_is_not_chosen(implementation: str) -> None:
    assert choose(NOISE, "gzip, identity;q=0", "image/png", implementation=implementation) == "gzip"


def test_encode_never_grows_what_may_stay(implementation: str) -> None:
    codec, data = encode(TEXT, "br", implementation=implementation)
    assert (codec, coding(codec)) == ("brotli", "br")
    assert len(data) < len(TEXT) / 10
    # Evenly spread pieces that look like text, with noise between them.
    hidden = bytearray(random.Random(3).randbytes(100_000))
    stride = (len(hidden) - 256) // 15
    for piece in range(16):
        hidden[piece * stride : piece * stride + 256] = bytes(256)
    assert choose(hidden, "lz4, zstd", implementation=implementation) == "zstd"
    assert len(encode(hidden, "zstd", implementation=implementation).data) <= len(hidden)
    forced = encode(b"short", "gzip, identity;q=0", implementation=implementation)
    assert forced.codec == "gzip"
    doubles = memoryview(array("d", [0.0] * 10))
    packed = encode(doubles, "gzip", implementation=implementation)
    assert packed.codec == "gzip"
    assert len(packed.data) < 40


def test_python_chooses_what_it_has_the_package_for() -> None:
    program = """
import sys
sys.modules["zstandard"] = sys.modules["brotli"] = None
import asyncio
from pyplugins.compression import CompressionPlugin, choose, encode
from pyplugins.errors import BadData
from pyplugins.framework import GlobalContext, PluginConfig, PluginContext, ToolPostInvokePayload

text = b'{"id": 17, "name": "Ada"}' * 100
assert encode(text, "zstd, gzip").codec == "gzip"
assert choose(text, "zstd, br") == "identity"
try:
    choose(text, "zstd, identity;q=0")
except BadData as why:
    assert why.code == 50
else:
    raise AssertionError("zstd was chosen")
plugin = CompressionPlugin(PluginConfig(name="p", kind="x.y"))
shared = GlobalContext(request_id="1", metadata={"gwplugins_accept_encoding": "zstd, gzip, br"})
context = PluginContext(global_context=shared)
answer = asyncio.run(plugin.tool_post_invoke(ToolPostInvokePayload(name="t", result=text.decode()), context))
assert '"codec":"gzip"' in answer.modified_payload.result
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "GWPLUGINS_IMPL": "python"})
