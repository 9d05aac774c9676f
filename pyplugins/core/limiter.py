"""What the implementations of a limiter share: the decision, and how a request names its keys.

Nothing here counts; a limiter of the library and the pure-Python one build on `BaseLimiter` and cannot be told apart.
Tests: tests/unit/test_rate_limiter_api.py, tests/unit/test_limiter_vectors.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from pyplugins.core import units
from pyplugins.core.faults import fault

#: What a request is counted by: the value of the only dimension, values by the dimensions' names, or values in their
#: order. `None` and an empty value mean that a dimension does not apply.
Key: TypeAlias = "str | bytes | Mapping[str, str | bytes | None] | Sequence[str | bytes | None]"

#: Largest cost.
MAX_COST: Final = 2**50
#: Latest time in nanoseconds.
MAX_NOW_NS: Final = 9_000_000_000_000_000_000
#: Largest number that the library takes at all.
_MOST: Final = 2**64 - 1


class Decision(NamedTuple):
    """What a limiter says about a request, or about one window. True when the request may go on.

    Of several windows it tells about the one that matters: of refusals the longest wait, else what leaves least.
    """

    #: The request may go on. If not, nothing was taken anywhere.
    allowed: bool
    #: Name of the dimension; `None` when no window applies.
    dimension: str | None
    #: Which window of the key, from 0; `None` when no window applies, or a block list refused.
    window: int | None
    #: Most that can be had at once; `None` when no window applies.
    limit: int | None
    #: What is left, after this request; `None` when no window applies.
    remaining: int | None
    #: Nanoseconds until everything can be had again, if nothing comes.
    reset_ns: int
    #: Nanoseconds until the same request would be allowed, if nothing comes; 0 when it is; `None`: never.
    retry_after_ns: int | None
    #: A dry run let pass what would be refused; nothing was taken.
    would_refuse: bool
    #: A block list refused.
    blocked: bool
    #: When it was decided, on the clock of the request; a whole microsecond.
    now_ns: int
    #: What every window says, if asked for.
    details: tuple[Decision, ...] = ()

    def __bool__(self) -> bool:
        return self.allowed


class Limiter(Protocol):
    """A configured limiter with its counts, whoever implements it. Any number of threads may share it.

    Times are nanoseconds of one clock; 0 asks for the limiter's own, which never steps back.
    """

    @property
    def implementation(self) -> str:
        """``"rust"`` or ``"python"``."""
        ...

    @property
    def binding(self) -> str | None:
        """``"cffi"``, ``"ctypes"`` or `None`."""
        ...

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Their names, in order."""
        ...

    def check(self, key: Key, cost: int = 1, now_ns: int = 0) -> Decision:
        """Decides, and takes the cost from all windows or from none."""
        ...

    def decide(
        self, key: Key, cost: int = 1, now_ns: int = 0, *, peek: bool = False, dry_run: bool = False
    ) -> Decision:
        """`check` with what every window says; `peek` takes nothing, `dry_run` refuses nothing."""
        ...

    def check_many(self, keys: Iterable[Key], costs: Sequence[int] | None = None, now_ns: int = 0) -> list[Decision]:
        """One `check` after the other."""
        ...

    def settle(self, key: Key, reserved: int, reserved_ns: int, actual: int, now_ns: int = 0) -> Decision:
        """Corrects the cost of a granted check."""
        ...

    def acquire(self, key: Key, cost: int = 1, now_ns: int = 0) -> tuple[Decision, int]:
        """A check that takes leases, too, and the number of the lease; 0 when it was refused."""
        ...

    def release(self, key: Key, lease: int, now_ns: int = 0) -> bool:
        """Ends a lease; whether it was there and had not run out."""
        ...

    def reset(self, key: Key, now_ns: int = 0) -> int:
        """Forgets keys; how many had counts."""
        ...

    def export_state(self, now_ns: int = 0) -> bytes:
        """All counts."""
        ...

    def import_state(self, data: bytes, now_ns: int = 0) -> int:
        """Adds the counts of an export; how many keys came."""
        ...

    def key_count(self) -> int:
        """Number of keys whose counts are held."""
        ...

    def describe(self) -> dict[str, Any]:
        """Dimensions, their classes of windows, limits."""
        ...

    def close(self) -> None:
        """Drops the reference to the engine."""
        ...


class KeyReader:
    """Turns what a request names into one value for each dimension.

    >>> KeyReader(("user", "tool"), "python").values({"user": "alice", "tool": None})
    [b'alice', b'']
    """

    def __init__(self, dimensions: tuple[str, ...], implementation: str) -> None:
        self._implementation = implementation
        self._count = len(dimensions)
        self._places = {name: place for place, name in enumerate(dimensions)}

    def values(self, key: Key) -> list[bytes]:
        """The values in order.

        Raises:
            UsageError: another number of values, an unknown dimension, or a value that is no text.
        """
        if isinstance(key, (str, bytes)):
            return self._counted([self._bytes(key)])
        if isinstance(key, Mapping):
            values = [b""] * self._count
            for name, value in key.items():
                if name not in self._places:
                    raise fault("bad_dimension", implementation=self._implementation)
                values[self._places[name]] = self._bytes(value)
            return values
        if isinstance(key, Sequence):
            return self._counted([self._bytes(value) for value in key])
        raise fault("bad_type", implementation=self._implementation)

    def _counted(self, values: list[bytes]) -> list[bytes]:
        if len(values) != self._count:
            raise fault("bad_count", a=len(values), b=self._count, implementation=self._implementation)
        return values

    def _bytes(self, value: Any) -> bytes:
        if value is None:
            return b""
        if isinstance(value, str):
            return value.encode("utf-8", units.STR_ERRORS)
        if isinstance(value, bytes):
            return value
        raise fault("bad_type", implementation=self._implementation)


def number(value: Any, id: str, most: int, implementation: str) -> int:
    """A cost, time or lease that is a whole number of 0 to `most`.

    Raises:
        UsageError: it is not; above `most` with the message `id`.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise fault("bad_number", implementation=implementation)
    if value > most:
        raise fault(id, a=min(value, _MOST), b=most, implementation=implementation)
    return value


def told(row: tuple[int, ...], dimensions: tuple[str, ...], details: tuple[Decision, ...] = ()) -> Decision:
    """A decision from the fields of the C record: the all-ones of a number that says nothing become `None`."""
    allowed, flags, dimension, window, limit, remaining, reset_ns, retry_ns, now_ns = row
    return Decision(
        allowed == 1,
        dimensions[dimension] if dimension < len(dimensions) else None,
        window if window != _NO_INDEX else None,
        limit if limit != _MOST else None,
        remaining if remaining != _MOST else None,
        reset_ns,
        retry_ns if retry_ns != _MOST else None,
        bool(flags & 1),
        bool(flags & 2),
        now_ns,
        details,
    )


_NO_INDEX: Final = 2**32 - 1
