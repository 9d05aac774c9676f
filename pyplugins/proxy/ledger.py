"""Remembers the requests of one side until they are answered, so that an answer is read as what it answers.

Bounded: one that is full refuses new requests, because to forget one would let its answer pass as something else.
Tests: tests/proxy/test_gate.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pyplugins.mcp import Scope


@dataclass(slots=True)
class Pending:
    """A request that waits for its answer."""

    #: `None` stands for a request that nobody made.
    method: str | None
    #: What of its params the reading of the answer needs.
    subject: dict[str, Any] = field(default_factory=dict)
    scope: Scope | None = None
    #: The request carried the envelope of protocol 2026-07-28, whose results say that they are complete.
    enveloped: bool = False


class Ledger:
    """Requests of one side.

    Arguments:
        limit: the most that may wait at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: dict[tuple[bool, Any], Pending] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, id_: Any, pending: Pending) -> str:
        """Remembers a request; the answer says why that cannot be done, and is empty when it could.

        `1` and `1.0` are one id, as for every reader of JSON that knows one kind of number; `"1"` is another.
        """
        key = _key(id_)
        if key in self._waiting:
            return "the id is that of another request under way"
        if len(self._waiting) >= self._limit:
            return "too many requests are under way"
        self._waiting[key] = pending
        return ""

    def take(self, id_: Any) -> Pending | None:
        """The request that this id answers, which is then no longer remembered."""
        return self._waiting.pop(_key(id_), None)

    def find(self, id_: Any) -> Pending | None:
        """The request of this id, which stays."""
        return self._waiting.get(_key(id_))


def _key(id_: Any) -> tuple[bool, Any]:
    return isinstance(id_, str), id_ if isinstance(id_, (str, int, float)) else None
