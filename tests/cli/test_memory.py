"""Files of any size in bounded memory: the address space of the process is limited, and it does not notice."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ulimit -v bounds memory on Linux only")

LIMIT_KIB = 150 * 1024
#: Far more than the limit, and nothing on disk.
SPARSE_BYTES = 200 * 1024 * 1024
EMAIL = b"jane.roe@example.com"
LIMITED = ["sh", "-c", f'ulimit -v {LIMIT_KIB} && exec "$@"', "sh"]


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("huge") / "huge.bin"
    with open(path, "wb") as file:
        file.write(EMAIL + b"\n")
        file.seek(SPARSE_BYTES)
        file.write(b"\n" + EMAIL + b"\n")
    return path


def test_scan_of_a_huge_file(cli: Any, huge: Path) -> None:
    ran = cli("scan", "--binary", "-f", "jsonl", huge, before=LIMITED)
    assert ran.code == 1, ran.err
    assert ran.text.count('"email"') == 2
    assert f'"start": {SPARSE_BYTES + 1}' in ran.text
    assert '"line": 3, "column": 1' in ran.text


def test_redact_of_a_huge_file(cli: Any, huge: Path, tmp_path: Path) -> None:
    ran = cli("redact", "-q", "--output", "/dev/null", huge, before=LIMITED)
    assert ran.code == 1, ran.err


def test_a_file_that_is_one_line(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    path.write_bytes(b"word " * 8_000_000 + EMAIL)  # 40 MB
    ran = cli("scan", path, before=LIMITED)
    assert ran.text == f"{path}:1:40000001: email  xxxx.xxx@xxxxxxx.xxx\n"


@pytest.mark.parametrize("style", ["text", "json", "sarif"])
def test_more_findings_than_memory_could_hold(cli: Any, tmp_path: Path, style: str) -> None:
    path = tmp_path / "dense.txt"
    count = 100_000
    path.write_bytes(b"a@example.com\n" * count)
    ran = cli("scan", "-q", "-f", style, "--output", "found", path, before=LIMITED)
    assert ran.code == 1, ran.err
    assert (tmp_path / "found").read_bytes().count(b"x@xxxxxxx.xxx") == count
