"""Finds and masks personal data in texts, nested data and streams.

`PIIDetector` is the direct API, `PIIFilterPlugin` the plugin class; importing the first loads no framework. README.md
says what is found. Tests: tests/unit/test_pii_*.py, tests/parity/test_pii_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyplugins.pii_filter.detector import PIIDetector, PIIDetectorPython, PIIDetectorRust
    from pyplugins.pii_filter.pii_filter import PIIFilterPlugin

__all__ = ["PIIDetector", "PIIDetectorPython", "PIIDetectorRust", "PIIFilterPlugin"]


def __getattr__(name: str) -> Any:
    """Loads what is asked for; `PIIDetectorRust` only where the native library can be had.

    Raises:
        ImportError: `PIIDetectorRust` without the native library; the message says why.
    """
    if name == "PIIFilterPlugin":
        from pyplugins.pii_filter.pii_filter import PIIFilterPlugin

        return PIIFilterPlugin
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pyplugins.pii_filter import detector

    if name == "PIIDetectorRust":
        detector.PIIDetectorRust()
    return getattr(detector, name)


def __dir__() -> list[str]:
    return sorted(__all__)
