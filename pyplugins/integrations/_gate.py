"""The plugin chain as the middleware asks it: any data through one hook, data out, or `Refused`.

Data that comes from no MCP server takes the shape that MCP gives to what the hook reads, so that plugins meet nothing
new. The chain starts with the first question, or before. Tests: tests/integrations/test_gate.py.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from pyplugins.mcp import Chain, Outcome, Refusal, Scope
from pyplugins.mcp.outcome import NOT_CHECKED, Refused
from pyplugins.mcp.text_stream import TextStream, stream_plan


class _Shape(NamedTuple):
    """How MCP says it: the method, the key of its params that names something, and where the content stands."""

    method: str
    key: str
    outer: str
    inner: str = ""


_SHAPES = {
    "tool_pre_invoke": _Shape("tools/call", "name", "body"),
    "tool_post_invoke": _Shape("tools/call", "name", "content"),
    "prompt_post_fetch": _Shape("prompts/get", "name", "messages", "content"),
    "resource_post_fetch": _Shape("resources/read", "uri", "contents"),
}
#: Hooks that data of any kind can go through.
HOOKS = frozenset(_SHAPES)


def checked_hook(option: str, hook: str | None) -> str | None:
    """A hook that an option names, or `None`.

    Raises:
        ValueError: it is no hook for bodies.
    """
    if hook is not None and hook not in HOOKS:
        raise ValueError(f"{option} must be None or one of {', '.join(sorted(HOOKS))}, not {hook!r}")
    return hook


class Gate:
    """A chain that is started once, by whoever comes first.

    Arguments:
        config: path of the chain's configuration file, or a plugin manager.
    """

    def __init__(self, config: str | os.PathLike[str] | Any) -> None:
        self._config = config
        self._chain = Chain(config)
        self._lock = asyncio.Lock()
        self._started = False

    def check(self) -> None:
        """Loads the chain and drops it again, for callers that must know at once and cannot wait.

        Raises:
            Exception: what `Chain.start` raises. A plugin manager is not checked: it is its owner's.
        """
        if isinstance(self._config, (str, os.PathLike)):
            with ThreadPoolExecutor(1) as thread:  # here a loop may be running
                thread.submit(asyncio.run, _load(self._config)).result()

    async def start(self) -> Chain:
        """The chain, its plugins loaded; raises what `Chain.start` raises, every time."""
        if not self._started:
            async with self._lock:
                if not self._started:
                    await self._chain.start()
                    self._started = True
        return self._chain

    async def stop(self) -> None:
        """Stops the plugins; a later question starts them again."""
        async with self._lock:
            if self._started:
                self._started = False
                await self._chain.stop()

    async def ask(self, hook: str | None, name: str, data: Any, scope: Scope) -> Any:
        """What of the data may go on; the very object when nothing changed.

        Arguments:
            hook: one of `HOOKS`; `None` passes everything unread.
            name: what plugins are told as the name of tool, prompt or resource.

        Raises:
            Refused: a plugin refuses the data or could not read it.
        """
        if hook is None:
            return data
        chain, shape = await self.start(), _SHAPES[hook]
        params, told = {shape.key: name}, _wrapped(shape, data)
        if hook == "tool_pre_invoke":
            new = allowed(await chain.request(shape.method, {**params, "arguments": told}, scope))
            return _unwrapped(shape, new.get("arguments"), data)
        return _unwrapped(shape, allowed(await chain.result(shape.method, params, told, scope)), data)

    async def ask_tool(self, name: str, arguments: Any, scope: Scope) -> Any:
        """`ask` for the arguments of a tool call, which plugins get as such if they are an object."""
        if not isinstance(arguments, dict):
            return await self.ask("tool_pre_invoke", name, arguments, scope)
        chain = await self.start()
        told = {"name": name, "arguments": arguments}
        new = allowed(await chain.request("tools/call", told, scope))
        return arguments if new is told else new.get("arguments", {})

    async def open_stream(self, hook: str) -> TextStream | None:
        """A text in parts through the hook, or `None` when a plugin of it must see the whole text."""
        guards = stream_plan((await self.start()).manager, hook)
        return None if guards is None else TextStream(guards, hook)


async def _load(config: str | os.PathLike[str]) -> None:
    async with Chain(config):
        pass


def allowed(outcome: Outcome) -> Any:
    """What may go on.

    Raises:
        Refused: nothing may.
    """
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    return outcome.data


def _wrapped(shape: _Shape, data: Any) -> dict[str, Any]:
    if shape.outer == "body":
        return {"body": data}
    block = {"type": "text", "text": data} if isinstance(data, str) else data
    return {shape.outer: [{"role": "user", shape.inner: block} if shape.inner else block]}


def _unwrapped(shape: _Shape, told: Any, data: Any) -> Any:
    """The way back; the plugins may have changed the content, not the shape."""
    try:
        if shape.outer == "body":
            return told["body"]
        (block,) = told[shape.outer]
        block = block[shape.inner] if shape.inner else block
        return block["text"] if isinstance(data, str) else block
    except (KeyError, TypeError, ValueError):
        raise Refused(Refusal("", NOT_CHECKED, "a plugin changed the shape of the content", failed=True)) from None
