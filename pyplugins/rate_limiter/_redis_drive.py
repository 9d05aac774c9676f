"""Drives talks: sends each command with redis-py, blocking or in asyncio, and loads a script the server does not know.

Tests: tests/redis/.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, TypeVar

from pyplugins.rate_limiter._redis_client import Address, Clients, connect, need_library
from pyplugins.rate_limiter._redis_command import Command
from pyplugins.rate_limiter._redis_once import ONCE
from pyplugins.rate_limiter._redis_talk import ServerFault, Talk

T = TypeVar("T")


def _call(command: Command, *, by_text: bool = False) -> tuple[Any, ...]:
    """Arguments of redis-py's `execute_command`. EVAL with the text also loads the script."""
    first = ("EVAL", command.script.text) if by_text else ("EVALSHA", command.script.sha)
    return (*first, len(command.keys), *command.keys, *command.args)


def _fault(error: Exception) -> ServerFault:
    """The error as talks know it. What does not come from the server, or the way to it, is a defect, and raised."""
    if not isinstance(error, OSError) and all(cls.__module__ != "redis.exceptions" for cls in type(error).__mro__):
        raise error
    fault = ServerFault()
    fault.__cause__ = error
    return fault


def _unknown_script(error: Exception) -> bool:
    return type(error).__name__ == "NoScriptError"


class Driver:
    """Sends from any number of threads."""

    def __init__(self, at: Address) -> None:
        need_library()
        self._at = at
        self._clients: Clients | None = None
        self._lock = threading.Lock()

    def run(self, talk: Talk[T]) -> T:
        """What the talk returns."""
        try:
            command = next(talk)
            while True:
                try:
                    reply = self._send(command)
                except Exception as why:
                    command = talk.throw(_fault(why))
                else:
                    command = talk.send(reply)
        except StopIteration as end:
            value: T = end.value
            return value

    def _send(self, command: Command) -> Sequence[int]:
        client = self._client()
        before = ONCE.set(command.once)
        try:
            reply: Sequence[int] = client.execute_command(*_call(command))
        except Exception as why:
            if not _unknown_script(why):
                raise
            reply = client.execute_command(*_call(command, by_text=True))
        finally:
            ONCE.reset(before)
        return reply

    def _client(self) -> Any:
        """The client for commands. One for a cluster asks for its nodes when it is made: that may fail."""
        clients = self._clients
        if clients is None:
            with self._lock:
                clients = self._clients = self._clients or connect(self._at, asynchronous=False)
        return clients.first

    def close(self) -> None:
        """Closes the connections."""
        clients, self._clients = self._clients, None
        for client in (clients.first, *clients.others) if clients else ():
            client.close()


class AsyncDriver:
    """Sends from any number of tasks. A client belongs to one event loop: each loop gets its own.

    Args:
        at: the address.
        longest_s: how long a cluster may take, which may have to look for the right node.
    """

    def __init__(self, at: Address, longest_s: float) -> None:
        self._at = at
        self._longest_s = longest_s
        self._clients: dict[asyncio.AbstractEventLoop, Clients] = {}

    async def run(self, talk: Talk[T]) -> T:
        """What the talk returns."""
        try:
            command = next(talk)
            while True:
                try:
                    reply = await self._send(command)
                except Exception as why:
                    command = talk.throw(_fault(why))
                else:
                    command = talk.send(reply)
        except StopIteration as end:
            value: T = end.value
            return value

    async def _send(self, command: Command) -> Sequence[int]:
        before = ONCE.set(command.once)
        try:
            return await self._exchange(_call(command))
        except Exception as why:
            if not _unknown_script(why):
                raise
            return await self._exchange(_call(command, by_text=True))
        finally:
            ONCE.reset(before)

    async def _exchange(self, words: tuple[Any, ...]) -> Sequence[int]:
        client = self._client()
        reply: Sequence[int]
        if self._at.kind != "cluster":  # a line has its own deadline
            reply = await client.execute_command(*words)
        else:
            async with asyncio.timeout(self._longest_s):
                reply = await client.execute_command(*words)
        return reply

    def _client(self) -> Any:
        loop = asyncio.get_running_loop()
        clients = self._clients.get(loop)
        if clients is None:
            for gone in [other for other in list(self._clients) if other.is_closed()]:
                self._clients.pop(gone, None)
            clients = self._clients[loop] = connect(self._at, asynchronous=True)
        return clients.first

    async def close(self) -> None:
        """Closes the connections of the running loop."""
        clients = self._clients.pop(asyncio.get_running_loop(), None)
        if clients is not None:
            for client in (clients.first, *clients.others):
                await client.aclose()
