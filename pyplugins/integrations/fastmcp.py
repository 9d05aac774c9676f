"""Middleware for FastMCP servers: tool calls, prompts and resources through the six hooks of the chain.

It must never let through what a plugin refused or failed to read. Errors of tools are read too: they may quote content.
Tests: tests/integrations/test_fastmcp.py.
"""

from __future__ import annotations

import os
from typing import Any

from pyplugins.integrations._gate import Gate, allowed
from pyplugins.mcp import Chain, Refusal, Scope
from pyplugins.mcp.outcome import NOT_CHECKED, Refused

try:
    from fastmcp.exceptions import DisabledError, NotFoundError
    from fastmcp.server.middleware import Middleware
    from jsonschema import SchemaError, ValidationError, validate

    from pyplugins.integrations import _fastmcp_data as data
except ImportError as why:
    raise ImportError(f"pyplugins.integrations.fastmcp ({why}): pip install 'gwplugins[fastmcp]'") from why


class GwpluginsMiddleware(Middleware):  # type: ignore[misc]  # FastMCP need not be installed
    """Guards a FastMCP server: ``mcp.add_middleware(GwpluginsMiddleware("plugins/config.yaml"))``.

    A refused call is a `ToolError`, which clients get as a result with `isError`; a refused prompt or resource is an
    `MCPError` with `plugin`, `code` and `reason` in its data. Neither holds a value that was found.

    Arguments:
        config: path of the chain's configuration file, or a plugin manager.

    Raises (when the first message comes):
        ConfigError, RuntimeError: the chain does not load; the server answers nothing until it does.
    """

    def __init__(self, config: str | os.PathLike[str] | Any) -> None:
        super().__init__()
        self._gate = Gate(config)

    async def close(self) -> None:
        """Stops the plugins, for servers that end before their process does."""
        await self._gate.stop()

    async def on_message(self, context: Any, call_next: Any) -> Any:
        """Loads the plugins before anything is answered."""
        await self._gate.start()
        return await call_next(context)

    async def on_call_tool(self, context: Any, call_next: Any) -> Any:
        """`tool_pre_invoke` on the arguments, `tool_post_invoke` on the result."""
        return await self._guarded("tools/call", context, call_next)

    async def on_get_prompt(self, context: Any, call_next: Any) -> Any:
        """`prompt_pre_fetch` on the arguments, `prompt_post_fetch` on messages and description."""
        return await self._guarded("prompts/get", context, call_next)

    async def on_read_resource(self, context: Any, call_next: Any) -> Any:
        """`resource_pre_fetch` on the address, `resource_post_fetch` on the contents."""
        await self.check_resource_access(context)
        return await self._guarded("resources/read", context, call_next)

    async def _guarded(self, method: str, context: Any, call_next: Any) -> Any:
        chain, scope = await self._gate.start(), Scope()
        params = data.plain(context.message)
        try:
            new = allowed(await chain.request(method, params, scope))
            if new is not params:
                # These attributes have the names that are on the wire.
                updates = {key: new[key] for key in ("name", "arguments", "uri") if key in new}
                context = context.copy(message=context.message.model_copy(update=updates))
            try:
                result = await call_next(context)
            except (NotFoundError, DisabledError):
                raise  # told as the name that the client gave
            except Exception as why:
                error = await _read_error(chain, method, new, why, scope)
                if error is why:
                    raise
                raise error from None
            return await _read_result(chain, method, new, result, scope, context)
        except Refused as why:
            raise data.refused(method, why.refusal) from None


async def _read_result(chain: Chain, method: str, params: Any, result: Any, scope: Scope, context: Any) -> Any:
    told = data.told(method, result, str(params.get("uri", "")))
    new = allowed(await chain.result(method, params, told, scope))
    if new is told:
        return result
    if new.get("structuredContent") != told.get("structuredContent"):
        await _check_schema(context, new["structuredContent"])
    try:
        return data.changed(method, result, new)
    except (KeyError, TypeError, ValueError):  # an error of pydantic quotes what it was given
        raise Refused(Refusal("", NOT_CHECKED, "a plugin changed the shape of the result", failed=True)) from None


async def _check_schema(context: Any, content: Any) -> None:
    """A client would reject masked data that its tool's output schema does not allow; say why instead."""
    tool = await context.fastmcp_context.fastmcp.get_tool(context.message.name)
    try:
        validate(content, getattr(tool, "output_schema", None) or {})
    except (ValidationError, SchemaError):
        reason = "masked, the structured content does not fit the tool's output schema"
        raise Refused(Refusal("", "OUTPUT_SCHEMA", reason, failed=True)) from None


async def _read_error(chain: Chain, method: str, params: Any, why: Exception, scope: Scope) -> Exception:
    """The error as the client may see it; the very one when its words may stay."""
    error = {"code": 0, "message": str(why)}
    details = getattr(getattr(why, "error", None), "data", None)
    told = error if details is None else {**error, "data": details}
    new = allowed(await chain.error(method, params, told, scope))
    return why if new is told else data.failure(method, why, new)
