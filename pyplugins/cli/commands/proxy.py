"""`gwplugins proxy`. Tests: tests/proxy/."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from pathlib import Path

import click

from pyplugins.cli import exits

EPILOG = """
\b
Examples:
  gwplugins proxy -c plugins/config.yaml -- uvx mcp-server-time
  gwplugins proxy -c plugins/config.yaml --url http://127.0.0.1:8000/mcp
  gwplugins proxy -c plugins/config.yaml --listen 127.0.0.1:9000 -- python server.py

SIGHUP reads the configuration again; SIGUSR1 writes the counts. docs/proxy.md says what is read and what passes unread.
"""

# What an HTTP header can hold (RFC 9110, 5.5).
_HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _address(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, int] | None:
    if value is None:
        return None
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter(f"{value!r} must be HOST:PORT, such as 127.0.0.1:9000")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _url(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.startswith(("http://", "https://")):
        raise click.BadParameter("must begin with http:// or https://")
    return value


def _headers(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    taken = {}
    for value in values:
        name, equals, variable = value.partition("=")
        if not equals or not name.replace("-", "").isalnum():
            raise click.BadParameter(f"{value!r} must be NAME=VARIABLE, such as Authorization=MCP_AUTHORIZATION")
        if variable not in os.environ:
            raise click.BadParameter(f"the environment variable {variable} is not set")
        if not _HEADER_VALUE.fullmatch(os.environ[variable]):
            raise click.BadParameter(f"the environment variable {variable} holds what no header can, such as a newline")
        taken[name] = os.environ[variable]
    return taken


@click.command(epilog=EPILOG)
@click.argument("command_line", nargs=-1, metavar="[-- COMMAND ARGS...]", type=click.UNPROCESSED)
@click.option(
    "--config", "-c", required=True, metavar="FILE", type=click.Path(), help="The plugin chain, as plugins/config.yaml."
)
@click.option("--url", metavar="URL", callback=_url, help="Stand before this streamable HTTP server, not a command.")
@click.option(
    "--listen",
    metavar="HOST:PORT",
    callback=_address,
    help="Serve streamable HTTP here, not standard input and output.",
)
@click.option("--allow-remote", is_flag=True, help="Let --listen take an address that others can reach.")
@click.option(
    "--allow-host", "hosts", metavar="NAME", multiple=True, help="A further name in the Host header; repeatable."
)
@click.option(
    "--allow-origin", "origins", metavar="ORIGIN", multiple=True, help="A web page's origin that may ask; repeatable."
)
@click.option(
    "--header",
    "header_names",
    metavar="NAME=VARIABLE",
    multiple=True,
    callback=_headers,
    help="A header for the server at --url, with the value of an environment variable; repeatable.",
)
@click.option("--scan-all", is_flag=True, help="Also read notifications, sampling, elicitation, lists and all else.")
@click.option(
    "--max-message-bytes",
    type=click.IntRange(1024),
    default=16 * 1024 * 1024,
    show_default=True,
    help="A larger message is refused.",
)
@click.option(
    "--counts", metavar="FILE", type=click.Path(path_type=Path), help="Write counts here: at the end, on SIGUSR1."
)
@click.option("--server-id", metavar="NAME", help="What conditions of plugins call this server.")
def command(
    command_line: tuple[str, ...],
    config: str,
    url: str | None,
    listen: tuple[str, int] | None,
    allow_remote: bool,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    header_names: dict[str, str],
    scan_all: bool,
    max_message_bytes: int,
    counts: Path | None,
    server_id: str | None,
) -> int:
    """Stand between an MCP client and an MCP server, and read what they say.

    Tool calls, prompts and resources go through the plugin chain, requests and results; all else passes as it is. What
    a plugin refuses becomes an error that names plugin, code and reason. The exit code is the server's; 2 when the
    proxy could not start.
    """
    if bool(command_line) == bool(url):
        raise click.UsageError("give either --url URL or -- COMMAND ARGS...")
    if listen and listen[0] not in _LOOPBACK and not allow_remote:
        raise click.UsageError(f"{listen[0]} may be reached by others: add --allow-remote if that is meant")
    from pyplugins.proxy import running

    # What a plugin refuses is told once, with the method, by the proxy.
    logging.getLogger("pyplugins.framework").setLevel(logging.ERROR)
    options = running.Options(
        config, command_line, url, listen, origins, hosts, header_names, scan_all, max_message_bytes, counts, server_id
    )
    try:
        return asyncio.run(running.run(options))
    except running.StartError as why:
        raise exits.Failure(str(why)) from None
