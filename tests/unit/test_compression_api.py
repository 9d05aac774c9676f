"""The direct API of compression: arguments, errors, dictionaries, threads, what happens without a package."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

import pytest
from gw_tests import need_binding

from pyplugins import compression
from pyplugins.compression import Compression, compress, decompress, fallback, train_dictionary
from pyplugins.errors import BadData, ConfigError, InputTooLarge, PluginError, UsageError

CODECS = ("zstd", "gzip", "zlib", "deflate", "lz4", "brotli", "snappy", "identity")
TEXT = b'{"id": 17, "name": "Ada"}\n' * 1000


@pytest.fixture(params=["cffi", "ctypes", "python"])
def implementation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name != "python":
        need_binding(name)
    return name


WORDS = ("alpha", "beta", "gamma", "report", "invoice", "open", "closed", "north", "south", "river", "stone", "light")


def tool_result(number: int) -> bytes:
    """About 1 KB of JSON as a tool over an issue tracker answers it; numbers, times and words differ."""
    rng = random.Random(number)
    issue, user = rng.randrange(10**4), rng.randrange(10**3)
    home = f"https://api.example.com/repos/acme/{rng.choice(WORDS)}"
    record = {
        "url": f"{home}/issues/{issue}",
        "comments_url": f"{home}/issues/{issue}/comments",
        "events_url": f"{home}/issues/{issue}/events",
        "id": rng.randrange(10**8),
        "number": issue,
        "title": " ".join(rng.choices(WORDS, k=5)),
        "user": {"login": f"user-{user}", "id": user, "type": "User", "site_admin": False},
        "labels": [{"name": rng.choice(WORDS), "color": "d73a4a", "default": True}],
        "state": rng.choice(("open", "closed")),
        "locked": False,
        "assignee": None,
        "milestone": None,
        "comments": rng.randrange(20),
        "created_at": f"2026-0{rng.randrange(1, 10)}-1{rng.randrange(10)}T08:00:00Z",
        "closed_at": None,
        "author_association": "CONTRIBUTOR",
        "body": " ".join(rng.choices(WORDS, k=30)),
    }
    result = {"content": [{"type": "text", "text": json.dumps(record)}], "isError": False}
    return json.dumps(result).encode()


def test_a_dictionary_makes_small_results_three_times_smaller(implementation: str) -> None:
    samples = [tool_result(number) for number in range(1000)]
    dictionary = train_dictionary(samples, 32_768, implementation=implementation)
    assert len(dictionary) <= 32_768
    level = 19
    plain = Compression("zstd", {"level": level}, implementation)
    helped = Compression("zstd", {"level": level, "dictionary": dictionary}, implementation)
    fresh = [tool_result(number) for number in range(5000, 5100)]
    assert all(900 < len(sample) < 1100 for sample in fresh)
    assert all(helped.decompress(helped.compress(sample)) == sample for sample in fresh)
    without, with_it = (sum(len(codec.compress(sample)) for sample in fresh) for codec in (plain, helped))
    assert without / with_it >= 3, f"{without / with_it:.2f} times"


@pytest.mark.parametrize("codec", CODECS)
def test_whatever_is_bytes(codec: str, implementation: str) -> None:
    one = Compression(codec, None, implementation)
    for data in (TEXT, bytearray(TEXT), memoryview(TEXT), memoryview(TEXT)[::1], memoryview(bytearray(TEXT))[1:-1]):
        assert one.decompress(one.compress(data)) == bytes(data)
    every_other = memoryview(TEXT)[::2]
    assert one.decompress(memoryview(one.compress(every_other))) == bytes(every_other)
    for bad in ("text", None, 17, [1]):
        for call in (one.compress, one.decompress):
            with pytest.raises(UsageError) as raised:
                call(bad)  # type: ignore[arg-type]
            assert raised.value.code == 9


def test_the_functions(implementation: str) -> None:
    assert decompress(compress(TEXT, implementation=implementation)) == TEXT
    assert gzip.decompress(compress(TEXT, "gzip", 1, implementation=implementation)) == TEXT
    assert len(compress(TEXT, "gzip", 9)) <= len(compress(TEXT, "gzip", 1)) < len(compress(TEXT, "gzip", 0))
    with pytest.raises(InputTooLarge):
        decompress(compress(TEXT), max_output_bytes=len(TEXT) - 1, implementation=implementation)
    assert decompress(compress(TEXT, "brotli"), "brotli", len(TEXT), implementation=implementation) == TEXT
    with pytest.raises(BadData):
        decompress(compress(TEXT, "brotli"), implementation=implementation)


def test_errors_name_the_thing_and_not_the_data(implementation: str) -> None:
    with pytest.raises(ConfigError) as unknown:
        Compression("lzma", None, implementation)
    assert unknown.value.code == 20
    with pytest.raises(ConfigError) as level:
        Compression("gzip", {"level": 10}, implementation)
    assert level.value.path == "$.level"
    secret = b"secret-token-in-no-format"
    with pytest.raises(BadData) as bad:
        decompress(secret, "gzip", implementation=implementation)
    assert "secret" not in str(bad.value) + repr(bad.value)
    assert bad.value.implementation == ("python" if implementation == "python" else "rust")
    with pytest.raises(UsageError) as auto:
        Compression("auto", None, implementation).compress(b"a")
    assert auto.value.code == 6
    with pytest.raises(UsageError) as few:
        train_dictionary([b"a"], implementation=implementation)
    assert few.value.code == 8


def test_closed_and_finished(implementation: str) -> None:
    codec = Compression("gzip", None, implementation)
    stream = codec.compressor()
    codec.close()
    codec.close()
    for call in (codec.describe, codec.compressor, codec.decompressor, lambda: codec.compress(b"")):
        with pytest.raises(UsageError) as closed:
            call()
        assert closed.value.code == 2
    assert gzip.decompress(stream.push(TEXT) + stream.finish()) == TEXT
    with pytest.raises(UsageError) as over:
        stream.push(b"")
    assert over.value.code == 7


def test_describe(implementation: str) -> None:
    told = Compression("gzip", {"level": 3, "max_ratio": 7}, implementation).describe()
    assert told == {**told, "codec": "gzip", "level": 3}
    assert told["limits"] == {"max_output_bytes": 268435456, "max_ratio": 7, "max_window_log": 27}
    assert told == Compression("gzip", {"level": 3, "max_ratio": 7}, "python").describe()
    assert Compression("snappy", None, implementation).describe()["level"] is None


def test_threads_share_a_codec(implementation: str) -> None:
    texts = [hashlib.sha256(bytes([n])).digest() * (n + 1) * 50 for n in range(60)]
    for name in ("zstd", "gzip", "lz4"):
        codec = Compression(name, None, implementation)
        with ThreadPoolExecutor(8) as pool:
            assert (
                list(pool.map(lambda text, codec=codec: codec.decompress(codec.compress(text)), texts * 4)) == texts * 4
            )


def test_the_gil_is_released() -> None:
    """Python goes on while the library compresses: else this thread would see no tick."""
    need_binding("cffi")
    for binding in ("cffi", "ctypes"):
        codec = Compression("brotli", {"level": 10}, binding)
        done = threading.Event()
        data = random.Random(1).randbytes(300_000).hex().encode()
        worker = threading.Thread(target=lambda codec=codec, data=data, done=done: (codec.compress(data), done.set()))
        worker.start()
        ticks = 0
        while not done.is_set():
            ticks += 1
        worker.join()
        assert ticks > 1000, binding


PROGRAM = """
import sys
sys.modules[{module!r}] = None
from pyplugins.compression import Compression
Compression({codec!r}, None, "python")
"""


@pytest.mark.parametrize(
    ("codec", "module", "package"),
    [
        ("zstd", "zstandard", "zstandard"),
        ("lz4", "lz4.frame", "lz4"),
        ("brotli", "brotli", "brotli"),
        ("snappy", "cramjam", "cramjam"),
    ],
)
def test_a_package_that_is_missing_is_named(codec: str, module: str, package: str) -> None:
    program = PROGRAM.format(codec=codec, module=module)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"ImportError: {codec} without the native library needs a package: pip install '{package}" in done.stderr


def test_the_standard_library_is_enough_for_deflate() -> None:
    program = """
