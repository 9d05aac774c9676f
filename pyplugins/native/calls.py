"""How the library is called where no call is worth a way of its own: by the name of a function, alike in both bindings.

Must never name a plugin. Tests: tests/parity/test_compression_parity.py, tests/parity/test_rate_limiter_parity.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

#: Results that held more bytes than this are freed after use.
KEEP_BYTES = 1_048_576


class Space(NamedTuple):
    """Room that a call fills: what is passed, and how its bytes are read."""

    argument: Any
    read: Callable[[], bytes]


class Calls(ABC):
    """Calls functions of the library. Their last parameter, the error, becomes an exception.

    Of the arguments, bytes-like ones become pointer and length, an ``array("Q")`` becomes a pointer, `None` is NULL;
    handles and numbers are passed as they are.
    """

    #: "cffi" or "ctypes".
    binding: ClassVar[str]

    def __init__(self) -> None:
        #: Results wait here for their next call; each serves one call at a time.
        self._results: list[Any] = []

    @abstractmethod
    def call(self, function: str, *arguments: Any) -> None:
        """Calls a function."""

    @abstractmethod
    def made(self, function: str, free: str, *arguments: Any) -> Any:
        """The handle that a function makes; its finaliser frees it."""

    @abstractmethod
    def view(self, function: str, *arguments: Any) -> bytes:
        """A copy of the bytes that a function points to."""

    @abstractmethod
    def space(self, kind: str, count: int = 1) -> Space:
        """Room for so many of a C type."""

    def result(self) -> Any:
        """A result, to be put back into `keep` if it stayed small."""
        try:
            return self._results.pop()
        except IndexError:
            return self.made("gwp_result_new", "gwp_result_free")

    def keep(self, result: Any, held: int) -> None:
        """A result that held so many bytes serves again, unless that was much."""
        if held <= KEEP_BYTES:
            self._results.append(result)

    def output(self, function: str, *arguments: Any) -> bytes:
        """The output that a function leaves in a result."""
        result = self.result()
        self.call(function, *arguments, result)
        output = self.view("gwp_result_output", result)
        self.keep(result, len(output))
        return output
