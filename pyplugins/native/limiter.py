"""A limiter of the library, for both bindings: what they differ in is how a call is made (`Calls`).

Tests: tests/unit/test_limiter_vectors.py, tests/unit/test_rate_limiter_api.py.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from struct import iter_unpack
from typing import Any, ClassVar

from pyplugins.core.faults import fault
from pyplugins.core.limiter import MAX_COST, MAX_NOW_NS, Decision, Key, KeyReader, number, told
from pyplugins.native import _decls
from pyplugins.native.calls import Calls, Space

_DECISION = _decls.RECORDS["gwp_decision"]


class NativeLimiter:
    """A limiter of the library: `pyplugins.core.limiter.Limiter`. `close` drops our reference.

    Args:
        calls: the binding.
        handle: what is passed as the limiter.
        owner: what keeps it alive.
    """

    implementation = "rust"
    #: Which binding.
    binding: ClassVar[str]

    def __init__(self, calls: Calls, handle: Any, owner: Any) -> None:
        self._calls = calls
        self._live: tuple[Any, Any] | None = (handle, owner)
        described = json.loads(calls.view("gwp_limiter_describe", handle))
        self._described: dict[str, Any] = described
        self.dimensions: tuple[str, ...] = tuple(row["name"] for row in described["dimensions"])
        self._room: int = described["most_windows"]
        self._reader = KeyReader(self.dimensions, self.implementation)

    def check(self, key: Key, cost: int = 1, now_ns: int = 0) -> Decision:
        """Decides, and takes the cost from all windows or from none."""
        return self._check(key, cost, now_ns, 0, 0)

    def decide(
        self, key: Key, cost: int = 1, now_ns: int = 0, *, peek: bool = False, dry_run: bool = False
    ) -> Decision:
        """`check` with what every window says."""
        flags = (_decls.GWP_LIMITER_PEEK if peek else 0) | (_decls.GWP_LIMITER_DRY_RUN if dry_run else 0)
        return self._check(key, cost, now_ns, flags, self._room)

    def check_many(self, keys: Iterable[Key], costs: Sequence[int] | None = None, now_ns: int = 0) -> list[Decision]:
        """One `check` after the other; all keys and costs are looked at before the first."""
        requests = list(keys)
        if costs is not None and len(costs) != len(requests):
            raise fault("bad_count", a=len(costs), b=len(requests), implementation="rust")
        return self._check_many(requests, None if costs is None else list(map(self._cost, costs)), now_ns)

    def settle(self, key: Key, reserved: int, reserved_ns: int, actual: int, now_ns: int = 0) -> Decision:
        """Corrects the cost of a granted check."""
        out = self._calls.space("gwp_decision")
        values, cost = self._joined(self._values(key)), self._cost(reserved)
        numbers = cost, self._time(reserved_ns), self._cost(actual), self._time(now_ns)
        self._call("gwp_limiter_settle", *values, *numbers, out.argument)
        return self._told(out)

    def acquire(self, key: Key, cost: int = 1, now_ns: int = 0) -> tuple[Decision, int]:
        """A check that takes leases, too."""
        lease, out = self._calls.space("uint64_t"), self._calls.space("gwp_decision")
        values, paid, now = self._joined(self._values(key)), self._cost(cost), self._time(now_ns)
        self._call("gwp_limiter_acquire", *values, paid, now, 0, lease.argument, out.argument)
        return self._told(out), _integer(lease)

    def release(self, key: Key, lease: int, now_ns: int = 0) -> bool:
        """Ends a lease; whether it was there and had not run out."""
        out = self._calls.space("uint32_t")
        id = number(lease, "bad_number", 2**64 - 1, self.implementation)
        values, now = self._joined(self._values(key)), self._time(now_ns)
        self._call("gwp_limiter_release", *values, id, now, out.argument)
        return _integer(out) == 1

    def reset(self, key: Key, now_ns: int = 0) -> int:
        """Forgets keys; how many had counts."""
        out = self._calls.space("size_t")
        self._call("gwp_limiter_reset", *self._joined(self._values(key)), self._time(now_ns), out.argument)
        return _integer(out)

    def export_state(self, now_ns: int = 0) -> bytes:
        """All counts."""
        return self._calls.output("gwp_limiter_export", self._handle(), self._time(now_ns))

    def import_state(self, data: bytes, now_ns: int = 0) -> int:
        """Adds the counts of an export; how many keys came."""
        if not isinstance(data, bytes):
            raise fault("bad_type", implementation="rust")
        out = self._calls.space("size_t")
        self._call("gwp_limiter_import", data, self._time(now_ns), out.argument)
        return _integer(out)

    def key_count(self) -> int:
        """Number of keys whose counts are held."""
        out = self._calls.space("size_t")
        self._call("gwp_limiter_key_count", out.argument)
        return _integer(out)

    def describe(self) -> dict[str, Any]:
        """Dimensions, their classes of windows, limits."""
        return dict(self._described)

    def close(self) -> None:
        """Drops the reference to the engine; a call under way holds its own."""
        self._live = None

    def _check(self, key: Key, cost: int, now_ns: int, flags: int, room: int) -> Decision:
        out, details = self._calls.space("gwp_decision"), self._calls.space("gwp_decision", room)
        values, paid, now = self._joined(self._values(key)), self._cost(cost), self._time(now_ns)
        filled = details.argument if room else None
        self._call("gwp_limiter_check", *values, paid, now, flags, out.argument, filled, room)
        rows = [row for row in iter_unpack(_DECISION, details.read()) if room and any(row)]
        return self._told(out, tuple(told(row, self.dimensions) for row in rows))

    def _check_many(self, requests: list[Key], costs: list[int] | None, now_ns: int) -> list[Decision]:
        values = [value for key in requests for value in self._values(key)]
        paid = None if costs is None else array("Q", costs)
        out = self._calls.space("gwp_decision", len(requests))
        now = self._time(now_ns)
        self._call("gwp_limiter_check_many", *self._joined(values), len(requests), paid, now, 0, out.argument)
        return [told(row, self.dimensions) for row in iter_unpack(_DECISION, out.read())]

    def _call(self, name: str, *arguments: Any) -> None:
        self._calls.call(name, self._handle(), *arguments)

    def _handle(self) -> Any:
        live = self._live
        if live is None:
            raise fault("bad_handle", implementation=self.implementation)
        return live[0]

    def _values(self, key: Key) -> list[bytes]:
        return self._reader.values(key)

    def _joined(self, values: list[bytes]) -> tuple[bytes, array[int], int]:
        """What a call takes of values: the buffer, offsets, number of values."""
        return b"".join(values), array("Q", accumulate(map(len, values), initial=0)), len(values)

    def _cost(self, cost: int) -> int:
        return number(cost, "bad_cost", MAX_COST, self.implementation)

    def _time(self, now_ns: int) -> int:
        return number(now_ns, "bad_time", MAX_NOW_NS, self.implementation)

    def _told(self, out: Space, details: tuple[Decision, ...] = ()) -> Decision:
        (row,) = iter_unpack(_DECISION, out.read())
        return told(row, self.dimensions, details)


def _integer(space: Space) -> int:
    return int.from_bytes(space.read(), sys.byteorder)
