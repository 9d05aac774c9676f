"""One opened guard, fed with chunks: as a stream where the engine can, as one text where it must see all of it.

Tests: tests/cli/test_scanning.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pyplugins.cli import discovery, exits
from pyplugins.cli.exits import Failure
from pyplugins.cli.settings import Settings
from pyplugins.core.result import Finding
from pyplugins.errors import ConfigError, UsageError

#: Limits meant for single messages. A stream needs little memory whatever its length, so for files they are lifted to
#: what the schema allows, unless the configuration sets them.
_LIFTED = ("max_text_bytes", "max_findings")


class Part(NamedTuple):
    """A part of the text: what came in, what was found, and rewritten text that is ready to be written."""

    taken: bytes
    findings: Sequence[Finding]
    output: bytes


class Detector:
    """A guard of the wanted plugin, configuration and implementation."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        lifted = {**_largest(settings.plugin), **settings.config}
        self.guard = _open(settings, lifted)
        self.streams = _can_stream(self.guard)
        if not self.streams and lifted != settings.config:
            self.guard = _open(settings, settings.config)

    def parts(self, chunks: Iterable[bytes]) -> Iterator[Part]:
        """The parts of one text; a stream gives one for each chunk and a last one."""
        if not self.streams:
            yield self._whole(chunks)
            return
        stream = self.guard.stream()
        for chunk in chunks:
            yield Part(chunk, *stream.push(chunk))
        yield Part(b"", *stream.finish())

    def _whole(self, chunks: Iterable[bytes]) -> Part:
        limit = self.settings.config.get("max_text_bytes", _default_limit(self.settings.plugin))
        text = bytearray()
        for chunk in chunks:
            text += chunk
            if limit is not None and len(text) > limit:
                break  # the guard says what is wrong; reading on would only fill memory
        whole = bytes(text)
        result = self.guard.scan(whole)
        return Part(whole, result.findings, result.output)

    def describe(self) -> dict[str, Any]:
        """What the engine says about itself."""
        described: dict[str, Any] = self.guard.describe()
        return described

    def rule_names(self) -> list[str]:
        """The names of the rules, each once."""
        return list(dict.fromkeys(row["name"] for row in self.describe()["rules"]))


def _open(settings: Settings, config: dict[str, Any]) -> Any:
    direct = discovery.scanner(settings.plugin)
    try:
        return direct(config, implementation=settings.implementation)
    except ConfigError as why:
        source = f"{exits.printable(settings.source)}: " if settings.source else ""
        raise Failure(f"{source}{settings.plugin}: {why}") from None
    except (ImportError, ValueError) as why:  # nothing has been scanned yet, so the message is safe
        raise Failure(str(why)) from None


def _can_stream(guard: Any) -> bool:
    try:
        guard.stream()
    except UsageError:
        return False
    return True


def _largest(plugin: str) -> dict[str, int]:
    members = discovery.schema(plugin).get("properties", {})
    return {name: members[name]["maximum"] for name in _LIFTED if "maximum" in members.get(name, {})}


def _default_limit(plugin: str) -> int | None:
    limit: int | None = discovery.schema(plugin).get("properties", {}).get("max_text_bytes", {}).get("default")
    return limit
