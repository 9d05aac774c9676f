"""The progress bar: on a terminal, for long work, and nowhere else."""

from __future__ import annotations

import os
import select
import subprocess
import time
from typing import Any

import pytest

from pyplugins.cli import progress

LINES = b"some line of text\n" * 4096


def feed_until(process: Any, terminal: int, wanted: bytes, seconds: float = 60) -> bytes:
    """Gives the process more to read until `wanted` has been written to the terminal."""
    seen = b""
    end = time.monotonic() + seconds
    while wanted not in seen and time.monotonic() < end:
        process.stdin.write(LINES)
        process.stdin.flush()
        if select.select([terminal], [], [], 0.05)[0]:
            seen += os.read(terminal, 65536)
    return seen


@pytest.mark.parametrize("command", ["scan", "redact"])
def test_a_bar_on_a_terminal_when_it_takes_long(start: Any, command: str) -> None:
    controller, terminal = os.openpty()
    process = start(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=terminal, env={"TERM": "xterm"})
    os.close(terminal)
    seen = feed_until(process, controller, b"scanning")
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    os.close(controller)
    assert b"scanning" in seen


def test_no_bar_when_it_is_quick_quiet_or_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    quick = progress.Bar(10)
    quick.advance(5)
    assert quick._bar is None
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", -1)
    quiet = progress.Bar(10, wanted=False)
    quiet.advance(5)
    assert quiet._bar is None
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    piped = progress.Bar(10)
    piped.advance(5)
    assert piped._bar is None


def test_the_bar_makes_room_for_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", -1)
    bar = progress.Bar(None)
    bar.advance(5)
    assert bar._bar is not None
    assert bar._bar.live.is_started
    with bar.aside():
        assert not bar._bar.live.is_started
    assert bar._bar.live.is_started
    bar.close()
    with bar.aside():
        pass


def test_nothing_of_a_bar_on_a_pipe(start: Any) -> None:
    process = start("scan", "-j", "1", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, errors = process.communicate(LINES * 100, timeout=60)
    assert process.returncode == 0
    assert out == b""
    assert b"\x1b" not in errors
    assert b"\r" not in errors
