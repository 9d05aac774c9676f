"""`gwplugins decompress`. Tests: tests/cli/test_compress.py."""

from __future__ import annotations

import click

from pyplugins.cli import exits, options
from pyplugins.cli.transcoding import Plan, codec_of, copy, decompressing

EPILOG = """
\b
Examples:
  gwplugins decompress results.json.zst -o results.json
  gwplugins decompress --max-output-bytes 10000000000 < backup.gz > backup
"""


@click.command(epilog=EPILOG)
@click.argument("path", default="-", metavar="[FILE|-]", type=click.Path())
@options.codec
@click.option("--max-output-bytes", type=int, help="Most bytes that may come out.  [default: 268435456]")
@click.option("--max-ratio", type=int, help="Most times the compressed size that may come out.  [default: 100000]")
@click.option("--max-window-log", type=int, help="Largest window, as a power of two, in bytes.  [default: 27]")
@options.codec_place
def command(
    path: str,
    codec: str | None,
    implementation: str,
    dictionary: str | None,
    output: str | None,
    **limits: int | None,
) -> int:
    """Decompress FILE, or standard input, to standard output or a file.

    The codec is --codec, else what the data begins with (zstd, gzip, zlib, lz4, snappy), else what the name of the
    file ends in (brotli, raw deflate). The output file appears whole or not at all: nothing stays of data that is
    damaged, cut or over a limit. What went to standard output before that is for the reader to throw away.
    """
    named = codec_of(path)
    name = codec or (named if named in ("brotli", "deflate") else "auto")
    copy(Plan(path, output), decompressing(name, limits, dictionary, implementation))
    return exits.CLEAN
