"""Configurations and traces for the rate limiter: small limits, few keys, a clock that jumps, every call.

`config(rng)` and `trace(rng, config)` are fast and serve long runs; a trace is a list of steps that `gw_traces.answer`
understands. Nothing here may know what an engine would decide.
"""

from __future__ import annotations

from random import Random
from typing import Any, TypeAlias

Step: TypeAlias = dict[str, Any]

ALGORITHMS = (
    "gcra",
    "token_bucket",
    "fixed_window",
    "sliding_window",
    "sliding_window_log",
    "sliding_window_counter",
)
PERIODS = ("s", "5ms", "3 s", "min", "100 ms", "7 Hours", "31d")
COUNTS = (1, 2, 3, 5, 7, 10, 33, 100, 9973)
NAMES = ("k0", "k1", "k2", "team-a", "team-b", "k3", None, "")
#: Microseconds between steps.
JUMPS = (0, 0, 1, 999, 1000, 4999, 100_000, 333_333, 1_000_000, 3_000_000, 61_000_000, 8 * 3_600_000_000, -1, -1500)
#: How far a clock may be behind the latest time: less than the shortest time that any key here is kept, 2 ms.
BEHIND = 1_900
COSTS = (0, 1, 1, 1, 2, 3, 10, 40, 1000, 2**50)


def rates(rng: Random, algorithm: str, most: int = 3) -> str:
    """One to `most` rates; with bursts where the algorithm has any."""
    return ", ".join(_rate(rng, algorithm) for _ in range(rng.randint(1, most)))


def _rate(rng: Random, algorithm: str) -> str:
    buckets = algorithm in ("gcra", "token_bucket")
    burst = f" burst {rng.choice((1, 2, 5, 50))}" if buckets and rng.random() < 0.3 else ""
    # The product of count and period has a bound; large counts go with short periods.
    period = rng.choice(PERIODS)
    count = rng.choice(COUNTS[:4] if period == "31d" else COUNTS)
    return f"{count}/{period}{burst}"


def dimension(rng: Random, name: str) -> dict[str, Any]:
    """One dimension."""
    algorithm = rng.choice(ALGORITHMS)
    made = {"name": name, "algorithm": algorithm, "limits": rates(rng, algorithm)}
    if rng.random() < 0.3:
        made["cost"] = "one"
    if rng.random() < 0.4:
        made |= {"concurrency": rng.choice((1, 2, 3)), "lease_ms": rng.choice((2, 50, 2000))}
    if rng.random() < 0.3:
        own = {"match": "team-*", "limits": rates(rng, algorithm), "concurrency": rng.choice((None, 0, 1))}
        made["overrides"] = [{"match": "k1", "limits": "unlimited"}, own]
    if rng.random() < 0.2:
        made["blocked"] = ["k3", "*-b"]
    return made


def config(rng: Random) -> dict[str, Any]:
    """A configuration that the schema accepts."""
    return {
        "dimensions": [dimension(rng, f"d{number}") for number in range(rng.choice((1, 1, 2, 3)))],
        "warm_up_percent": rng.choice((100, 100, 10, 50)),
        "jitter_percent": rng.choice((0, 0, 20)),
        "jitter_seed": rng.randrange(100),
        "dry_run": rng.random() < 0.1,
    }


def trace(rng: Random, dimensions: int, length: int) -> list[Step]:
    """Steps with a clock that goes on, jumps and sometimes steps back. Reservations and leases name earlier steps."""
    steps: list[Step] = []
    now = latest = rng.randrange(10**6, 10**15)
    for _ in range(length):
        now = max(1, latest - BEHIND, now + rng.choice(JUMPS))
        latest = max(latest, now)
        steps.append(_step(rng, dimensions, now, steps))
    return steps


def _step(rng: Random, dimensions: int, now: int, before: list[Step]) -> Step:
    step: Step = {"now": now, "key": [rng.choice(NAMES) for _ in range(dimensions)], "cost": rng.choice(COSTS)}
    match rng.randrange(12):
        case 0:
            return {**step, "op": "peek"}
        case 1 | 2 if before:
            reserved = rng.choice(before)
            cost = reserved["cost"]
            actual = rng.choice((0, 1, cost // 2, cost, cost + 1, cost + 7, 2000))
            taken = {"reserved": min(cost, 1000), "reserved_at": reserved["now"], "actual": actual}
            return {**step, **taken, "key": reserved["key"], "op": "settle"}
        case 3 | 4:
            return {**step, "op": "acquire"}
        case 5:
            return {**step, "op": "release", "lease": rng.randint(1, 5)}
        case 6 if rng.random() < 0.3:
            return {**step, "op": "reset"}
    return {**step, "op": "check"}
