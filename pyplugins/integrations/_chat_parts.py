"""Texts and arguments of an answer that come in parts, by whatever API.

Tests: tests/integrations/test_litellm.py.
"""

from __future__ import annotations

from typing import Any

from pyplugins.integrations._bodies import dump_json, parse_text_as_json
from pyplugins.integrations._chat_scan import NAME, SAID
from pyplugins.integrations._gate import Gate
from pyplugins.mcp import Scope
from pyplugins.mcp.text_stream import TextStream


class Texts:
    """Texts by key. Held back by little where every guard of the hook offers streams, else to their end."""

    def __init__(self, gate: Gate, scope: Scope) -> None:
        self._gate = gate
        self._scope = scope
        self._streams: dict[Any, TextStream | list[str]] = {}

    def unfinished(self) -> list[Any]:
        """The keys of texts that are not finished."""
        return list(self._streams)

    async def push(self, key: Any, text: str) -> str:
        """Takes the next part of a text and returns what may go on. Raises `Refused`."""
        if key not in self._streams:
            self._streams[key] = await self._gate.open_stream(SAID) or []
        stream = self._streams[key]
        if isinstance(stream, TextStream):
            return stream.push(text)
        stream.append(text)
        return ""

    async def finish(self, key: Any) -> str:
        """The rest of a text; nothing of one that nobody began. Raises `Refused`."""
        stream = self._streams.pop(key, [])
        if isinstance(stream, TextStream):
            return stream.finish()
        text: str = await self._gate.ask(SAID, NAME, "".join(stream), self._scope) if stream else ""
        return text


async def scan_arguments(gate: Gate, scope: Scope, tool: str | None, text: str) -> str:
    """The arguments of a tool call, JSON in a text, as they may go on. Raises `Refused`."""
    arguments = parse_text_as_json(text)
    new = await gate.ask_tool(tool or NAME, arguments, scope) if text else arguments
    if new is arguments:
        return text
    return new if isinstance(new, str) else dump_json(new).decode("ascii")
