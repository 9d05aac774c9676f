"""The forms in which findings are written. Each is a class in a module of its own and has one line in `FORMATS`.

A format writes as findings come, so that any number of them takes no more memory than one. Tests:
tests/cli/test_formats.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from pyplugins.cli.formats.base import Format, Header
from pyplugins.cli.formats.json_document import JsonDocument
from pyplugins.cli.formats.json_lines import JsonLines
from pyplugins.cli.formats.sarif import Sarif
from pyplugins.cli.formats.text import Text

FORMATS: Mapping[str, type[Format]] = {"text": Text, "json": JsonDocument, "jsonl": JsonLines, "sarif": Sarif}


def make(name: str, out: TextIO, header: Header) -> Format:
    """The format of that name, writing to `out`."""
    return FORMATS[name](out, header)


__all__ = ["FORMATS", "Format", "Header", "make"]
