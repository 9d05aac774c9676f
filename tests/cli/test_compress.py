"""`gwplugins compress` and `decompress`: what they write the standard tools read, and the other way round."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: codec: what the standard tool is called with to compress and to decompress, standard input to standard output.
TOOLS = {
    "zstd": (["zstd", "-q", "-c", "--check"], ["zstd", "-q", "-d", "-c"]),
    "gzip": (["gzip", "-c"], ["gzip", "-d", "-c"]),
    "lz4": (["lz4", "-q", "-c", "-"], ["lz4", "-q", "-d", "-c", "-"]),
    "brotli": (["brotli", "-c"], ["brotli", "-d", "-c"]),
}
TEXTS = {
    "empty": b"",
    "short": b"{}\n",
    "long": b'{"name": "Ada", "id": 17}\n' * 60_000,
    "bytes": bytes(range(256)) * 20,
}


def command(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "pyplugins.cli", *arguments], input=data, capture_output=True)


def good(*arguments: str, data: bytes = b"") -> bytes:
    done = command(*arguments, data=data)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tool(arguments: list[str], data: bytes) -> bytes:
    if shutil.which(arguments[0]) is None:
        pytest.fail(f"{arguments[0]} is not installed: apt-get install {arguments[0]}")
    return subprocess.run(arguments, input=data, capture_output=True, check=True).stdout


@pytest.mark.parametrize("implementation", ["auto", "python"])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("codec", TOOLS)
def test_the_standard_tools_and_ours_read_each_other(codec: str, text: str, implementation: str) -> None:
    compress, decompress = TOOLS[codec]
    ours = good("compress", "--codec", codec, "--impl", implementation, data=TEXTS[text])
    assert tool(decompress, ours) == TEXTS[text]
    theirs = tool(compress, TEXTS[text])
    assert good("decompress", "--codec", codec, "--impl", implementation, data=theirs) == TEXTS[text]


def test_the_codec_is_told_by_names_and_by_data(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(TEXTS["long"])
    for suffix in ("zst", "gz", "zz", "deflate", "lz4", "br", "sz"):
        packed = tmp_path / f"a.json.{suffix}"
        good("compress", str(tmp_path / "a.json"), "-o", str(packed))
        assert packed.stat().st_size < len(TEXTS["long"]) / 5
        assert good("decompress", str(packed)) == TEXTS["long"]


def test_a_dictionary_is_a_file(tmp_path: Path) -> None:
    dictionary = tmp_path / "words"
    dictionary.write_bytes(b'{"name": "Ada", "id": 17}\n' * 10)
    packed = good("compress", "--dictionary", str(dictionary), data=TEXTS["short"])
    assert good("decompress", "--dictionary", str(dictionary), data=packed) == TEXTS["short"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda packed: packed[:-1], "ends too early"),
        (lambda packed: packed + b"more", "something follows the end"),
        (lambda packed: packed[:-1] + bytes([packed[-1] ^ 1]), "checksum"),
        (lambda packed: b"plain", "name the codec"),
    ],
    ids=["cut", "garbage", "checksum", "plain"],
)
def test_nothing_stays_of_bad_data(tmp_path: Path, data: object, words: str) -> None:
    packed, out = tmp_path / "a.zst", tmp_path / "out"
    packed.write_bytes(data(good("compress", data=TEXTS["long"])))  # type: ignore[operator]
    done = command("decompress", str(packed), "-o", str(out))
    assert done.returncode == 2
    assert f"{packed}: " in done.stderr.decode()
    assert words in done.stderr.decode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zst"]
    out.write_bytes(b"what was there")
    assert command("decompress", str(packed), "-o", str(out)).returncode == 2
    assert out.read_bytes() == b"what was there"


def test_nothing_stays_when_it_is_told_to_end(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = [sys.executable, "-m", "pyplugins.cli", "compress", "-o", str(out)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE) as running:
        while not list(tmp_path.iterdir()):
            assert running.poll() is None
        running.terminate()
        assert running.wait() == 143
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("option", "words"), [("--max-output-bytes", "max_output_bytes"), ("--max-ratio", "max_ratio")]
)
def test_limits(tmp_path: Path, option: str, words: str) -> None:
    bomb = good("compress", data=bytes(3_000_000))
    assert len(good("decompress", data=bomb)) == 3_000_000
    done = command("decompress", option, "100", "-o", str(tmp_path / "out"), data=bomb)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert not list(tmp_path.iterdir())


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    for arguments, words in [
        (("compress", "--codec", "lzma"), "no such codec"),
        (("compress", "--codec", "gzip", "--level", "10"), "$.level"),
        (("decompress", str(tmp_path / "absent")), "absent: No such file"),
        (("compress", "--dictionary", str(tmp_path / "absent")), "absent: No such file"),
    ]:
        done = command(*arguments)
        assert done.returncode == 2
        assert done.stderr.decode().count("\n") == 1
        assert words in done.stderr.decode()
