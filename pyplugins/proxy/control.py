"""What an operator tells a running proxy: SIGHUP reads the configuration again, SIGUSR1 writes the counts.

Tests: tests/proxy/test_stdio.py.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from pyplugins.proxy.guarded import Guarded

logger = logging.getLogger("pyplugins.proxy")


def on_signal(name: str, what: Callable[[], object]) -> None:
    """Calls `what` in the loop when the signal comes; systems without it go without."""
    number = getattr(signal, name, None)
    if number is not None:
        try:
            asyncio.get_running_loop().add_signal_handler(number, what)
        except NotImplementedError:  # Windows
            logger.info("%s cannot be used on this system", name)


class Control:
    """Carries out what the operator says.

    Arguments:
        guarded: the chain and the counts.
        counts_file: where the counts are written, at the end too; without it SIGUSR1 logs them.
    """

    def __init__(self, guarded: Guarded, counts_file: Path | None) -> None:
        self._guarded = guarded
        self._file = counts_file
        self._reloads: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()

    def listen(self) -> None:
        """Waits for signals from now on."""
        on_signal("SIGHUP", self._start_reload)
        on_signal("SIGUSR1", self.tell)

    async def reload(self) -> None:
        """Reads the configuration again; a bad one is logged and the old one stays."""
        async with self._lock:
            try:
                await self._guarded.chain.reload()
            except Exception as why:  # it is about the configuration, no message has been read
                logger.error("the configuration was not reloaded, the old one stays: %s", why)
            else:
                logger.warning("the configuration was reloaded")

    def tell(self) -> None:
        """Writes the counts to their file, or to the log."""
        if self._file is None:
            logger.warning("counts: %s", json.dumps(self._guarded.counts.public()))
            return
        try:
            self._guarded.counts.write(self._file)
        except OSError as why:
            logger.error("%s: the counts cannot be written: %s", self._file, why.strerror)

    def end(self) -> None:
        """The proxy ends: the counts are written a last time."""
        if self._file is not None:
            self.tell()
        logger.info("%s", self._guarded.counts.line())

    def _start_reload(self) -> None:
        task = asyncio.create_task(self.reload())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)
