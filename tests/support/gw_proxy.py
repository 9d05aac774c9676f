"""A `gwplugins proxy` that runs, for tests of tests/proxy/."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from gw_tests import HOOKS, ROOT, free_port

from pyplugins import framework

NOT_CPEX = pytest.mark.skipif(
    framework.FRAMEWORK == "cpex",
    reason="with cpex, whose records call an audit's refusals clean runs, there is nothing to count",
)
MAIL = "jane.doe@example.com"
MASK = "[REDACTED]"
SERVERS = ROOT / "tests/proxy/servers"
PLAIN = (sys.executable, str(SERVERS / "plain.py"))
ACCEPT = "application/json, text/event-stream"
START = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {}}


def write_chain(
    path: Path,
    *,
    kind: str = "pyplugins.pii_filter.pii_filter.PIIFilterPlugin",
    mode: str = "sequential",
    hooks: list[str] | None = None,
    **config: Any,
) -> Path:
    """A chain with the PII filter, or with another plugin."""
    plugin = {"name": "Guard", "kind": kind, "hooks": hooks or HOOKS, "mode": mode, "config": config}
    path.write_text(json.dumps({"plugins": [plugin]}))
    return path


def proxy_command(config: Path, *arguments: str) -> list[str]:
    """The command line of a proxy; `-P` keeps the checkout off the path, so that the installed package is tested."""
    return [sys.executable, "-P", "-m", "pyplugins.cli", "proxy", "--config", str(config), *arguments]


class Proxy:
    """A proxy between this test and a server."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    def send(self, *lines: bytes | dict[str, Any]) -> None:
        """Writes lines; a dict is written as JSON."""
        for line in lines:
            self._in.write((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")
        self._in.flush()

    def line(self) -> bytes:
        """The next line, without its newline."""
        line = self._out.readline()
        assert line.endswith(b"\n"), f"the proxy ended: {line!r}"
        return line[:-1]

    def message(self) -> Any:
        """The next line as data."""
        return json.loads(self.line())

    def ask(self, method: str, params: Any = None, id_: Any = 1) -> Any:
        """Sends a request and reads one line."""
        self.send({"jsonrpc": "2.0", "id": id_, "method": method, "params": params or {}})
        return self.message()

    def end(self) -> tuple[int, bytes, str]:
        """Closes our end: exit code, what was still said, and standard error."""
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err.decode()


@contextmanager
def proxy(config: Path, *arguments: str, command: tuple[str, ...] = PLAIN) -> Iterator[Proxy]:
    """A proxy before a stdio server."""
    with _proxy(proxy_command(config, *arguments, "--", *command)) as one:
        yield one


@contextmanager
def proxy_at(config: Path, url: str, *arguments: str) -> Iterator[Proxy]:
    """A proxy before an HTTP server."""
    with _proxy(proxy_command(config, "--url", url, *arguments)) as one:
        yield one


@contextmanager
def _proxy(line: list[str]) -> Iterator[Proxy]:
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield Proxy(process)
        finally:
            if process.poll() is None:
                process.kill()


def resident_kb(pid: int) -> int:
    """Memory that a process has, in KiB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")))


HAS_PROC = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is read from /proc, which only Linux has"
)
DESK = (sys.executable, str(SERVERS / "desk.py"))


@contextmanager
def running(command: list[str], until: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended at the end; waits until its port answers."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            if until is not None:
                wait_for_port(until, process)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Waits until someone listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        if answers(port):
            return
        time.sleep(0.05)
    raise AssertionError("nobody listens")


def answers(port: int) -> bool:
    """Whether someone listens."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def http_desk() -> Iterator[str]:
    """The server of servers/desk.py over HTTP: its address."""
    port = free_port()
    with running([*DESK, str(port)], port):
        yield f"http://127.0.0.1:{port}/mcp"


@contextmanager
def listening(config: Path, *arguments: str) -> Iterator[str]:
    """A proxy that listens: its address."""
    port = free_port()
    with running(proxy_command(config, "--listen", f"127.0.0.1:{port}", *arguments), port):
        yield f"http://127.0.0.1:{port}/mcp"


def ask(url: str, body: Any = None, method: str = "POST", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request; header names have underscores for dashes."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=30)
    sent = {"Content-Type": "application/json", "Accept": ACCEPT}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    connection.request(method, parts.path, raw, sent)
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


def events(raw: bytes) -> list[Any]:
    """The data of server-sent events."""
    return [json.loads(line[6:]) for line in raw.split(b"\n") if line.startswith(b"data: ")]


def call(id_: Any = 1, **arguments: Any) -> dict[str, Any]:
    """A tool call."""
    return {"jsonrpc": "2.0", "id": id_, "method": "tools/call", "params": {"name": "t", "arguments": arguments}}


async def asked(url: str, *arguments: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """`ask` in a thread."""
    return await asyncio.to_thread(ask, url, *arguments, **headers)


async def posted(
    url: str, message: Any, *head: str, method: str = "POST"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request whose answer is not read."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1000)
    body = json.dumps(message).encode()
    lines = [f"{method} /mcp HTTP/1.1", "Host: localhost", "Content-Type: application/json", f"Accept: {ACCEPT}", *head]
    writer.write("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
    return reader, writer


async def until(condition: Callable[[], bool]) -> None:
    """Waits for a condition."""
    while not condition():
        await asyncio.sleep(0.02)
