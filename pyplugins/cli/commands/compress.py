"""`gwplugins compress`. Tests: tests/cli/test_compress.py."""

from __future__ import annotations

import click

from pyplugins.cli import exits, options
from pyplugins.cli.transcoding import Plan, codec_of, compressing, copy

EPILOG = """
\b
Examples:
  gwplugins compress results.json -o results.json.zst
  tar c folder | gwplugins compress --codec gzip --level 9 > folder.tar.gz
  zstd -d < results.json.zst                          the standard tools read it
"""


@click.command(epilog=EPILOG)
@click.argument("path", default="-", metavar="[FILE|-]", type=click.Path())
@options.codec
@click.option("--level", "-l", type=int, help="How hard to compress; each codec has its own range and default.")
@options.codec_place
def command(
    path: str, codec: str | None, implementation: str, dictionary: str | None, output: str | None, level: int | None
) -> int:
    """Compress FILE, or standard input, to standard output or a file.

    The codec is --codec, else what the name of the output ends in, else zstd. The output file appears whole or not at
    all.
    """
    name = codec or codec_of(output) or "zstd"
    copy(Plan(path, output), compressing(name, {"level": level}, dictionary, implementation))
    return exits.CLEAN
