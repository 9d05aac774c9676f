"""The rate limiter as a plugin: a ``RateLimiter`` in front of prompts and tools.

Drop-in for ``cpex_rate_limiter.RateLimiterPlugin``: the same configuration keys, violation codes, headers, details and
metadata. An error of the limiter is passed on: a request that could not be counted has not passed, and the host's
``on_error`` decides. No log line holds a name. Tests: tests/unit/test_rate_limiter_plugin.py.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any, Final

from pyplugins.core.limiter import Decision
from pyplugins.errors import ResourceError
from pyplugins.framework import (
    Extensions,
    Plugin,
    PluginConfig,
    PluginContext,
    PluginResult,
    PluginViolation,
    PromptPrehookPayload,
    PromptPrehookResult,
    ToolPreInvokePayload,
    ToolPreInvokeResult,
)
from pyplugins.framework.guarding import checked_config, is_traced
from pyplugins.rate_limiter._request import attributes, parts_of, scoped_tools, value_of
from pyplugins.rate_limiter.api import RateLimiter

logger = logging.getLogger("pyplugins.rate_limiter")

_SECOND: Final = 1_000_000_000
#: GWP_E_UNAVAILABLE
_UNAVAILABLE: Final = 62
_EXCEEDED: Final = "Rate limit exceeded"
_NO_SERVER: Final = "server_id is required when by_user_per_server is configured"


class RateLimiterPlugin(Plugin):
    """Refuses prompts and tool calls of who had enough.

    Arguments:
        config: its ``config`` holds the keys of README.md.

    Raises:
        ConfigError: a value is wrong; the message names the key.
    """

    #: Name of the engine.
    kind = "rate_limiter"

    def __init__(self, config: PluginConfig) -> None:
        super().__init__(config)
        taken = checked_config(self.kind, config)
        if "by_tool" in taken:
            # Read once as it stands: an error names the tool, not the pattern.
            RateLimiter({**taken, "by_tool": scoped_tools(taken["by_tool"], ""), "backend": "memory"}).close()
            taken["by_tool"] = scoped_tools(taken["by_tool"])
        self._backend: str = taken.get("backend", "memory")
        self.limiter = self.open_limiter(taken)
        self._parts = self._read_parts(bool(taken.get("by_tool")))
        self._needs_server = taken.get("by_user_per_server") is not None
        if not self.limiter.dimensions:
            logger.warning("Rate Limiter: plugin %r limits nothing: it has no rates", config.name)

    def open_limiter(self, config: dict[str, Any]) -> RateLimiter:
        """The limiter for this configuration."""
        return RateLimiter(config)

    @property
    def implementation(self) -> str:
        """``"rust"`` or ``"python"``."""
        return self.limiter.implementation

    async def prompt_pre_fetch(
        self, payload: PromptPrehookPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[PromptPrehookPayload]:
        """Counts a prompt, by its id as the tool."""
        return await self._answer(PromptPrehookResult, payload.prompt_id, context, extensions)

    async def tool_pre_invoke(
        self, payload: ToolPreInvokePayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ToolPreInvokePayload]:
        """Counts a tool call."""
        return await self._answer(ToolPreInvokeResult, payload.name, context, extensions)

    def _read_parts(self, by_tool: bool) -> tuple[tuple[tuple[str, ...], bool], ...]:
        """What each dimension's value is made of, and whether it is always scoped."""
        names = self.limiter.dimensions
        own = len(names) - len([name for name in names if name not in _NAMED])
        parts = (parts_of(name, f"$.dimensions[{place - own}].name") for place, name in enumerate(names))
        return tuple((each, by_tool and name == "tool") for each, name in zip(parts, names, strict=True))

    async def _answer(
        self, result: type[PluginResult[Any]], name: Any, context: PluginContext, extensions: Extensions | None
    ) -> PluginResult[Any]:
        found = attributes(context, name)
        if self._needs_server and not found["server"]:
            logger.warning("Rate Limiter: refused: %s", _NO_SERVER)
            return result(continue_processing=False, violation=_missing_server())
        values = [value_of(parts, found, scoped) for parts, scoped in self._parts]
        try:
            decision, windows = await self._decide(values)
        except ResourceError as why:
            if why.code != _UNAVAILABLE:
                raise
            return result(continue_processing=False, violation=_unavailable())
        metadata = {self.kind: _counts(decision, self._backend)} if is_traced(extensions) else {}
        if decision.allowed:
            return result(http_headers=_headers(decision), metadata=metadata)
        if logger.isEnabledFor(logging.INFO):
            logger.info("Rate Limiter: refused by dimension %s", decision.dimension)
        violation = PluginViolation(
            reason=_EXCEEDED,
            description=_EXCEEDED,
            code="RATE_LIMIT",
            details=_details(decision, windows, found),
            http_status_code=429,
            http_headers=_headers(decision),
        )
        return result(continue_processing=False, violation=violation, metadata=metadata)

    async def _decide(self, values: list[str]) -> tuple[Decision, Sequence[Decision]]:
        """The decision, and of a refusal what every window says. A server is asked once, a limiter in memory twice."""
        if self._backend == "redis":
            decision = await self.limiter.adecide(values)
            return decision, decision.details
        decision = await self.limiter.acheck(values)
        return decision, () if decision.allowed else (await self.limiter.apeek(values)).details

    async def shutdown(self) -> None:
        """Closes the connections to the server."""
        await self.limiter.aclose()


