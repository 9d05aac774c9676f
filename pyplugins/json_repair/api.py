"""The direct API: `JSONRepair`, `JSONRepairRust`, `JSONRepairPython`.

What it adds to every guard's: `repair`, and `loads`, which gives the value. Tests: tests/unit/test_json_repair_api.py.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pyplugins.core.faults import fault
from pyplugins.core.protocol import Guard
from pyplugins.direct import DirectGuard

__all__ = ["JSONRepair", "JSONRepairPython", "JSONRepairRust"]

T = TypeVar("T", str, bytes)


class JSONRepair(DirectGuard):
    """Repairs JSON; see `DirectGuard` for arguments, attributes and errors.

    Each finding is one edit: its rule is the kind of edit, its span what is replaced, its detail ``{"offset", "kind",
    "inserted", "removed"}`` with the offset in UTF-8 bytes. With ``{"strict": true}`` a text that needs an edit is an
    `InputTooLarge`, a `ValueError`: it has more edits than the none that are allowed.

    >>> repair = JSONRepair()
    >>> repair.repair("{'name': 'Ada', tags: [1, 2,]")
    '{"name": "Ada", "tags": [1, 2]}'
    >>> [(edit.rule, edit.start, edit.detail["inserted"], edit.guess) for edit in repair.scan("[1 2").findings]
    [('missing_comma', 2, ',', False), ('missing_bracket', 4, ']', False)]
    """

    kind = "json_repair"

    def __init__(self, config: Any = None, implementation: str = "auto") -> None:
        super().__init__(config, implementation)
        self.__dict__["repair"] = self._guard.process
        self.__dict__["repair_many"] = self._guard.process_many

    @staticmethod
    def _python(config: str) -> Guard:
        from pyplugins.json_repair.fallback import JSONRepairPython as Engine

        return Engine.open(config)

    def repair(self, text: T, /) -> T:
        """The repaired text; the very object when it is JSON already.

        >>> JSONRepair({"dialect": "js"}).repair("{a: undefined, b: ")
        '{"a": null, "b": null}'
        """
        return self._guard.process(text)

    def repair_many(self, texts: list[T], /) -> list[T]:
        """`repair` of each text."""
        return self._guard.process_many(texts)

    def loads(self, text: str | bytes, /) -> Any:
        """The value of the repaired text.

        Raises:
            InputTooLarge: the text passes a limit, or is nested deeper than Python's `json` can read.

        >>> JSONRepair().loads("{'a': [True, None")
        {'a': [True, None]}
        """
        repaired: str | bytes = self._guard.process(text)
        try:
            return json.loads(repaired)
        except RecursionError:
            depth = self.describe()["limits"]["max_depth"]
            raise fault("too_deep", b=depth, implementation=self.implementation) from None


class JSONRepairRust(JSONRepair):
    """`JSONRepair` of the native library, never of Python."""

    def __init__(self, config: Any = None, implementation: str = "rust") -> None:
        super().__init__(config, implementation)


class JSONRepairPython(JSONRepair):
    """`JSONRepair` in pure Python.

    >>> JSONRepairPython().implementation
    'python'
    """

    def __init__(self, config: Any = None, implementation: str = "python") -> None:
        super().__init__(config, implementation)
