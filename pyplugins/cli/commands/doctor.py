"""`gwplugins doctor`. Tests: tests/cli/test_doctor.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from pyplugins.cli import diagnosis, exits
from pyplugins.cli.diagnosis import Diagnosis

EPILOG = """
\b
Examples:
  gwplugins doctor
  gwplugins doctor --json
  GWPLUGINS_IMPL=cffi gwplugins doctor      why is it not this one?
"""


@click.command(epilog=EPILOG, short_help="Tell which implementation is in use, and what to do.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(as_json: bool) -> int:
    """Tell which implementation is in use, which were tried, why not, and what to do.

    Each implementation is opened and asked to scan. Exit code: 0 guards work as asked, 2 they do not.
    """
    found = diagnosis.diagnose()
    if as_json:
        click.echo(json.dumps(found.public(), indent=2, default=str))
    else:
        _tell(found)
    return exits.CLEAN if found.healthy else exits.ERROR


def _tell(found: Diagnosis) -> None:
    used = f"{found.implementation} ({found.binding})" if found.binding else found.implementation
    click.echo(f"implementation: {used or 'none'}")
    for attempt in found.attempts:
        click.echo(f"  {attempt.name:7} {'works' if attempt.works else f'not available: {attempt.why}'}")
    _section("native library", found.native)
    _section("versions", found.versions)
    _section("environment", found.environment)
    click.echo(f"framework: {found.framework}")
    click.echo(f"plugins: {', '.join(found.plugins)}")
    for problem in found.problems:
        click.echo(f"problem: {problem}")
    for advice in found.advice:
        click.echo(f"what to do: {advice}")
    if not found.problems and not found.advice:
        click.echo("all is well")


def _section(title: str, rows: Mapping[str, Any]) -> None:
    told = {name: value for name, value in rows.items() if value not in (None, "", [], {})}
    if told:
        click.echo(f"{title}:")
    for name, value in told.items():
        click.echo(f"  {name}: {value}")
