"""Servers of PyPI behind the proxy, as a desktop client would start them: the official SDK's client before it."""

from __future__ import annotations

import asyncio
import http.server
import importlib.util
import json
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gw_proxy import MAIL, MASK, listening, proxy_command, write_chain

pytest.importorskip("mcp", reason="needs the official SDK")
from mcp import Client, StdioServerParameters

MODES = ["legacy", "auto"]


def server(name: str) -> list[str]:
    """The command of a server of PyPI."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed here: python tools/environment.py integrations")
    return [sys.executable, "-m", name]


def talk(to: Any, then: Callable[[Any], Awaitable[None]], mode: str) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(90), Client(to, mode=mode) as client:
            await then(client)

    asyncio.run(scenario())


def stdio(config: Path, *command: str, options: tuple[str, ...] = ()) -> StdioServerParameters:
    program, *arguments = proxy_command(config, *options, "--", *command)
    return StdioServerParameters(command=program, args=arguments)


def text(result: Any) -> str:
    return str(result.content[0].text)


@pytest.mark.parametrize("mode", MODES)
def test_the_time_server_works_as_before(tmp_path: Path, mode: str) -> None:
    async def then(client: Any) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"get_current_time", "convert_time"}
        arguments = {"source_timezone": "Europe/Lisbon", "time": "16:30", "target_timezone": "Asia/Tokyo"}
        told = json.loads(text(await client.call_tool("convert_time", arguments)))
        assert told["source"]["timezone"] == "Europe/Lisbon"
        assert "T16:30" in told["source"]["datetime"]

    talk(stdio(write_chain(tmp_path / "chain.yaml"), *server("mcp_server_time")), then, mode)


@pytest.mark.parametrize("mode", MODES)
def test_what_the_time_server_quotes_is_masked(tmp_path: Path, mode: str) -> None:
    """It repeats a zone that it does not know; the proxy took the address out of it before."""

    async def then(client: Any) -> None:
        answer = text(await client.call_tool("get_current_time", {"timezone": MAIL}))
        assert MASK in answer
        assert MAIL not in answer

    talk(stdio(write_chain(tmp_path / "chain.yaml"), *server("mcp_server_time")), then, mode)


def test_the_time_server_over_http(tmp_path: Path) -> None:
    async def then(client: Any) -> None:
        assert "Asia/Tokyo" in text(await client.call_tool("get_current_time", {"timezone": "Asia/Tokyo"}))
        assert MASK in text(await client.call_tool("get_current_time", {"timezone": MAIL}))

    with listening(write_chain(tmp_path / "chain.yaml"), "--", *server("mcp_server_time")) as url:
        talk(url, then, "auto")


class _Page(http.server.BaseHTTPRequestHandler):
    """A page with personal data."""

    def do_GET(self) -> None:
        body = f"<html><body><h1>Staff</h1><p>Write to {MAIL} about it.</p></body></html>".encode()
        found = self.path == "/staff"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body if found else b"")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def page() -> Iterator[str]:
    """Its address, on the loopback."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}/staff"
        site.shutdown()


@pytest.mark.parametrize("mode", MODES)
def test_a_fetched_page_is_masked(tmp_path: Path, page: str, mode: str) -> None:
    command = [*server("mcp_server_fetch"), "--ignore-robots-txt", "--allow-private-ips"]

    async def then(client: Any) -> None:
        answer = await client.call_tool("fetch", {"url": page, "raw": True})
        assert not answer.is_error, text(answer)
        assert f"Write to {MASK} about it." in text(answer)
        assert MAIL not in text(answer)

    # The page's address holds the loopback's, which the filter would mask as an IP address.
    talk(stdio(write_chain(tmp_path / "chain.yaml", detect_ip_address=False), *command), then, mode)


def test_a_fetched_page_is_refused(tmp_path: Path, page: str) -> None:
    command = [*server("mcp_server_fetch"), "--ignore-robots-txt", "--allow-private-ips"]

    async def then(client: Any) -> None:
        answer = await client.call_tool("fetch", {"url": page, "raw": True})
        assert answer.is_error
        assert "PII_DETECTED_IN_TOOL_RESULT" in text(answer)
        assert MAIL not in str(answer)

    config = write_chain(tmp_path / "chain.yaml", detect_ip_address=False, block_on_detection=True)
    talk(stdio(config, *command), then, "auto")
