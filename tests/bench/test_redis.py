"""Counts in Redis, beside others: what is asked of each, and what is promised of the figures."""

from __future__ import annotations

import shutil
from typing import Any, ClassVar

import pytest
from gw_tests import missing, need_binding

pytest.importorskip("redis", reason="redis-py is not installed: pip install gwplugins[redis]")
pytest.importorskip("pyperf", reason="the bench extra is not installed")

from bench import measure
from bench.plugins.rate_limiter import PLUGIN, redis
from bench.processes import Process
from bench.promises import Check


class Recorded:
    """As much of `Results` as the section asks for."""

    subjects: ClassVar = {"cffi": "ours", "cpex": "theirs", "limits": "others"}

    def __init__(self, further: dict[str, Any]) -> None:
        self.document = {"further": further}


def checks(further: dict[str, Any]) -> list[Check]:
    return list(redis.no_slower(Recorded(further)))  # type: ignore[arg-type]


def round_of(p50: float, p99: float) -> dict[str, float]:
    return {"p50": p50, "p99": p99, "rate": 1 / p50}


def test_a_round_on_a_real_server() -> None:
    need_binding("cffi")
    if not (shutil.which("redis-server") or shutil.which("valkey-server")):
        missing("redis-server is not installed")
    ours = Process(PLUGIN, "cffi")
    try:
        found = redis.measure({"cffi": ours}, measure.QUICK)
    finally:
        ours.close()
    assert found["agreed"] == {"first": [True] * 3 + [False] * 2, "allowed of a crowd": 10}
    for clients in redis.CLIENTS:
        rounds = found["clients"][str(clients)]["cffi"]
        assert len(rounds) == measure.QUICK.rounds
        assert all(0 < one["p50"] <= one["p99"] < 1 < one["rate"] for one in rounds)
    assert {one.verdict for one in checks(found)} == {"not measured"}
    assert len(redis.sections(Recorded(found))[0].rows) == len(redis.CLIENTS)  # type: ignore[arg-type]


def test_a_ratio_is_that_of_the_same_round() -> None:
    """One busy round changes nothing; the p99 of one peer is lower than ours."""
    rounds = {
        "cffi": [round_of(1e-4, 3e-4), round_of(9e-4, 9e-3), round_of(1e-4, 3e-4)],
        "cpex": [round_of(2e-4, 6e-4)] * 3,
        "limits": [round_of(1e-4, 1e-4)] * 3,
    }
    found = checks({"server": "", "agreed": {}, "clients": {"1": rounds, "64": rounds}})
    assert len(found) == 8
    ratios = {(one.promise, one.against): one.measured for one in found}
    assert ratios["check in Redis, 64 at a time, p50", redis.PEERS["cpex"]] == pytest.approx(2)
    assert [one.met for one in found] == [True, True, True, False] * 2


def test_what_is_left_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis.shutil, "which", lambda _: None)
    found = redis.measure({}, measure.QUICK)
    assert {one.verdict for one in checks(found)} == {"not measured"}
    (section,) = redis.sections(Recorded(found))  # type: ignore[arg-type]
    assert section.lines == ["left out: redis-server is not installed"]
