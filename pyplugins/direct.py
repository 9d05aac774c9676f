"""The direct API that every guard has: a class per engine whose methods are those of the guard behind it.

A subclass names its kind and opens its pure-Python engine; its own methods come on top. It must never choose an
implementation itself: the loader does. Tests: tests/unit/test_direct.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from pyplugins.core import config as configuration
from pyplugins.core.protocol import Detections, Guard, Marks, Stream
from pyplugins.core.result import ScanResult
from pyplugins.native import open_guard

__all__ = ["DirectGuard"]

T = TypeVar("T", bound=str | bytes)

#: Methods that an instance takes over from its guard: a Python frame between would cost as much as a short scan.
_GUARDS_OWN = (
    "detect",
    "scan",
    "process",
    "detect_many",
    "scan_many",
    "process_many",
    "process_nested",
    "rewrite_nested",
    "stream",
    "describe",
)


class DirectGuard:
    """A configured guard. Immutable; any number of threads may share it.

    Args:
        config: a mapping, a model with `model_dump()`, JSON text, or `None` for all defaults. Read strictly.
        implementation: ``auto``, ``rust``, ``cffi``, ``ctypes`` or ``python``; all but the first force.

    Attributes:
        implementation: ``"rust"`` or ``"python"``.
        binding: ``"cffi"``, ``"ctypes"`` or `None` for pure Python.

    Raises:
        ConfigError: the configuration is wrong; `path` names the value.
        ImportError: the forced implementation cannot be had; the message says why.

    Every method raises `InputTooLarge` for content that passes a limit. That content was **not** checked.
    """

    #: Name of the engine.
    kind: ClassVar[str]

    implementation: str
    binding: str | None

    def __init__(self, config: Any = None, implementation: str = "auto") -> None:
        self._config = self._completed(configuration.to_json(config))
        guard = self._opened(self._config, implementation)
        self._guard: Guard = guard
        self.implementation = guard.implementation
        self.binding = guard.binding
        # What the subclass defines itself stays.
        inherited = (name for name in _GUARDS_OWN if getattr(type(self), name) is getattr(DirectGuard, name))
        self.__dict__.update((name, getattr(guard, name)) for name in inherited)

    @staticmethod
    def _python(config: str) -> Guard:
        """The engine in pure Python. Import it in here: nothing of it is loaded where the library does the work."""
        raise NotImplementedError

    def _completed(self, config: str) -> str:
        """The configuration, JSON text, as the engine is to see it."""
        return config

    def _opened(self, config: str, implementation: str) -> Guard:
        return open_guard(self.kind, config, implementation) or self._python(config)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(implementation={self.implementation!r}, binding={self.binding!r})"

    # What follows names and describes the methods that instances take from their guards.

    def detect(self, text: str | bytes, /) -> Detections:
        """What was found, by group of rules: ``{group: [{"value", "start", "end", ...}]}``.

        Offsets are half-open: code points of a `str`, bytes of a `bytes`.

        >>> from pyplugins.pii_filter import PIIDetector
        >>> PIIDetector().detect("üü alice@example.com")
        {'email': [{'value': 'alice@example.com', 'start': 3, 'end': 20, 'mask_strategy': 'redact'}]}
        """
        return self._guard.detect(text)

    def detect_many(self, texts: Sequence[str | bytes], /) -> list[Detections]:
        """`detect` of each text; nothing matches across texts."""
        return self._guard.detect_many(texts)

    def scan(self, text: T, /) -> ScanResult[T]:
        """Findings, rewritten text and verdict.

        >>> from pyplugins.pii_filter import PIIDetector
        >>> result = PIIDetector().scan("call 555-123-4567")
        >>> [(finding.rule, finding.start, finding.end) for finding in result.findings], result.output, result.blocked
        ([('phone', 5, 17)], 'call [REDACTED]', False)
        """
        return self._guard.scan(text)

    def scan_many(self, texts: Sequence[T], /) -> list[ScanResult[T]]:
        """`scan` of each text."""
        return self._guard.scan_many(texts)

    def process(self, text: T, /) -> T:
        """The rewritten text; the very object when nothing was changed.

        >>> from pyplugins.pii_filter import PIIDetector
        >>> PIIDetector().process("192.0.2.7 was here")
        '[REDACTED] was here'
        """
        return self._guard.process(text)

    def process_many(self, texts: Sequence[T], /) -> list[T]:
        """`process` of each text."""
        return self._guard.process_many(texts)

    def process_nested(
        self, data: Any, path: str = "", *, keys: bool = False, numbers: bool = False
    ) -> tuple[bool, Any, Detections]:
        """Rewrites the texts in nested data.

        Args:
            data: mappings, sequences, sets and objects; it is never changed, changed branches are rebuilt.
            path: where the data stands, for the `path` of an error.
            keys: read the keys of mappings too.
            numbers: read numbers too, as their decimal text.

        Returns:
            Whether anything changed, the data, and what was found; offsets count within each text.

        >>> from pyplugins.pii_filter import PIIDetector
        >>> PIIDetector().process_nested({"user": ["a@example.com", 1]})[:2]
        (True, {'user': ['[REDACTED]', 1]})
        """
        return self._guard.process_nested(data, path, keys=keys, numbers=numbers)

    def rewrite_nested(self, data: Any, path: str = "", /) -> tuple[bool, Any, Marks]:
        """`process_nested` for who needs to know of each finding the attributes of its rule alone, and no scanned text.

        >>> from pyplugins.pii_filter import PIIDetector
        >>> PIIDetector().rewrite_nested({"user": "a@example.com"})
        (True, {'user': '[REDACTED]'}, {'email': [mappingproxy({'mask_strategy': 'redact'})]})
        """
        return self._guard.rewrite_nested(data, path)

    def stream(self) -> Stream:
        """A text that arrives in parts: `push(part)`, then `finish()`. Whatever the parts, the sum is the whole
        text's result.

        Raises:
            UsageError: this engine must see the whole text.

        >>> from pyplugins.pii_filter import PIIDetector
        >>> stream = PIIDetector().stream()
        >>> "".join([stream.push("SSN 123-4").output, stream.push("5-6789").output, stream.finish().output])
        'SSN [REDACTED]'
        """
        return self._guard.stream()

    def describe(self) -> dict[str, Any]:
        """Rules, limits and how each rule runs; it never holds a key."""
        return self._guard.describe()

    def close(self) -> None:
        """Drops the engine; calls under way in other threads finish safely."""
        self._guard.close()
