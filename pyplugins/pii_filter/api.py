"""The direct API: `PIIDetector`, `PIIDetectorRust`, `PIIDetectorPython`.

What it adds to every guard's: masking what a caller found, and a hash key that engine and `mask` share.
Tests: tests/unit/test_pii_detector.py.
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
from pyplugins.core.protocol import Guard
from pyplugins.direct import DirectGuard

if TYPE_CHECKING:
    from pyplugins.pii_filter._mask import Masking

__all__ = ["PIIDetector", "PIIDetectorPython", "PIIDetectorRust"]

T = TypeVar("T", str, bytes)

_NULL_KEY = re.compile(r'"hash_key"\s*:\s*null')


class PIIDetector(DirectGuard):
    """Finds and masks personal data; see `DirectGuard` for arguments, attributes and errors.

    >>> detector = PIIDetector({"default_mask_strategy": "partial"})
    >>> detector.detect("SSN: 123-45-6789")
    {'ssn': [{'value': '123-45-6789', 'start': 5, 'end': 16, 'mask_strategy': 'partial'}]}
    >>> detector.mask("SSN: 123-45-6789")
    'SSN: ***-**-6789'
    """

    kind = "pii_filter"

    def __init__(self, config: Any = None, implementation: str = "auto") -> None:
        super().__init__(config, implementation)
        self.__dict__["mask_many"] = self._guard.process_many

    @staticmethod
    def _python(config: str) -> Guard:
        from pyplugins.pii_filter.fallback import PIIFilterPython

        return PIIFilterPython.open(config)

    def _completed(self, config: str) -> str:
        return _with_hash_key(config)

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

    @cached_property
    def _masking(self) -> Masking:
        """Masks what a caller found, with the engine's own strategies and keys."""
        from pyplugins.pii_filter._mask import Masking

        return Masking(configuration.read(data.load(self.kind, "schema.json"), self._config))


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
