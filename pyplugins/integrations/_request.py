"""The request body of an ASGI application: collected, scanned, and handed on in one piece with its length corrected.

Nothing of it reaches the application before all of it is scanned. A binary body is handed on as it comes.
Tests: tests/integrations/test_asgi.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from pyplugins.integrations._bodies import PARTS, UNKNOWN, BinaryTest, Media, Unreadable, media_of
from pyplugins.integrations._rules import Rules

AsgiScope: TypeAlias = dict[str, Any]
Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

#: What a changed body makes wrong.
_OF_THE_BYTES = frozenset({b"content-length", b"content-md5", b"digest", b"content-digest", b"repr-digest"})


class Gone(Exception):
    """The client went away before its request was complete."""


def with_length(headers: Any, length: int) -> list[tuple[bytes, bytes]]:
    """The headers for a body that was changed."""
    kept = [(name, value) for name, value in headers if name.lower() not in _OF_THE_BYTES]
    return [*kept, (b"content-length", str(length).encode())]


async def scanned_request(scope: AsgiScope, receive: Receive, rules: Rules) -> tuple[AsgiScope, Receive]:
    """The scope and the `receive` that the application gets.

    Raises:
        Refused: a plugin refuses the body or could not read it.
        Unreadable: the body cannot be scanned, or is too long.
        Gone: the client went away.
    """
    first = await receive()
    if first["type"] == "http.request" and not first.get("body") and not first.get("more_body"):
        return scope, _replaying([first], receive)
    media = media_of(scope["headers"])
    if rules.leaves_out(media):
        return scope, _replaying([first], receive)
    if media.kind == PARTS:
        raise Unreadable("a body in several parts cannot be scanned", "CONTENT_TYPE", 415)
    messages, binary = await _collected(first, receive, media, rules.max_bytes)
    if binary:
        return scope, _replaying(messages, receive)
    body = b"".join(message.get("body", b"") for message in messages)
    new = await rules.whole(media, body)
    if new is not body:
        scope = {**scope, "headers": with_length(scope["headers"], len(new))}
    return scope, _replaying([{"type": "http.request", "body": new, "more_body": False}], receive)


async def _collected(message: Message, receive: Receive, media: Media, max_bytes: int) -> tuple[list[Message], bool]:
    """The messages of a body, and whether it is binary; then it may be that not all of them are here."""
    test = BinaryTest()
    messages: list[Message] = []
    total = 0
    while True:
        if message["type"] != "http.request":
            raise Gone
        messages.append(message)
        total += len(message.get("body", b""))
        if media.kind == UNKNOWN:
            test.feed(message.get("body", b""))
            if test.binary:
                return messages, True
        if total > max_bytes:
            raise Unreadable(f"the body is longer than {max_bytes} bytes", "TOO_LARGE", 413)
        if not message.get("more_body"):
            return messages, False
        message = await receive()


def _replaying(messages: list[Message], receive: Receive) -> Receive:
    """A `receive` that gives these messages first."""
    waiting = iter(messages)

    async def replay() -> Message:
        message = next(waiting, None)
        return message if message is not None else await receive()

    return replay
