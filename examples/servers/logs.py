"""Log search: long plain text, mostly machine noise, a few lines with somebody's address in them."""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer

from servers.machine import log_line, quiet_event
from servers.people import PEOPLE, Person
from servers.serving import serve

server = MCPServer("logs", version="1.9.3", log_level="WARNING")

SERVICES = ("gateway", "billing", "shipping")
_LINES_BETWEEN = 8  # quiet lines between two lines about a person


def _event(person: Person) -> str:
    """How a careless service logs a person."""
    known = {key: person.data[key] for key in ("email", "ip", "phone", "card") if key in person.data}
    return f"login customer={person.id} " + " ".join(f'{key}="{value}"' for key, value in known.items())


def _lines(service: str) -> list[str]:
    first = SERVICES.index(service) * 1000
    lines: list[str] = []
    for person in PEOPLE:
        step = first + len(lines)
        lines += [log_line(step + i, service, quiet_event(step + i)) for i in range(_LINES_BETWEEN)]
        lines.append(log_line(step + _LINES_BETWEEN, service, _event(person)))
    return lines


@server.tool()
def search_logs(service: str, query: str, limit: int = 20) -> str:
    """The first `limit` lines of a service that contain `query`."""
    return "\n".join([line for line in _lines(service) if query in line][:limit])


@server.tool()
def around(service: str, line: int, context: int = 5) -> list[str]:
    """The lines around line number `line`."""
    return _lines(service)[max(0, line - context) : line + context + 1]


@server.tool()
def statistics(service: str) -> dict[str, Any]:
    """Counts, times and versions: numbers only."""
    lines = _lines(service)
    return {
        "service": service,
        "lines": len(lines),
        "bytes": sum(map(len, lines)),
        "first_epoch": 1719824400,
        "p99_ms": 96.9,
        "release": "2.30.6",
        "window": ["2024-07-01T09:00:00Z", "2024-07-01T09:16:38Z"],
    }


if __name__ == "__main__":
    serve(server)
