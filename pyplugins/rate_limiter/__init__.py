"""Decides who may do how much: any number of dimensions, windows and quotas, with exact arithmetic.

`RateLimiter` is the direct API, `RateLimiterPlugin` the plugin class; importing the first loads no framework.
README.md says how it counts. Tests: tests/unit/test_rate_limiter_*.py, tests/parity/test_rate_limiter_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.rate_limiter.api import (
        Decision,
        Lease,
        RateLimiter,
        RateLimiterPython,
        RateLimiterRust,
        Reservation,
    )
    from pyplugins.rate_limiter.rate_limiter import RateLimiterPlugin

__all__ = [
    "Decision",
    "Lease",
    "RateLimiter",
    "RateLimiterPlugin",
    "RateLimiterPython",
    "RateLimiterRust",
    "Reservation",
]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "Decision": "api",
        "Lease": "api",
        "RateLimiter": "api",
        "RateLimiterPlugin": "rate_limiter",
        "RateLimiterPython": "api",
        "RateLimiterRust": "api",
        "Reservation": "api",
    },
)
