"""Rates as people write them: `10/s, 1000/h burst 50`. Twin of rustlib/engines/rate_limiter/src/rates.rs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyplugins.core.faults import fault

MAX_RATES = 8
#: Longest period: 31 days in microseconds.
MAX_PERIOD_US = 31 * 86_400_000_000
MAX_COUNT, MAX_MULTIPLE = 1_000_000_000, 1_000_000

_UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_NAMES = {"sec": "s", "second": "s", "seconds": "s", "min": "m", "minute": "m", "minutes": "m"}
_NAMES |= {"hr": "h", "hour": "h", "hours": "h", "day": "d", "days": "d"}
_RATE = re.compile(
    r"[ \t]*([0-9]{1,10})[ \t]*/[ \t]*(?:([0-9]{1,7})[ \t]*)?([A-Za-z]+)"
    r"(?:[ \t]+[Bb][Uu][Rr][Ss][Tt][ \t]*([0-9]{1,10}))?[ \t]*"
)


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of a text, as it was written; the period in microseconds."""

    count: int
    period_us: int
    burst: int | None


def parse(text: str, path: str) -> list[Rate]:
    """Reads a text of rates; `unlimited` gives none.

    Raises:
        ConfigError: a rate of another form; the message names it by its place, from 0.
    """
    if text.strip(" \t").lower() == "unlimited":
        return []
    parts = text.split(",")
    if len(parts) > MAX_RATES:
        raise fault("config_rate", path, MAX_RATES)
    found = []
    for index, part in enumerate(parts):
        rate = _one(part)
        if rate is None:
            raise fault("config_rate", path, index)
        found.append(rate)
    return found


def _one(text: str) -> Rate | None:
    match = _RATE.fullmatch(text)
    if match is None:
        return None
    count, multiple, burst = int(match[1]), int(match[2] or 1), int(match[4]) if match[4] else None
    unit = match[3].lower()
    period_us = multiple * _UNITS.get(_NAMES.get(unit, unit), 0)
    fits = 1 <= count <= MAX_COUNT and 1 <= multiple <= MAX_MULTIPLE and 1 <= period_us <= MAX_PERIOD_US
    return Rate(count, period_us, burst) if fits and (burst is None or 1 <= burst <= MAX_COUNT) else None
