"""The direct API: `PIIDetector`, `PIIDetectorRust`, `PIIDetectorPython`.

A detector's methods are those of its guard, with nothing between: a Python frame would cost as much as a short scan.
It must never choose an implementation itself; the loader does. Tests: tests/unit/test_pii_detector.py.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pyplugins.core import config as configuration
from pyplugins.core import data
from pyplugins.core.protocol import Detections, Guard, Stream
from pyplugins.core.result import ScanResult
from pyplugins.native import open_guard

if TYPE_CHECKING:
    from pyplugins.pii_filter._mask import Masking

__all__ = ["PIIDetector", "PIIDetectorPython", "PIIDetectorRust"]

T = TypeVar("T", str, bytes)

_KIND = "pii_filter"
_NULL_KEY = re.compile(r'"hash_key"\s*:\s*null')

#: Methods that an instance takes over from its guard.
_GUARDS_OWN = (
    "detect",
    "scan",
    "process",
    "detect_many",
    "scan_many",
    "process_many",
    "process_nested",
    "stream",
    "describe",
)


class PIIDetector:
    """Finds and masks personal data. Immutable; any number of threads may share it.

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

    >>> detector = PIIDetector({"default_mask_strategy": "partial"})
    >>> detector.detect("SSN: 123-45-6789")
    {'ssn': [{'value': '123-45-6789', 'start': 5, 'end': 16, 'mask_strategy': 'partial'}]}
    >>> detector.mask("SSN: 123-45-6789")
    'SSN: ***-**-6789'
    """

    implementation: str
    binding: str | None

    def __init__(self, config: Any = None, implementation: str = "auto") -> None:
        self._config = _with_hash_key(configuration.to_json(config))
        guard = open_guard(_KIND, self._config, implementation) or _python_guard(self._config)
        self._guard: Guard = guard
        self.implementation = guard.implementation
        self.binding = guard.binding
        self.__dict__.update((name, getattr(guard, name)) for name in _GUARDS_OWN)
        self.__dict__["mask_many"] = guard.process_many

    def __repr__(self) -> str:
        return f"{type(self).__name__}(implementation={self.implementation!r}, binding={self.binding!r})"

    # What follows names and describes the methods that instances take from their guards.

    def detect(self, text: str | bytes, /) -> Detections:
        """What was found: ``{type: [{"value", "start", "end", "mask_strategy"}]}``.

        Offsets are half-open: code points of a `str`, bytes of a `bytes`.

        >>> PIIDetector().detect("üü alice@example.com")
        {'email': [{'value': 'alice@example.com', 'start': 3, 'end': 20, 'mask_strategy': 'redact'}]}
        """
        return self._guard.detect(text)

    def detect_many(self, texts: Sequence[str | bytes], /) -> list[Detections]:
        """`detect` of each text; nothing matches across texts."""
        return self._guard.detect_many(texts)

    def scan(self, text: T, /) -> ScanResult[T]:
        """Findings, rewritten text and verdict.

        >>> result = PIIDetector().scan("call 555-123-4567")
        >>> [(finding.rule, finding.start, finding.end) for finding in result.findings], result.output, result.blocked
        ([('phone', 5, 17)], 'call [REDACTED]', False)
        """
        return self._guard.scan(text)

    def scan_many(self, texts: Sequence[T], /) -> list[ScanResult[T]]:
        """`scan` of each text."""
        return self._guard.scan_many(texts)

    def process(self, text: T, /) -> T:
        """The masked text; the very object when nothing was found.

        >>> PIIDetector().process("192.0.2.7 was here")
        '[REDACTED] was here'
        """
        return self._guard.process(text)

    def process_many(self, texts: Sequence[T], /) -> list[T]:
        """`process` of each text."""
        return self._guard.process_many(texts)

    def mask_many(self, texts: Sequence[T], /) -> list[T]:
        """`process_many` under the name that goes with `mask`."""
        return self._guard.process_many(texts)

    def mask(self, text: T, detections: Mapping[str, Any] | None = None) -> T:
        """`text` with what was found in it masked.

        Args:
            text: a `str` or `bytes`.
            detections: what to mask instead of what a scan finds, in the form that `detect` answers. An entry may
                leave out `value` and `mask_strategy`. Where two overlap, the rest of the later one is masked too.

        Raises:
            UsageError: a detection does not fit the text.

        >>> PIIDetector().mask("agent 007", {"badge": [{"start": 6, "end": 9, "mask_strategy": "partial"}]})
        'agent 0*7'
        """
        return self.process(text) if detections is None else self._masking.mask(text, detections)

    def process_nested(
        self, data: Any, path: str = "", *, keys: bool = False, numbers: bool = False
    ) -> tuple[bool, Any, Detections]:
        """Masks the texts in nested data.

        Args:
            data: mappings, sequences, sets and objects; it is never changed, changed branches are rebuilt.
            path: where the data stands, for the `path` of an error.
            keys: read the keys of mappings too.
            numbers: read numbers too, as their decimal text.

        Returns:
            Whether anything changed, the data, and what was found; offsets count within each text.

        >>> PIIDetector().process_nested({"user": ["a@example.com", 1]})[:2]
        (True, {'user': ['[REDACTED]', 1]})
        """
        return self._guard.process_nested(data, path, keys=keys, numbers=numbers)

    def stream(self) -> Stream:
        """A text that arrives in parts: `push(part)`, then `finish()`.

        Whatever the parts, the sum is the whole text's result.

        >>> stream = PIIDetector().stream()
        >>> "".join([stream.push("SSN 123-4").output, stream.push("5-6789").output, stream.finish().output])
        'SSN [REDACTED]'
        """
        return self._guard.stream()

    def describe(self) -> dict[str, Any]:
        """Rules and limits of this configuration; it never holds a key."""
        return self._guard.describe()

    def close(self) -> None:
        """Drops the engine; calls under way in other threads finish safely."""
        self._guard.close()

    @cached_property
    def _masking(self) -> Masking:
        """Masks what a caller found, with the engine's own strategies and keys."""
        from pyplugins.pii_filter._mask import Masking

        return Masking(configuration.read(data.load(_KIND, "schema.json"), self._config))


class PIIDetectorRust(PIIDetector):
    """`PIIDetector` of the native library, never of Python; under the peer's name."""

    def __init__(self, config: Any = None, implementation: str = "rust") -> None:
        super().__init__(config, implementation)


class PIIDetectorPython(PIIDetector):
    """`PIIDetector` in pure Python.

    >>> PIIDetectorPython().implementation
    'python'
    """

    def __init__(self, config: Any = None, implementation: str = "python") -> None:
        super().__init__(config, implementation)


def _python_guard(config_json: str) -> Guard:
    # Its tables and patterns are not loaded where the native library does the work.
    from pyplugins.pii_filter.fallback import PIIFilterPython

    return PIIFilterPython.open(config_json)


def _with_hash_key(text: str) -> str:
    """The configuration with a random `hash_key` if it has none, so that engine and `mask` use one key.

    What is not a JSON object goes through as it is: the engine says what is wrong with it.
    """
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(members, dict) or members.get("hash_key") is not None:
        return text
    member = f'"hash_key": "{os.urandom(32).hex()}"'
    if "hash_key" not in members:
        return f"{text.rstrip()[:-1]}{', ' if members else ''}{member}}}"
    # A second one is an unknown or a duplicate key, which the engine refuses.
    return _NULL_KEY.sub(member, text) if text.count('"hash_key"') == 1 else text
