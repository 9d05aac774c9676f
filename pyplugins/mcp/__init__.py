"""A plugin chain for MCP traffic as plain JSON data: methods, params and results in, what may go on out.

`Chain` is what the proxy and the middleware stand on. It knows MCP's methods and the six hooks, nothing of transports,
and needs no MCP library. It must never let through what a plugin failed to read. docs/proxy.md says which method goes
through which hook. Tests: tests/unit/test_mcp_chain.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.mcp.chain import Chain
    from pyplugins.mcp.outcome import Outcome, Refusal, Run
    from pyplugins.mcp.scope import Scope

__all__ = ["Chain", "Outcome", "Refusal", "Run", "Scope"]

__getattr__, __dir__ = lazy.names(
    __name__, {"Chain": "chain", "Outcome": "outcome", "Refusal": "outcome", "Run": "outcome", "Scope": "scope"}
)
