"""The direct API of the SQL sanitizer: guards around one configured engine, native or pure Python.

Tests: tests/unit/test_sql_sanitizer_api.py, tests/parity/test_sql_sanitizer_parity.py.
"""

from __future__ import annotations

from typing import Any

from pyplugins.core.protocol import Guard
from pyplugins.direct import DirectGuard

__all__ = ["SQLSanitizer", "SQLSanitizerPython", "SQLSanitizerRust"]


class SQLSanitizer(DirectGuard):
    """Says whether SQL statements are allowed, takes their comments out, and finds injections in values.

    Args and errors are those of `pyplugins.direct.DirectGuard`; the keys are in README.md.

    >>> guard = SQLSanitizer()
    >>> [finding.detail["issue"] for finding in guard.scan("WITH old AS (SELECT 1) DELETE FROM users").findings]
    ['DELETE without WHERE clause']
    >>> guard.process("SELECT 1 /* one */ FROM t")
    'SELECT 1  FROM t'
    """

    kind = "sql_sanitizer"

    @staticmethod
    def _python(config: str) -> Guard:
        from pyplugins.sql_sanitizer.fallback import SQLSanitizerGuard

        return SQLSanitizerGuard.open(config)


class SQLSanitizerRust(SQLSanitizer):
    """`SQLSanitizer` of the native library, never of Python."""

    def __init__(self, config: Any = None, implementation: str = "rust") -> None:
        super().__init__(config, implementation)


class SQLSanitizerPython(SQLSanitizer):
    """`SQLSanitizer` in pure Python.

    >>> SQLSanitizerPython().implementation
    'python'
    """

    def __init__(self, config: Any = None, implementation: str = "python") -> None:
        super().__init__(config, implementation)
