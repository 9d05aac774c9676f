"""The configuration of the local limiter that stands in for Redis: a share of every limit.

Tests: tests/redis/test_share.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pyplugins.rate_limiter._rates import Rate, parse

_UNITS: Final = {"d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1_000}
_OF_REDIS: Final = ("backend", "fail_mode", "refusal_cache_ms", "local_share_percent")


def share_of(values: Mapping[str, Any], percent: int) -> dict[str, Any]:
    """A configuration with `percent` of each limit, burst and concurrency of `values`, but at least 1, in memory.

    Args:
        values: a whole configuration, with its defaults.

    >>> share_of({"by_user": "100/5 min burst 7", "by_tenant": None, "by_user_per_server": None, "by_tool": {},
    ...           "dimensions": [], "fail_mode": "local"}, 10)
    {'by_user': '10/5 m burst 1', 'by_tenant': None, 'by_user_per_server': None, 'by_tool': {}, 'dimensions': []}
    """
    made = {key: value for key, value in values.items() if key not in _OF_REDIS and not key.startswith("redis_")}
    for key in ("by_user", "by_tenant", "by_user_per_server"):
        made[key] = made[key] and _rates(made[key], percent)
    made["by_tool"] = {name: _rates(text, percent) for name, text in (made["by_tool"] or {}).items()}
    made["dimensions"] = [_limits(row, percent) for row in made["dimensions"]]
    return made


def _limits(row: Mapping[str, Any], percent: int) -> dict[str, Any]:
    made = dict(row) | {"limits": _rates(row["limits"], percent)}
    if row["concurrency"]:
        made["concurrency"] = _part(row["concurrency"], percent)
    if "overrides" in row:
        made["overrides"] = [_limits(entry, percent) for entry in row["overrides"]]
    return made


def _rates(text: str, percent: int) -> str:
    return ", ".join(_rate(rate, percent) for rate in parse(text, "$")) or "unlimited"


def _rate(rate: Rate, percent: int) -> str:
    # The largest unit that divides the period: its multiple is no larger than that which was written.
    unit = next(unit for unit, length in _UNITS.items() if rate.period % length == 0)
    burst = f" burst {_part(rate.burst, percent)}" if rate.burst else ""
    return f"{_part(rate.most, percent)}/{rate.period // _UNITS[unit]} {unit}{burst}"


def _part(number: int, percent: int) -> int:
    return max(1, number * percent // 100)
