"""`gwplugins scan`: exit codes, pipes, directories, errors, and that nothing of the text is shown."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

EMAIL = "jane.roe@example.com"


def test_findings_are_lines_with_a_place_and_a_shape(cli: Any, notes: Path) -> None:
    ran = cli("scan", "notes.txt")
    assert ran.code == 1
    assert ran.text == "notes.txt:2:10: email  xxxx.xxx@xxxxxxx.xxx\nnotes.txt:3:4: email  x.x@xxxxxxx.xxx\n"
    assert "gwplugins: 2 findings (2 email) in 1 of 1 file" in ran.err


def test_clean_text_leaves_with_0_and_says_nothing_on_stdout(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "clean.txt").write_text("nothing here\n", encoding="utf-8")
    ran = cli("scan", "clean.txt")
    assert (ran.code, ran.out) == (0, b"")
    assert "gwplugins: 0 findings in 1 file" in ran.err


def test_quiet_and_exit_zero(cli: Any, notes: Path) -> None:
    ran = cli("scan", "-q", "--exit-zero", notes)
    assert ran.code == 0
    assert "findings" not in ran.err
    assert cli("scan", "-q", "--exit-zero", "missing").code == 2


@pytest.mark.parametrize("args", [[], ["-"]])
def test_standard_input(cli: Any, args: list[str]) -> None:
    ran = cli("scan", *args, given=f"x\n {EMAIL}".encode())
    assert ran.code == 1
    assert ran.text == "-:2:2: email  xxxx.xxx@xxxxxxx.xxx\n"


@pytest.mark.parametrize("style", ["text", "json", "jsonl", "sarif"])
def test_values_are_hidden_unless_asked_for(cli: Any, notes: Path, style: str) -> None:
    hidden = cli("scan", "-f", style, notes)
    assert "jane" not in hidden.text + hidden.err
    shown = cli("scan", "-f", style, "--show-values", notes)
    assert EMAIL in shown.text


def test_shown_values_cannot_steer_a_terminal(cli: Any, tmp_path: Path) -> None:
    name = "a\x1b[2J\n.txt"
    (tmp_path / name).write_text(f"{EMAIL}\n", encoding="utf-8")
    ran = cli("scan", "--show-values", ".")
    assert ran.text == f"./a\\x1b[2J\\n.txt:1:1: email  {EMAIL}\n"


def test_a_file_name_that_is_not_utf8(cli: Any, tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.txt", "wb") as file:
        file.write(EMAIL.encode())
    assert cli("scan", ".").text.startswith("./\\udcff.txt:1:1: email")
    for style in ("json", "jsonl", "sarif"):
        ran = cli("scan", "-f", style, ".")
        assert ran.code == 1
        assert ran.out.isascii()


def test_what_cannot_be_read_is_one_line_and_the_rest_is_scanned(cli: Any, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    ran = cli("scan", "missing.txt", "loop", notes)
    assert ran.code == 2
    assert len(ran.text.splitlines()) == 2
    assert ran.errors == [
        "gwplugins: error: missing.txt: No such file or directory",
        f"gwplugins: error: loop: {os.strerror(40)}",
    ]
    assert "2 errors" in ran.err


@pytest.mark.parametrize("implementation", ["auto", "python"])
def test_directories_in_parallel_give_the_same_as_one_after_the_other(
    cli: Any, tmp_path: Path, implementation: str
) -> None:
    for number in range(40):
        lines = [f"line {line} {EMAIL if (line * number) % 7 == 1 else ''}" for line in range(50)]
        (tmp_path / f"{number:02}.txt").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "20.gone").symlink_to("nowhere")
    args = ("scan", "--follow", "--impl", implementation, ".", "missing")
    one, four = cli(*args, "-j", "1"), cli(*args, "-j", "4")
    assert one.out == four.out
    assert one.code == four.code == 2
    assert one.errors == four.errors
    assert len(one.errors) == 2


def test_binary_files_are_left_out_and_counted(cli: Any, notes: Path, tmp_path: Path) -> None:
    for name in ("one.bin", "two.bin"):
        (tmp_path / name).write_bytes(b"\x7fELF\0\0" + EMAIL.encode())
    ran = cli("scan", ".")
    assert "2 binary files skipped" in ran.err
    assert ".bin" not in ran.text
    forced = cli("scan", "--binary", ".")
    assert "one.bin:1:7: email" in forced.text
    assert "skipped" not in forced.err
    # A pipe was pointed at by hand: nothing of it is left out.
    assert cli("scan", given=b"\0" + EMAIL.encode()).code == 1


def test_text_that_is_not_utf8_is_scanned(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 \xff\xfe " + EMAIL.encode() + b" \xc3")
    ran = cli("scan", "-f", "jsonl", "latin.txt")
    found = json.loads(ran.text)
    assert (found["start"], found["end"], found["line"], found["column"]) == (8, 28, 1, 9)


def test_configuration_from_a_file_and_from_options(cli: Any, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("detect_email: false\n", encoding="utf-8")
    assert cli("scan", "-c", "c.yaml", notes).code == 0
    assert cli("scan", "-c", "c.yaml", "-o", "detect_email=true", notes).code == 1
    assert cli("scan", "-o", "block_on_detection=true", "notes.txt").text.startswith("notes.txt:2:10: email [block]")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["-o", "detct_email=false"], "pii_filter: $.detct_email: unknown key"),
        (["-o", "mask_strategies.email=md5"], "pii_filter: $.mask_strategies.email: not one of the allowed values"),
        (["-c", "bad.yaml"], "bad.yaml: pii_filter: $.max_text_bytes: must be within"),
        (["-c", "missing.yaml"], "missing.yaml: No such file or directory"),
        (["-p", "nothing"], "no plugin is called 'nothing'"),
    ],
)
def test_a_bad_configuration_is_one_clear_line(
    cli: Any, notes: Path, tmp_path: Path, args: list[str], told: str
) -> None:
    (tmp_path / "bad.yaml").write_text("max_text_bytes: 0\n", encoding="utf-8")
    ran = cli("scan", *args, notes)
    assert (ran.code, ran.out) == (2, b"")
    # Where the library is not built, warnings say so; they are none of this.
    lines = [line for line in ran.err.splitlines() if not line.startswith("gwplugins: warning: ")]
    assert len(lines) == 1
    assert lines[0].startswith(f"gwplugins: error: {told}")


def test_a_forced_implementation_that_cannot_be_had(cli: Any, notes: Path) -> None:
    ran = cli("scan", "--impl", "ctypes", notes, env={"GWPLUGINS_LIBRARY": "/nonexistent/libgwplugins.so"})
    assert ran.code == 2
    assert len(ran.errors) == 1
    assert "/nonexistent/libgwplugins.so" in ran.errors[0]


def test_a_limit_of_the_configuration_holds_and_the_default_one_is_lifted(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(b"a line of text\n" * 800_000 + EMAIL.encode())  # 12 MB, over the default
    assert cli("scan", "big.txt").text.startswith("big.txt:800001:1: email")
    ran = cli("scan", "-o", "max_text_bytes=1000", "big.txt", "missing")
    assert ran.code == 2
    assert "over the limit of 1000 bytes" in ran.errors[0]


def test_a_broken_pipe_is_one_clear_line(start: Any, tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text(f"{EMAIL}\n" * 50_000, encoding="utf-8")
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(f"{EMAIL}\n" * 1000, encoding="utf-8")
    process = start("scan", "-q", ".", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    told = [line for line in process.stderr.read().decode().splitlines() if "error" in line]
    process.stderr.close()
    assert process.wait(timeout=60) == 2
    assert told == ["gwplugins: error: the reader of the output has gone (broken pipe)"]


def test_the_output_file_is_not_scanned_while_it_is_written(cli: Any, start: Any, notes: Path, tmp_path: Path) -> None:
    ran = cli("scan", "--show-values", "--output", "found.txt", ".")
    assert ran.code == 1
    assert ran.out == b""
    assert (tmp_path / "found.txt").read_text(encoding="utf-8").splitlines() == [
        f"./notes.txt:2:10: email  {EMAIL}",
        "./notes.txt:3:4: email  a.b@example.org",
    ]
    assert "1 output file skipped" in ran.err
    with open(tmp_path / "zz.txt", "wb") as out:
        process = start("scan", "--show-values", ".", stdout=out, stderr=subprocess.DEVNULL)
        assert process.wait(timeout=60) == 1
    assert "zz.txt" not in (tmp_path / "zz.txt").read_text(encoding="utf-8")


def test_a_finding_on_a_pipe_is_written_before_the_pipe_ends(start: Any) -> None:
    process = start("scan", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    # What follows is more than any engine looks ahead.
    process.stdin.write(EMAIL.encode() + b" and then\n" * 5000)
    process.stdin.flush()
    assert process.stdout.readline().startswith(b"-:1:1: email")
    process.stdin.close()
    process.stdout.close()
    assert process.wait(timeout=60) == 1


def test_without_a_path_a_terminal_is_not_waited_for(start: Any) -> None:
    controller, terminal = os.openpty()
    process = start("scan", stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, errors = process.communicate(timeout=60)
    os.close(controller)
    os.close(terminal)
    assert process.returncode == 2
    assert b"give a PATH, or - for standard input" in errors
