"""Commands that must not be sent twice: settlements that give back, which the server may have carried out unheard.

All other commands may be, when their connection broke: that errs on the side of the limit. Tests:
tests/redis/test_once.py.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final

#: The command that is being sent is one of them.
ONCE: Final[ContextVar[bool]] = ContextVar("once", default=False)


class Sparing:
    """For a class ``Retry`` of redis-py, blocking or asyncio, which asks here how often it may try again."""

    @property
    def _retries(self) -> int:
        return 0 if ONCE.get() else self._most

    @_retries.setter
    def _retries(self, most: int) -> None:
        self._most = most


def sparing(retry: type[Any]) -> type[Any]:
    """A class `retry` that knows of `ONCE`."""
    return type("Retry", (Sparing, retry), {})
