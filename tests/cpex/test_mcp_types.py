"""The plugin on the objects that MCP servers and gateways really pass: the models of the official SDK."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from pyplugins import framework
from pyplugins.pii_filter.pii_filter import PIIFilterPlugin

types = pytest.importorskip("mcp.types", reason="mcp is not installed: it comes with pip install gwplugins[cpex]")

DIRTY, MASKED = "mail alice@example.com now", "mail [REDACTED] now"
MEDIA = base64.b64encode(bytes(range(256))).decode()


def block(kind: str) -> Any:
    resource = {"uri": "file:///x", "mimeType": "text/plain"}
    return {
        "text": lambda: types.TextContent(type="text", text=DIRTY),
        "image": lambda: types.ImageContent(type="image", data=MEDIA, mimeType="image/png"),
        "audio": lambda: types.AudioContent(type="audio", data=MEDIA, mimeType="audio/wav"),
        "note": lambda: types.EmbeddedResource(
            type="resource", resource=types.TextResourceContents(**resource, text=DIRTY)
        ),
        "blob": lambda: types.EmbeddedResource(
            type="resource", resource=types.BlobResourceContents(**resource, blob=MEDIA)
        ),
    }[kind]()


def call_result() -> Any:
    content = [block(kind) for kind in ("text", "image", "audio", "note", "blob")]
    return types.CallToolResult(content=content, structuredContent={"a": [DIRTY]})


def resource_result() -> Any:
    return types.ReadResourceResult(contents=[block("note").resource, block("blob").resource])


def prompt_result() -> Any:
    messages = [types.PromptMessage(role="user", content=block(kind)) for kind in ("text", "image", "note")]
    return types.GetPromptResult(description=DIRTY, messages=messages)


CASES: dict[str, tuple[Any, str, Any]] = {
    "tool_post_invoke": (lambda value: framework.ToolPostInvokePayload(name="t", result=value), "result", call_result),
    "resource_post_fetch": (
        lambda value: framework.ResourcePostFetchPayload(uri="u", content=value),
        "content",
        resource_result,
    ),
    "prompt_post_fetch": (
        lambda value: framework.PromptPosthookPayload(prompt_id="p", result=value),
        "result",
        prompt_result,
    ),
}


@pytest.mark.parametrize("hook", CASES)
def test_models_are_masked_in_copies_and_media_is_left(hook: str) -> None:
    payload_of, field, make = CASES[hook]
    given = make()
    plugin = PIIFilterPlugin(framework.PluginConfig(name="pii", kind="k"))
    context = framework.PluginContext(global_context=framework.GlobalContext(request_id="r"))
    result = asyncio.run(getattr(plugin, hook)(payload_of(given), context, None))
    masked = getattr(result.modified_payload, field)
    assert type(masked) is type(given)
    assert given == make(), "what was given is unchanged"
    assert masked.model_dump_json() == given.model_dump_json().replace(DIRTY, MASKED)
    assert given.model_dump_json().count(MEDIA) > 0
    type(given).model_validate(masked.model_dump())
