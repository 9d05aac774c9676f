"""What every guard offers, whichever implementation is behind it; plugin classes rely on nothing else.

Tests: tests/unit/test_core_guard.py, tests/unit/test_native_protocol.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from pyplugins.core.result import ScanResult, StreamPart

T = TypeVar("T", bound=str | bytes)

#: ``{group: [{"value": ..., "start": ..., "end": ..., **attributes of the rule}]}``
Detections: TypeAlias = dict[str, list[dict[str, Any]]]
#: ``{group: [attributes of the rule]}``, one entry for each finding; read-only, all findings of a rule share one.
Marks: TypeAlias = dict[str, list[Mapping[str, Any]]]


class Stream(Protocol):
    """A text that arrives in parts. All parts are `str`, or all are `bytes`."""

    def push(self, chunk: T) -> StreamPart[T]:
        """Takes the next part and releases what is decided."""

    def finish(self) -> StreamPart[Any]:
        """Releases the rest. The stream takes nothing more."""


class Guard(Protocol):
    """A configured engine. Immutable; any number of threads may share it.

    `str` gives code-point offsets and `str` output, `bytes` gives byte offsets and `bytes` output. Every method raises
    the classes of `pyplugins.errors`; content whose call raised has **not** been checked.
    """

    @property
    def kind(self) -> str:
        """Name of the engine, e.g. ``pii_filter``."""

    @property
    def implementation(self) -> str:
        """``"rust"`` or ``"python"``."""

    @property
    def binding(self) -> str | None:
        """``"cffi"``, ``"ctypes"`` or `None` for pure Python."""

    def describe(self) -> dict[str, Any]:
        """Rules, limits and how each rule runs, as the C ABI's `gwp_guard_describe`."""

    def scan(self, text: T, /) -> ScanResult[T]:
        """Findings, rewritten text and verdict."""

    def process(self, text: T, /) -> T:
        """The rewritten text; the very object when nothing changed."""

    def detect(self, text: str | bytes, /) -> Detections:
        """Findings grouped by their rules' groups."""

    def scan_many(self, texts: Sequence[T], /) -> list[ScanResult[T]]:
        """`scan` of each text; nothing matches across texts."""

    def process_many(self, texts: Sequence[T], /) -> list[T]:
        """`process` of each text."""

    def detect_many(self, texts: Sequence[str | bytes], /) -> list[Detections]:
        """`detect` of each text."""

    def process_nested(
        self, data: Any, path: str = "", *, keys: bool = False, numbers: bool = False
    ) -> tuple[bool, Any, Detections]:
        """Whether anything changed, the data with changed branches rebuilt, and what was found."""

    def rewrite_nested(self, data: Any, path: str = "", /) -> tuple[bool, Any, Marks]:
        """`process_nested` that tells of each finding the attributes of its rule alone, and no scanned text."""

    def stream(self) -> Stream:
        """A new stream; `UsageError` when the engine must see the whole text."""

    def close(self) -> None:
        """Drops the reference to the engine; calls under way in other threads finish safely."""
