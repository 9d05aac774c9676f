"""Exit codes, and how an exception becomes one clear line on standard error.

No line quotes scanned text: of exceptions that are not known to be safe only the type and the place are told.
Tests: tests/cli/test_app.py.
"""

from __future__ import annotations

import sys
import traceback
from contextlib import suppress
from pathlib import Path

import click

from pyplugins.errors import PluginError

CLEAN, FINDINGS, ERROR = 0, 1, 2
#: What shells report for a program that SIGINT ended, and one that SIGTERM did.
INTERRUPTED, TERMINATED = 130, 143

_OURS = str(Path(__file__).resolve().parent.parent)


class Failure(click.ClickException):
    """The command cannot go on; the message is shown as it is."""

    exit_code = ERROR

    def show(self, file: object = None) -> None:
        """Prints the message."""
        complain(self.message)


def complain(message: str) -> None:
    """One error line on standard error."""
    _say("error", message)


def warn(message: str) -> None:
    """One warning line on standard error."""
    _say("warning", message)


def _say(level: str, message: str) -> None:
    # Who closes standard error does not want to be told; the exit code still tells.
    with suppress(OSError):
        click.echo(f"gwplugins: {level}: {' '.join(message.splitlines())}", err=True)


def describe(why: BaseException) -> str:
    """What may be told about an exception."""
    if isinstance(why, BrokenPipeError):
        return "the reader of the output has gone (broken pipe)"
    if isinstance(why, OSError):
        return why.strerror or type(why).__name__
    if isinstance(why, (PluginError, ImportError)):
        # Both are written by this package and hold no scanned text.
        return str(why)
    if isinstance(why, MemoryError):
        return "out of memory"
    return f"internal error, please report it: {type(why).__name__} at {_place(why)}"


def with_file(why: BaseException) -> str:
    """The same, led by the file the exception is about."""
    name = why.filename if isinstance(why, OSError) else None
    return f"{printable(str(name))}: {describe(why)}" if name is not None else describe(why)


def printable(text: str) -> str:
    """`text` on one line, with nothing that a terminal would obey.

    >>> printable("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _place(why: BaseException) -> str:
    frames = traceback.extract_tb(why.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_OURS)]
    last = (ours or frames)[-1:]
    return f"{Path(last[0].filename).name}:{last[0].lineno}" if last else "unknown place"


def quiet_stdout() -> None:
    """Keeps the interpreter from complaining, at its end, about output that nobody reads."""
    import os

    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