import sys
for name in ("zstandard", "lz4", "brotli", "cramjam"):
    sys.modules[name] = None
from pyplugins.compression import compress, decompress
for codec in ("gzip", "zlib", "deflate", "identity"):
    assert decompress(compress(b"text", codec, implementation="python"), codec, implementation="python") == b"text"
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_importing_loads_no_framework() -> None:
    program = "import sys; from pyplugins.compression import compress; print('pyplugins.framework' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_all_that_is_public_is_there() -> None:
    for name in compression.__all__:
        assert getattr(compression, name) is not None


def test_nested_bombs_stay_bounded(implementation: str) -> None:
    """Each layer is asked for by itself; none may give more than its limit."""
    bomb = compress(compress(bytes(20_000_000), "gzip", 9), "gzip", 9)
    inner = decompress(bomb, max_output_bytes=100_000, implementation=implementation)
    with pytest.raises(InputTooLarge):
        decompress(inner, max_output_bytes=1_000_000, implementation=implementation)


def outcome(call: Any) -> Any:
    try:
        return call()
    except PluginError as error:
        return error.code


def test_a_dictionary_must_be_the_right_one(implementation: str) -> None:
    samples = [tool_result(number) for number in range(300)]
    one, other = (train_dictionary(samples[part::2], 4096) for part in (0, 1))
    packed = Compression("zstd", {"dictionary": one}).compress(samples[0])
    assert Compression("zstd", {"dictionary": one}, implementation).decompress(packed) == samples[0]
    assert Compression("auto", {"dictionary": one}, implementation).decompress(packed) == samples[0]
    assert Compression("zstd", MappingProxyType({"dictionary": one}), implementation).decompress(packed) == samples[0]
    for config in ({}, {"dictionary": other}):
        wrong = Compression("zstd", config, implementation)
        assert outcome(lambda wrong=wrong: wrong.decompress(packed)) == 49


