"""The rate limiter in pure Python, with the step names of rustlib/engines/rate_limiter/src/limiter.rs.

It must decide exactly as RULES.md says. One lock guards all keys. Tests: tests/unit/test_limiter_vectors.py,
tests/parity/test_rate_limiter_parity.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import chain
from threading import Lock
from typing import Any, Final

from pyplugins.core.description import version
from pyplugins.core.faults import fault
from pyplugins.core.limiter import MAX_COST, MAX_NOW_NS, Decision, Key, KeyReader, number, told
from pyplugins.rate_limiter import _saved
from pyplugins.rate_limiter._settings import Dimension, Settings
from pyplugins.rate_limiter._windows import NEVER, Cell, Window

_UNLIMITED: Final = 2**64 - 1
_NONE: Final = 2**32 - 1
_MASK: Final = 2**64 - 1
#: So that counts of another process, which are as old as any may be, have a time on the clock of this one, too.
_CLOCK_START_US: Final = 10**13
#: Entries an insertion looks at, to drop what is forgotten; and when there is no room.
_LOOKS, _SEARCH = 2, 8
#: The fields of a decision, as in the C record: allowed, flags, dimension, window, limit, remaining, reset, retry, now;
#: times in microseconds.
Row = tuple[int, int, int, int, int, int, int, int, int]


class Entry:
    """What is kept of a key."""

    __slots__ = ("cells", "kind", "time")

    def __init__(self, time: int, cells: list[Cell], kind: int) -> None:
        #: t
        self.time = time
        self.cells = cells
        #: Index of its class.
        self.kind = kind


class _Spot:
    """One key of a request: where it is, and its state at T."""

    __slots__ = ("cells", "cost", "dimension", "entry", "fresh", "index", "kind", "name", "now", "windows")

    def __init__(self, index: int, value: bytes, dimension: Dimension, cost: int) -> None:
        self.index = index
        self.name = (index, value)
        self.dimension = dimension
        self.cost = min(cost, 1) if dimension.one else cost
        self.entry: Entry | None = None
        self.fresh = True
        self.kind = 0
        self.now = 0
        self.cells: list[Cell] = []
        self.windows: list[Window] = []


class PythonLimiter:
    """A limiter in pure Python: `pyplugins.core.limiter.Limiter`."""

    implementation = "python"
    binding: str | None = None

    def __init__(self, config: str) -> None:
        self.settings = Settings(config)
        self.dimensions = tuple(dimension.name for dimension in self.settings.dimensions)
        self._reader = KeyReader(self.dimensions, self.implementation)
        #: Block lists by the index of their dimension.
        self._lists = [(index, row.blocked) for index, row in enumerate(self.settings.dimensions) if row.blocked]
        self._lock = Lock()
        self.keys: dict[tuple[int, bytes], Entry] = {}
        self.next_lease = 1
        self._closed = False

    def check(self, key: Key, cost: int = 1, now_ns: int = 0) -> Decision:
        """Decides, and takes the cost from all windows or from none."""
        row, _, _ = self._decide(self._accepted(key, cost), cost, self.clock(now_ns))
        return self._told(row)

    def decide(
        self, key: Key, cost: int = 1, now_ns: int = 0, *, peek: bool = False, dry_run: bool = False
    ) -> Decision:
        """`check` with what every window says."""
        values, now = self._accepted(key, cost), self.clock(now_ns)
        row, details, _ = self._decide(values, cost, now, peek=peek, dry_run=dry_run)
        return self._told(row, tuple(self._told(detail) for detail in details))

    def check_many(self, keys: Iterable[Key], costs: Sequence[int] | None = None, now_ns: int = 0) -> list[Decision]:
        """One `check` after the other; all keys and costs are looked at before the first."""
        requests = list(keys)
        if costs is not None and len(costs) != len(requests):
            raise fault("bad_count", a=len(costs), b=len(requests))
        paid = costs if costs is not None else [1] * len(requests)
        accepted = [self._accepted(key, cost) for key, cost in zip(requests, paid, strict=True)]
        rows = (self._decide(v, cost, self.clock(now_ns))[0] for v, cost in zip(accepted, paid, strict=True))
        return [self._told(row) for row in rows]

    def acquire(self, key: Key, cost: int = 1, now_ns: int = 0) -> tuple[Decision, int]:
        """A check that takes leases, too."""
        values, now = self._accepted(key, cost), self.clock(now_ns)
        row, _, id = self._decide(values, cost, now, lease=True)
        return self._told(row), id

    def settle(self, key: Key, reserved: int, reserved_ns: int, actual: int, now_ns: int = 0) -> Decision:
        """Corrects the cost of a granted check."""
        values = self._accepted(key, reserved)
        number(actual, "bad_cost", MAX_COST, self.implementation)
        taken, now = self.clock(reserved_ns), self.clock(now_ns)
        row = unlimited(now)
        with self._lock:
            for spot in self._spots(values, 0, now):
                if not spot.dimension.one:
                    self._correct(spot, reserved, taken, actual)
                for answer in _answers(spot, spot.dimension.classes[spot.kind].rates, taken=False):
                    row = more_telling(row, answer)
        return self._told((*row[:8], now))

    def release(self, key: Key, lease: int, now_ns: int = 0) -> bool:
        """Ends a lease; whether it was there and had not run out."""
        number(lease, "bad_number", 2**64 - 1, self.implementation)
        values, now, live = self._accepted(key, 0), self.clock(now_ns), False
        with self._lock:
            for name in enumerate(values):
                entry = self.keys.get(name)
                if entry is not None:
                    live |= self._release(name[0], entry, lease, now)
        return live

    def reset(self, key: Key, now_ns: int = 0) -> int:
        """Forgets keys; how many had counts."""
        values, now = self._accepted(key, 0), self.clock(now_ns)
        removed = 0
        with self._lock:
            for spot in self._spots(values, 0, now):
                removed += not spot.fresh
                self.keys.pop(spot.name, None)
        return removed

    def export_state(self, now_ns: int = 0) -> bytes:
        """All counts."""
        now = self.clock(now_ns)
        with self._lock:
            return _saved.write(self.settings, self.keys.items(), self.next_lease, now)

    def import_state(self, data: bytes, now_ns: int = 0) -> int:
        """Adds the counts of an export; how many keys came."""
        if not isinstance(data, bytes):
            raise fault("bad_type")
        now = self.clock(now_ns)
        lease, found = _saved.read(self.settings, data, now, moved=now_ns == 0)
        with self._lock:
            self.next_lease = max(self.next_lease, lease)
            for name, time, kind, cells in found:
                self._insert(name, Entry(time, cells, kind), now)
        return len(found)

    def key_count(self) -> int:
        """Number of keys whose counts are held."""
        return len(self.keys)

    def describe(self) -> dict[str, Any]:
        """Dimensions, their classes of windows, limits."""
        settings = self.settings
        return {
            "kind": "rate_limiter",
            "version": version(),
            "dimensions": [dimension.describe() for dimension in settings.dimensions],
            "max_keys": settings.max_keys,
            "max_key_bytes": settings.max_key_bytes,
            "most_windows": settings.most_windows(),
        }

    def close(self) -> None:
        """Takes no more requests."""
        self._closed = True

    def clock(self, now_ns: int) -> int:
        """Whole microseconds of a time; 0 asks for the monotonic clock."""
        if now_ns == 0 and now_ns is not False:
            return time.monotonic_ns() // 1000 + _CLOCK_START_US
        return number(now_ns, "bad_time", MAX_NOW_NS, self.implementation) // 1000

    def _accepted(self, key: Key, cost: int) -> list[bytes]:
        """Values and cost are within their limits."""
        if self._closed:
            raise fault("bad_handle")
        number(cost, "bad_cost", MAX_COST, self.implementation)
        values = self._reader.values(key)
        most = self.settings.max_key_bytes
        for value in values:
            if len(value) > most:
                raise fault("too_large", a=len(value), b=most)
        return values

    def _decide(
        self,
        values: list[bytes],
        cost: int,
        now: int,
        *,
        peek: bool = False,
        dry_run: bool = False,
        lease: bool = False,
    ) -> tuple[Row, list[Row], int]:
        """The decision, what every window says, and the number of the lease."""
        blocked = self._blocked(values)
        details: list[Row] = []
        if blocked is not None:
            row, id = refused_by_list(now, blocked), 0
        else:
            with self._lock:
                row, details, id = self._run(self._spots(values, cost, now), now, peek=peek, lease=lease)
        if row[0]:
            return row, details, id
        return self._worded(row, values, dry_run), details, 0

    def _worded(self, row: Row, values: list[bytes], dry_run: bool) -> Row:
        """A refusal as it is told: with jitter, or as permission in a dry run."""
        settings = self.settings
        allowed, flags, dimension, window, limit, remaining, reset, retry, now = row
        if allowed:
            return row
        retry = _jittered(retry, settings.jitter_percent, settings.jitter_seed, now, values)
        dry = settings.dry_run or dry_run
        return (int(dry), flags | int(dry), dimension, window, limit, remaining, reset, retry, now)

    def _blocked(self, values: list[bytes]) -> int | None:
        """The first dimension whose block list has its value."""
        for index, blocked in self._lists:
            if values[index] and blocked.find(values[index]) is not None:
                return index
        return None

    def _spots(self, values: list[bytes], cost: int, now: int) -> list[_Spot]:
        dimensions = self.settings.dimensions
        spots = [_Spot(index, value, dimensions[index], cost) for index, value in enumerate(values) if value]
        for spot in spots:
            self._look(spot, now)
        return spots

    def _look(self, spot: _Spot, now: int) -> None:
        """Finds the key and its time; a new one gets the state it begins with."""
        spot.entry = entry = self.keys.get(spot.name)
        classes = spot.dimension.classes
        if entry is not None:
            spot.kind, spot.now = entry.kind, max(now, entry.time)
            found = classes[entry.kind]
            spot.fresh = spot.now >= entry.time + found.kept
        else:
            spot.kind, spot.now = spot.dimension.class_of(spot.name[1]), now
            found = classes[spot.kind]
        spot.windows = found.windows
        if spot.fresh or entry is None:
            share = self.settings.warm_up_percent
            used = (w.capacity - max(1, w.capacity * share // 100) for w in spot.windows)
            spot.cells = [w.fresh(spot.now, part) for w, part in zip(spot.windows, used, strict=True)]
        else:
            then = entry.time
            cells = zip(spot.windows, entry.cells, strict=True)
            spot.cells = [w.advanced(cell, then, spot.now) for w, cell in cells]

    def _run(self, spots: list[_Spot], now: int, *, peek: bool, lease: bool) -> tuple[Row, list[Row], int]:
        """Steps 3 to 5 of a check."""
        asked = [(spot, spot.windows if lease else spot.dimension.classes[spot.kind].rates) for spot in spots]
        taken = not peek and all(_fits(spot, windows) for spot, windows in asked)
        if taken:
            for spot, windows in asked:
                if (spot.cost or lease) and spot.windows:
                    self._take(spot, windows, now)
        id = self.next_lease if taken and lease else 0
        self.next_lease += id > 0
        row, details = unlimited(now), []
        for answer in chain.from_iterable(_answers(spot, windows, taken=taken) for spot, windows in asked):
            details.append(answer)
            row = more_telling(row, answer)
        return (*row[:8], now), details, id

    def _take(self, spot: _Spot, windows: list[Window], now: int) -> None:
        for index, window in enumerate(windows):
            spot.cells[index] = window.taken(spot.cells[index], spot.now, spot.cost, self.next_lease)
        self._keep(spot, now)

    def _keep(self, spot: _Spot, now: int) -> None:
        """Writes the time and the state. A key that came in before may have pushed this one out."""
        entry = self.keys.get(spot.name)
        if entry is None:
            self._insert(spot.name, Entry(spot.now, spot.cells, spot.kind), now)
        else:
            entry.time, entry.cells = spot.now, spot.cells
        spot.fresh = False

    def _correct(self, spot: _Spot, cost: int, taken: int, actual: int) -> None:
        if cost == actual or not spot.windows or (spot.fresh and actual < cost):
            return
        for index, window in enumerate(spot.windows):
            cell = spot.cells[index]
            if actual > cost:
                more = min(actual - cost, 2 * window.capacity)
                spot.cells[index] = window.charged(cell, spot.now, more)
            else:
                spot.cells[index] = window.given_back(cell, spot.now, cost - actual, cost, taken)
        self._keep(spot, spot.now)

    def _release(self, index: int, entry: Entry, lease: int, now: int) -> bool:
        now, live = max(now, entry.time), False
        windows = self.settings.dimensions[index].classes[entry.kind].windows
        for place, window in enumerate(windows):
            if window.leases:
                live |= any(id == lease and end > now for end, id in entry.cells[place])
                entry.cells[place] = tuple(item for item in entry.cells[place] if item[1] != lease)
        return live

    def _insert(self, name: tuple[int, bytes], entry: Entry, now: int) -> None:
        """Adds a key. Looks at the oldest few and drops what is forgotten, so that memory needs no other cleaning."""
        for _ in range(min(_LOOKS, len(self.keys))):
            oldest = next(iter(self.keys))
            old = self.keys.pop(oldest)
            if old.time + 2 * self._kept(oldest, old) > now:
                self.keys[oldest] = old
        if len(self.keys) >= self.settings.max_keys and name not in self.keys:
            few = [item for item, _ in zip(self.keys.items(), range(_SEARCH), strict=False)]
            del self.keys[min(few, key=lambda item: item[1].time + self._kept(*item))[0]]
        self.keys[name] = entry

    def _kept(self, name: tuple[int, bytes], entry: Entry) -> int:
        return self.settings.dimensions[name[0]].classes[entry.kind].kept

    def _told(self, row: Row, details: tuple[Decision, ...] = ()) -> Decision:
        *first, reset, retry, now = row
        wait = retry if retry == NEVER else retry * 1000
        return told((*first, reset * 1000, wait, now * 1000), self.dimensions, details)


def unlimited(now: int) -> Row:
    return (1, 0, _NONE, _NONE, _UNLIMITED, _UNLIMITED, 0, 0, now)


def refused_by_list(now: int, dimension: int) -> Row:
    return (0, 2, dimension, _NONE, 0, 0, 0, NEVER, now)


def _cost(window: Window, spot: _Spot) -> int:
    """What a window is asked for: of leases always one."""
    return 1 if window.leases else spot.cost


def _fits(spot: _Spot, windows: list[Window]) -> bool:
    cells = zip(windows, spot.cells, strict=False)
    return all(window.fits(cell, spot.now, _cost(window, spot)) for window, cell in cells)


def _answers(spot: _Spot, windows: list[Window], *, taken: bool) -> Iterable[Row]:
    """What each window says. `taken` has been found to fit, and counts already."""
    for index, (window, cell) in enumerate(zip(windows, spot.cells, strict=False)):
        now, cost = spot.now, _cost(window, spot)
        fits = taken or window.fits(cell, now, cost)
        retry = 0 if fits else window.retry(cell, now, cost)
        left, reset = window.remaining(cell, now), window.reset(cell, now)
        yield (int(fits), 0, spot.index, index, window.capacity, left, reset, retry, now)


def more_telling(mine: Row, other: Row) -> Row:
    """The more telling of two answers: of refusals the longest wait, else what leaves least; the first of equals."""
    if mine[0] != other[0]:
        return mine if other[0] else other
    if mine[0]:
        return other if other[5] < mine[5] or mine[2] == _NONE else mine
    return other if other[7] > mine[7] else mine


def _jittered(retry: int, percent: int, seed: int, now: int, values: list[bytes]) -> int:
    if percent == 0 or retry == NEVER:
        return retry
    random = _mix(seed ^ _saved.fnv1a(value + b"\xff" for value in values) ^ now) >> 40
    return retry + retry * percent * random // (100 << 24)


def _mix(value: int) -> int:
    """The finaliser of SplitMix64."""
    z = (value + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & _MASK
    return z ^ z >> 31
