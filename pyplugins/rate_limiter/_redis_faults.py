"""What stands between a limiter and a server that may fail: a pause after failures, and refusals that still hold.

Both are told the time, in nanoseconds of a clock that never steps back. Tests: tests/redis/test_faults.py.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Pause:
    """Keeps requests away from a server that failed; one at a time may try again.

    Without it each request would wait for the timeout while the server is away.
    """

    def __init__(self, length_ms: int) -> None:
        self._length_ns = length_ms * 1_000_000
        self._until_ns = 0

    def holds(self, now_ns: int) -> bool:
        """Whether to leave the server alone. Who is told no moves the end: the others wait for the outcome."""
        if not self._until_ns:
            return False
        if now_ns < self._until_ns:
            return True
        self._until_ns = now_ns + self._length_ns
        return False

    def failed(self, now_ns: int) -> None:
        """The server could not be asked."""
        self._until_ns = now_ns + self._length_ns

    def answered(self) -> None:
        """The server is well."""
        self._until_ns = 0


class Refusals(Generic[T]):
    """Refusals that still hold: asking again would give the same, so the round trip is saved.

    A refusal by one window holds for its key and this cost until `retry_after` has passed, whatever else comes: what
    others use only makes it longer. What can make it shorter is a settlement that gives back, or a reset: at those of
    this process all is forgotten (`forget`), and none is kept longer than `longest_ms`. Nothing is let through here.
    """

    def __init__(self, longest_ms: int, most: int = 4096) -> None:
        self._longest_ns = longest_ms * 1_000_000
        self._most = most
        self._kept: dict[tuple[int, bytes, int], tuple[int, int, T]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, key: tuple[int, bytes, int], since_ns: int, retry_ns: int, answer: T) -> None:
        """Remembers a refusal of `key`: dimension, value and cost.

        `since_ns` is when the question was sent, not after the server decided: so this does not outlast the refusal.
        """
        if not self._longest_ns:
            return
        end = since_ns + min(retry_ns, self._longest_ns)
        with self._lock:
            self._kept.pop(key, None)
            while len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (end, since_ns, answer)

    def find(self, keys: Iterable[tuple[int, bytes, int]], now_ns: int) -> tuple[T, int] | None:
        """A refusal of one of the keys, and how old it is in nanoseconds."""
        for key in keys:
            found = self._kept.get(key)
            if found is not None:
                end, since, answer = found
                if now_ns < end:
                    return answer, now_ns - since
                with self._lock:
                    self._kept.pop(key, None)
        return None

    def forget(self) -> None:
        """Forgets all: something was given back."""
        with self._lock:
            self._kept.clear()
