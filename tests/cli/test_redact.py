"""`gwplugins redact`: the text, byte for byte, and files that are written whole or not at all."""

from __future__ import annotations

import json
import os
import random
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

EMAIL = b"jane.roe@example.com"
MARK = b"[REDACTED]"


def test_text_goes_out_and_findings_to_standard_error(cli: Any, notes: Path) -> None:
    ran = cli("redact", "notes.txt")
    assert ran.code == 1
    assert ran.text == "hello\nwrite to [REDACTED] now\nüü [REDACTED]\n"
    assert "notes.txt:2:10: email  xxxx.xxx@xxxxxxx.xxx\n" in ran.err
    assert "jane" not in ran.err


def test_clean_text_passes_unchanged(cli: Any) -> None:
    ran = cli("redact", given=b"nothing\r\n\0 \xff here")
    assert (ran.code, ran.out) == (0, b"nothing\r\n\0 \xff here")


def test_every_byte_outside_findings_stays(cli: Any) -> None:
    noise = random.Random(3).randbytes(300_000).replace(b"@", b"").replace(b".", b"")
    pieces = [noise[at : at + 1000] + b"\n" for at in range(0, len(noise), 1000)]
    given, expected = (b" %b\n" % mark for mark in (EMAIL, MARK))
    only_email = [
        arg
        for name in ("ssn", "bsn", "credit_card", "bank_account", "phone", "date_of_birth", "ip_address")
        for arg in ("-o", f"detect_{name}=false")
    ]
    ran = cli("redact", "-q", *only_email, given=given.join(pieces))
    assert ran.out == expected.join(pieces)


def test_masking_follows_the_configuration(cli: Any) -> None:
    ran = cli("redact", "-q", "-o", "default_mask_strategy=remove", given=b"<" + EMAIL + b">")
    assert ran.out == b"<>"


def test_output_file_is_whole_and_has_the_usual_permissions(cli: Any, notes: Path, tmp_path: Path) -> None:
    ran = cli("redact", "--output", "clean.txt", notes)
    assert (ran.code, ran.out) == (1, b"")
    clean = tmp_path / "clean.txt"
    assert b"[REDACTED]" in clean.read_bytes()
    (tmp_path / "reference").touch()
    assert clean.stat().st_mode == (tmp_path / "reference").stat().st_mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean.txt", "notes.txt", "reference"]


def test_nothing_is_written_when_reading_fails(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "clean.txt").write_text("what was there", encoding="utf-8")
    (tmp_path / "big.txt").write_bytes(b"line\n" * 500_000)
    for source in ("missing.txt", ".", "big.txt"):
        ran = cli("redact", "-o", "max_text_bytes=1000000", "--output", "clean.txt", source)
        assert ran.code == 2
        assert len(ran.errors) == 1
        assert (tmp_path / "clean.txt").read_text(encoding="utf-8") == "what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.txt", "clean.txt"]


def test_an_output_that_cannot_be_written_is_named(cli: Any, notes: Path) -> None:
    ran = cli("redact", "--output", "no/such/dir/x", notes)
    assert ran.code == 2
    assert ran.errors == ["gwplugins: error: notes.txt: no/such/dir/x: No such file or directory"] or ran.errors == [
        f"gwplugins: error: {notes}: no/such/dir/x: No such file or directory"
    ]


def test_in_place_keeps_links_and_permissions_and_leaves_clean_files_alone(
    cli: Any, notes: Path, tmp_path: Path
) -> None:
    notes.chmod(0o640)
    (tmp_path / "link.txt").symlink_to(notes)
    clean = tmp_path / "clean.txt"
    clean.write_text("nothing\n", encoding="utf-8")
    before = clean.stat()
    ran = cli("redact", "--in-place", "link.txt", "clean.txt", "missing.txt")
    assert ran.code == 2
    assert ran.errors == ["gwplugins: error: missing.txt: No such file or directory"]
    assert (tmp_path / "link.txt").is_symlink()
    assert notes.read_text(encoding="utf-8") == "hello\nwrite to [REDACTED] now\nüü [REDACTED]\n"
    assert stat.S_IMODE(notes.stat().st_mode) == 0o640
    assert (clean.stat().st_ino, clean.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean.txt", "link.txt", "notes.txt"]


def test_a_device_is_written_to_and_not_replaced(cli: Any, notes: Path) -> None:
    before = os.stat(os.devnull)
    assert cli("redact", "--output", os.devnull, notes).code == 1
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    assert os.stat(os.devnull).st_ino == before.st_ino


def test_findings_in_a_file_of_their_own(cli: Any, notes: Path, tmp_path: Path) -> None:
    ran = cli("redact", "-f", "jsonl", "--report", "found.jsonl", notes)
    assert "email  " not in ran.err
    rows = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["line"] for row in rows] == [2, 3]


def test_findings_on_standard_error_parse_as_json(cli: Any, notes: Path) -> None:
    ran = cli("redact", "-f", "json", "--impl", "python", notes, env={"GWPLUGINS_IMPL": "python"})
    document = json.loads(ran.err[ran.err.index("{") :])
    assert document["summary"]["findings"] == {"email": 2}


@pytest.mark.parametrize(
    "args",
    [["--in-place"], ["--in-place", "--output", "x", "f"], ["a", "b"], ["--in-place", "-"]],
)
def test_contradictory_arguments(cli: Any, args: list[str]) -> None:
    ran = cli("redact", *args)
    assert ran.code == 2
    assert "Usage: gwplugins redact" in ran.err


def test_a_pipe_is_redacted_as_it_comes(start: Any) -> None:
    process = start("redact", "-q", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdin.write(b"first " + EMAIL + b"\n" + b"and more\n" * 5000)
    process.stdin.flush()
    assert process.stdout.readline() == b"first [REDACTED]\n"
    process.stdin.close()
    process.stdout.read()
    process.stdout.close()
    assert process.wait(timeout=60) == 1


def test_a_broken_pipe(start: Any, tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(b"some line of text\n" * 200_000)
    process = start("redact", "-q", "big.txt", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    told = [line for line in process.stderr.read().decode().splitlines() if "warning" not in line]
    process.stderr.close()
    assert process.wait(timeout=60) == 2
    assert told == ["gwplugins: error: the reader of the output has gone (broken pipe)"]
