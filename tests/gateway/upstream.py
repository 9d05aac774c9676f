"""An MCP server written with the official SDK, for the gateway to call. As a script: `upstream.py PORT FILE`.

Every request is appended to FILE as one JSON line, so that a test sees what really left the gateway. The answers are
what a server without a guard says; nothing here knows of plugins.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

from mcp.server.fastmcp import FastMCP
from mcp.shared.exceptions import UrlElicitationRequiredError
from mcp.types import CallToolResult, ImageContent, TextContent

MAIL, SSN = "alice@example.com", "219-09-9999"
#: Modes of plugins, and what a failure may do.
WAYS = ("sequential", "transform", "audit", "concurrent", "fire_and_forget", "disabled", "fail", "ignore", "disable")
IMAGE = base64.b64encode(bytes(range(256))).decode()


def serve(port: int, log: Path) -> None:
    """Serves until it is stopped."""
    server = FastMCP("people", host="127.0.0.1", port=port, log_level="WARNING")

    def note(kind: str, value: Any) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps([kind, value]) + "\n")

    @server.tool()
    def echo(text: str, more: dict[str, Any] | None = None) -> str:
        """Says what it was told."""
        note("echo", {"text": text, "more": more})
        return f"you said {text}"

    @server.tool()
    def guarded(text: str) -> str:
        """The same; the chain refuses where it masks elsewhere."""
        note("guarded", text)
        return f"you said {text}"

    @server.tool()
    def limited(text: str) -> str:
        """The same; the chain reads short texts only."""
        note("limited", text)
        return f"you said {text}"

    @server.tool()
    def person() -> CallToolResult:
        """A record, as text, as an image and as structured content."""
        note("person", None)
        content: list[Any] = [
            TextContent(type="text", text=f"mail {MAIL} ssn {SSN}"),
            ImageContent(type="image", data=IMAGE, mimeType="image/png"),
        ]
        return CallToolResult(content=content, structuredContent={"contact": {"mail": MAIL}, "numbers": [1, SSN]})

    @server.tool()
    def guarded_person() -> str:
        """A record, of which the chain lets nothing pass."""
        note("guarded_person", None)
        return f"mail {MAIL}"

    @server.tool()
    def failing() -> CallToolResult:
        """An error that quotes a person."""
        note("failing", None)
        return CallToolResult(content=[TextContent(type="text", text=f"no account for {MAIL}")], isError=True)

    @server.tool()
    def no_answer() -> str:
        """An error of the protocol, in place of a result, that quotes a person."""
        note("no_answer", None)
        raise UrlElicitationRequiredError([], message=f"ask {MAIL}")

    @server.tool()
    def nearly_json() -> CallToolResult:
        """JSON as models write it."""
        note("nearly_json", None)
        return CallToolResult(content=[TextContent(type="text", text="{'mail': '" + MAIL + "', 'rows': [1, 2,],}")])

    @server.tool()
    def table() -> CallToolResult:
        """Rows, as JSON."""
        note("table", None)
        rows = [{"id": 1, "mail": MAIL}, {"id": 2, "mail": ""}]
        return CallToolResult(content=[TextContent(type="text", text=json.dumps(rows))])

    @server.tool()
    def rated(text: str) -> str:
        """The same as echo; the chain lets it be called once."""
        note("rated", text)
        return f"you said {text}"

    def one_of_a_kind(name: str) -> None:
        @server.tool(name=name)
        def tool(text: str) -> str:
            """Says what it was told; the chain treats each of these in another way."""
            note(name, text)
            return f"you said {text}"

    for name in WAYS:
        one_of_a_kind(f"in_{name}")

    @server.tool()
    def query(sql: str) -> str:
        """Would run a statement."""
        note("query", sql)
        return f"ran {sql}"

    @server.resource("people://alice", mime_type="text/plain")
    def alice() -> str:
        """A record."""
        note("alice", None)
        return f"alice has {MAIL} and {SSN}"

    @server.prompt()
    def letter(to: str) -> str:
        """A letter."""
        note("letter", to)
        return f"Write to {to}, copy to {MAIL}"

    server.run("streamable-http")


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
