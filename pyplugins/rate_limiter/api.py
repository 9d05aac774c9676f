"""The direct API of the rate limiter: one configured limiter with its counts, native or pure Python.

Tests: tests/unit/test_rate_limiter_api.py, tests/parity/test_rate_limiter_parity.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from pyplugins.core import config as configuration
from pyplugins.core.faults import fault
from pyplugins.core.limiter import Decision, Key, Limiter
from pyplugins.errors import UsageError
from pyplugins.native import open_limiter

if TYPE_CHECKING:
    from pyplugins.rate_limiter.redis_backend import RedisLimiter

__all__ = ["Decision", "Lease", "RateLimiter", "RateLimiterPython", "RateLimiterRust", "Reservation"]


class RateLimiter:
    """Decides who may do how much. Any number of threads may share one.

    A request names a value for each dimension: a text when there is one dimension, a mapping from the dimensions'
    names, or a sequence in their order; `None`, an empty or an absent value mean that the dimension does not apply.
    `cost` is 0 to 2^50. Times are nanoseconds of any clock, always the same; 0 asks for the limiter's own, which never
    steps back.

    Args:
        config: a mapping, a model with `model_dump()`, JSON text, or `None` for all defaults. Read strictly; README.md.
        implementation: ``auto``, ``rust``, ``cffi``, ``ctypes`` or ``python``; all but the first force. With the
            backend `redis` the server's script counts, and nothing is to be chosen.

    Attributes:
        implementation: ``"rust"`` or ``"python"``; ``"python"`` with the backend `redis`.
        binding: ``"cffi"``, ``"ctypes"`` or `None` for pure Python.
        dimensions: their names, in order.

    Raises:
        ConfigError: the configuration is wrong; `path` names the value.
        ImportError: the forced implementation cannot be had; the message says why.

    Every method raises `UsageError` for a key, cost or time that is none, and `InputTooLarge` for a value that is
    longer than `max_key_bytes`. That request was **not** allowed.

    >>> limiter = RateLimiter({"by_user": "2/s"})
    >>> [limiter.check("alice", now_ns=10**9).allowed for _ in range(3)]
    [True, True, False]
    >>> limiter.check("alice", now_ns=10**9).retry_after_ns
    500000000
    """

    #: Name of the engine.
    kind = "rate_limiter"

    def __init__(self, config: Any = None, implementation: str = "auto") -> None:
        text = configuration.to_json(config)
        #: The same limiter once more, where it can be awaited.
        self._waiting: RedisLimiter | None = None
        limiter: Limiter
        if configuration.read_for(self.kind, text)["backend"] == "redis":
            limiter = self._waiting = _redis(text)
        else:
            limiter = open_limiter(self.kind, text, implementation) or _python(text)
        self._limiter: Limiter | None = limiter
        self.implementation = limiter.implementation
        self.binding = limiter.binding
        self.dimensions = limiter.dimensions
        # A Python frame between would cost more than the decision.
        self.check = limiter.check  # type: ignore[method-assign]

    def check(self, key: Key, cost: int = 1, now_ns: int = 0) -> Decision:
        """Whether a request may go on; takes its cost from all windows, or from none."""
        return self._live().check(key, cost, now_ns)

    def decide(
        self, key: Key, cost: int = 1, now_ns: int = 0, *, peek: bool = False, dry_run: bool = False
    ) -> Decision:
        """`check` whose `details` say what every window says.

        Args:
            key, cost, now_ns: as for `check`.
            peek: take nothing.
            dry_run: refuse nothing; `would_refuse` tells.
        """
        return self._live().decide(key, cost, now_ns, peek=peek, dry_run=dry_run)

    def peek(self, key: Key, cost: int = 1, now_ns: int = 0) -> Decision:
        """What `check` would decide, and what is left now; takes nothing."""
        return self._live().decide(key, cost, now_ns, peek=True)

    def check_many(self, keys: Iterable[Key], costs: Sequence[int] | None = None, now_ns: int = 0) -> list[Decision]:
        """One `check` after the other. All keys and costs are looked at before the first; without `costs` each is 1."""
        return self._live().check_many(keys, costs, now_ns)

    def reserve(self, key: Key, cost: int, now_ns: int = 0) -> Reservation:
        """Takes an estimate, to be corrected by `Reservation.settle` when the cost is known.

        >>> reservation = RateLimiter({"by_user": "1000/m"}).reserve("alice", 800)
        >>> reservation.decision.remaining, reservation.settle(300).remaining
        (200, 700)
        """
        return Reservation(self, key, cost, self.check(key, cost, now_ns))

    def settle(self, key: Key, reserved: int, reserved_ns: int, actual: int, now_ns: int = 0) -> Decision:
        """Corrects the cost of a granted check, once, by another process perhaps.

        Args:
            key: as for the check.
            reserved: its cost.
            reserved_ns: its decision's `now_ns`.
            actual: what it should have cost. More is taken even beyond the limit, up to twice the limit; less comes
                back as far as the windows still hold it.
            now_ns: as for `check`.

        Returns:
            What is left. Not allowed: a window is beyond its limit.
        """
        return self._live().settle(key, reserved, reserved_ns, actual, now_ns)

    def acquire(self, key: Key, cost: int = 1, now_ns: int = 0) -> Lease:
        """A check that counts concurrency limits, too, and takes a lease of each.

        >>> limiter = RateLimiter({"dimensions": [{"name": "model", "concurrency": 1}]})
        >>> with limiter.acquire("large") as lease:
        ...     lease.decision.allowed, limiter.acquire("large").decision.allowed
        (True, False)
        >>> limiter.acquire("large").decision.allowed
        True
        """
        decision, number = self._live().acquire(key, cost, now_ns)
        return Lease(self, key, number, decision)

    def release(self, key: Key, lease: int, now_ns: int = 0) -> bool:
        """Ends a lease by its number. False: it had run out, or was never there."""
        return self._live().release(key, lease, now_ns)

    def reset(self, key: Key, now_ns: int = 0) -> int:
        """Forgets the keys that are named. Returns how many had counts."""
        return self._live().reset(key, now_ns)

    def export_state(self, now_ns: int = 0) -> bytes:
        """All counts, for `import_state` of a limiter with the same dimensions, native or not. It holds the values."""
        return self._live().export_state(now_ns)

    def import_state(self, data: bytes, now_ns: int = 0) -> int:
        """Adds the counts of an export; a key that is there is replaced. Returns how many keys came.

        Args:
            data: what `export_state` gave.
            now_ns: a time of the clock that the counts were made by; 0, for the limiter's own clock: all times move by
                what has passed since, so that nothing has run out meanwhile.

        Raises:
            UsageError: it is damaged, or of a limiter with other dimensions; nothing was added.
        """
        return self._live().import_state(data, now_ns)

    def describe(self) -> dict[str, Any]:
        """Dimensions, their classes of windows, limits."""
        return self._live().describe()

    def __len__(self) -> int:
        """Number of keys whose counts are held."""
        return self._live().key_count()

    def __bool__(self) -> bool:
        return True

    @property
    def away(self) -> bool:
        """The server with the counts did not answer last time: `fail_mode` decides. Never true in memory."""
        return self._waiting is not None and self._waiting.away

    def close(self) -> None:
        """Drops the counts. Every later call raises `UsageError`."""
        limiter, self._limiter = self._limiter, None
        if limiter is not None:
            del self.check
            limiter.close()

    def __enter__(self) -> RateLimiter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def aclose(self) -> None:
        """`close`, and the connections of the running event loop."""
        waiting = self._waiting
        self.close()
        if waiting is not None:
            await waiting.aclose()

    async def acheck(self, key: Key, cost: int = 1, now_ns: int = 0) -> Decision:
        """`check` for code that awaits; counts in memory never wait."""
        waiting = self._waiting
        return self.check(key, cost, now_ns) if waiting is None else await waiting.acheck(key, cost, now_ns)

    async def adecide(
        self, key: Key, cost: int = 1, now_ns: int = 0, *, peek: bool = False, dry_run: bool = False
    ) -> Decision:
        """`decide` for code that awaits."""
        if self._waiting is None:
            return self.decide(key, cost, now_ns, peek=peek, dry_run=dry_run)
        return await self._waiting.adecide(key, cost, now_ns, peek=peek, dry_run=dry_run)

    async def areserve(self, key: Key, cost: int, now_ns: int = 0) -> Reservation:
        """`reserve` for code that awaits."""
        return Reservation(self, key, cost, await self.acheck(key, cost, now_ns))

    async def asettle(self, key: Key, reserved: int, reserved_ns: int, actual: int, now_ns: int = 0) -> Decision:
        """`settle` for code that awaits."""
        if self._waiting is None:
            return self.settle(key, reserved, reserved_ns, actual, now_ns)
        return await self._waiting.asettle(key, reserved, reserved_ns, actual, now_ns)

    async def aacquire(self, key: Key, cost: int = 1, now_ns: int = 0) -> Lease:
        """`acquire` for code that awaits."""
        if self._waiting is None:
            return self.acquire(key, cost, now_ns)
        decision, number = await self._waiting.aacquire(key, cost, now_ns)
        return Lease(self, key, number, decision)

    async def arelease(self, key: Key, lease: int, now_ns: int = 0) -> bool:
        """`release` for code that awaits."""
        waiting = self._waiting
        return self.release(key, lease, now_ns) if waiting is None else await waiting.arelease(key, lease, now_ns)

    async def apeek(self, key: Key, cost: int = 1, now_ns: int = 0) -> Decision:
        """`peek` for code that awaits."""
        return await self.adecide(key, cost, now_ns, peek=True)

    async def areset(self, key: Key, now_ns: int = 0) -> int:
        """`reset` for code that awaits."""
        waiting = self._waiting
        return self.reset(key, now_ns) if waiting is None else await waiting.areset(key, now_ns)

    def _live(self) -> Limiter:
        limiter = self._limiter
        if limiter is None:
            raise fault("bad_handle", implementation=self.implementation)
        return limiter

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.dimensions)} dimensions, {self.binding or 'python'}>"


def _python(config: str) -> Limiter:
    from pyplugins.rate_limiter.fallback import PythonLimiter

    return PythonLimiter(config)


def _redis(config: str) -> RedisLimiter:
    from pyplugins.rate_limiter.redis_backend import RedisLimiter

    return RedisLimiter(config)


class Reservation:
    """A cost that was taken as an estimate. True when it was granted."""

    def __init__(self, limiter: RateLimiter, key: Key, cost: int, decision: Decision) -> None:
        self.decision = decision
        self.cost = cost
        self._limiter = limiter
        self._key = key
        self._lock = Lock()
        #: Nothing was taken by a refusal or a dry run that would have refused.
        self._open = decision.allowed and not decision.would_refuse

    def __bool__(self) -> bool:
        return self.decision.allowed

    def settle(self, actual: int, now_ns: int = 0) -> Decision:
        """Corrects the cost.

        Raises:
            UsageError: it has been settled already, or was refused; or `actual` or `now_ns` is wrong.
            ResourceError: the server could not be asked. It may have heard: it is not settled again.
        """
        self._claim()
        try:
            return self._limiter.settle(self._key, self.cost, self.decision.now_ns, actual, now_ns)
        except UsageError:
            self._open = True  # nothing has been sent
            raise

    async def asettle(self, actual: int, now_ns: int = 0) -> Decision:
        """`settle` for code that awaits."""
        self._claim()
        try:
            return await self._limiter.asettle(self._key, self.cost, self.decision.now_ns, actual, now_ns)
        except UsageError:
            self._open = True
            raise

    def _claim(self) -> None:
        """Of two settlements at a time one goes on."""
        with self._lock:
            if not self._open:
                raise fault("settled", implementation=self._limiter.implementation)
            self._open = False


class Lease:
    """A lease of concurrency limits, released at the end of a `with` block. True when it was granted."""

    def __init__(self, limiter: RateLimiter, key: Key, number: int, decision: Decision) -> None:
        self.decision = decision
        #: 0 when it was refused.
        self.number = number
        self._limiter = limiter
        self._key = key

    def __bool__(self) -> bool:
        return self.decision.allowed

    def release(self, now_ns: int = 0) -> bool:
        """Ends it. False: it had run out, or was never granted."""
        return self.number != 0 and self._limiter.release(self._key, self.number, now_ns)

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    async def __aenter__(self) -> Lease:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.number:
            await self._limiter.arelease(self._key, self.number)


class RateLimiterRust(RateLimiter):
    """`RateLimiter` of the native library, never of Python."""

    def __init__(self, config: Any = None, implementation: str = "rust") -> None:
        super().__init__(config, implementation)


class RateLimiterPython(RateLimiter):
    """`RateLimiter` in pure Python.

    >>> RateLimiterPython().implementation
    'python'
    """

    def __init__(self, config: Any = None, implementation: str = "python") -> None:
        super().__init__(config, implementation)
