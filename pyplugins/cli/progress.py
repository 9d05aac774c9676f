"""A progress bar on standard error: on a terminal only, and only for work that takes a while.

Tests: tests/cli/test_progress.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: What ends sooner needs no bar.
_PATIENCE_SECONDS = 1.0


class Bar:
    """Counts bytes; does nothing unless standard error is a terminal."""

    def __init__(self, total: int | None, *, wanted: bool = True) -> None:
        self._total = total
        self._enabled = wanted and sys.stderr.isatty()
        self._taken = 0
        self._since = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def advance(self, count: int) -> None:
        """So many bytes more are done."""
        if not self._enabled:
            return
        self._taken += count
        if self._bar is None and time.monotonic() - self._since > _PATIENCE_SECONDS:
            self._bar = _make()
            self._task = self._bar.add_task("scanning", total=self._total)
            self._bar.start()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._taken)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While something else is written to the terminal."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self._enabled = False


def shown() -> bool:
    """Whether a bar could be shown, so that it is worth asking for the total."""
    return sys.stderr.isatty()


def _make() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
