"""Records what an MCP gateway sees: sessions between the official SDK's client and the servers in ``examples/servers``.

Writes ``examples/traffic``: one file of payloads per hook, the raw JSON-RPC messages (``session.jsonl``) and the number
of personal values that were placed (``expected.json``). A second run writes the same bytes. It must never run a
detector: the expectation would then only repeat what the detector believes. How to run it: examples/README.md. Tests:
tests/unit/test_examples.py.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from anyio.abc import ObjectReceiveStream, ObjectSendStream
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp_types import Implementation
from pydantic import BaseModel
from servers.machine import digest
from servers.people import LABELS, PEOPLE, count, placed

HERE = Path(__file__).resolve().parent
HOOKS = (
    "prompt_pre_fetch",
    "prompt_post_fetch",
    "tool_pre_invoke",
    "tool_post_invoke",
    "resource_pre_fetch",
    "resource_post_fetch",
)
CLIENT = Implementation(name="example-gateway", version="1.0.0")

Streams = tuple[ObjectReceiveStream[SessionMessage | Exception], ObjectSendStream[SessionMessage]]
Log = Callable[[str, SessionMessage], None]


def _plain(model: BaseModel) -> dict[str, Any]:
    """A result as the SDK serialises it."""
    value: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    return value


class _Inbox(ObjectReceiveStream[SessionMessage | Exception]):
    """The client's receiving end, with a copy of each message to the log."""

    def __init__(self, stream: Any, log: Log) -> None:
        self._stream, self._log = stream, log

    async def receive(self) -> SessionMessage | Exception:
        item: SessionMessage | Exception = await self._stream.receive()
        if isinstance(item, SessionMessage):
            self._log("server", item)
        return item

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Outbox(ObjectSendStream[SessionMessage]):
    """The client's sending end, with a copy of each message to the log."""

    def __init__(self, stream: Any, log: Log) -> None:
        self._stream, self._log = stream, log

    async def send(self, item: SessionMessage) -> None:
        self._log("client", item)
        await self._stream.send(item)

    async def send_eof(self) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._stream.aclose()


class Recorder:
    """What one recording has collected so far: payloads by hook, and raw messages."""

    def __init__(self) -> None:
        self.payloads: dict[str, list[dict[str, Any]]] = {hook: [] for hook in HOOKS}
        self.messages: list[dict[str, Any]] = []

    @asynccontextmanager
    async def connect(
        self, name: str, kind: str, transport: AbstractAsyncContextManager[Any], mode: str
    ) -> AsyncIterator[Session]:
        """A client session over `transport` whose messages are kept; `mode` selects the protocol era."""

        def log(sender: str, item: SessionMessage) -> None:
            message = item.message.model_dump(mode="json", by_alias=True, exclude_unset=True)
            self.messages.append({"server": name, "transport": kind, "from": sender, "message": message})

        @asynccontextmanager
        async def tapped() -> AsyncIterator[Streams]:
            async with transport as (inbox, outbox):
                yield _Inbox(inbox, log), _Outbox(outbox, log)

        # Without the response cache, so that every read really goes to the server.
        async with Client(tapped(), mode=mode, cache=None, client_info=CLIENT) as client:
            yield Session(self, client, name)


class Session:
    """A client session that keeps, around each call, the payloads of the hook before and the hook after it."""

    def __init__(self, recorder: Recorder, client: Client, server: str) -> None:
        self._payloads, self.client, self._server = recorder.payloads, client, server

    async def tool(self, name: str, **args: Any) -> None:
        """Calls a tool."""
        self._payloads["tool_pre_invoke"].append({"name": name, "args": args})
        result = await self.client.call_tool(name, args)
        self._payloads["tool_post_invoke"].append({"name": name, "result": _plain(result)})

    async def prompt(self, name: str, **args: str) -> None:
        """Fetches a prompt."""
        self._payloads["prompt_pre_fetch"].append({"prompt_id": name, "args": args})
        result = await self.client.get_prompt(name, args)
        self._payloads["prompt_post_fetch"].append({"prompt_id": name, "result": _plain(result)})

    async def resource(self, uri: str) -> None:
        """Reads a resource; each part of its content is one payload, as gateways pass them on."""
        self._payloads["resource_pre_fetch"].append({"uri": uri, "metadata": {"server": self._server}})
        result = await self.client.read_resource(uri)
        self._payloads["resource_post_fetch"] += [{"uri": uri, "content": _plain(part)} for part in result.contents]


