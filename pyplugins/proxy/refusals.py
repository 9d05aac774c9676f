"""How a client is told that a plugin refused, in the forms that MCP has. Tests: tests/proxy/test_gate.py."""

from __future__ import annotations

from typing import Any

from pyplugins.mcp import Refusal
from pyplugins.proxy import messages
from pyplugins.proxy.ledger import Pending

#: JSON-RPC codes of what is refused, was not checked, or could not be read.
REFUSED, NOT_CHECKED, MALFORMED = -32050, -32603, -32602
#: Key of `_meta` under which a refused tool call says who refused it and why.
REFUSAL_KEY = "gwplugins/refusal"


def refused(id_text: str, pending: Pending, refusal: Refusal) -> bytes:
    """The answer of a request that was refused, or whose result was."""
    if pending.method == "tools/call" and refusal.plugin:
        # The form in which MCP reports what went wrong in a tool: the model gets to read it and can do better.
        result: dict[str, Any] = {
            "content": [{"type": "text", "text": refusal.message}],
            "isError": True,
            "_meta": {REFUSAL_KEY: refusal.data()},
        }
        return messages.result_line(id_text, result | ({"resultType": "complete"} if pending.enveloped else {}))
    code = (MALFORMED if refusal.code == "MALFORMED" else NOT_CHECKED) if refusal.failed else REFUSED
    return messages.error_line(id_text, code, refusal.message, refusal.data())
