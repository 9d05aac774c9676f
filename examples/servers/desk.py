"""Help desk: prompts about tickets, and resources as text, CSV, JSON and binary data."""

from __future__ import annotations

import csv
import io
import json

from mcp.server import MCPServer
from mcp.server.mcpserver.prompts.base import AssistantMessage, Message, UserMessage
from mcp_types import EmbeddedResource, TextResourceContents

from servers.machine import NEAR_MISSES, digest, identifier, moment
from servers.people import BY_ID, PEOPLE
from servers.serving import serve

server = MCPServer("desk", version="0.8.1", log_level="WARNING")


@server.prompt()
def reply(ticket: str, tone: str = "friendly") -> list[Message]:
    """Asks for an answer to a ticket."""
    return [
        UserMessage(f"Write a {tone} answer to this ticket. Ask for nothing that it already says.\n\n{ticket}"),
        AssistantMessage("I will keep it short and answer in the customer's language."),
    ]


@server.prompt()
def summarise(customer_id: str) -> list[Message]:
    """Asks for a summary of a customer's file, which comes along as an embedded resource."""
    person = BY_ID[customer_id]
    file = TextResourceContents(uri=f"desk://tickets/{person.id}", mime_type="text/plain", text=person.message)
    return [
        UserMessage(f"Summarise the file of {person.name} in three lines; reference {identifier(person.id)}."),
        UserMessage(EmbeddedResource(type="resource", resource=file)),
    ]


@server.prompt()
def release_notes(version: str, commit: str) -> str:
    """Asks for release notes: machine text only."""
    return f"Write release notes for {version} at commit {commit}. Known probes:\n- " + "\n- ".join(NEAR_MISSES)


@server.resource("desk://policy/returns", mime_type="text/markdown")
def returns_policy() -> str:
    """Plain prose without anybody's data."""
    return (
        "# Returns\n\nParcels come back within 30 days. "
        "The license agreement and the passport office rules do not matter here.\n"
        "Rule 7.4.12 applies to order numbers from ORD-2024-000100 to ORD-2024-009999.\n"
    )


@server.resource("desk://exports/july.csv", mime_type="text/csv")
def export() -> str:
    """Everybody in one table."""
    columns = ("email", "phone", "iban", "card", "ip")
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(("id", "record", "epoch", *columns))
    for step, person in enumerate(PEOPLE):
        values = (person.data.get(column, "") for column in columns)
        table.writerow((person.id, identifier(person.id), int(moment(step).timestamp()), *values))
    return out.getvalue()


@server.resource("desk://settings.json", mime_type="application/json")
def settings() -> str:
    """Configuration: versions, hashes and loopback addresses."""
    value = {
        "version": "2.31.4.1",
        "digest": f"sha256:{digest('settings')}",
        "listen": ["127.0.0.1:8443", "[::1]:8443"],
        "trace": identifier("settings"),
        "not_before": 1719824400000,
    }
    return json.dumps(value, indent=2)


@server.resource("desk://tickets/{customer_id}", mime_type="text/plain")
def ticket(customer_id: str) -> str:
    """What a customer wrote."""
    return BY_ID[customer_id].message


@server.resource("desk://mailbox/{email}", mime_type="text/plain")
def mailbox(email: str) -> str:
    """Open tickets of an address; here the URI itself holds personal data."""
    person = next(person for person in PEOPLE if person.data["email"] == email)
    head = f"From: {email}\nMessage-ID: <{digest(email)[:24]}>\nDate: Mon, 01 Jul 2024 09:00:00 +0000"
    return f"{head}\n\n{person.message}\n"


@server.resource("desk://attachments/{customer_id}.bin", mime_type="application/octet-stream")
def attachment(customer_id: str) -> bytes:
    """Binary data: nothing to read in it."""
    return bytes.fromhex(digest(customer_id))


if __name__ == "__main__":
    serve(server)