@pytest.mark.parametrize("codec", ["zstd", "auto"])
def test_a_damaged_dictionary_is_refused_with_the_configuration(codec: str, implementation: str) -> None:
    trained = train_dictionary([tool_result(number) for number in range(300)], 4096)
    for damaged in (trained[:4] + b"garbage" * 20, trained[:50], trained[:8] + bytes(100) + trained[108:]):
        with pytest.raises(ConfigError, match="is none") as raised:
            Compression(codec, {"dictionary": damaged}, implementation)
        assert (raised.value.code, raised.value.path) == (24, "$.dictionary")
    for content in (trained, trained[1:], trained[:4], b"words that texts repeat"):
        Compression(codec, {"dictionary": content}, implementation)


@pytest.mark.parametrize("codec", CODECS)
def test_python_does_not_carry_all_of_the_rest_from_step_to_step(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be compressed has the most steps: what these are handed grows with the data, not its square."""
    handed = 0

    class Counting:
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def step(self, data: bytes, room: int) -> Any:
            nonlocal handed
            handed += len(data)
            return self._inner.step(data, room)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

    opened = fallback.decoder
    packed = compress(random.Random(1).randbytes(1 << 20), codec)
    one = Compression(codec, None, "python")
    monkeypatch.setattr(fallback, "decoder", lambda *told: Counting(opened(*told)))
    assert len(one.decompress(packed)) == 1 << 20
    assert handed <= 32 * len(packed)


def test_what_follows_brotli_is_told_wherever_its_output_ends(implementation: str) -> None:
    """A stream ends in a chunk whose output did not fit into one step."""
    for size in (65_535, 65_536, 65_537, 131_072, 200_000, 1_000_000):
        packed = compress(b"a" * size, "brotli")
        one = Compression("brotli", {"max_output_bytes": size}, implementation)
        assert one.decompress(packed) == b"a" * size
        assert outcome(lambda one=one, packed=packed: one.decompress(packed + b"xx")) == 47
        less = Compression("brotli", {"max_output_bytes": size - 1}, implementation)
        assert outcome(lambda less=less, packed=packed: less.decompress(packed + b"xx")) == 40
