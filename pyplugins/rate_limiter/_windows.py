"""Twin of rustlib/engines/rate_limiter/src/window.rs: the algorithms of RULES.md, by the names they have there.

All numbers are whole microseconds and costs. A state is looked at without being changed: `advanced` gives what counts
at a time, and only `taken`, `charged` and `given_back` make a new one. Each kind of window says what its states are.
Tests: tests/unit/test_limiter_vectors.py, tests/parity/test_rate_limiter_parity.py.
"""

from __future__ import annotations

from math import gcd
from typing import Any, Final, TypeAlias

from pyplugins.core.faults import fault
from pyplugins.rate_limiter._rates import Rate

#: No wait helps.
NEVER: Final = 2**64 - 1
_MOST: Final = 2**52
#: What a key keeps for one window: an immutable value, of a form that its kind of window knows.
Cell: TypeAlias = Any


class Window:
    """One window; its states are counts. Fields by the names of RULES.md: C, N, P, P', N'."""

    #: Whether it is a concurrency limit.
    leases = False

    def __init__(self, capacity: int, count: int, period: int) -> None:
        self.capacity = capacity
        self.count = count
        self.period = period
        #: K
        self.kept = period

    def fresh(self, now: int, used: int) -> Cell:
        """The state of a new key that has used so much."""
        return used

    def advanced(self, cell: Cell, then: int, now: int) -> Cell:
        """What counts at `now`."""
        raise NotImplementedError

    def fits(self, cell: Cell, now: int, cost: int) -> bool:
        """Whether `cost` fits on top."""
        return cost <= self.capacity and self._used(cell) + cost <= self.capacity

    def taken(self, cell: Cell, now: int, cost: int, lease: int) -> Cell:
        """The state with `cost` on top."""
        return cell + cost

    def charged(self, cell: Cell, now: int, more: int) -> Cell:
        """The state with `more` on top, in debt if need be."""
        return cell + min(more, max(0, 2 * self.count - cell))

    def given_back(self, cell: Cell, now: int, back: int, cost: int, then: int) -> Cell:
        """The state less what it still holds of `back`, a part of the `cost` that was taken `then`."""
        raise NotImplementedError

    def remaining(self, cell: Cell, now: int) -> int:
        """What could be had on top."""
        return max(0, self.capacity - self._used(cell))

    def reset(self, cell: Cell, now: int) -> int:
        """Until nothing counts any more, if nothing comes."""
        raise NotImplementedError

    def retry(self, cell: Cell, now: int, cost: int) -> int:
        """Until `cost`, which does not fit, would fit, if nothing comes; `NEVER`."""
        return NEVER if cost > self.capacity else self._wait(cell, now, cost)

    def pairs(self, cell: Cell) -> list[tuple[int, int]]:
        """The state as an export writes it."""
        return [(cell, 0)]

    def read(self, pairs: list[tuple[int, int]], shift: int, time: int) -> Cell | None:
        """The state that an export wrote, moved by `shift`, of a key last changed at `time`; `None`: no such state."""
        return pairs[0][0] if len(pairs) == 1 and self._possible(pairs[0][0]) else None

    def _possible(self, value: int) -> bool:
        return value <= 2 * self.count

    def _wait(self, cell: Cell, now: int, cost: int) -> int:
        raise NotImplementedError

    def _used(self, cell: Cell) -> int:
        used: int = cell
        return used

    def _start(self, time: int) -> int:
        return time - time % self.period

    def _left(self, now: int) -> int:
        """f: what is left of the window that `now` is in."""
        return self.period - now % self.period


class Fixed(Window):
    """fixed_window: c."""

    def advanced(self, cell: Cell, then: int, now: int) -> Cell:
        return 0 if self._start(now) > self._start(then) else cell

    def given_back(self, cell: Cell, now: int, back: int, cost: int, then: int) -> Cell:
        return max(0, cell - back) if self._start(then) == self._start(now) else cell

    def reset(self, cell: Cell, now: int) -> int:
        return self._left(now) if cell else 0

    def _wait(self, cell: Cell, now: int, cost: int) -> int:
        return self._left(now)


