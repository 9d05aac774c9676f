"""The official SDK's client before the proxy and a server made with the official SDK behind it, in every combination.

Client and server over stdio and streamable HTTP, with the handshake of protocols up to 2025-11-25 and with 2026-07-28.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from gw_proxy import DESK, MAIL, MASK, http_desk, listening, proxy_command, write_chain

pytest.importorskip("aiohttp", reason="needs gwplugins[proxy]")
mcp = pytest.importorskip("mcp", reason="needs the official SDK")
from mcp import Client, MCPError, StdioServerParameters  # noqa: E402
from mcp_types import CreateMessageResult, TextContent  # noqa: E402

WAYS = [f"{client}-{server}" for client in ("stdio", "http") for server in ("stdio", "http")]
Then = Callable[[Any], Awaitable[None]]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=["legacy", "auto"])
def mode(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def target(stack: ExitStack, way: str, config: Path, *options: str) -> Any:
    """What a client is given to reach the server through a proxy."""
    client, server = way.split("-")
    behind = ["--url", stack.enter_context(http_desk())] if server == "http" else ["--", *DESK]
    if client == "http":
        return stack.enter_context(listening(config, *options, *behind))
    command, *arguments = proxy_command(config, *options, *behind)
    return StdioServerParameters(command=command, args=arguments)


def talk(to: Any, then: Then, **options: Any) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(60), Client(to, **options) as client:
            await then(client)

    asyncio.run(scenario())


def text(result: Any) -> str:
    return str(result.content[0].text)


def test_personal_data_is_masked_both_ways(stack: ExitStack, tmp_path: Path, way: str, mode: str) -> None:
    async def then(client: Any) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} >= {"echo", "find", "slow"}
        assert text(await client.call_tool("echo", {"text": f"a {MAIL}"})) == f"told: a {MASK}"
        found = await client.call_tool("find", {"name": "Jane"})
        assert found.structured_content == {"name": "Jane", "mail": MASK, "visits": 3}
        assert MAIL not in text(found)
        failed = await client.call_tool("fail", {})
        assert failed.is_error
        assert MASK in text(failed)
        image = (await client.call_tool("portrait", {})).content[0]
        assert MAIL.encode() in base64.b64decode(image.data)
        prompt = await client.get_prompt("letter", {"to": MAIL})
        assert prompt.messages[0].content.text == f"Write to {MASK}, copy {MASK}"
        resource = await client.read_resource("desk://note")
        assert resource.contents[0].text == f"call {MASK} back"

    talk(target(stack, way, write_chain(tmp_path / "chain.yaml")), then, mode=mode)


def test_the_address_of_a_resource_is_masked(stack: ExitStack, tmp_path: Path, way: str, mode: str) -> None:
    """Over HTTP a header repeats it."""

    async def then(client: Any) -> None:
        resource = await client.read_resource(f"desk://files/{MAIL}")
        assert MAIL not in str(resource)
        assert resource.contents[0].text.startswith("file ")

    talk(target(stack, way, write_chain(tmp_path / "chain.yaml", redaction_text="masked")), then, mode=mode)


def test_an_argument_that_a_header_repeats(stack: ExitStack, tmp_path: Path, way: str, mode: str) -> None:
    async def then(client: Any) -> None:
        await client.list_tools()
        for region, told in (("eu west", "eu west"), (MAIL, MASK)):
            assert text(await client.call_tool("route", {"region": region})) == f"routed to {told}"

    talk(target(stack, way, write_chain(tmp_path / "chain.yaml")), then, mode=mode)


def test_refusals(stack: ExitStack, tmp_path: Path, way: str, mode: str) -> None:
    async def then(client: Any) -> None:
        for answer in (await client.call_tool("echo", {"text": MAIL}), await client.call_tool("find", {"name": "x"})):
            assert answer.is_error
            assert "refused by plugin Guard: PII_DETECTED_IN_TOOL_" in text(answer)
        for ask in (client.get_prompt("letter", {"to": MAIL}), client.read_resource("desk://note")):
            with pytest.raises(MCPError) as caught:
                await ask
            assert caught.value.error.data["plugin"] == "Guard"
            assert MAIL not in str(caught.value.error)
        assert text(await client.call_tool("echo", {"text": "clean"})) == "told: clean"

    talk(target(stack, way, write_chain(tmp_path / "chain.yaml", block_on_detection=True)), then, mode=mode)


def test_progress_passes(stack: ExitStack, tmp_path: Path, way: str, mode: str) -> None:
    async def then(client: Any) -> None:
        seen = []

        async def progress(done: float, total: float | None, message: str | None) -> None:
            seen.append((done, total, message))

        answer = await client.call_tool("slow", {"steps": 3}, progress_callback=progress)
        assert text(answer) == f"done, told {MASK}"
        assert seen == [(1, 3, "step 1"), (2, 3, "step 2"), (3, 3, "step 3")]

    talk(target(stack, way, write_chain(tmp_path / "chain.yaml")), then, mode=mode)


@pytest.mark.parametrize(("options", "expected"), [((), MAIL), (("--scan-all",), MASK)], ids=["default", "scan-all"])
def test_sampling(stack: ExitStack, tmp_path: Path, way: str, options: tuple[str, ...], expected: str) -> None:
    """The server asks the client; read only when all is to be read. The answer comes back as a tool's result."""
    asked = []

    async def sample(context: Any, params: Any) -> CreateMessageResult:
        asked.append(params.messages[0].content.text)
        content = TextContent(type="text", text=f"someone with {MAIL}")
        return CreateMessageResult(role="assistant", content=content, model="m")

    async def then(client: Any) -> None:
        assert text(await client.call_tool("ask_model", {})) == f"the model said someone with {MASK}"
        assert asked == [f"who is {expected}?"]

    to = target(stack, way, write_chain(tmp_path / "chain.yaml"), *options)
    talk(to, then, mode="legacy", sampling_callback=sample)


def test_many_calls_at_once(stack: ExitStack, tmp_path: Path, way: str, mode: str) -> None:
    async def then(client: Any) -> None:
        async def one(number: int) -> None:
            assert text(await client.call_tool("echo", {"text": f"{number} {MAIL}"})) == f"told: {number} {MASK}"

        await asyncio.gather(*map(one, range(60)))

    talk(target(stack, way, write_chain(tmp_path / "chain.yaml")), then, mode=mode)


def test_scan_all_reads_lists_and_instructions(stack: ExitStack, tmp_path: Path, way: str) -> None:
    async def then(client: Any) -> None:
        assert client.instructions == f"Ask {MASK}."

    talk(target(stack, way, write_chain(tmp_path / "chain.yaml"), "--scan-all"), then, mode="legacy")


def test_two_clients_of_one_listener(stack: ExitStack, tmp_path: Path, mode: str) -> None:
    async def scenario(to: str) -> None:
        async with asyncio.timeout(60), Client(to, mode=mode) as first, Client(to, mode=mode) as second:
            for client, name in ((first, "a"), (second, "b"), (first, "c")):
                assert text(await client.call_tool("echo", {"text": name})) == f"told: {name}"

    for way in ("http-stdio", "http-http"):
        asyncio.run(scenario(target(stack, way, write_chain(tmp_path / "chain.yaml"))))
