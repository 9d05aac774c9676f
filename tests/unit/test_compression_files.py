"""File-like objects: chunk by chunk, and an error before the end of data that is not complete."""

from __future__ import annotations

import gzip
import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from gw_tests import need_binding

from pyplugins import compression
from pyplugins.errors import BadData, InputTooLarge, UsageError

TEXT = b'{"id": 17, "name": "Ada"}\n' * 20_000
CODECS = ("zstd", "gzip", "zlib", "deflate", "lz4", "brotli", "snappy", "identity")


@pytest.fixture(params=["cffi", "ctypes", "python"])
def implementation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name != "python":
        need_binding(name)
    return name


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_written_is_read(tmp_path: Path, codec: str, implementation: str) -> None:
    file = tmp_path / "a"
    with compression.open(file, "wb", codec, implementation=implementation) as out:
        assert out.write(TEXT[:1000]) == 1000
        assert out.write(memoryview(TEXT)[1000:]) == len(TEXT) - 1000
        assert out.write(b"") == 0
        shutil.copyfileobj(io.BytesIO(b"more"), out)
    with compression.open(file, "rb", codec, implementation=implementation) as source:
        assert source.readline() == TEXT[:26]
        assert source.read(10) == TEXT[26:36]
        assert source.read() == TEXT[36:] + b"more"
        assert source.read() == b""


def test_the_standard_library_reads_it_as_text(tmp_path: Path, implementation: str) -> None:
    file = tmp_path / "a.gz"
    with compression.open(file, "wb", "gzip", {"level": 9}, implementation) as out:
        out.write(TEXT)
    assert gzip.decompress(file.read_bytes()) == TEXT
    with io.TextIOWrapper(compression.open(file, implementation=implementation), "utf-8") as lines:
        assert sum(1 for _ in lines) == 20_000


def test_an_error_comes_before_the_end(implementation: str) -> None:
    packed = compression.compress(TEXT, "gzip")
    for bad in (packed[:-1], packed[:-5] + b"\0" + packed[-4:], packed + b"x"):
        source = compression.open(io.BytesIO(bad), implementation=implementation)
        read = 0
        with pytest.raises(BadData):  # noqa: PT012
            while chunk := source.read(1000):
                read += len(chunk)
        assert read <= len(TEXT)


def test_limits_hold(implementation: str) -> None:
    bomb = io.BytesIO(compression.compress(bytes(50_000_000)))
    source = compression.open(bomb, config={"max_output_bytes": 1_000_000}, implementation=implementation)
    with pytest.raises(InputTooLarge, match="1000000 bytes"):
        source.read()


def test_a_file_object_stays_open(implementation: str) -> None:
    target = io.BytesIO()
    with compression.open(target, "wb", "lz4", implementation=implementation) as out:
        out.write(b"text")
    assert not target.closed
    assert compression.decompress(target.getvalue()) == b"text"
    target.seek(0)
    with compression.open(target, implementation=implementation) as source:
        assert source.read() == b"text"
    assert not target.closed


def test_misuse_is_said(tmp_path: Path, implementation: str) -> None:
    bad: Any = compression.open
    with pytest.raises(ValueError, match="mode must be"):
        bad(tmp_path / "a", "rt")
    with pytest.raises(ValueError, match="no such codec"):
        bad(tmp_path / "a", "wb", "lzma", implementation=implementation)
    assert not (tmp_path / "a").exists()
    (tmp_path / "a").write_bytes(b"what was there")
    with pytest.raises(UsageError):
        bad(tmp_path / "a", "wb", "auto", implementation=implementation)
    assert (tmp_path / "a").read_bytes() == b"what was there"
    out = bad(io.BytesIO(), "wb", implementation=implementation)
    out.close()
    out.close()
    with pytest.raises(ValueError, match="closed"):
        out.write(b"a")