class Log(Window):
    """sliding_window_log: a tuple of (time, cost), oldest first."""

    def fresh(self, now: int, used: int) -> Cell:
        return ((now, used),) if used else ()

    def advanced(self, cell: Cell, then: int, now: int) -> Cell:
        first = 0
        while first < len(cell) and cell[first][0] + self.period <= now:
            first += 1
        return cell[first:]

    def taken(self, cell: Cell, now: int, cost: int, lease: int) -> Cell:
        if cost == 0:
            return cell
        if cell and cell[-1][0] == now:
            return (*cell[:-1], (now, cell[-1][1] + cost))
        return (*cell, (now, cost))

    def charged(self, cell: Cell, now: int, more: int) -> Cell:
        return self.taken(cell, now, min(more, max(0, 2 * self.count - self._used(cell))), 0)

    def given_back(self, cell: Cell, now: int, back: int, cost: int, then: int) -> Cell:
        less = ((time, cost - min(back, cost) if time == then else cost) for time, cost in cell)
        return tuple(entry for entry in less if entry[1])

    def reset(self, cell: Cell, now: int) -> int:
        return cell[-1][0] + self.period - now if cell else 0

    def pairs(self, cell: Cell) -> list[tuple[int, int]]:
        return list(cell)

    def read(self, pairs: list[tuple[int, int]], shift: int, time: int) -> Cell | None:
        moved = [(then + shift, cost) for then, cost in pairs]
        times = [0, *(then for then, _ in moved), time]
        whole = sum(cost for _, cost in moved) <= 2 * self.count and times == sorted(times)
        if not whole or any(time - then > _LONGEST for then, _ in moved):
            return None
        cell: Cell = ()
        for then, cost in moved:
            cell = self.taken(cell, then, cost, 0)
        return cell

    def _used(self, cell: Cell) -> int:
        return sum(cost for _, cost in cell)

    def _wait(self, cell: Cell, now: int, cost: int) -> int:
        used = self._used(cell)
        for time, freed in cell:
            used -= freed
            if used + cost <= self.count:
                return int(time + self.period - now)
        return 0


_LONGEST: Final = 31 * 86_400_000_000


