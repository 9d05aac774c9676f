"""Headers that pass, and those that would carry past the plugins what they took out of the body."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gw_proxy import MAIL, MASK

pytest.importorskip("aiohttp", reason="needs gwplugins[proxy]")
from pyplugins.proxy import headers, messages
from pyplugins.proxy.messages import Message
from pyplugins.proxy.mirrors import Mirrors


def message(method: str, **params: Any) -> Message:
    return messages.read(json.dumps({"id": 1, "method": method, "params": params}).encode())[1][0]


def test_what_belongs_to_a_hop_stays_there() -> None:
    given = {
        "Host": "127.0.0.1:9",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
        "Transfer-Encoding": "chunked",
        "Content-Length": "5",
        "Accept-Encoding": "br",
        "Origin": "http://x",
        "Authorization": "Bearer t",
        "Mcp-Session-Id": "s",
        "MCP-Protocol-Version": "2025-11-25",
        "Last-Event-ID": "7",
        "X-Other": "o",
    }
    assert dict(headers.to_server(given, None, None)) == {
        "Authorization": "Bearer t",
        "Mcp-Session-Id": "s",
        "MCP-Protocol-Version": "2025-11-25",
        "Last-Event-ID": "7",
        "X-Other": "o",
        "Accept-Encoding": "identity",
    }
    answer = {
        "Content-Length": "1",
        "Mcp-Session-Id": "s",
        "WWW-Authenticate": "Bearer",
        "Access-Control-Allow-Origin": "*",
    }
    assert dict(headers.to_client(answer)) == {"Mcp-Session-Id": "s", "WWW-Authenticate": "Bearer"}


def test_headers_that_repeat_the_body_follow_it() -> None:
    before = message("tools/call", name="t", arguments={"a": MAIL, "n": 5, "deep": {"b": True}, "c": "é"})
    after = message("tools/call", name="t", arguments={"a": MASK, "n": 5, "deep": {"b": True}, "c": "é"})
    given = {
        "Mcp-Method": "something/else",
        "Mcp-Name": MAIL,
        "Mcp-Param-A": MAIL,
        "mcp-param-n": "5",
        "Mcp-Param-B": "true",
        "Mcp-Param-C": headers.encoded("é"),
        "Mcp-Param-Stray": f"not an argument: {MAIL}",
        "Mcp-Param-Broken": "=?base64?!!!?=",
    }
    passed = headers.to_server(given, before, after)
    assert dict(passed) == {
        "Accept-Encoding": "identity",
        "Mcp-Method": "tools/call",
        "Mcp-Name": "t",
        "Mcp-Param-A": MASK,
        "mcp-param-n": "5",
        "Mcp-Param-B": "true",
        "Mcp-Param-C": "=?base64?w6k=?=",
    }
    assert dict(headers.to_server(given, None, None)) == {"Accept-Encoding": "identity"}


@pytest.mark.parametrize("value", ["plain", "with space", " edge ", "é", "", "=?base64?x?=", "a\nb"])
def test_a_value_survives_a_header(value: str) -> None:
    written = headers.encoded(value)
    assert written.isascii()
    assert written.isprintable()
    assert headers.decoded(written) == value


def test_headers_for_a_client_that_has_none() -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    assert headers.of_message(message("tools/call", name="t", _meta=meta)) == {
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "tools/call",
        "Mcp-Name": "t",
    }
    assert headers.of_message(message("tools/call", name="t")) == {}
    assert headers.of_message(message("x", _meta={"io.modelcontextprotocol/protocolVersion": "a\r\nb: c"})) == {}


def test_what_a_schema_wants_repeated() -> None:
    inner = {"type": "object", "properties": {"b": {"type": "boolean", "x-mcp-header": "B"}}}
    properties = {
        "a": {"type": "string", "x-mcp-header": "A"},
        "deep": inner,
        "bad": {"type": "string", "x-mcp-header": "a\r\nb"},
        "none": {"type": "string", "x-mcp-header": "None"},
    }
    tools = [
        {"name": "t", "inputSchema": {"properties": properties}},
        {"name": 5},
        "x",
        {"name": "u", "inputSchema": 3},
    ]
    mirrors = Mirrors()
    listed = json.dumps({"id": 1, "result": {"tools": tools}}).encode()
    mirrors.learn(messages.read(listed)[1][0])
    mirrors.learn(messages.read(b'{"id":1,"result":{"tools":{"name":"t"}}}')[1][0])
    arguments = {"a": "é", "deep": {"b": False}, "bad": "x", "other": 1}
    assert mirrors.of(message("tools/call", name="t", arguments=arguments)) == {
        "Mcp-Param-A": "=?base64?w6k=?=",
        "Mcp-Param-B": "false",
    }
    assert mirrors.of(message("tools/call", name="t", arguments="x")) == {}
    assert mirrors.of(message("tools/call", name="unknown", arguments=arguments)) == {}


def test_an_answer_to_the_server_carries_no_stray_headers() -> None:
    sent = headers.to_server(
        {"Mcp-Session-Id": "s", "Last-Event-ID": "1", "Authorization": "t", "Accept": "text/event-stream"}, None, None
    )
    assert dict(headers.for_reply(sent)) == {
        "Mcp-Session-Id": "s",
        "Authorization": "t",
        "Accept": "application/json, text/event-stream",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
    }
