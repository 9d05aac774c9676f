"""FastMCP's objects as the plain data that MCP sends, and back.

All that a client gets to see is in the data; what did not change is the very object that was there.
Tests: tests/integrations/test_fastmcp.py.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

from fastmcp.exceptions import ToolError
from fastmcp.prompts.base import Message
from fastmcp.resources.base import ResourceContent
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, ContentBlock
from pydantic import BaseModel, TypeAdapter

from pyplugins.mcp import Refusal

_blocks: TypeAdapter[list[Any]] = TypeAdapter(list[ContentBlock])


def plain(model: BaseModel) -> dict[str, Any]:
    """A protocol object as it is sent."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def _tool_data(result: Any, _: str) -> dict[str, Any]:
    told: dict[str, Any] = {"content": [plain(block) for block in result.content]}
    if result.structured_content is not None:
        told["structuredContent"] = result.structured_content
    return told


def _tool_updates(_: Any, new: dict[str, Any]) -> dict[str, Any]:
    updates: dict[str, Any] = {"content": _blocks.validate_python(new["content"])}
    if "structuredContent" in new:
        updates["structured_content"] = new["structuredContent"]
    return updates


def _prompt_data(result: Any, _: str) -> dict[str, Any]:
    told: dict[str, Any] = {"messages": [plain(message) for message in result.messages]}
    if result.description is not None:
        told["description"] = result.description
    return told


def _prompt_updates(_: Any, new: dict[str, Any]) -> dict[str, Any]:
    contents = _blocks.validate_python([message["content"] for message in new["messages"]])
    roles = [message["role"] for message in new["messages"]]
    messages = [Message(content, role=role) for content, role in zip(contents, roles, strict=True)]
    return {"messages": messages, "description": new.get("description")}


def _resource_data(result: Any, uri: str) -> dict[str, Any]:
    return {"contents": [plain(content.to_mcp_resource_contents(uri)) for content in result.contents]}


def _resource_updates(result: Any, new: dict[str, Any]) -> dict[str, Any]:
    pairs = zip(result.contents, new["contents"], strict=True)
    return {"contents": [ResourceContent(_content(told), old.mime_type, told.get("_meta")) for old, told in pairs]}


def _content(told: dict[str, Any]) -> str | bytes:
    return str(told["text"]) if "text" in told else base64.b64decode(told["blob"], validate=True)


class Kind(NamedTuple):
    """How results of one method are told, and how a change gets into them."""

    data: Callable[[Any, str], dict[str, Any]]
    updates: Callable[[Any, dict[str, Any]], dict[str, Any]]


KINDS = {
    "tools/call": Kind(_tool_data, _tool_updates),
    "prompts/get": Kind(_prompt_data, _prompt_updates),
    "resources/read": Kind(_resource_data, _resource_updates),
}


def told(method: str, result: Any, uri: str) -> dict[str, Any]:
    """What the client would get; `uri` is the address that was asked for."""
    asked = getattr(result, "input_required", None)
    if asked is not None:
        return plain(asked)
    if not hasattr(result, _field(method)):  # an extension answered with an object of the protocol
        return plain(result)
    data = KINDS[method].data(result, uri)
    return {**data, "_meta": result.meta} if result.meta else data


def changed(method: str, result: Any, new: dict[str, Any]) -> Any:
    """The result with what the plugins made of it."""
    asked = getattr(result, "input_required", None)
    if asked is not None:
        return result.model_copy(update={"input_required": type(asked).model_validate(new)})
    if not hasattr(result, _field(method)):
        return type(result).model_validate(new)
    updates = KINDS[method].updates(result, new)
    return result.model_copy(update={**updates, "meta": new.get("_meta", result.meta)})


def _field(method: str) -> str:
    return {"tools/call": "content", "prompts/get": "messages"}.get(method, "contents")


def refused(method: str, refusal: Refusal) -> Exception:
    """The error that clients understand: of a tool a result with `isError`, else an error of the protocol."""
    of_tool: Exception = ToolError(refusal.message)
    return of_tool if method == "tools/call" else MCPError(INTERNAL_ERROR, refusal.message, refusal.data())


def failure(method: str, why: Exception, new: dict[str, Any]) -> Exception:
    """An error whose words the plugins have changed."""
    of_tool: Exception = ToolError(new["message"])
    if method == "tools/call" and not isinstance(why, MCPError):
        return of_tool
    code = why.error.code if isinstance(why, MCPError) else INTERNAL_ERROR
    return MCPError(code, new["message"], new.get("data"))
