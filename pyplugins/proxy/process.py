"""A stdio server as a child process. Its standard error is ours. Tests: tests/proxy/test_stdio.py."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections.abc import Sequence
from contextlib import suppress

from pyplugins.proxy.streams import PIECE, PipeSink

#: Seconds that a server has to end by itself, and then after SIGTERM, when nobody needs it any more.
GRACE = 5.0
#: What shells report for a program that a signal ended is this and the signal's number.
_SIGNALLED = 128


class _Protocol(SubprocessStreamProtocol):
    """Knows when the process has ended; `Process.wait` waits for the pipes too, which a grandchild may keep open."""

    def __init__(self) -> None:
        super().__init__(limit=PIECE, loop=asyncio.get_running_loop())
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        super().process_exited()
        self.exited.set()


class ServerProcess:
    """A server that runs."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _Protocol) -> None:
        process = Process(transport, protocol, asyncio.get_running_loop())
        assert process.stdin is not None
        assert process.stdout is not None
        self._transport = transport
        self._process = process
        self._exited = protocol.exited
        self.output = process.stdout
        self.input = PipeSink(process.stdin)

    @classmethod
    async def start(cls, command: Sequence[str]) -> ServerProcess:
        """Starts the command.

        Raises:
            OSError: it cannot be started.
        """
        loop = asyncio.get_running_loop()
        return cls(*await loop.subprocess_exec(_Protocol, *command, stdin=PIPE, stdout=PIPE, stderr=None))

    def signal(self, number: int) -> None:
        """Passes a signal on."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def wait(self) -> int:
        """The exit code; 128 and the signal's number when a signal ended it."""
        await self._exited.wait()
        code = self._process.returncode
        assert code is not None
        return code if code >= 0 else _SIGNALLED - code

    async def end(self) -> int:
        """Ends a server that nobody needs any more: politely, then not."""
        self.input.close()
        for insist in (self._process.terminate, self._process.kill):
            try:
                return await asyncio.wait_for(self.wait(), GRACE)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    insist()
        return await self.wait()

    def close(self) -> None:
        """Nothing more is read of what it, or a child of it, says."""
        self._transport.close()
