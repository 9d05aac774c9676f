"""Which HTTP headers pass, and those of MCP that repeat what the body says.

A header that repeats an argument would carry past the plugins what they took out of the body, so it is written anew
from the body that goes on, or left out. Tests: tests/proxy/test_headers.py.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from multidict import CIMultiDict

from pyplugins.proxy.messages import Message

SESSION = "Mcp-Session-Id"
VERSION = "MCP-Protocol-Version"
METHOD, NAME, PARAM = "Mcp-Method", "Mcp-Name", "mcp-param-"
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
JSON, EVENTS = "application/json", "text/event-stream"

# Of one connection only (RFC 9110, 7.6.1), or about a body that is written anew.
_OF_CONNECTION = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# Of the client's hop: where it asks, from which page, and how the answer may be packed.
_OF_CLIENT = frozenset({"host", "origin", "referer", "accept-encoding", "expect"})
# The other side's rules for web pages; the listener has its own.
_OF_SERVER = ("access-control-", "alt-svc", "date", "server")
_NAMES = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_PLAIN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_WRAPPED = re.compile(r"=\?base64\?(.*)\?=")

#: Names are looked up in any case.
Headers: TypeAlias = CIMultiDict[str]


def to_server(given: Mapping[str, str], before: Message | None, after: Message | None) -> Headers:
    """The headers of a request that goes on.

    Arguments:
        given: of the client's request.
        before: the one message in its body, as it came; None for a request without one, or with a batch.
        after: the same, as it goes on.
    """
    named = {part.strip().lower() for part in given.get("Connection", "").split(",")}
    unwanted = _OF_CONNECTION | _OF_CLIENT | named
    passed = CIMultiDict((name, value) for name, value in given.items() if name.lower() not in unwanted)
    passed["Accept-Encoding"] = "identity"
    repeated = [name for name in passed if name.lower() in (METHOD.lower(), NAME.lower()) or _is_param(name)]
    if repeated:
        _write_anew(passed, repeated, before, after)
    return passed


def to_client(given: Mapping[str, str]) -> Headers:
    """The headers of an answer that goes on."""
    named = {part.strip().lower() for part in given.get("Connection", "").split(",")}
    unwanted = _OF_CONNECTION | named
    return CIMultiDict(
        (name, value)
        for name, value in given.items()
        if name.lower() not in unwanted and not name.lower().startswith(_OF_SERVER)
    )


def for_reply(sent: Headers) -> Headers:
    """The headers of an answer to the server, from those of the request in whose stream it asked."""
    unwanted = ("last-event-id", METHOD.lower(), NAME.lower())
    passed = CIMultiDict(
        (name, value) for name, value in sent.items() if name.lower() not in unwanted and not _is_param(name)
    )
    passed["Content-Type"] = JSON
    passed["Accept"] = f"{JSON}, {EVENTS}"
    return passed


def of_message(message: Message) -> dict[str, str]:
    """The headers that protocol 2026-07-28 wants beside a message, for a client that has none."""
    version = version_of(message)
    if version is None:
        return {}
    name = _name(message)
    told = {VERSION: version, METHOD: encoded(message.method or "")}
    return told | ({NAME: encoded(name)} if name is not None else {})


def version_of(message: Message) -> str | None:
    """The protocol version in the envelope of a message; older protocols have none."""
    params = message.members.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    version = meta.get(VERSION_KEY) if isinstance(meta, dict) else None
    return version if isinstance(version, str) and _PLAIN.fullmatch(version) else None


def encoded(value: str) -> str:
    """A text as MCP writes it into a header."""
    if _PLAIN.fullmatch(value) and not _WRAPPED.fullmatch(value):
        return value
    return f"=?base64?{base64.b64encode(value.encode()).decode()}?="


def decoded(value: str) -> str | None:
    """The text in a header; None when it cannot be read."""
    found = _WRAPPED.fullmatch(value)
    if found is None:
        return value
    try:
        return base64.b64decode(found[1], validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _is_param(name: str) -> bool:
    return name.lower().startswith(PARAM)


def _write_anew(passed: Headers, names: list[str], before: Message | None, after: Message | None) -> None:
    given = {name: passed[name] for name in names}
    for name in names:
        passed.popall(name, None)
    if before is None or after is None:
        return
    for name, value in given.items():
        if name.lower() == METHOD.lower():
            new: str | None = after.method
        elif name.lower() == NAME.lower():
            new = _name(after)
        else:
            new = _argument(decoded(value), before, after)
        if new is not None:
            passed[name] = encoded(new)


def _name(message: Message) -> str | None:
    params = message.members.get("params")
    name = params.get(_NAMES.get(message.method or "", "")) if isinstance(params, dict) else None
    return name if isinstance(name, str) else None


def _argument(value: str | None, before: Message, after: Message) -> str | None:
    """What has become of the argument that a header repeats; None when it repeats none."""
    if value is None:
        return None
    new = dict(_leaves(_arguments(after), ()))
    return next((new.get(place) for place, old in _leaves(_arguments(before), ()) if old == value), None)


def _arguments(message: Message) -> Any:
    params = message.members.get("params")
    return params.get("arguments") if isinstance(params, dict) else None


def scalar(value: Any) -> str | None:
    """An argument as a header repeats it; None for what is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None


def _leaves(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, (*place, key))
    elif (text := scalar(value)) is not None:
        yield place, text