async def use_crm(session: Session) -> None:
    """Every customer is looked up and gets a note; some are searched for, refunded or asked for in vain."""
    await session.client.list_tools()
    for person in PEOPLE:
        await session.tool("get_customer", customer_id=person.id)
        await session.tool("add_note", customer_id=person.id, note=person.message)
    for query in ("en", "Silva", "example.net", "nobody"):
        await session.tool("find_customers", query=query)
    for person in PEOPLE[:4]:
        await session.tool("contact_card", customer_id=person.id)
    for person in (p for p in PEOPLE if "iban" in p.data):
        account = {"holder": person.name, "iban": person.data["iban"], "notify": [person.data["email"]]}
        await session.tool(
            "refund", order=f"ORD-{person.id}", amount_cents=24990, to=account, options=["express", "v1.2.3.4"]
        )
    await session.tool("get_customer", customer_id=PEOPLE[0].data["email"])


async def use_logs(session: Session) -> None:
    """Log searches: by person, by noise, by nothing."""
    await session.client.list_tools()
    for service in ("gateway", "billing", "shipping"):
        await session.tool("statistics", service=service)
        await session.tool("search_logs", service=service, query="login", limit=14)
        await session.tool("search_logs", service=service, query="rejected", limit=12)
        await session.tool("around", service=service, line=8, context=6)
    await session.tool("search_logs", service="gateway", query=PEOPLE[6].data["ip"])
    await session.tool("search_logs", service="gateway", query="")


async def use_desk(session: Session) -> None:
    """Prompts and resources of the help desk."""
    await session.client.list_prompts()
    await session.client.list_resources()
    for person in PEOPLE:
        await session.prompt("reply", ticket=person.message, tone="brief")
        await session.resource(f"desk://tickets/{person.id}")
    for person in PEOPLE[:5]:
        await session.prompt("summarise", customer_id=person.id)
    await session.prompt("release_notes", version="v2.31.4.1", commit=digest("release")[:40])
    for uri in (
        "policy/returns",
        "exports/july.csv",
        "settings.json",
        f"mailbox/{PEOPLE[0].data['email']}",
        "attachments/C-1001.bin",
    ):
        await session.resource(f"desk://{uri}")


def _stdio(server: str) -> AbstractAsyncContextManager[Any]:
    """Starts a server as a child process on its standard input and output."""
    parameters = StdioServerParameters(command=sys.executable, args=["-m", f"servers.{server}"], cwd=HERE)
    return stdio_client(parameters)


@asynccontextmanager
async def _http(server: str) -> AsyncIterator[Any]:
    """Starts a server on a loopback port and connects to it; ends it afterwards."""
    command = [sys.executable, "-m", f"servers.{server}", "--http"]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError(f"server {server!r} did not start")
            async with streamable_http_client(url) as streams:
                yield streams
        finally:
            process.terminate()


async def record() -> Recorder:
    """Runs the three sessions: both transports, and both ways to open a session that the SDK knows."""
    recorder = Recorder()
    async with recorder.connect("crm", "stdio", _stdio("crm"), "auto") as session:
        await use_crm(session)
    async with recorder.connect("logs", "streamable-http", _http("logs"), "legacy") as session:
        await use_logs(session)
    async with recorder.connect("desk", "stdio", _stdio("desk"), "legacy") as session:
        await use_desk(session)
    return recorder


def expectations(payloads: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, int]]:
    """Per file and type, how many personal values were placed. Fails if a value of the table was never sent."""
    sent: Counter[tuple[str, str]] = Counter()
    for lines in payloads.values():
        sent += placed(lines)
    unused = [value for value, kind in LABELS.items() if (kind, value) not in sent]
    if unused:
        raise RuntimeError(f"{len(unused)} values of the table were never sent")
    return {f"{hook}.jsonl": dict(sorted(count(lines).items())) for hook, lines in payloads.items()}


def _json_lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Record MCP traffic for the examples.")
    parser.add_argument(
        "--out", type=Path, default=HERE / "traffic", help="folder to write (default: examples/traffic)"
    )
    out: Path = parser.parse_args().out
    recorder = asyncio.run(record())
    files = {
        f"{hook}.jsonl": _json_lines([{"hook": hook, "payload": p} for p in rows])
        for hook, rows in recorder.payloads.items()
    }
    files["session.jsonl"] = _json_lines(recorder.messages)
    files["expected.json"] = json.dumps(expectations(recorder.payloads), indent=2) + "\n"
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {text.count(chr(10))} lines, {len(text.encode())} bytes")


if __name__ == "__main__":
    main()
