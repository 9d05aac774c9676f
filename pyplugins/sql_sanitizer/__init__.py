"""Judges SQL statements in texts and nested data, and finds values that carry an injection.

`SQLSanitizer` is the direct API, `SQLSanitizerPlugin` the plugin class; importing the first loads no framework.
README.md says what is found. Tests: tests/unit/test_sql_sanitizer_*.py, tests/parity/test_sql_sanitizer_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.sql_sanitizer.api import SQLSanitizer, SQLSanitizerPython, SQLSanitizerRust
    from pyplugins.sql_sanitizer.sql_sanitizer import SQLSanitizerPlugin

__all__ = ["SQLSanitizer", "SQLSanitizerPlugin", "SQLSanitizerPython", "SQLSanitizerRust"]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "SQLSanitizer": "api",
        "SQLSanitizerPlugin": "sql_sanitizer",
        "SQLSanitizerPython": "api",
        "SQLSanitizerRust": "api",
    },
)
