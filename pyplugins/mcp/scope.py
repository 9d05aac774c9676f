"""One exchange: who asks, and what plugins keep from its request to its result. Tests: tests/unit/test_mcp_chain.py."""

from __future__ import annotations

import itertools
from typing import Any

from pyplugins import framework

_numbers = itertools.count(1)


class Scope:
    """Make one for each request and hand the same one to `Chain.request` and `Chain.result`.

    Arguments:
        request_id: names the exchange in logs and traces; numbered when it is not given. Plugins keep their state
            under it, so no two exchanges under way may share one.
        user: the caller, a name or a mapping with `email`; conditions may ask for it, as for the next three.
        tenant_id: of the caller.
        server_id: of the MCP server.
        content_type: media type of the body.
        extensions: typed facts for plugins. Without them they are told a trace id, because plugins write metadata for
            requests that are traced.
    """

    __slots__ = ("contexts", "extensions", "global_context")

    def __init__(
        self,
        request_id: str | None = None,
        *,
        user: str | dict[str, Any] | None = None,
        tenant_id: str | None = None,
        server_id: str | None = None,
        content_type: str | None = None,
        extensions: framework.Extensions | None = None,
    ) -> None:
        name = f"gwplugins-{next(_numbers)}" if request_id is None else request_id
        self.global_context = framework.GlobalContext(
            request_id=name, user=user, tenant_id=tenant_id, server_id=server_id, content_type=content_type
        )
        self.extensions = extensions or framework.Extensions(request=framework.RequestExtension(trace_id=name))
        #: What each plugin keeps for this exchange.
        self.contexts: framework.PluginContextTable = {}
