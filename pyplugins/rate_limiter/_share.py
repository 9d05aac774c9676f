"""The configuration of the local limiter that stands in for Redis: a share of every limit.

Tests: tests/redis/test_share.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pyplugins.errors import ConfigError
from pyplugins.rate_limiter._rates import Rate, parse
from pyplugins.rate_limiter._windows import window

_UNITS: Final = {"d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1_000}
#: A burst that every period has room for.
_ALWAYS_SERVED: Final = 1000
_OF_REDIS: Final = ("backend", "fail_mode", "refusal_cache_ms", "local_share_percent")


def share_of(values: Mapping[str, Any], percent: int) -> dict[str, Any]:
    """A configuration with `percent` of each limit, burst and concurrency of `values`, but at least 1, in memory.

    Args:
        values: a whole configuration, with its defaults.

    >>> share_of({"by_user": "100/5 min burst 7", "by_tenant": None, "by_user_per_server": None, "by_tool": {},
    ...           "dimensions": [], "algorithm": "gcra", "fail_mode": "local"}, 10)["by_user"]
    '10/5 m burst 1'
    """
    made = {key: value for key, value in values.items() if key not in _OF_REDIS and not key.startswith("redis_")}
    algorithm = values["algorithm"]
    for key in ("by_user", "by_tenant", "by_user_per_server"):
        made[key] = made[key] and _rates(made[key], algorithm, percent)
    made["by_tool"] = {name: _rates(text, algorithm, percent) for name, text in (made["by_tool"] or {}).items()}
    made["dimensions"] = [_limits(row, row["algorithm"] or algorithm, percent) for row in made["dimensions"]]
    return made


def _limits(row: Mapping[str, Any], algorithm: str, percent: int) -> dict[str, Any]:
    made = dict(row) | {"limits": _rates(row["limits"], algorithm, percent)}
    if row["concurrency"]:
        made["concurrency"] = _part(row["concurrency"], percent)
    if "overrides" in row:
        made["overrides"] = [_limits(entry, algorithm, percent) for entry in row["overrides"]]
    return made


def _rates(text: str, algorithm: str, percent: int) -> str:
    shares = (_written(_share(rate, algorithm, percent)) for rate in parse(text, "$"))
    return ", ".join(shares) or "unlimited"


def _share(rate: Rate, algorithm: str, percent: int) -> Rate:
    """The share, rounded down to fewer digits where the arithmetic of the algorithm has no room for all of them."""
    most, burst = _part(rate.most, percent), rate.burst and _part(rate.burst, percent)
    for unit in (10**digits for digits in range(len(str(most)))):
        made = Rate(most - most % unit, rate.period, burst)
        if _served(algorithm, made):
            return made
    return Rate(1, rate.period, burst and min(burst, _ALWAYS_SERVED))


def _served(algorithm: str, rate: Rate) -> bool:
    try:
        window(algorithm, rate, "$", 0)
    except ConfigError:
        return False
    return True


def _written(rate: Rate) -> str:
    # The largest unit that divides the period: its multiple is no larger than that which was written.
    unit = next(unit for unit, length in _UNITS.items() if rate.period % length == 0)
    burst = f" burst {rate.burst}" if rate.burst else ""
    return f"{rate.most}/{rate.period // _UNITS[unit]} {unit}{burst}"


def _part(number: int, percent: int) -> int:
    return max(1, number * percent // 100)
