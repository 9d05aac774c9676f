"""`gwplugins plugins`. Tests: tests/cli/test_plugins.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from pyplugins.cli import discovery, options

EPILOG = """
\b
Examples:
  gwplugins plugins                  what there is
  gwplugins plugins pii_filter       the keys of its configuration
  gwplugins plugins --json           everything, with JSON Schemas
"""


@click.command(epilog=EPILOG)
@click.argument("name", required=False, callback=options.plugin_name, shell_complete=options.complete_plugin)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with the JSON Schema of each configuration.")
def command(name: str | None, as_json: bool) -> None:
    """List the plugins, or the configuration keys of one."""
    chosen = [name] if name else discovery.names()
    if as_json:
        click.echo(json.dumps([_about(plugin) for plugin in chosen], indent=2))
    elif name:
        _show_keys(name)
    else:
        _show_all(chosen)


def _about(plugin: str) -> dict[str, Any]:
    direct = discovery.api(plugin)
    return {
        "name": plugin,
        "description": _description(plugin),
        "class": f"pyplugins.{plugin}.{direct.__name__}",
        "scans": hasattr(direct, "scan"),
        "schema": discovery.schema(plugin),
    }


def _description(plugin: str) -> str:
    return str(discovery.schema(plugin).get("description", ""))


def _show_all(plugins: list[str]) -> None:
    width = max(map(len, plugins), default=0)
    for plugin in plugins:
        click.echo(f"{plugin:{width}}  {_description(plugin)}  (pyplugins.{plugin}.{discovery.api(plugin).__name__})")


def _show_keys(plugin: str) -> None:
    click.echo(f"{plugin}: {_description(plugin)}\n")
    for key, schema in _keys(discovery.schema(plugin)):
        click.echo(f"{key}: {_type(schema)}{_default(schema)}")
        if "description" in schema:
            click.echo(f"    {schema['description']}")


def _keys(schema: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, member in schema.get("properties", {}).items():
        yield f"{prefix}{key}", member
        if isinstance(member.get("items"), dict):
            yield from _keys(member["items"], f"{prefix}{key}[].")


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join("null" if value is None else str(value) for value in schema["enum"])
    types = schema.get("type", "any")
    text = " | ".join(types) if isinstance(types, list) else str(types)
    if "minimum" in schema or "maximum" in schema:
        text += f" {schema.get('minimum', '')}..{schema.get('maximum', '')}"
    members = ", ".join(schema.get("properties", ()))
    return f"{text} of {members}" if members else text


def _default(schema: dict[str, Any]) -> str:
    return f" = {json.dumps(schema['default'], ensure_ascii=False)}" if "default" in schema else ""