#: The dimensions that have keys of their own in the configuration.
_NAMED: Final = frozenset({"user", "tenant", "user_per_server", "tool"})


def _missing_server() -> PluginViolation:
    return PluginViolation(
        reason="Rate limit context unavailable",
        description=_NO_SERVER,
        code="RATE_LIMIT_CONTEXT_MISSING",
        details={"field": "server_id", "error": _NO_SERVER},
        http_status_code=503,
    )


def _unavailable() -> PluginViolation:
    """The server could not be asked, and `fail_mode` is `closed`."""
    return PluginViolation(
        reason="Rate limiter backend unavailable",
        description="Rate limiter backend unavailable; failing closed per fail_mode=closed",
        code="BACKEND_UNAVAILABLE",
        http_status_code=503,
        http_headers={"Retry-After": "1"},
    )


def _counts(decision: Decision, backend: str) -> dict[str, Any]:
    throttled = not decision.allowed or decision.would_refuse
    return {"allowed": int(decision.allowed), "throttled": int(throttled), "backend": backend}


def _headers(decision: Decision) -> dict[str, str] | None:
    """What the window that matters says; `None` when no window applies. A wait that never ends is not told."""
    if decision.limit is None or decision.remaining is None:
        return None
    refused = not decision.allowed
    wait = decision.retry_after_ns if refused else decision.reset_ns
    headers = {"X-RateLimit-Limit": str(decision.limit), "X-RateLimit-Remaining": str(decision.remaining)}
    if wait is not None:
        headers["X-RateLimit-Reset"] = str(-(-(time.time_ns() + wait) // _SECOND))
        if refused:
            headers["Retry-After"] = str(_seconds(wait))
    return headers


def _seconds(wait_ns: int) -> int:
    """Whole seconds, rounded up: who waits so long is never early. At least 1."""
    return max(1, -(-wait_ns // _SECOND))


def _details(decision: Decision, windows: Sequence[Decision], found: dict[str, str]) -> dict[str, Any]:
    """What the peer tells: the window that matters, who was refused, and what every window says."""
    told: dict[str, Any] = {**_window(decision), "user_id": found["user"]}
    if found["tenant"]:
        told["tenant_id"] = found["tenant"]
    groups: dict[str, list[dict[str, Any]]] = {}
    for window in windows:
        groups.setdefault("allowed" if window.allowed else "violated", []).append(_window(window))
    # Time has passed since: the window may have room again.
    groups.setdefault("violated", [_window(decision)])
    return {**told, "dimensions": groups}


def _window(decision: Decision) -> dict[str, Any]:
    wait = decision.reset_ns if decision.allowed else decision.retry_after_ns
    return {
        "limited": True,
        "remaining": decision.remaining,
        "reset_in": None if wait is None else _seconds(wait),
    }
