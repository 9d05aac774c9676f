"""What a format offers. Tests: tests/cli/test_formats.py."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, TextIO

from pyplugins.cli.records import Record
from pyplugins.cli.summary import Summary


@dataclass(frozen=True)
class Header:
    """What is known before the first finding."""

    plugin: str
    implementation: str
    version: str
    rules: list[str]
    #: Colours are welcome.
    colour: bool = False


class Format(ABC):
    """Writes findings as they come."""

    def __init__(self, out: TextIO, header: Header) -> None:
        self._out = out
        self._header = header

    def begin(self) -> None:
        """Before the first finding."""
        return

    @abstractmethod
    def record(self, record: Record) -> None:
        """One finding."""

    def end(self, summary: Summary) -> None:
        """After the last one, also after errors."""
        return


class Members:
    """The members of a JSON array, written one at a time."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._separator = "\n"

    def add(self, member: Any) -> None:
        """Writes one member."""
        self._out.write(self._separator + dump(member))
        self._separator = ",\n"


def dump(value: Any) -> str:
    """Compact JSON in ASCII: file names need not be Unicode, and a terminal obeys control characters."""
    return json.dumps(value, separators=(", ", ": "))
