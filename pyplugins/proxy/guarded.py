"""What all sessions of a proxy share, and what becomes of one line. Tests: tests/proxy/test_gate.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyplugins.mcp import Chain
from pyplugins.proxy.counts import Counts
from pyplugins.proxy.messages import Message

DEFAULT_MAX_MESSAGE_BYTES = 16 * 1024 * 1024
_MOST_PENDING = 10_000


@dataclass
class Guarded:
    """What all sessions of a proxy share."""

    chain: Chain
    counts: Counts = field(default_factory=Counts)
    #: Read what MCP's methods of no hook say, too.
    scan_all: bool = False
    max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES
    max_pending: int = _MOST_PENDING
    #: For conditions of plugins.
    server_id: str | None = None


@dataclass(slots=True)
class Passage:
    """What becomes of one line."""

    #: For the other side, with a newline behind each message; empty when nothing goes on.
    forward: bytes = b""
    #: For the side that sent the line.
    reply: bytes = b""
    #: The messages that go on, as they came.
    passed: Sequence[Message] = ()

    @property
    def requests(self) -> list[Message]:
        """Those that go on and ask for an answer."""
        return [message for message in self.passed if message.method is not None and message.has_id]
