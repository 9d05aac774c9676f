"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pyplugins.cli.output import identity, whole_file


def test_the_file_appears_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with whole_file(str(path)) as out:
        out.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_everything_as_it_was(tmp_path: Path, failure: type[BaseException]) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def half() -> None:
        with whole_file(str(path)) as out:
            out.write(b"half")
            raise failure

    with pytest.raises(failure):
        half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_long_name_and_set_id_bits(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250)
    path.write_bytes(b"old")
    path.chmod(0o4750)
    with whole_file(str(path)) as out:
        out.write(b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o4750


@pytest.mark.parametrize("name", ["n" * 250, "\u6f22" * 80])
def test_any_name_that_a_file_may_have(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for content in (b"old", b"new"):
        with whole_file(str(path)) as out:
            out.write(content)
        assert path.read_bytes() == content


def test_nobody_else_reads_what_takes_the_place_of_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o600)
    before = os.umask(0o022)
    try:
        with whole_file(str(path)) as out:
            assert stat.S_IMODE(os.fstat(out.fileno()).st_mode) == 0o600
        path.chmod(0o664)
        with whole_file(str(path)) as out:
            assert stat.S_IMODE(os.fstat(out.fileno()).st_mode) == 0o600
        assert stat.S_IMODE(path.stat().st_mode) == 0o664
        with whole_file(str(tmp_path / "new")):
            pass
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o644
    finally:
        os.umask(before)


def test_a_pipe_is_written_to_directly(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with whole_file(str(path)) as out:
        out.write(b"through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_identity_is_of_regular_files_only(tmp_path: Path) -> None:
    with open(tmp_path / "x", "wb") as file, open(tmp_path / "x", "rb") as again, open(os.devnull, "rb") as device:
        assert identity(file) == identity(again) is not None
        assert identity(device) is None
