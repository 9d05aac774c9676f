"""Puts a proxy together: the chain, the way in and the way out.

Tests: tests/proxy/test_stdio.py, tests/proxy/test_listener.py.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyplugins.mcp import Chain
from pyplugins.proxy import stdio, streams
from pyplugins.proxy.control import Control
from pyplugins.proxy.guarded import DEFAULT_MAX_MESSAGE_BYTES, Guarded

logger = logging.getLogger("pyplugins.proxy")


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
    #: Headers for the server at `url`, unless the client sends them itself.
    headers: Mapping[str, str] = field(default_factory=dict)
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
    asyncio.get_running_loop().set_exception_handler(_log_failure)
    chain = Chain(options.config)
    guarded = Guarded(
        chain, scan_all=options.scan_all, max_message_bytes=options.max_message_bytes, server_id=options.server_id
    )
    try:
        await chain.start()
    except Exception as why:  # it is about the configuration, no message has been read
        raise StartError(str(why) or type(why).__name__) from None
    gc.freeze()  # what is loaded by now stays, so the collector need not look through it again
    control = Control(guarded, options.counts_file)
    control.listen()
    try:
        return await _serve(guarded, options)
    finally:
        control.end()
        await chain.stop()


def _log_failure(loop: asyncio.AbstractEventLoop, what: dict[str, Any]) -> None:
    """A failure that nobody waits for: its type, because its words may quote a message."""
    why = what.get("exception")
    logger.error("internal error, please report it: %s", type(why).__name__ if why else what.get("message"))


class StartError(Exception):
    """The chain could not be loaded; the message says why and holds no content."""


async def _serve(guarded: Guarded, options: Options) -> int:
    if options.listen is not None:
        return await _serve_http(guarded, options, options.listen)
    try:
        return await _serve_stdio(guarded, options)
    finally:
        streams.give_back(0)
        streams.give_back(1)


async def _serve_stdio(guarded: Guarded, options: Options) -> int:
    client, to_client = await streams.source(0), await streams.sink(1)
    if options.url is None:
        return await stdio.serve(guarded, options.command, client, to_client)
    _need_extra()
    from pyplugins.proxy import bridging
    from pyplugins.proxy.upstream import Upstream

    return await bridging.serve(guarded, Upstream(options.url, options.headers), client, to_client)


async def _serve_http(guarded: Guarded, options: Options, address: tuple[str, int]) -> int:
    _need_extra()
    from pyplugins.proxy.forwarding import Forwarding
    from pyplugins.proxy.listener import Backend, Listener
    from pyplugins.proxy.sessions import Sessions
    from pyplugins.proxy.upstream import Upstream

    backend: Backend
    if options.url is None:
        backend = Sessions(guarded, options.command)
    else:
        backend = Forwarding(guarded, Upstream(options.url, options.headers))
    listener = Listener(backend, address, tuple(options.hosts), tuple(options.origins), options.max_message_bytes)
    return await listener.serve()


def _need_extra() -> None:
    if importlib.util.find_spec("aiohttp") is None:
        raise ImportError("HTTP needs aiohttp, which is not installed: pip install 'gwplugins[proxy]'")
