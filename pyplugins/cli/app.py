"""The command group: commands are modules of `pyplugins.cli.commands`, loaded when they are called.

Adding a command means adding a module with a `command` and its line in `COMMANDS`. Tests: tests/cli/test_app.py.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from typing import Any

import click

from pyplugins.cli import exits, versions

#: name: module of `pyplugins.cli.commands`, in the order of `--help`.
COMMANDS = {
    "scan": "scan",
    "redact": "redact",
    "repair": "repair",
    "run": "run",
    "proxy": "proxy",
    "compress": "compress",
    "decompress": "decompress",
    "check-config": "check_config",
    "plugins": "plugins",
    "doctor": "doctor",
}

EPILOG = """
\b
Examples:
  gwplugins scan src/ notes.txt
  tail -f app.log | gwplugins redact > clean.log
  gwplugins run --config plugins/config.yaml examples/traffic/tool_post_invoke.jsonl

Exit code: 0 clean, 1 findings, 2 error.

\b
Shell completion:
  eval "$(_GWPLUGINS_COMPLETE=bash_source gwplugins)"      (or zsh_source, fish_source)
"""


class LazyGroup(click.Group):
    """Loads a command when it is used, and turns whatever goes wrong into one line and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pyplugins.cli.commands.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; its return value is the exit code."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            code = exits.INTERRUPTED
        except Exception as why:  # the last line of defence: a traceback could quote scanned text
            exits.complain(exits.with_file(why))
            if isinstance(why, OSError):
                exits.quiet_stdout()
            code = exits.ERROR
        ctx.exit(code or exits.CLEAN)


class _LogLines(logging.Handler):
    """Log records as lines of the command's own kind."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(f"gwplugins: {record.levelname.lower()}: {record.getMessage()}", err=True)


def _show_logs(level: int) -> None:
    logger = logging.getLogger("pyplugins")
    if not any(isinstance(handler, _LogLines) for handler in logger.handlers):
        logger.addHandler(_LogLines())
    logger.propagate = False
    logger.setLevel(level)


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(versions.line())
        ctx.exit()


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.option("-v", "--verbose", is_flag=True, help="Also show informational log lines.")
@click.option("--no-log", is_flag=True, help="Show no log lines of plugins, not even warnings.")
def cli(verbose: bool, no_log: bool) -> None:
    """Finds and masks personal data and other things that must not pass, in files, pipes and MCP traffic."""
    if sys.stderr is None:  # closed by whoever started us, who then does not want to be told
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        raise exits.Failure("standard output is closed")
    for stream in (sys.stdout, sys.stderr):
        # File names need not be UTF-8, and a terminal need not know every character.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    _show_logs(logging.CRITICAL if no_log else logging.INFO if verbose else logging.WARNING)
