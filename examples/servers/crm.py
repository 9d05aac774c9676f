"""Customer support CRM: tools that answer with text, structured content, an image and an embedded resource."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Image
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import EmbeddedResource, TextContent, TextResourceContents
from pydantic import BaseModel

from servers.machine import digest, identifier, moment
from servers.people import BARE_FIELDS, BY_ID, PEOPLE, Person
from servers.serving import serve

server = MCPServer("crm", version="4.2.0", log_level="WARNING")


class Customer(BaseModel):
    """What the CRM knows, as structured content."""

    id: str
    name: str
    language: str
    contact: dict[str, str]
    note: str
    record: str
    updated: str
    etag: str


def _customer(person: Person) -> Customer:
    number = int(person.id.removeprefix("C-"))
    return Customer(
        id=person.id,
        name=person.name,
        language=person.language,
        contact={field: person.data[field] for field in BARE_FIELDS if field in person.data},
        note=person.message,
        record=identifier(person.id),
        updated=moment(number).isoformat(),
        etag=digest(person.id)[:32],
    )


def _known(customer_id: str) -> Person:
    if customer_id not in BY_ID:
        raise ToolError(f"no customer {customer_id!r}; try a customer id such as C-1001")
    return BY_ID[customer_id]


def _portrait(person: Person) -> bytes:
    """An 8 x 8 grey PNG that differs from person to person."""
    pixels = digest(person.id).encode()
    rows = b"".join(b"\0" + pixels[start : start + 8] for start in range(0, 64, 8))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    # Stored, not compressed: the bytes must not depend on the zlib version of whoever records.
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


@server.tool()
def get_customer(customer_id: str) -> Customer:
    """One customer as structured content."""
    return _customer(_known(customer_id))


@server.tool()
def find_customers(query: str) -> list[Customer]:
    """Customers with `query` in their name, language or contact data."""
    return [
        _customer(person)
        for person in PEOPLE
        if any(query in text for text in (person.name, person.language, *person.data.values()))
    ]


@server.tool()
def add_note(customer_id: str, note: str) -> str:
    """Keeps a note on a customer."""
    _known(customer_id)
    return f"note {identifier(note)} kept on {customer_id}, {len(note)} characters, sha256 {digest(note)}"


@server.tool()
def refund(order: str, amount_cents: int, to: dict[str, Any], options: list[str]) -> dict[str, Any]:
    """Sends money back."""
    return {
        "order": order,
        "amount_cents": amount_cents,
        "to": to,
        "state": "queued",
        "job": identifier(order),
        "options": options,
    }


@server.tool()
def contact_card(customer_id: str) -> list[TextContent | Image | EmbeddedResource]:
    """A customer as one line of text, a picture and an embedded vCard."""
    person = _known(customer_id)
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"FN:{person.name}", f"EMAIL:{person.data['email']}"]
    lines += [f"TEL:{person.data['phone']}"] if "phone" in person.data else []
    lines += [f"UID:urn:uuid:{identifier(person.id)}", "END:VCARD"]
    card = TextResourceContents(uri=f"crm://cards/{person.id}.vcf", mime_type="text/vcard", text="\r\n".join(lines))
    return [
        TextContent(type="text", text=f"{person.name} ({person.language}), {person.data['email']}"),
        Image(data=_portrait(person), format="png"),
        EmbeddedResource(type="resource", resource=card),
    ]


if __name__ == "__main__":
    serve(server)
