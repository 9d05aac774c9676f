"""Twin of rustlib/engines/rate_limiter/src/settings.rs: the configuration as dimensions, classes and windows.

Tests: tests/unit/test_rate_limiter_api.py, tests/parity/test_rate_limiter_parity.py.
"""

from __future__ import annotations

import json
from typing import Any, Final

from pyplugins.core import config as configuration
from pyplugins.core.config import member_path
from pyplugins.core.faults import fault
from pyplugins.rate_limiter import _rates
from pyplugins.rate_limiter._patterns import Patterns
from pyplugins.rate_limiter._windows import Leases, Window, window

_NAMED: Final = (("by_user", "user"), ("by_tenant", "tenant"), ("by_user_per_server", "user_per_server"))


class Class:
    """Which windows a key has: in order, the concurrency limit last."""

    def __init__(self, text: str, algorithm: str, path: str, most: int = 0, lease_ms: int = 0) -> None:
        rates = _rates.parse(text, path)
        self.rates: list[Window] = [window(algorithm, rate, path, index) for index, rate in enumerate(rates)]
        self.windows = [*self.rates, *([Leases(most, most, lease_ms * 1000)] if most else [])]
        #: K
        self.kept = max((window.kept for window in self.windows), default=0)

    def describe(self) -> list[dict[str, int]]:
        """Each window's numbers."""
        return [_described(window) for window in self.windows]


def _described(window: Window) -> dict[str, int]:
    if window.leases:
        return {"concurrency": window.count, "lease_us": window.period}
    return {"limit": window.count, "period_us": window.period, "burst": window.capacity}


class Dimension:
    """What is counted by. `classes` are those of the overrides in order, then that of all other keys."""

    def __init__(self, name: str, algorithm: str, classes: list[Class], *, one: bool = False) -> None:
        self.name = name
        self.algorithm = algorithm
        self.one = one
        self.classes = classes
        self.blocked = Patterns()
        self.overrides = Patterns()

    def class_of(self, value: bytes) -> int:
        """That of the first override that fits, or the last."""
        found = self.overrides.find(value)
        return len(self.classes) - 1 if found is None else found

    def describe(self) -> dict[str, Any]:
        """Name, algorithm, cost, classes."""
        cost = "one" if self.one else "given"
        classes = [found.describe() for found in self.classes]
        return {"name": self.name, "algorithm": self.algorithm, "cost": cost, "classes": classes}


class Settings:
    """A limiter's fixed data.

    Raises:
        ConfigError: the configuration is wrong; `path` names the value.
    """

    def __init__(self, config: str) -> None:
        values = configuration.read_for("rate_limiter", config)
        algorithm = _known(values["algorithm"])
        self.dimensions = [
            Dimension(name, algorithm, [Class(values[key], algorithm, f"$.{key}")])
            for key, name in _NAMED
            if values[key] is not None
        ]
        if values["by_tool"]:
            self.dimensions.append(_by_tool(values["by_tool"], algorithm))
        for index, value in enumerate(values["dimensions"]):
            path = f"$.dimensions[{index}]"
            made = _dimension(value, algorithm, path)
            if any(other.name == made.name for other in self.dimensions):
                raise fault("config_duplicate_name", f"{path}.name")
            self.dimensions.append(made)
        self.max_keys: int = values["max_keys"]
        self.max_key_bytes: int = values["max_key_bytes"]
        self.warm_up_percent: int = values["warm_up_percent"]
        self.jitter_percent: int = values["jitter_percent"]
        self.jitter_seed: int = values["jitter_seed"]
        self.dry_run: bool = values["dry_run"]

    def shape(self) -> bytes:
        """What a state that was exported must agree with, as the Rust engine writes it."""
        rows = (json.dumps(d.describe(), ensure_ascii=False, separators=(",", ":")) for d in self.dimensions)
        return ",".join(rows).encode()

    def most_windows(self) -> int:
        """Most windows that one request can have."""
        return sum(max(len(found.windows) for found in dimension.classes) for dimension in self.dimensions)


def _known(name: str) -> str:
    return "sliding_window_log" if name == "sliding_window" else name


def _by_tool(members: dict[str, Any], algorithm: str) -> Dimension:
    """Each name, or pattern, has its own rates."""
    tool = Dimension("tool", algorithm, [])
    for index, (name, rates) in enumerate(members.items()):
        path = member_path("$.by_tool", name)
        if not isinstance(rates, str):
            raise fault("config_type", path)
        tool.overrides.add(name, index)
        tool.classes.append(Class(rates, algorithm, path))
    tool.classes.append(Class("unlimited", algorithm, ""))
    return tool


def _dimension(value: dict[str, Any], otherwise: str, path: str) -> Dimension:
    algorithm = otherwise if value["algorithm"] is None else _known(value["algorithm"])
    most, lease_ms = value["concurrency"], value["lease_ms"]
    made = Dimension(value["name"], algorithm, [], one=value["cost"] == "one")
    rest = Class(value["limits"], algorithm, f"{path}.limits", most, lease_ms)
    for index, pattern in enumerate(value["blocked"]):
        made.blocked.add(pattern, index)
    for index, entry in enumerate(value["overrides"]):
        made.overrides.add(entry["match"], index)
        own = most if entry["concurrency"] is None else entry["concurrency"]
        made.classes.append(Class(entry["limits"], algorithm, f"{path}.overrides[{index}].limits", own, lease_ms))
    made.classes.append(rest)
    return made
