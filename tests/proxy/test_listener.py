"""Who may ask a proxy that listens, and what it answers before it looks at a message."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from gw_proxy import (
    PLAIN,
    START,
    ask,
    call,
    listening,
    proxy_command,
)
from gw_tests import free_port

pytest.importorskip("aiohttp", reason="needs gwplugins[proxy]")


def test_host_and_origin_are_checked(config: Path) -> None:
    with listening(config, "--allow-origin", "https://app.example", "--allow-host", "box.example", "--", *PLAIN) as url:
        port = urlsplit(url).port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", "box.example"):
            assert ask(url, START, Host=host)[0] == 200
        for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", "[evil", ""):
            assert ask(url, START, Host=host)[0] == 421
        for origin in ("https://evil.example", f"http://127.0.0.1:{port}", "null"):
            assert ask(url, START, Origin=origin)[0] == 403
        status, headers, _ = ask(url, START, Origin="https://app.example")
        assert status == 200
        assert headers["access-control-allow-origin"] == "https://app.example"
        assert headers["access-control-expose-headers"] == "Mcp-Session-Id"
        status, headers, _ = ask(
            url, None, "OPTIONS", Origin="https://app.example", Access_Control_Request_Headers="mcp-session-id"
        )
        assert (status, headers["access-control-allow-headers"]) == (204, "mcp-session-id")
        assert ask(url, None, "OPTIONS", Origin="https://evil.example")[0] == 403


def test_a_page_can_read_refusals_too(config: Path) -> None:
    allowed, name = "https://App.example", "access-control-allow-origin"
    with listening(config, "--allow-origin", "https://app.example", "--", *PLAIN) as url:
        for status, body, sent in (
            (400, call(1), {}),
            (400, b"{no json", {}),
            (404, call(1), {"Mcp_Session_Id": "guessed"}),
            (415, START, {"Content_Type": "text/plain"}),
        ):
            got, headers, _ = ask(url, body, Origin=allowed, **sent)
            assert (got, headers[name]) == (status, allowed)
        assert ask(url.replace("/mcp", "/other"), START, Origin=allowed)[1][name] == allowed
        assert name not in ask(url, START, Origin="https://evil.example")[1]
        assert name not in ask(url, START)[1]
    with listening(config, "--allow-origin", allowed, "--url", f"http://127.0.0.1:{free_port()}/mcp") as url:
        status, headers, _ = ask(url, call(1), Origin=allowed)
        assert (status, headers[name]) == (502, allowed)


def test_bodies_that_could_not_be_read_are_refused(config: Path) -> None:
    with listening(config, "--max-message-bytes", "5000", "--", *PLAIN) as url:
        assert ask(url, START, Content_Type="text/plain")[0] == 415
        assert ask(url, START, Content_Encoding="gzip")[0] == 415
        status, _, raw = ask(url, call(q="x" * 9000))
        assert (status, json.loads(raw)["error"]["code"]) == (413, -32600)
        status, _, raw = ask(url, b"{no json")
        assert (status, json.loads(raw)["error"]["code"]) == (400, -32700)
        assert ask(url, START, "PUT")[0] == 405
        assert ask(url.replace("/mcp", "/other"), START)[0] == 404


def test_only_the_loopback_without_being_told(config: Path) -> None:
    command = proxy_command(config, "--listen", "0.0.0.0:0", "--", *PLAIN)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "--allow-remote" in done.stderr


def test_an_address_that_is_taken_is_one_clear_error(config: Path) -> None:
    with listening(config, "--", *PLAIN) as url:
        command = proxy_command(config, "--listen", f"127.0.0.1:{urlsplit(url).port}", "--", *PLAIN)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_http_is_one_clear_error(config: Path) -> None:
    program = (
        "import importlib.util as u, sys\nreal = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'aiohttp' else real(name, *rest)\n"
        "from pyplugins.cli import main\nmain()"
    )
    for way in (["--url", "http://127.0.0.1:1/mcp"], ["--listen", "127.0.0.1:0", "--", "x"]):
        command = [sys.executable, "-c", program, "proxy", "--config", str(config), *way]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 2
        assert "pip install 'gwplugins[proxy]'" in done.stderr
        assert "Traceback" not in done.stderr
