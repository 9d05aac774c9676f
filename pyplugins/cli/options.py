"""Options that several commands share. Tests: tests/cli/test_app.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pyplugins.cli import discovery
from pyplugins.cli.formats import FORMATS

F = TypeVar("F", bound=Callable[..., Any])

#: The words of `GWPLUGINS_IMPL`.
IMPLEMENTATIONS = ("auto", "rust", "cffi", "ctypes", "python")


def plugin_name(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Checks the name of a plugin; a dash is as good as an underscore."""
    return None if value is None else discovery.known(value.replace("-", "_"))


def complete_plugin(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The plugins whose names begin so."""
    return [name for name in discovery.names() if name.startswith(incomplete)]


def together(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Several decorators as one; the first is the first in `--help`."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


plugin = click.option(
    "--plugin",
    "-p",
    metavar="NAME",
    default="pii_filter",
    show_default=True,
    help="What looks at the text.",
    callback=plugin_name,
    shell_complete=complete_plugin,
)
implementation = click.option(
    "--implementation",
    "--impl",
    type=click.Choice(IMPLEMENTATIONS),
    default="auto",
    show_default=True,
    help="Force one; then there is no falling back.",
)
#: For commands that use one plugin.
configured = together(
    click.option(
        "--config", "-c", metavar="FILE", type=click.Path(), help="Configuration of the plugin, YAML or JSON."
    ),
    click.option(
        "--option",
        "-o",
        "assignments",
        metavar="KEY=VALUE",
        multiple=True,
        help="One key of the configuration; repeatable, wins over the file. Nested: -o mask_strategies.email=hash",
    ),
    implementation,
)
detector = together(plugin, configured)
#: How what was found is written.
listing = together(
    click.option(
        "--format",
        "-f",
        "style",
        type=click.Choice(list(FORMATS)),
        default="text",
        show_default=True,
        help="How findings are written.",
    ),
    click.option("--show-values", is_flag=True, help="Show what was found. Without it nothing of the text is shown."),
    click.option("--quiet", "-q", is_flag=True, help="No summary and no progress bar on standard error."),
)
findings = together(
    listing, click.option("--exit-zero", is_flag=True, help="Leave with 0 when there are findings; errors stay 2.")
)
#: Where a rewritten text goes: `pyplugins.cli.rewriting.Place`.
place = together(
    click.option("--output", metavar="FILE", type=click.Path(), help="Write the text to FILE, whole or not at all."),
    click.option(
        "--in-place",
        "-i",
        is_flag=True,
        help="Put the text where it came from, whole or not at all; takes several FILEs.",
    ),
)
#: For commands that use one codec, with where its output goes.
codec = click.option("--codec", metavar="NAME", help="zstd, gzip, zlib, deflate, lz4, brotli, snappy or identity.")
codec_place = together(
    click.option("--dictionary", metavar="FILE", type=click.Path(), help="zstd: a trained dictionary."),
    click.option("--output", "-o", metavar="FILE", type=click.Path(), help="Write to FILE, whole or not at all."),
    implementation,
)
