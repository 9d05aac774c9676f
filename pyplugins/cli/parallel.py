"""Runs generators side by side and hands their items on in the order of the inputs, in bounded memory.

The consumer reads the first input's items while later ones are produced ahead, a few at a time: a producer waits when
its queue is full. Tests: tests/cli/test_parallel.py.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any, Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")

#: Items a producer may be ahead; an item is the findings of one chunk.
_AHEAD = 2
_END: Any = object()


def in_order(
    inputs: Iterable[A], work: Callable[[A], Iterator[B]], jobs: int
) -> Generator[tuple[A, Iterator[B]], None, None]:
    """Each input with the items `work` makes of it. The items must be used up before the next input is asked for."""
    if jobs <= 1:
        for one in inputs:
            yield one, work(one)
        return
    lanes: deque[tuple[A, _Lane[B]]] = deque()
    stop = threading.Event()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for one in inputs:
                lane: _Lane[B] = _Lane(stop)
                lanes.append((one, lane))
                pool.submit(lane.fill, work, one)
                # Twice as many as run, so that a worker that ends finds the next input waiting.
                if len(lanes) >= 2 * jobs:
                    yield _first(lanes)
            while lanes:
                yield _first(lanes)
        finally:
            stop.set()
            for _, lane in lanes:
                lane.drain()


def _first(lanes: deque[tuple[A, _Lane[B]]]) -> tuple[A, Iterator[B]]:
    one, lane = lanes[0]
    return one, _used(lanes, lane)


def _used(lanes: deque[tuple[A, _Lane[B]]], lane: _Lane[B]) -> Iterator[B]:
    yield from lane
    lanes.popleft()


class _Lane(Generic[B]):
    """The queue between one producer and the consumer."""

    def __init__(self, stop: threading.Event) -> None:
        self._queue: Queue[Any] = Queue(_AHEAD)
        self._stop = stop
        self._failure: BaseException | None = None
        self._ended = False

    def fill(self, work: Callable[[A], Iterator[B]], one: A) -> None:
        """Runs in a worker."""
        try:
            if not self._stop.is_set():
                for item in work(one):
                    self._queue.put(item)
                    if self._stop.is_set():
                        break
        except BaseException as why:
            self._failure = why
        finally:
            self._queue.put(_END)

    def __iter__(self) -> Iterator[B]:
        while (item := self._queue.get()) is not _END:
            yield item
        self._ended = True
        if self._failure is not None:
            raise self._failure

    def drain(self) -> None:
        """Lets a producer that is waiting come to its end."""
        while not self._ended:
            self._ended = self._queue.get() is _END
