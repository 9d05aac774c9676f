"""A configuration, from the strict reader's values to dimensions, classes and windows.

Twin of rustlib/engines/rate_limiter/src/settings.rs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any

from pyplugins.core import config as configuration
from pyplugins.core.faults import fault
from pyplugins.rate_limiter._patterns import Patterns
from pyplugins.rate_limiter._rates import Rate, parse

KIND = "rate_limiter"
_MOST = 1 << 52
_NAMED = (("by_user", "user"), ("by_tenant", "tenant"), ("by_user_per_server", "user_per_server"))
_KINDS = {"gcra": "bucket", "token_bucket": "bucket", "sliding_window": "sliding_window_log"}


@dataclass(frozen=True, slots=True)
class Window:
    """A window's fixed numbers, with the names of `RULES.md`: C, N, P (of leases the lease time), P', N'."""

    algorithm: str
    capacity: int
    count: int
    period: int
    unit: int = 1
    drain: int = 1

    @property
    def kept(self) -> int:
        """K: from then on after the last change a key is new."""
        if self.algorithm == "sliding_window_counter":
            return 2 * self.period
        return -(-2 * self.capacity * self.unit // self.drain) if self.algorithm == "bucket" else self.period


@dataclass(frozen=True, slots=True)
class Class:
    """Which windows a key has, the concurrency limit last, and K."""

    windows: tuple[Window, ...]
    leases: bool
    kept: int


@dataclass(frozen=True, slots=True)
class Dimension:
    """What is counted by. Classes: those of the overrides in order, then that of all other keys."""

    name: str
    one: bool
    blocked: Patterns
    overrides: Patterns
    classes: tuple[Class, ...]

    def class_of(self, value: bytes) -> int:
        """The class of a value: that of the first override that fits, or the last."""
        found = self.overrides.find(value)
        return len(self.classes) - 1 if found is None else found


class Settings:
    """A limiter's fixed data; `values` are those of the configuration, with defaults."""

    def __init__(self, text: str | bytes) -> None:
        self.values = configuration.read_for(KIND, text)
        algorithm = self.values["algorithm"]
        self.dimensions = [
            _plain(name, [_class(self.values[key], algorithm, f"$.{key}", 0, 1)])
            for key, name in _NAMED
            if self.values[key] is not None
        ]
        if self.values["by_tool"]:
            self.dimensions.append(_by_tool(self.values["by_tool"], algorithm))
        for index, row in enumerate(self.values["dimensions"]):
            path = f"$.dimensions[{index}]"
            dimension = _dimension(row, algorithm, path)
            if any(other.name == dimension.name for other in self.dimensions):
                raise fault("config_duplicate_name", f"{path}.name")
            self.dimensions.append(dimension)


def _window(algorithm: str, rate: Rate, place: int, path: str) -> Window:
    kind = _KINDS.get(algorithm, algorithm)
    if rate.burst is not None and kind != "bucket":
        raise fault("config_burst", path, place)
    count, period = rate.count, rate.period_us
    common = gcd(count, period)
    window = Window(kind, rate.burst or count, count, period, period // common, count // common)
    product = {
        "bucket": window.capacity * window.unit,
        "sliding_window_counter": count * period,
        "sliding_window_log": 0 if count <= 1_000_000 else _MOST + 1,
    }
    if product.get(kind, 0) > _MOST:
        raise fault("config_magnitude", path, place)
    return window


def _class(text: str, algorithm: str, path: str, most: int, lease_ms: int) -> Class:
    windows = [_window(algorithm, rate, place, path) for place, rate in enumerate(parse(text, path))]
    if most:
        windows.append(Window("concurrency", most, most, lease_ms * 1000))
    return Class(tuple(windows), most > 0, max((window.kept for window in windows), default=0))


def _plain(name: str, classes: list[Class], overrides: Patterns | None = None) -> Dimension:
    return Dimension(name, False, Patterns([]), overrides or Patterns([]), tuple(classes))


def _by_tool(rates: Mapping[str, Any], algorithm: str) -> Dimension:
    classes = []
    for name, text in rates.items():
        path = configuration._member_path("$.by_tool", name)
        if not isinstance(text, str):
            raise fault("config_type", path)
        classes.append(_class(text, algorithm, path, 0, 1))
    return _plain("tool", [*classes, Class((), False, 0)], Patterns(list(rates)))


def _dimension(row: Mapping[str, Any], algorithm: str, path: str) -> Dimension:
    algorithm = row["algorithm"] or algorithm
    last = _class(row["limits"], algorithm, f"{path}.limits", row["concurrency"], row["lease_ms"])
    classes = []
    for index, entry in enumerate(row["overrides"]):
        most = row["concurrency"] if entry["concurrency"] is None else entry["concurrency"]
        classes.append(_class(entry["limits"], algorithm, f"{path}.overrides[{index}].limits", most, row["lease_ms"]))
    overrides = Patterns([entry["match"] for entry in row["overrides"]])
    return Dimension(row["name"], row["cost"] == "one", Patterns(row["blocked"]), overrides, (*classes, last))
