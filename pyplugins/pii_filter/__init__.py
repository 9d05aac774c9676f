"""Finds and masks personal data in texts, nested data and streams.

`PIIDetector` is the direct API, `PIIFilterPlugin` the plugin class; importing the first loads no framework. README.md
says what is found. Tests: tests/unit/test_pii_*.py, tests/parity/test_pii_filter_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.pii_filter.api import PIIDetector, PIIDetectorPython, PIIDetectorRust
    from pyplugins.pii_filter.pii_filter import PIIFilterPlugin

__all__ = ["PIIDetector", "PIIDetectorPython", "PIIDetectorRust", "PIIFilterPlugin"]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "PIIDetector": "api",
        "PIIDetectorPython": "api",
        "PIIDetectorRust": "api",
        "PIIFilterPlugin": "pii_filter",
    },
)
