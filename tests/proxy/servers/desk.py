"""A server made with the official SDK whose answers hold (invented) personal data.

`desk.py` speaks stdio; `desk.py PORT` streamable HTTP on the loopback.
"""

from __future__ import annotations

import sys
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver import Context, Image
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import SamplingMessage, TextContent
from pydantic import BaseModel, Field

MAIL = "jane.doe@example.com"
PNG = b"\x89PNG\r\n\x1a\n" + MAIL.encode()
server = MCPServer("desk", version="1.2.3", instructions=f"Ask {MAIL}.", log_level="ERROR")


class Customer(BaseModel):
    """Structured content."""

    name: str
    mail: str
    visits: int


@server.tool()
def echo(text: str) -> str:
    """Says what it was told."""
    return f"told: {text}"


@server.tool()
def find(name: str) -> Customer:
    """One customer."""
    return Customer(name=name, mail=MAIL, visits=3)


Region = Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]


@server.tool()
def route(region: Region) -> str:
    """A tool whose argument is repeated in a header."""
    return f"routed to {region}"


@server.tool()
def portrait() -> Image:
    """An image."""
    return Image(data=PNG, format="png")


@server.tool()
def fail() -> str:
    """Fails and quotes."""
    raise ToolError(f"no access for {MAIL}")


@server.tool()
async def slow(context: Context, steps: int) -> str:
    """Reports progress."""
    for step in range(steps):
        await context.report_progress(step + 1, steps, f"step {step + 1}")
    return f"done, told {MAIL}"


@server.tool()
async def ask_model(context: Context) -> str:
    """Asks the client's model."""
    question = SamplingMessage(role="user", content=TextContent(type="text", text=f"who is {MAIL}?"))
    answer = await context.session.create_message(messages=[question], max_tokens=10)
    return f"the model said {answer.content.text}"  # type: ignore[union-attr]


@server.prompt()
def letter(to: str) -> str:
    """A prompt."""
    return f"Write to {to}, copy {MAIL}"


@server.resource("desk://note")
def note() -> str:
    """A resource."""
    return f"call {MAIL} back"


@server.resource("desk://files/{name}")
def file(name: str) -> str:
    """A resource by name."""
    return f"file {name}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
