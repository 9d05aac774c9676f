"""`gwplugins check-config`. Tests: tests/cli/test_check_config.py."""

from __future__ import annotations

import json
from typing import Any

import click

from pyplugins.cli import checking, exits, options, settings
from pyplugins.cli.checking import Checked
from pyplugins.cli.detector import Detector

EPILOG = """
\b
Examples:
  gwplugins check-config plugins/config.yaml
  gwplugins check-config --plugin pii_filter detector.yaml
"""


@click.command("check-config", epilog=EPILOG)
@click.argument("file", metavar="FILE", type=click.Path())
@click.option(
    "--plugin",
    "-p",
    callback=options.plugin_name,
    shell_complete=options.complete_plugin,
    help="FILE configures this plugin alone, as for scan --config.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the outcome as JSON.")
def command(file: str, plugin: str | None, as_json: bool) -> int:
    """Check a configuration without running it.

    FILE is a plugin chain such as plugins/config.yaml, or with --plugin one plugin's own configuration. Every plugin of
    a chain is made from its part, and unknown keys are errors. An error names file, plugin and JSON path. Exit code: 0
    right, 2 wrong.
    """
    checked = _one(file, plugin) if plugin else checking.chain(file)
    if as_json:
        click.echo(json.dumps(_public(file, checked), indent=2))
    else:
        _tell(file, checked)
    return exits.ERROR if any(row.error for row in checked) else exits.CLEAN


def _one(file: str, plugin: str) -> list[Checked]:
    try:
        detector = Detector(settings.collect(plugin, file, (), "auto"))
    except exits.Failure as why:
        return [Checked(plugin, error=why.message)]
    return [Checked(plugin, about=f"{plugin}, {detector.guard.implementation}")]


def _tell(file: str, checked: list[Checked]) -> None:
    for row in checked:
        if row.error:
            exits.complain(row.error)
        else:
            click.echo(f"{exits.printable(file)}: {row.plugin}: ok ({row.about})")
    if not checked:
        click.echo(f"{exits.printable(file)}: ok, no plugins")


def _public(file: str, checked: list[Checked]) -> dict[str, Any]:
    errors = [{"plugin": row.plugin, "path": row.path, "message": row.error} for row in checked if row.error]
    plugins = [{"name": row.plugin, "about": row.about} for row in checked if not row.error]
    return {"file": exits.printable(file), "ok": not errors, "plugins": plugins, "errors": errors}
