"""Connections of asyncio that are closed at once, whatever the server does.

With TLS, asyncio waits for the server's farewell, up to 30 s. A server that stands still sends none, and an event loop
that ends before it comes leaves the connection open. redis-py waits too, or forgets the connection meanwhile. Tests:
tests/redis/test_leave.py.
"""

from __future__ import annotations

from typing import Any


class Leaving:
    """For a class of connections of redis-py: says farewell, and waits for none."""

    _writer: Any

    async def disconnect(self, nowait: bool = True, *more: Any, **named: Any) -> None:
        writer = self._writer
        try:
            await super().disconnect(True, *more, **named)  # type: ignore[misc]  # of redis-py's class
        finally:
            if writer is not None:
                writer.transport.abort()


def leaving(connection: type[Any]) -> type[Any]:
    """A class `connection` that is closed at once."""
    return type("Connection", (Leaving, connection), {})


def leave_pool(client: Any) -> None:
    """Lets a client, which has no connection yet, make such."""
    pool = client.connection_pool
    pool.connection_class = leaving(pool.connection_class)


def leave_cluster(client: Any) -> None:
    """As `leave_pool`, for the nodes that are known and those that will be found."""
    options = client.get_connection_kwargs()
    options["connection_class"] = leaving(options["connection_class"])
    for node in client.nodes_manager.startup_nodes.values():
        node.connection_class = options["connection_class"]
