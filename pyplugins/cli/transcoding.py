"""What `compress` and `decompress` share: from a file through a codec to standard output, or a file that appears whole.

Tests: tests/cli/test_compress.py.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pyplugins.cli import exits
from pyplugins.cli.output import identity, standard_output, whole_file
from pyplugins.cli.scanning import opened
from pyplugins.compression._tables import codecs
from pyplugins.compression.api import Compression
from pyplugins.core.codec import CodecStream
from pyplugins.errors import PluginError

#: Bytes read at a time to be compressed, and to be decompressed: a few of those can become many.
_PLAIN_BYTES, _COMPRESSED_BYTES = 1 << 20, 4096


class Plan(NamedTuple):
    """Where the bytes come from and go to."""

    path: str
    #: `None` for standard output.
    output: str | None


class Coding(NamedTuple):
    """A stream, and how many bytes it gets at a time."""

    stream: CodecStream
    read_bytes: int


def codec_of(path: str | None) -> str | None:
    """The codec that the name of a file tells.

    >>> codec_of("a.json.br"), codec_of("a.json")
    ('brotli', None)
    """
    suffix = Path(path or "").suffix
    return next((facts.name for facts in codecs().values() if facts.suffix and facts.suffix == suffix), None)


def compressing(codec: str, config: dict[str, Any], dictionary: str | None, implementation: str) -> Coding:
    """A stream that compresses.

    Raises:
        Failure: the codec, its configuration or the dictionary is refused.
    """
    return Coding(_made(codec, config, dictionary, implementation).compressor(), _PLAIN_BYTES)


def decompressing(codec: str, config: dict[str, Any], dictionary: str | None, implementation: str) -> Coding:
    """A stream that decompresses; errors as `compressing`."""
    return Coding(_made(codec, config, dictionary, implementation).decompressor(), _COMPRESSED_BYTES)


def copy(plan: Plan, coding: Coding) -> None:
    """Sends the bytes through the stream.

    Raises:
        Failure: the data is refused, or input and output are the same file.
    """
    try:
        with opened(plan.path) as source, _destination(plan.output) as destination:
            _refuse_same(plan, source, destination)
            while chunk := source.read(coding.read_bytes):
                destination.write(coding.stream.push(chunk))
            destination.write(coding.stream.finish())
    except PluginError as why:
        raise exits.Failure(f"{exits.printable(plan.path)}: {exits.describe(why)}") from None


def _made(codec: str, config: dict[str, Any], dictionary: str | None, implementation: str) -> Compression:
    given: dict[str, Any] = {key: value for key, value in config.items() if value is not None}
    if dictionary is not None:
        given["dictionary"] = Path(dictionary).read_bytes()
    try:
        return Compression(codec, given, implementation)
    except PluginError as why:
        raise exits.Failure(exits.describe(why)) from None


def _destination(output: str | None) -> AbstractContextManager[BinaryIO]:
    return standard_output() if output is None else whole_file(output)


def _refuse_same(plan: Plan, source: BinaryIO, destination: BinaryIO) -> None:
    """A shell that redirects a file onto itself has emptied it already; at least nobody reads what is being written."""
    if plan.output is None and identity(source) is not None and identity(source) == identity(destination):
        raise exits.Failure(f"{exits.printable(plan.path)}: is input and output at once")
