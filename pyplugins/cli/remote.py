"""Scans files in worker processes: for the pure-Python implementation, whose work threads cannot share.

A process belongs to the thread that asks it, and sends events through a pipe; a full pipe makes it wait. The native
implementation needs none of this. Tests: tests/cli/test_parallel.py.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import NamedTuple

from pyplugins.cli.detector import Detector
from pyplugins.cli.scanning import Event, Failed, Reading, scan_file
from pyplugins.cli.settings import Settings

#: Fork is not safe beside threads.
_CONTEXT = multiprocessing.get_context("spawn")
_DONE = None


class _Worker(NamedTuple):
    process: multiprocessing.process.BaseProcess
    pipe: Connection


class Remote:
    """`scan_file` in the process of the calling thread, which is started at its first file."""

    def __init__(self, settings: Settings, reading: Reading) -> None:
        self._settings = settings
        self._reading = reading
        self._mine = threading.local()
        self._all: list[_Worker] = []

    def __call__(self, path: str) -> Iterator[Event]:
        """Scans one file."""
        worker = self._worker()
        try:
            worker.pipe.send(path)
            yield from iter(worker.pipe.recv, _DONE)
        except (EOFError, OSError):
            del self._mine.worker
            yield Failed("the worker process has died")

    def close(self) -> None:
        """Ends the processes."""
        for worker in self._all:
            worker.pipe.close()
            worker.process.terminate()
            worker.process.join()

    def _worker(self) -> _Worker:
        if not hasattr(self._mine, "worker"):
            ours, theirs = _CONTEXT.Pipe()
            process = _CONTEXT.Process(target=_serve, args=(theirs, self._settings, self._reading), daemon=True)
            process.start()
            theirs.close()
            self._mine.worker = _Worker(process, ours)
            self._all.append(self._mine.worker)
        worker: _Worker = self._mine.worker
        return worker


def _serve(pipe: Connection, settings: Settings, reading: Reading) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told too, and ends us
    logging.getLogger("pyplugins").setLevel(logging.CRITICAL)  # the parent has said it already
    detector = Detector(settings)
    while True:
        try:
            path = pipe.recv()
        except EOFError:
            return
        for event in scan_file(path, detector, reading):
            pipe.send(event)
        pipe.send(_DONE)
