"""Twin of rustlib/engines/rate_limiter/src/rates.rs: rates as people write them, `10/s, 1000/h burst 50`.

Tests: tests/unit/test_rate_limiter_parts.py, tests/parity/test_rate_limiter_parity.py.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pyplugins.core.faults import fault

MAX_RATES: Final = 8
MAX_PERIOD_US: Final = 31 * 86_400_000_000
_MAX_COUNT: Final = 1_000_000_000
_MAX_MULTIPLE: Final = 1_000_000
_UNITS: Final = {
    name: unit
    for names, unit in (
        (("ms",), 1_000),
        (("s", "sec", "second", "seconds"), 1_000_000),
        (("m", "min", "minute", "minutes"), 60_000_000),
        (("h", "hr", "hour", "hours"), 3_600_000_000),
        (("d", "day", "days"), 86_400_000_000),
    )
    for name in names
}
_RATE: Final = re.compile(
    r"[ \t]*([0-9]{1,10})[ \t]*/[ \t]*(?:([0-9]{1,7})[ \t]*)?([A-Za-z]+)"
    r"(?:[ \t]+[Bb][Uu][Rr][Ss][Tt][ \t]*([0-9]{1,10}))?[ \t]*"
)


class Rate(NamedTuple):
    """One rate of a text, as it was written."""

    most: int
    #: In microseconds.
    period: int
    #: How much at once, where that was said.
    burst: int | None


def parse(text: str, path: str) -> list[Rate]:
    """The rates of a text; `unlimited` gives none.

    Raises:
        ConfigError: one is of another form; the message names it by its place.

    >>> parse("10/s, 5/2 min burst 7", "$")
    [Rate(most=10, period=1000000, burst=None), Rate(most=5, period=120000000, burst=7)]
    """
    if text.strip(" \t").lower() == "unlimited" and text.isascii():
        return []
    parts = text.split(",")
    if len(parts) > MAX_RATES:
        raise fault("config_rate", path, MAX_RATES)
    rates = []
    for index, part in enumerate(parts):
        rate = _one(part)
        if rate is None:
            raise fault("config_rate", path, index)
        rates.append(rate)
    return rates


def _one(text: str) -> Rate | None:
    match = _RATE.fullmatch(text)
    unit = _UNITS.get(match[3].lower()) if match else None
    if match is None or unit is None:
        return None
    count, multiple = int(match[1]), int(match[2] or 1)
    burst = None if match[4] is None else int(match[4])
    bounded = 1 <= count <= _MAX_COUNT and 1 <= multiple <= _MAX_MULTIPLE and 1 <= (burst or count) <= _MAX_COUNT
    if not bounded or burst == 0 or multiple * unit > MAX_PERIOD_US:
        return None
    return Rate(count, multiple * unit, burst)