class Counter(Window):
    """sliding_window_counter: (prev, cur)."""

    def __init__(self, capacity: int, count: int, period: int) -> None:
        super().__init__(capacity, count, period)
        self.kept = 2 * period

    def fresh(self, now: int, used: int) -> Cell:
        return (0, used)

    def advanced(self, cell: Cell, then: int, now: int) -> Cell:
        passed = (self._start(now) - self._start(then)) // self.period
        return cell if passed == 0 else (cell[1], 0) if passed == 1 else (0, 0)

    def fits(self, cell: Cell, now: int, cost: int) -> bool:
        prev, cur = cell
        room = self.count - cur - cost
        return bool(cost <= self.capacity and room >= 0 and prev * self._left(now) <= room * self.period)

    def taken(self, cell: Cell, now: int, cost: int, lease: int) -> Cell:
        return (cell[0], cell[1] + cost)

    def charged(self, cell: Cell, now: int, more: int) -> Cell:
        return (cell[0], cell[1] + min(more, max(0, 2 * self.count - cell[1])))

    def given_back(self, cell: Cell, now: int, back: int, cost: int, then: int) -> Cell:
        prev, cur = cell
        if self._start(then) == self._start(now):
            return (prev, max(0, cur - back))
        if self._start(then) + self.period == self._start(now):
            return (max(0, prev - back), cur)
        return cell

    def remaining(self, cell: Cell, now: int) -> int:
        prev, cur = cell
        return int(max(0, self.count - cur - -(-prev * self._left(now) // self.period)))

    def reset(self, cell: Cell, now: int) -> int:
        prev, cur = cell
        if cur:
            return self._left(now) + self.period
        return self._left(now) if prev else 0

    def pairs(self, cell: Cell) -> list[tuple[int, int]]:
        return [(cell[0] << 32 | cell[1], 0)]

    def read(self, pairs: list[tuple[int, int]], shift: int, time: int) -> Cell | None:
        if len(pairs) != 1:
            return None
        halves = pairs[0][0] >> 32, pairs[0][0] & 0xFFFF_FFFF
        return halves if max(halves) <= 2 * self.count else None

    def _wait(self, cell: Cell, now: int, cost: int) -> int:
        prev, cur = cell
        if cur + cost <= self.count:
            return int(self._left(now) - (self.count - cur - cost) * self.period // prev)
        return int(self._left(now) + self.period - min(self.period, (self.count - cost) * self.period // cur))


class Bucket(Window):
    """gcra and token_bucket: L, the weight that counts."""

    def __init__(self, capacity: int, count: int, period: int) -> None:
        super().__init__(capacity, count, period)
        common = gcd(count, period)
        self.unit = period // common
        self.drain = count // common
        self.full = capacity * self.unit
        self.kept = -(-2 * self.full // self.drain)

    def fresh(self, now: int, used: int) -> Cell:
        return used * self.unit

    def advanced(self, cell: Cell, then: int, now: int) -> Cell:
        return max(0, cell - (now - then) * self.drain)

    def fits(self, cell: Cell, now: int, cost: int) -> bool:
        return bool(cell + cost * self.unit <= self.full)

    def taken(self, cell: Cell, now: int, cost: int, lease: int) -> Cell:
        return cell + cost * self.unit

    def charged(self, cell: Cell, now: int, more: int) -> Cell:
        return cell + min(min(more, 2 * self.capacity) * self.unit, 2 * self.full - cell)

    def given_back(self, cell: Cell, now: int, back: int, cost: int, then: int) -> Cell:
        left = max(0, cost * self.unit - max(0, now - then) * self.drain)
        return max(0, cell - min(back * self.unit, left))

    def remaining(self, cell: Cell, now: int) -> int:
        return int(max(0, self.full - cell) // self.unit)

    def reset(self, cell: Cell, now: int) -> int:
        return int(-(-cell // self.drain))

    def _possible(self, value: int) -> bool:
        return value <= 2 * self.full

    def _wait(self, cell: Cell, now: int, cost: int) -> int:
        return int(-(-(cell - (self.full - cost * self.unit)) // self.drain))


class Leases(Window):
    """A concurrency limit: a tuple of (expiry, id). N is the limit, P the lease time."""

    leases = True

    def fresh(self, now: int, used: int) -> Cell:
        return ()

    def advanced(self, cell: Cell, then: int, now: int) -> Cell:
        return tuple(lease for lease in cell if lease[0] > now)

    def taken(self, cell: Cell, now: int, cost: int, lease: int) -> Cell:
        return (*cell, (now + self.period, lease))

    def charged(self, cell: Cell, now: int, more: int) -> Cell:
        return cell

    def given_back(self, cell: Cell, now: int, back: int, cost: int, then: int) -> Cell:
        return cell

    def reset(self, cell: Cell, now: int) -> int:
        return max((end for end, _ in cell), default=now) - now

    def pairs(self, cell: Cell) -> list[tuple[int, int]]:
        return list(cell)

    def read(self, pairs: list[tuple[int, int]], shift: int, time: int) -> Cell | None:
        moved = tuple((min(end + shift, time + self.period), id) for end, id in pairs)
        return moved if len(moved) <= self.capacity else None

    def _used(self, cell: Cell) -> int:
        return len(cell)

    def _wait(self, cell: Cell, now: int, cost: int) -> int:
        return int(min(end for end, _ in cell) - now)


_KINDS: Final = {"fixed_window": Fixed, "sliding_window_counter": Counter, "sliding_window_log": Log}


def window(algorithm: str, rate: Rate, path: str, index: int) -> Window:
    """The window of a rate.

    Raises:
        ConfigError: the algorithm cannot serve it.
    """
    kind = _KINDS.get(algorithm, Bucket)
    if rate.burst is not None and kind is not Bucket:
        raise fault("config_burst", path, index)
    made = kind(rate.burst or rate.most, rate.most, rate.period)
    product = made.full if isinstance(made, Bucket) else rate.most * rate.period if kind is Counter else 0
    if product > _MOST or (kind is Log and rate.most > 1_000_000):
        raise fault("config_magnitude", path, index)
    return made
