"""Standard input and output, and those of a server, as streams that wait.

Pipes and sockets are polled. Anything else, and whatever is one with another of the three standard streams, is read and
written by a thread: files cannot be polled, a descriptor that others write to must not be made non-blocking under their
hands, and asyncio takes what can be read from the socket that it writes to for the end.
Tests: tests/proxy/test_stdio.py.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

#: Bytes that are read at once, and that may wait to be written before the other side is made to wait.
PIECE = 64 * 1024


class Source(Protocol):
    """What lines are read from."""

    async def read(self, n: int) -> bytes:
        """At most `n` bytes; none at the end."""


class Sink(Protocol):
    """What lines are written to."""

    async def write(self, data: bytes) -> None:
        """Writes, and waits while the other side is slow.

        Raises:
            OSError: the other side has gone.
        """

    def close(self) -> None:
        """No more will be written."""

    async def gone(self) -> None:
        """Waits until nobody reads any more; for ever where only a write can tell."""


class PipeSink:
    """A polled stream; any number of tasks may write, and each waits until all is out of our hands."""

    def __init__(self, writer: asyncio.StreamWriter, lost: asyncio.Event | None = None) -> None:
        writer.transport.set_write_buffer_limits(high=0)
        self._writer = writer
        self._lost = lost or asyncio.Event()
        self._lock = asyncio.Lock()

    async def write(self, data: bytes) -> None:
        """See `Sink`."""
        self._writer.write(data)
        if self._writer.is_closing():  # before, or by what just failed
            raise BrokenPipeError
        if self._writer.transport.get_write_buffer_size():  # else all is out, as nearly always
            async with self._lock:
                await self._writer.drain()

    def close(self) -> None:
        """See `Sink`."""
        self._writer.close()

    async def gone(self) -> None:
        """See `Sink`."""
        await self._lost.wait()


class _Losing(asyncio.streams.FlowControlMixin):
    """Tells when the other side reads no more."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.lost.set()


class _FileSource:
    def __init__(self, fd: int) -> None:
        self._fd = fd

    async def read(self, n: int) -> bytes:
        return await _in_thread(os.read, self._fd, n)


class _FileSink:
    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = asyncio.Lock()

    async def write(self, data: bytes) -> None:
        # The thread goes on when a task is cancelled, and the next must not write before it is done.
        await asyncio.shield(asyncio.ensure_future(self._in_turn(data)))

    async def _in_turn(self, data: bytes) -> None:
        async with self._lock:
            await _in_thread(self._all, data)

    def _all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def close(self) -> None:
        """Nothing to do: the descriptor is whose it was."""

    async def gone(self) -> None:
        await asyncio.Event().wait()


async def _in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Waits for a call that blocks, in a thread that does not keep the program from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(value: Any, why: OSError | None) -> None:
        if not done.done():
            done.set_result(value) if why is None else done.set_exception(why)

    def call() -> None:
        value, why = None, None
        try:
            value = function(*arguments)
        except OSError as failure:
            why = failure
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, value, why)

    threading.Thread(target=call, daemon=True).start()
    return await done


async def source(fd: int) -> Source:
    """A stream that reads from this descriptor."""
    if not _is_ours_to_poll(fd):
        return _FileSource(fd)
    reader = asyncio.StreamReader(limit=PIECE)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: protocol, os.fdopen(fd, "rb", buffering=0, closefd=False)
    )
    return reader


async def sink(fd: int) -> Sink:
    """A stream that writes to this descriptor."""
    if not _is_ours_to_poll(fd):
        return _FileSink(fd)
    loop = asyncio.get_running_loop()
    pipe = os.fdopen(fd, "wb", buffering=0, closefd=False)
    transport, protocol = await loop.connect_write_pipe(_Losing, pipe)
    return PipeSink(asyncio.StreamWriter(transport, protocol, None, loop), protocol.lost)


def give_back(fd: int) -> None:
    """Makes a descriptor block again: whoever shares it does not expect anything else."""
    with suppress(OSError, AttributeError):  # it is closed; or there is no such thing on this system
        os.set_blocking(fd, True)


def _is_ours_to_poll(fd: int) -> bool:
    if os.name == "nt":
        return False
    status = os.fstat(fd)
    if not (stat.S_ISFIFO(status.st_mode) or stat.S_ISSOCK(status.st_mode)):
        return False
    return not any(_is_same(status, other) for other in {0, 1, 2} - {fd})


def _is_same(status: os.stat_result, fd: int) -> bool:
    try:
        other = os.fstat(fd)
    except OSError:  # it is closed
        return False
    return (status.st_dev, status.st_ino) == (other.st_dev, other.st_ino)
