"""Puts a proxy together: the chain, the way in and the way out.

Tests: tests/proxy/test_stdio.py, tests/proxy/test_http.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyplugins.mcp import Chain
from pyplugins.proxy import stdio, streams
from pyplugins.proxy.control import Control
from pyplugins.proxy.gate import DEFAULT_MAX_MESSAGE_BYTES, Guarded


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    config: str
    #: The server: a command, or the address of one that is running.
    command: Sequence[str] = ()
    url: str | None = None
    #: Where to listen, host and port; standard input and output without it.
    listen: tuple[str, int] | None = None
    #: Origins of web pages that may ask, beside none.
    origins: Sequence[str] = ()
    #: Names in the Host header under which the listener is reached, beside the loopback's.
    hosts: Sequence[str] = ()
    scan_all: bool = False
    max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES
    counts_file: Path | None = None
    server_id: str | None = None


async def run(options: Options) -> int:
    """Runs a proxy until its client or its server ends; the exit code.

    Raises:
        StartError: the chain could not be loaded; nothing was started.
        OSError: the server cannot be started, or the address cannot be listened on.
        ImportError: HTTP is asked for and the extra is not installed.
    """
    chain = Chain(options.config)
    guarded = Guarded(
        chain, scan_all=options.scan_all, max_message_bytes=options.max_message_bytes, server_id=options.server_id
    )
    try:
        await chain.start()
    except Exception as why:  # it is about the configuration, no message has been read
        raise StartError(str(why) or type(why).__name__) from None
    control = Control(guarded, options.counts_file)
    control.listen()
    try:
        return await _serve(guarded, options)
    finally:
        control.end()
        await chain.stop()


class StartError(Exception):
    """The chain could not be loaded; the message says why and holds no content."""


async def _serve(guarded: Guarded, options: Options) -> int:
    return await stdio.serve(guarded, options.command, await streams.source(0), await streams.sink(1))
