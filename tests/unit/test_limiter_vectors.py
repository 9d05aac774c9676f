"""The traces of the rate limiter, on every implementation that works here."""

from __future__ import annotations

from typing import Any

import gw_traces
import gw_vectors
import pytest
from gw_tests import need_binding

ROWS = gw_vectors.rows("limiter/rate_limiter")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
@pytest.mark.parametrize("implementation", ["cffi", "ctypes", "python"])
def test_row(row: dict[str, Any], implementation: str) -> None:
    if implementation != "python":
        need_binding(implementation)
    assert gw_traces.differences(row, implementation) == []


def test_a_wrong_expectation_is_seen() -> None:
    row = next(row for row in ROWS if row["id"] == "gcra")
    wrong = {**row, "steps": [{**row["steps"][0], "expect": {**row["steps"][0]["expect"], "remaining": 0}}]}
    assert len(gw_traces.differences(wrong, "python")) == 1
    assert gw_traces.differences({**row, "config": {"by_user": "x"}}, "python")


def test_ids_are_unique_and_every_algorithm_has_a_trace() -> None:
    ids = [row["id"] for row in ROWS]
    assert sorted(set(ids)) == sorted(ids)
    used = {row["config"].get("algorithm") for row in ROWS}
    assert used >= {"gcra", "token_bucket", "fixed_window", "sliding_window_log", "sliding_window_counter"}
