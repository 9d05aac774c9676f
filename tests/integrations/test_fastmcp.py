"""`pyplugins.integrations.fastmcp` in real FastMCP servers, asked by FastMCP's own client."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from fastmcp import Client, FastMCP
from fastmcp.exceptions import PromptError, ResourceError, ToolError
from fastmcp.prompts.base import Message, PromptResult
from fastmcp.resources.base import ResourceContent, ResourceResult
from fastmcp.tools.base import ToolResult
from fastmcp.utilities.types import Image
from gw_middleware import MAIL, MASK, REGEX, plugin, serving
from mcp.shared.exceptions import MCPError
from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult
from pydantic import BaseModel

from pyplugins.integrations.fastmcp import GwpluginsMiddleware

# Bytes that hold an e-mail address once they are base64, and as they are.
PICTURE = b"\x89PNG" + MAIL.encode()


class Person(BaseModel):
    name: str
    mail: str
    age: int


def server(config: str) -> tuple[FastMCP, list[Any]]:
    """A server with the middleware, and what its functions were given."""
    mcp, seen = FastMCP("people"), []
    mcp.add_middleware(GwpluginsMiddleware(config))

    @mcp.tool
    def find(text: str) -> Person:
        seen.append(text)
        return Person(name="Alice", mail=MAIL, age=41)

    @mcp.tool
    def picture() -> Any:
        return [Image(data=PICTURE, format="png"), f"of {MAIL}"]

    @mcp.tool
    def meta() -> ToolResult:
        return ToolResult(content="fine", meta={"owner": MAIL})

    @mcp.tool
    def fail(text: str) -> str:
        raise ToolError(f"nobody is called {MAIL}")

    @mcp.tool(output_schema={"type": "object", "properties": {"mail": {"type": "string", "pattern": "@"}}})
    def strict() -> ToolResult:
        return ToolResult(content="fine", structured_content={"mail": MAIL})

    @mcp.prompt
    def letter(to: str) -> PromptResult:
        seen.append(to)
        return PromptResult([Message(f"Write to {MAIL}"), Message("Yes", role="assistant")], description=f"for {MAIL}")

    @mcp.resource("data://people/{name}")
    def people(name: str) -> ResourceResult:
        seen.append(name)
        blob = ResourceContent(PICTURE, mime_type="image/png", meta={"owner": MAIL})
        return ResourceResult([ResourceContent(f"{name}: {MAIL}"), blob])

    @mcp.resource("data://broken")
    def broken() -> str:
        raise ResourceError(f"no file of {MAIL}")

    @mcp.prompt
    def wrong() -> str:
        raise PromptError(f"no letter to {MAIL}")

    @mcp.tool
    def asks() -> Any:
        form = ElicitRequestFormParams(message=f"is it {MAIL}?", requested_schema={"type": "object", "properties": {}})
        return InputRequiredResult(input_requests={"who": ElicitRequest(params=form)}, request_state="opaque")

    return mcp, seen


def test_a_tool_call_is_masked_both_ways(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, seen = server(chain_file())

    async def talk() -> Any:
        async with Client(mcp) as client:
            return await client.call_tool("find", {"text": f"who is {MAIL}?"})

    result = run(talk())
    assert seen == [f"who is {MASK}?"]
    assert result.structured_content == {"name": "Alice", "mail": MASK, "age": 41}
    assert result.data.mail == MASK  # the client has validated it by the tool's output schema
    assert MAIL not in result.content[0].text
    assert MASK in result.content[0].text


def test_pictures_stay_and_the_text_beside_them_does_not(
    chain_file: Callable[..., str], run: Callable[..., Any]
) -> None:
    mcp, _ = server(chain_file())

    async def talk() -> Any:
        async with Client(mcp) as client:
            return await client.call_tool("picture")

    image, text = run(talk()).content
    assert base64.b64decode(image.data) == PICTURE
    assert text.text == f"of {MASK}"


def test_what_a_result_says_beside_its_content_is_read(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, _ = server(chain_file())

    async def talk() -> Any:
        async with Client(mcp) as client:
            return await client.call_tool("meta")

    assert run(talk()).meta["owner"] == MASK


def test_errors_of_tools_are_read(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, _ = server(chain_file())

    async def talk() -> None:
        async with Client(mcp) as client:
            await client.call_tool("fail", {"text": "x"})

    with pytest.raises(ToolError) as caught:
        run(talk())
    assert MAIL not in str(caught.value)
    assert f"nobody is called {MASK}" in str(caught.value)


def test_errors_of_prompts_and_resources_are_read(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, _ = server(chain_file())

    async def talk() -> list[str]:
        told = []
        async with Client(mcp) as client:
            for call in (client.get_prompt("wrong"), client.read_resource("data://broken")):
                with pytest.raises(MCPError) as caught:
                    await call
                told.append(str(caught.value))
        return told

    of_prompt, of_resource = run(talk())
    assert f"no letter to {MASK}" in of_prompt
    assert f"no file of {MASK}" in of_resource


def test_what_a_tool_asks_the_client_for_is_read(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, _ = server(chain_file())

    async def talk() -> Any:
        return await mcp.call_tool("asks")

    asked = run(talk()).input_required
    assert asked.input_requests["who"].params.message == f"is it {MASK}?"
    assert asked.request_state == "opaque"


def test_prompts_are_masked_both_ways(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, seen = server(chain_file())

    async def talk() -> Any:
        async with Client(mcp) as client:
            return await client.get_prompt("letter", {"to": MAIL})

    result = run(talk())
    assert seen == [MASK]
    assert [(message.role, message.content.text) for message in result.messages] == [
        ("user", f"Write to {MASK}"),
        ("assistant", "Yes"),
    ]
    assert result.description == f"for {MASK}"


def test_resources_are_masked_and_blobs_stay(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, seen = server(chain_file())

    async def talk() -> Any:
        async with Client(mcp) as client:
            return await client.read_resource("data://people/alice")

    text, blob = run(talk())
    assert seen == ["alice"]
    assert text.text == f"alice: {MASK}"
    assert (base64.b64decode(blob.blob), blob.mime_type) == (PICTURE, "image/png")
    assert blob.meta["owner"] == MASK


def test_a_masked_address_is_what_is_read(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, seen = server(chain_file(redaction_text="nobody"))

    async def talk() -> Any:
        async with Client(mcp) as client:
            return await client.read_resource(f"data://people/{MAIL}")

    assert run(talk())[0].text == "nobody: nobody"
    assert seen == ["nobody"]


@pytest.mark.parametrize("hook", ["tool_pre_invoke", "tool_post_invoke"])
def test_a_refused_call_is_an_error_result(hook: str, chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, seen = server(chain_file([hook], block_on_detection=True))

    async def talk() -> Any:
        async with Client(mcp) as client:
            return await client.call_tool("find", {"text": MAIL}, raise_on_error=False)

    result = run(talk())
    assert result.is_error
    assert result.structured_content is None
    told = result.content[0].text
    assert "PII" in told.split(":")[0]
    assert ("PII_DETECTED_IN_TOOL_ARGS" if hook == "tool_pre_invoke" else "PII_DETECTED_IN_TOOL_RESULT") in told
    assert MAIL not in told
    assert seen == ([] if hook == "tool_pre_invoke" else [MAIL])


@pytest.mark.parametrize(
    ("hook", "code"),
    [
        ("prompt_pre_fetch", "PII_DETECTED"),
        ("prompt_post_fetch", "PII_DETECTED_IN_PROMPT_RESULT"),
        ("resource_pre_fetch", "PII_DETECTED_IN_RESOURCE_URI"),
        ("resource_post_fetch", "PII_DETECTED_IN_RESOURCE"),
    ],
)
def test_refused_prompts_and_resources_are_errors_of_the_protocol(
    hook: str, code: str, chain_file: Callable[..., str], run: Callable[..., Any]
) -> None:
    mcp, seen = server(chain_file([hook], block_on_detection=True))

    async def talk() -> None:
        async with Client(mcp) as client:
            if hook.startswith("prompt"):
                await client.get_prompt("letter", {"to": MAIL})
            else:
                await client.read_resource(f"data://people/{MAIL}")

    with pytest.raises(MCPError) as caught:
        run(talk())
    assert caught.value.error.data["plugin"] == "PII"
    assert caught.value.error.data["code"] == code
    assert caught.value.error.data["reason"]
    assert MAIL not in str(caught.value.error)
    assert bool(seen) is ("post" in hook)


def test_a_guard_that_fails_has_not_passed_the_call(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, seen = server(chain_file(max_text_bytes=10))

    async def talk() -> None:
        async with Client(mcp) as client:
            await client.call_tool("find", {"text": "much longer than ten bytes"})

    with pytest.raises(ToolError, match="not checked, plugin PII failed: NOT_CHECKED: InputTooLarge"):
        run(talk())
    assert seen == []


def test_masked_data_that_its_schema_forbids_is_refused(
    chain_file: Callable[..., str], run: Callable[..., Any]
) -> None:
    mcp, _ = server(chain_file())

    async def talk() -> None:
        async with Client(mcp) as client:
            await client.call_tool("strict")

    with pytest.raises(ToolError, match="output schema"):
        run(talk())


def test_names_that_nobody_has_are_told_as_before(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, _ = server(chain_file())

    async def talk() -> None:
        async with Client(mcp) as client:
            await client.call_tool("nothing")

    with pytest.raises(ToolError, match="Unknown tool: 'nothing'"):
        run(talk())


def test_a_chain_that_does_not_load_answers_nothing(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, seen = server(chain_file(detect_ssn="yes"))

    async def talk() -> None:
        async with Client(mcp) as client:
            await client.call_tool("find", {"text": "x"})

    with pytest.raises(Exception, match=r".+"):
        run(talk())
    assert seen == []


def test_all_plugins_of_the_chain_are_asked(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    rules = [{"name": "project", "search": "Blue Sky", "literal": True, "action": "block"}]
    mcp, seen = server(chain_file(more=(plugin(REGEX, "Words", ["tool_pre_invoke"], 20, rules=rules),)))

    async def talk() -> None:
        async with Client(mcp) as client:
            await client.call_tool("find", {"text": "about Blue Sky"})

    with pytest.raises(ToolError, match="refused by plugin Words: REGEX_FILTER"):
        run(talk())
    assert seen == []


def test_over_http(chain_file: Callable[..., str], run: Callable[..., Any]) -> None:
    mcp, seen = server(chain_file())

    async def talk() -> Any:
        async with serving(mcp.http_app()) as url, Client(f"{url}/mcp") as client:
            return await client.call_tool("find", {"text": MAIL})

    assert run(talk()).data.mail == MASK
    assert seen == [MASK]
