"""Configurations that are refused: which error, and where."""

from __future__ import annotations

from typing import Any


def error(code: int, path: str) -> dict[str, Any]:
    """A `ConfigError`."""
    return {"class": "ConfigError", "code": code, "path": path}


def dimension(**members: Any) -> dict[str, Any]:
    """One dimension."""
    return {"dimensions": [{"name": "a", **members}]}


ROWS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("no_rate", {"by_user": "abc"}, error(24, "$.by_user")),
    ("no_count", {"by_user": "0/s"}, error(24, "$.by_user")),
    ("second_rate", {"by_tenant": "1/s, 1/x"}, error(24, "$.by_tenant")),
    ("rate_of_another_type", {"by_user": 5}, error(23, "$.by_user")),
    ("tool_of_another_type", {"by_tool": {"a": "1/s", "b c": 5}}, error(23, '$.by_tool["b c"]')),
    ("tool_without_rate", {"by_tool": {"a": ""}}, error(24, "$.by_tool.a")),
    ("burst_of_a_window", {"by_user": "1/s burst 2", "algorithm": "fixed_window"}, error(24, "$.by_user")),
    ("too_large_for_a_log", {"by_user": "1000001/s", "algorithm": "sliding_window"}, error(24, "$.by_user")),
    (
        "too_large_for_a_counter",
        {"by_user": "1000000/2h", "algorithm": "sliding_window_counter"},
        error(24, "$.by_user"),
    ),
    ("too_large_for_a_bucket", {"by_user": "999999999/h"}, error(24, "$.by_user")),
    ("unknown_algorithm", {"algorithm": "leaky"}, error(24, "$.algorithm")),
    ("unknown_key", {"by_users": "1/s"}, error(22, "$.by_users")),
    ("two_of_one_name", {"by_user": "1/s", "dimensions": [{"name": "user"}]}, error(22, "$.dimensions[0].name")),
    ("limits_of_a_dimension", dimension(limits="1"), error(24, "$.dimensions[0].limits")),
    (
        "limits_of_an_override",
        dimension(overrides=[{"match": "x", "limits": "1/s"}, {"match": "y", "limits": "1/s,"}]),
        error(24, "$.dimensions[0].overrides[1].limits"),
    ),
    ("no_name", {"dimensions": [{}]}, error(22, "$.dimensions[0].name")),
    ("fail_mode", {"fail_mode": "opne"}, error(24, "$.fail_mode")),
]
