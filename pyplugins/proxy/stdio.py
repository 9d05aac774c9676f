"""A stdio client before a stdio server: two streams of lines, each read in its order, neither faster than its reader.

Tests: tests/proxy/test_stdio.py.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from contextlib import suppress

from pyplugins.proxy.control import on_signal
from pyplugins.proxy.framing import Lines, TooLarge
from pyplugins.proxy.gate import Gate
from pyplugins.proxy.guarded import Guarded, Passage
from pyplugins.proxy.process import ServerProcess
from pyplugins.proxy.streams import PIECE, Sink, Source

logger = logging.getLogger("pyplugins.proxy")


class Direction:
    """One of the two streams.

    Arguments:
        gate: decides about each line.
        by_server: whose lines these are.
        forward: where they go on.
        back: where their sender is told.
    """

    def __init__(self, gate: Gate, limit: int, *, by_server: bool, forward: Sink, back: Sink) -> None:
        self._gate = gate
        self._decide = gate.from_server if by_server else gate.from_client
        self._by_server = by_server
        self._lines = Lines(limit)
        self._forward = forward
        self._back = back

    async def run(self, source: Source) -> None:
        """Passes lines on until the stream ends.

        Raises:
            OSError: whoever should read them has gone.
        """
        while data := await source.read(PIECE):
            for line in self._lines.feed(data):
                await self._pass(line)
        for line in self._lines.finish():
            await self._pass(line)

    async def _pass(self, line: bytes | TooLarge) -> None:
        passage = await self._passage(line)
        if passage.forward:
            await self._forward.write(passage.forward)
        if passage.reply:
            with suppress(OSError):  # who has gone need not be told
                await self._back.write(passage.reply)

    async def _passage(self, line: bytes | TooLarge) -> Passage:
        if isinstance(line, TooLarge):
            return self._gate.too_large(line.head, line.tail, line.size, self._by_server)
        return await self._decide(line)


async def serve(guarded: Guarded, command: Sequence[str], client: Source, to_client: Sink) -> int:
    """Runs the server until it ends and answers with its exit code.

    Raises:
        OSError: the command cannot be started.
    """
    server = await ServerProcess.start(command)
    for number in (signal.SIGTERM, signal.SIGINT):
        on_signal(number.name, lambda number=number: server.signal(number))  # type: ignore[misc]
    gate, limit = Gate(guarded), guarded.max_message_bytes
    upward = Direction(gate, limit, by_server=False, forward=server.input, back=to_client)
    downward = Direction(gate, limit, by_server=True, forward=to_client, back=server.input)
    asking = asyncio.create_task(_upward(upward, client, to_client, server))
    try:
        await downward.run(server.output)
        server.input.close()
        return await server.wait()
    except OSError:
        logger.info("the client has gone")
        discarding = asyncio.create_task(_discard(server.output))
        code = await server.end()
        discarding.cancel()
        return code
    finally:
        asking.cancel()


async def _upward(upward: Direction, client: Source, to_client: Sink, server: ServerProcess) -> None:
    try:
        await upward.run(client)
    except OSError:
        logger.info("the server reads no more")
    except Exception as why:  # nothing of the client goes on any more, so the server is let go
        logger.error("reading from the client failed: %s", type(why).__name__)
    finally:
        server.input.close()
    await to_client.gone()  # until then the server may finish
    logger.info("the client has gone")
    await server.end()
    server.close()


async def _discard(source: Source) -> None:
    while await source.read(PIECE):
        pass
