"""Starts the real gateway and a real MCP server on loopback ports, and stops them by process id.

The gateway is the program of `mcp-contextforge-gateway` as installed from PyPI, with SQLite in a temporary folder.
Nothing of it is replaced. It takes some 15 seconds to start, so a module's tests share one.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gw_tests import free_port

HERE = Path(__file__).resolve().parent
SECRETS = (
    "JWT_SECRET_KEY",
    "AUTH_ENCRYPTION_SECRET",
    "PLATFORM_ADMIN_PASSWORD",
    "BASIC_AUTH_PASSWORD",
    "DEFAULT_USER_PASSWORD",
)
#: Seconds until a program on a busy machine must answer.
PATIENCE = 90


@contextmanager
def running(command: list[str], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program of ours, stopped by its process id."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    """Waits until `ready` says so, and fails with the end of the log when the program ends before."""
    limit = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > limit:
            errors = [line for line in log.read_text(errors="replace").splitlines() if "ERROR" in line]
            pytest.fail("\n".join((f"{process.args!r} did not start", *errors[-3:])))
        time.sleep(0.2)


def listens(port: int) -> bool:
    """Whether something answers on this port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass
class Upstream:
    """The MCP server behind the gateway."""

    url: str
    file: Path

    def received(self) -> list[list[Any]]:
        """What it was asked, in order."""
        return [json.loads(line) for line in self.file.read_text("utf-8").splitlines()] if self.file.exists() else []


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    """The server of upstream.py."""
    folder = tmp_path_factory.mktemp("upstream")
    port = free_port()
    command = [sys.executable, str(HERE / "upstream.py"), str(port), str(folder / "received.jsonl")]
    with running(command, folder / "log") as process:
        wait_until(process, folder / "log", lambda: listens(port))
        yield Upstream(f"http://127.0.0.1:{port}/mcp", folder / "received.jsonl")


@dataclass
class Gateway:
    """A running gateway."""

    url: str
    token: str
    folder: Path
    upstream: Upstream
    #: Which implementation the plugins are told to use, where a test cares.
    implementation: str = ""

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of its REST API, whatever its status."""
        import httpx

        with httpx.Client(base_url=self.url, headers=self.headers, timeout=60) as client:
            return client.request(method, path, json=body)

    @property
    def headers(self) -> dict[str, str]:
        """What a client sends with each request."""
        return {"Authorization": f"Bearer {self.token}"}

    def rpc(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer to one JSON-RPC request of MCP."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        told: dict[str, Any] = self.request("POST", "/rpc", body).json()
        return told

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a call of the upstream server's tool."""
        return self.rpc("tools/call", name=f"people-{tool}", arguments=arguments)

    def asked(self, act: Callable[[], Any]) -> tuple[Any, list[list[Any]]]:
        """What `act` gives, and what the upstream server received meanwhile."""
        before = len(self.upstream.received())
        answer = act()
        return answer, self.upstream.received()[before:]

    def as_mcp_client(self, use: Callable[[Any], Awaitable[Any]], path: str = "/mcp/") -> Any:
        """What `use` makes of a session of the official SDK's client with an MCP endpoint of the gateway."""
        import httpx
        from mcp import ClientSession
        from mcp.client.streamable_http import streamable_http_client

        async def session() -> Any:
            async with (
                httpx.AsyncClient(headers=self.headers, timeout=60) as http,
                streamable_http_client(f"{self.url}{path}", http_client=http) as (read, write, _),
                ClientSession(read, write) as client,
            ):
                await client.initialize()
                return await use(client)

        return asyncio.run(session())

    def log(self) -> str:
        """All it has logged."""
        return (self.folder / "log").read_text("utf-8", errors="replace")

    def metrics(self) -> list[tuple[str, dict[str, Any]]]:
        """What it has recorded of plugins' metadata."""
        with closing(sqlite3.connect(f"file:{self.folder / 'mcp.db'}?mode=ro", uri=True)) as database:
            sql = "SELECT name, attributes FROM observability_spans WHERE name LIKE 'plugin.metrics.%'"
            return [(name, json.loads(attributes)) for name, attributes in database.execute(sql)]


@dataclass
class Program:
    """The gateway's process."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    env: dict[str, str]

    @property
    def log_file(self) -> Path:
        """Where it writes what it has to say."""
        return self.folder / "log"


@contextmanager
def launched(folder: Path, chain: str, **settings: str) -> Iterator[Program]:
    """The gateway's program with this configuration of plugins, which may have started or not."""
    (folder / "plugins.yaml").write_text(chain)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PLUGIN", "GWPLUGINS"))}
    env |= {name: secrets.token_urlsafe(48) for name in SECRETS}
    env |= {
        "DATABASE_URL": f"sqlite:///{folder / 'mcp.db'}",
        "PLUGINS_ENABLED": "true",
        "PLUGINS_CONFIG_FILE": str(folder / "plugins.yaml"),
        "PLUGINS_FAIL_ON_PLUGIN_ERROR": "true",
        "AUTH_REQUIRED": "false",
        "CACHE_TYPE": "memory",
        "MCPGATEWAY_UI_ENABLED": "false",
        "SSRF_ALLOW_LOCALHOST": "true",
        "LOG_LEVEL": "INFO",
        # Gives each request a trace id, so plugins tell their metrics.
        "OBSERVABILITY_ENABLED": "true",
        **settings,
    }
    port = free_port()
    # `python -m mcpgateway` would ignore the options.
    command = [str(Path(sys.executable).with_name("mcpgateway")), "--host", "127.0.0.1", "--port", str(port)]
    with running(command, folder / "log", cwd=folder, env=env) as process:
        yield Program(process, port, folder, env)


@contextmanager
def started(folder: Path, upstream: Upstream, chain: str, **settings: str) -> Iterator[Gateway]:
    """The gateway with this configuration of plugins, and the upstream server registered in it."""
    with launched(folder, chain, **settings) as program:
        token = new_token(program.env, folder)
        wait_until(program.process, program.log_file, lambda: listens(program.port))
        gateway = Gateway(f"http://127.0.0.1:{program.port}", token, folder, upstream)
        server = {"name": "people", "url": upstream.url, "transport": "STREAMABLEHTTP"}
        assert gateway.request("POST", "/gateways", server).status_code == 200, gateway.log()[-4000:]
        yield gateway


def new_token(env: dict[str, str], folder: Path) -> str:
    """A token for the API, made with the gateway's own command."""
    options = ("--username", "admin@example.com", "--exp", "60", "--secret", env["JWT_SECRET_KEY"])
    command = [sys.executable, "-m", "mcpgateway.utils.create_jwt_token", *options]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


@pytest.fixture(scope="session")
def start() -> Callable[..., Any]:
    """`started`, for test modules."""
    return started


@pytest.fixture(scope="session")
def launch() -> Callable[..., Any]:
    """`launched`, for test modules."""
    return launched
