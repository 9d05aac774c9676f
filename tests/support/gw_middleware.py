"""Configurations of chains, and applications behind a real server, for tests/integrations."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

MAIL = "alice@example.com"
MASK = "[REDACTED]"

PII = "pyplugins.pii_filter.pii_filter.PIIFilterPlugin"
REGEX = "pyplugins.regex_filter.regex_filter.RegexFilterPlugin"
JSON_REPAIR = "pyplugins.json_repair.json_repair.JSONRepairPlugin"


def plugin(kind: str, name: str, hooks: list[str], priority: int, **config: Any) -> dict[str, Any]:
    """An entry of a configuration file."""
    return {"name": name, "kind": kind, "hooks": hooks, "mode": "sequential", "priority": priority, "config": config}


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The application behind uvicorn, at an address of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        service = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        task = asyncio.create_task(service.serve(sockets=[listener]))
        while not service.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        service.should_exit = True
        await task
