"""What holds for the bodies of one HTTP exchange, and a whole body through the chain.

Tests: tests/integrations/test_asgi.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pyplugins.integrations._bodies import Media, other_readings, parse, render
from pyplugins.integrations._gate import Gate
from pyplugins.mcp import Scope
from pyplugins.mcp.text_stream import TextStream


@dataclass(frozen=True, slots=True)
class Rules:
    """How bodies of one direction are read."""

    gate: Gate
    exchange: Scope
    #: What plugins are told as the name.
    name: str
    unread_types: tuple[str, ...]
    max_bytes: int
    hook: str = ""

    def of(self, hook: str) -> Rules:
        """The same for the direction that goes through this hook."""
        return replace(self, hook=hook)

    def leaves_out(self, media: Media) -> bool:
        """Whether bodies of this type are left unread on purpose."""
        return bool(media.type) and media.type.startswith(self.unread_types)

    async def ask(self, data: Any) -> Any:
        """What of the data may go on; raises `Refused`."""
        return await self.gate.ask(self.hook, self.name, data, self.exchange)

    async def open_stream(self) -> TextStream | None:
        """A text in parts, or `None` when a plugin must see the whole."""
        return await self.gate.open_stream(self.hook)

    async def whole(self, media: Media, body: bytes) -> bytes:
        """A whole body after the chain; the very object when nothing changed."""
        if not body:
            return body
        for way in (media, *other_readings(media, body)):
            body = await self._read(way, body)
        return body

    async def _read(self, media: Media, body: bytes) -> bytes:
        data = parse(media, body)
        changed = await self.ask(data)
        return body if changed is data else render(media, changed, body)
