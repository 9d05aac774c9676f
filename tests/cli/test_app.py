"""The command as a whole: help, versions, missing extras, exit codes of usage errors, completion."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pyplugins.cli import exits
from pyplugins.cli.app import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]


def test_help_lists_every_command_with_what_it_does(cli: Any) -> None:
    ran = cli("--help")
    assert ran.code == 0
    for command in COMMANDS:
        assert re.search(rf"^  {command}  +\S", ran.text, re.MULTILINE), command
    assert "Exit code: 0 clean, 1 findings, 2 error" in ran.text
    assert "_GWPLUGINS_COMPLETE=bash_source" in ran.text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_has_examples(command: str) -> None:
    result = CliRunner().invoke(cli, [command, "--help"])
    assert result.exit_code == 0
    examples = result.stdout.partition("Examples:")[2]
    assert f"gwplugins {command}" in examples


def test_short_help_option(cli: Any) -> None:
    assert cli("scan", "-h").out == cli("scan", "--help").out


def test_version_is_that_of_the_workspace(cli: Any) -> None:
    written = re.search(r'^version = "([^"]+)"', (ROOT / "rustlib/Cargo.toml").read_text(encoding="utf-8"), re.M)
    assert written is not None
    assert cli("--version").text.startswith(f"gwplugins {written[1]} ")


@pytest.mark.parametrize(
    "args",
    [["nothing"], ["scan", "--colour"], ["scan", "--format", "xml", "x"], ["run"], ["redact", "a", "b"]],
    ids=["command", "option", "choice", "missing-option", "several-files"],
)
def test_usage_errors_leave_with_2(cli: Any, args: list[str]) -> None:
    ran = cli(*args)
    assert ran.code == 2
    assert "Usage: gwplugins" in ran.err
    assert ran.out == b""


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_missing_extra_is_one_clear_line(missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; from pyplugins.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr == f"gwplugins: error: {missing} is not installed: pip install 'gwplugins[cli]'\n"
    assert done.stdout == ""


def test_a_defect_of_ours_is_not_taken_for_a_missing_extra() -> None:
    script = "import sys; sys.modules['pyplugins.cli.app'] = None; from pyplugins.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert "pip install" not in done.stderr
    assert "pyplugins.cli.app" in done.stderr


def test_completion_offers_commands_options_and_plugins(cli: Any) -> None:
    def complete(*words: str) -> list[str]:
        line = " ".join(("gwplugins", *words))
        env = {"_GWPLUGINS_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
        return [row.partition(",")[2] for row in cli(env=env).text.splitlines()]

    assert complete("re") == ["redact", "repair"]
    assert "--show-values" in complete("scan", "--show")
    assert complete("scan", "--plugin", "pii") == ["pii_filter"]
    assert complete("run", "--hook", "tool_pre") == ["tool_pre_invoke"]


def test_an_unforeseen_exception_tells_its_type_and_place_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("jane.roe@example.com")

    monkeypatch.setattr("pyplugins.cli.discovery.names", broken)
    result = CliRunner().invoke(cli, ["plugins"])
    assert result.exit_code == 2
    assert "jane" not in result.output
    assert re.fullmatch(
        r"gwplugins: error: internal error, please report it: LookupError at \w+\.py:\d+\n", result.stderr
    )


def test_interrupt_leaves_as_shells_expect(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("pyplugins.cli.discovery.names", interrupted)
    assert CliRunner().invoke(cli, ["plugins"]).exit_code == 130


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (BrokenPipeError(32, "Broken pipe"), "the reader of the output has gone (broken pipe)"),
        (PermissionError(13, "Permission denied", "x"), "Permission denied"),
        (UnicodeDecodeError("utf-8", b"secret", 0, 1, "bad"), "internal error, please report it: UnicodeDecodeError"),
        (MemoryError("secret"), "out of memory"),
    ],
)
def test_descriptions_hold_no_content(why: Exception, told: str) -> None:
    assert exits.describe(why).startswith(told)
    assert "secret" not in exits.describe(why)


def test_starting_is_quick_and_loads_nothing_heavy() -> None:
    script = (
        "import sys, pyplugins.cli.app as a; a.cli(['scan', '--help'], standalone_mode=False);"
        "print([m for m in ('rich', 'asyncio', 'multiprocessing', 'cffi') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("closed", "args", "code", "told"),
    [
        (">&-", ["plugins"], 2, "gwplugins: error: standard output is closed"),
        ("<&-", ["scan", "-q"], 2, "gwplugins: error: -: standard input is closed"),
        ("2>&-", ["redact", "-q", "clean.txt"], 0, ""),
    ],
)
def test_closed_standard_streams(cli: Any, tmp_path: Path, closed: str, args: list[str], code: int, told: str) -> None:
    (tmp_path / "clean.txt").write_text("nothing", encoding="utf-8")
    ran = cli(*args, before=["sh", "-c", f'exec "$@" {closed}', "sh"])
    assert ran.code == code
    assert [line for line in ran.err.splitlines() if "warning" not in line] == ([told] if told else [])


def test_a_full_disk_is_one_clear_line(cli: Any, notes: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    ran = cli("scan", "-q", notes, before=["sh", "-c", 'exec "$@" > /dev/full', "sh"])
    assert ran.code == 2
    assert ran.errors == ["gwplugins: error: No space left on device"]
