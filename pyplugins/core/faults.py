"""Twin of rustlib/core/src/fault.rs: message ids become exceptions.

Only a JSON path and two numbers are filled in, so no fault can quote scanned text.
Tests: tests/unit/test_core_faults.py.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pyplugins.core import data
from pyplugins.errors import PluginError, error_for


@cache
def _messages() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in data.load("core", "messages.json")}


def fault(id: str, path: str = "", a: int = 0, b: int = 0, *, implementation: str = "python") -> PluginError:
    """The exception for a message id, to be raised by the caller.

    >>> str(fault("config_unknown_key", "$.colour"))
    '$.colour: unknown key'
    """
    row = _messages()[id]
    message = row["text"].replace("{path}", path).replace("{a}", str(a)).replace("{b}", str(b))
    return error_for(row["code"], message, path=path, implementation=implementation)
