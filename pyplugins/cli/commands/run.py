"""`gwplugins run`. Tests: tests/cli/test_run.py."""

from __future__ import annotations

import json

import click

from pyplugins.cli import exits
from pyplugins.cli.chain import Answer, Chain
from pyplugins.cli.output import standard_output
from pyplugins.cli.scanning import STDIN, opened
from pyplugins.cli.tally import Tally

EPILOG = """
\b
Examples:
  gwplugins run -c plugins/config.yaml examples/traffic/tool_post_invoke.jsonl
  gwplugins run -c plugins/config.yaml --hook tool_pre_invoke < payloads.jsonl
  echo '{"name": "send", "args": {"to": "jane@example.com"}}' | gwplugins run -c plugins/config.yaml --hook
  tool_pre_invoke
"""


def _hooks() -> list[str]:
    from pyplugins import framework

    return framework.get_hook_registry().get_registered_hooks()


def _hook(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and value not in _hooks():
        raise click.BadParameter(f"{value!r} is no hook; there are: {', '.join(_hooks())}")
    return value


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in _hooks() if name.startswith(incomplete)]


@click.command(epilog=EPILOG)
@click.argument("file", default=STDIN, metavar="[FILE|-]", type=click.Path())
@click.option(
    "--config", "-c", required=True, metavar="FILE", type=click.Path(), help="The plugin chain, as plugins/config.yaml."
)
@click.option(
    "--hook",
    metavar="NAME",
    callback=_hook,
    shell_complete=_complete,
    help="The hook of lines that name none, such as tool_pre_invoke.",
)
@click.option("--exit-zero", is_flag=True, help="Leave with 0 when there are findings; errors stay 2.")
@click.option("--quiet", "-q", is_flag=True, help="No summary on standard error.")
def command(file: str, config: str, hook: str | None, exit_zero: bool, quiet: bool) -> int:
    """Send payloads through a plugin chain, as a gateway would.

    One line in is one JSON payload, or {"hook": ..., "payload": {...}}. One line out is the chain's answer, in the same
    order: the payload that may go on, whether it was changed, and the violation when it may not. A line that is wrong
    is one error; the others still run. What was found and masked is counted on standard error. Exit code: 0 clean, 1
    findings, 2 error.
    """
    tally = Tally()
    with Chain(config, hook) as chain, opened(file) as source, standard_output() as out:
        for answer in chain.answers(iter(source.readline, b"")):
            if isinstance(answer, Answer):
                tally.add(answer)
                out.write(json.dumps(answer.public(), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
                out.flush()
                for failure in answer.ignored:
                    exits.warn(f"{exits.printable(file)}:{answer.line}: a plugin failed and was passed over: {failure}")
            else:
                tally.lines["failed"] += 1
                exits.complain(f"{exits.printable(file)}:{answer[0]}: {answer[1]}")
    if not quiet:
        _show(tally)
    return exits.CLEAN if exit_zero and tally.exit_code == exits.FINDINGS else tally.exit_code


def _show(tally: Tally) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    if rows := tally.rows():
        table = Table("plugin", "type", box=SIMPLE_HEAD)
        for heading in ("messages", "found", "masked"):
            table.add_column(heading, justify="right")
        for row in rows:
            table.add_row(*row, style="bold" if row[1] == "total" else None)
        Console(stderr=True).print(table)
    click.echo(f"gwplugins: {tally.line()}", err=True)
