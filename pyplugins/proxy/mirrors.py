"""Arguments that a tool's schema wants repeated in HTTP headers (`x-mcp-header`), for a client that sends no headers.

Learnt from the lists of tools that pass; written from the arguments that go on, after the plugins have read them.
Tests: tests/proxy/test_headers.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyplugins.proxy import headers
from pyplugins.proxy.messages import Message

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, 5.6.2
_DEEPEST = 32
_MOST_TOOLS = 10_000

Place = tuple[str, ...]


class Mirrors:
    """What the tools of one server want repeated."""

    def __init__(self) -> None:
        self._tools: dict[str, dict[Place, str]] = {}

    def learn(self, message: Message) -> None:
        """Takes the tools of an answer that is a list of tools."""
        result = message.members.get("result")
        tools = result.get("tools") if isinstance(result, dict) else None
        for tool in tools if isinstance(tools, list) else []:
            name = tool.get("name") if isinstance(tool, dict) else None
            if isinstance(name, str) and (len(self._tools) < _MOST_TOOLS or name in self._tools):
                self._tools[name] = dict(_annotated(tool.get("inputSchema"), ()))

    def of(self, message: Message) -> dict[str, str]:
        """The headers of a call."""
        params = message.members.get("params")
        if message.method != "tools/call" or not isinstance(params, dict):
            return {}
        places = self._tools.get(str(params.get("name")), {})
        values = ((name, _at(params.get("arguments"), place)) for place, name in places.items())
        return {f"Mcp-Param-{name}": headers.encoded(value) for name, value in values if value is not None}


def _annotated(schema: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Only properties of properties can be found in every document, so only they may be annotated."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or len(place) >= _DEEPEST:
        return
    for key, part in properties.items():
        name = part.get("x-mcp-header") if isinstance(part, dict) else None
        if isinstance(name, str) and _TOKEN.fullmatch(name):
            yield (*place, key), name
        yield from _annotated(part, (*place, key))


def _at(value: Any, place: Place) -> str | None:
    for key in place:
        value = value.get(key) if isinstance(value, dict) else None
    return headers.scalar(value)
