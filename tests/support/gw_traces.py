"""Runs the traces of `tests/vectors/limiter/` through the direct API; twin of rustlib/engines/rate_limiter/tests.

A row has `steps`, each with `op`, `now` (microseconds), `key`, its numbers and `expect`, or `expect.error` for a
configuration that is refused. What `expect` leaves out is not compared.
"""

from __future__ import annotations

from typing import Any

from pyplugins.core.limiter import Decision
from pyplugins.errors import PluginError
from pyplugins.rate_limiter.api import RateLimiter


def differences(row: dict[str, Any], implementation: str) -> list[str]:
    """What is not as the row expects; empty when all is."""
    try:
        limiter = RateLimiter(row["config"], implementation)
    except PluginError as error:
        found = {"class": type(error).__name__, "code": error.code, "path": error.path}
        return [] if row.get("expect") == {"error": found} else [f"refused: {found}"]
    if "steps" not in row:
        return ["not refused"]
    return [said for number, step in enumerate(row["steps"]) if (said := _difference(limiter, step, number))]


def _difference(limiter: RateLimiter, step: dict[str, Any], number: int) -> str:
    expected = step["expect"]
    try:
        found = answer(limiter, step)
    except PluginError as error:
        found = {"error": {"class": type(error).__name__, "code": error.code}}
    if isinstance(expected, dict) and isinstance(found, dict) and "error" not in found:
        found = {key: value for key, value in found.items() if key in expected}
    return "" if found == expected else f"step {number} {step['op']}: expected {expected}, found {found}"


def answer(limiter: RateLimiter, step: dict[str, Any]) -> Any:
    """What a step gives, in the form of `expect`."""
    key, now = step["key"], step["now"] * 1000
    if len(key) == 1 and key[0] is not None:
        key = key[0]
    match step["op"]:
        case "check":
            return _told(limiter.check(key, step["cost"], now))
        case "peek":
            return _told(limiter.peek(key, step["cost"], now))
        case "settle":
            return _told(limiter.settle(key, step["reserved"], step["reserved_at"] * 1000, step["actual"], now))
        case "acquire":
            lease = limiter.acquire(key, step["cost"], now)
            return {**_told(lease.decision), "lease": lease.number}
        case "release":
            return int(limiter.release(key, step["lease"], now))
        case "reset":
            return limiter.reset(key, now)
        case unknown:
            raise AssertionError(f"no step is called {unknown}")


def _told(decision: Decision) -> dict[str, Any]:
    told = decision._asdict()
    wait = decision.retry_after_ns
    assert decision.reset_ns % 1000 == 0
    return {**told, "reset": decision.reset_ns // 1000, "retry": None if wait is None else wait // 1000}
