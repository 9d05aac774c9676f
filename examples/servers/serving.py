"""Runs a server on the transport its command line asks for: stdio, or ``--http`` on a free loopback port.

With ``--http`` the first line on standard output is the URL; the socket accepts connections by then, so no client has
to wait or retry. It must never listen anywhere but on loopback. Tests: tests/unit/test_examples.py.
"""

from __future__ import annotations

import argparse
import asyncio
import socket

import uvicorn
from mcp.server import MCPServer


def serve(server: MCPServer) -> None:
    """Serves until the client goes away (stdio) or the process is ended (HTTP)."""
    parser = argparse.ArgumentParser(description=f"MCP server {server.name!r} with invented data.")
    parser.add_argument("--http", action="store_true", help="streamable HTTP on a free loopback port instead of stdio")
    if not parser.parse_args().http:
        server.run("stdio")
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
        config = uvicorn.Config(server.streamable_http_app(), log_level="warning", lifespan="on")
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))
