"""The rate limiter decides alike from cffi, ctypes and pure Python, on any trace: decisions, leases, errors, exports.

Known differences: which key goes when `max_keys` is reached, and clock steps back by more than a key is kept; RULES.md.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random
from typing import Any

import gw_parity
import gw_traces
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyplugins.rate_limiter.api import RateLimiter

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import rate_limiter as strategy

#: Steps of all random traces together.
STEPS = int(os.environ.get("PARITY_N", "20000"))
LENGTH = 100


def all_of(config: dict[str, Any]) -> list[Any]:
    """A limiter of each implementation, or the error that refuses the configuration."""
    return [gw_parity.outcome(RateLimiter, config, name) for name in gw_parity.implementations()]


def assert_alike(config: dict[str, Any], steps: list[strategy.Step]) -> None:
    limiters = all_of(config)
    for number, step in enumerate(steps):
        first, *others = (gw_parity.outcome(gw_traces.answer, limiter, step) for limiter in limiters)
        assert all(other == first for other in others), (config, steps[: number + 1], first, others)


def test_nothing_is_left_out() -> None:
    gw_parity.nothing_is_left_out()


@pytest.mark.parametrize("seed", range(max(1, STEPS // LENGTH)))
def test_random_traces(seed: int) -> None:
    rng = Random(seed)
    config = strategy.config(rng)
    assert_alike(config, strategy.trace(rng, len(config["dimensions"]), LENGTH))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_traces_that_hypothesis_makes_small(data: st.DataObject) -> None:
    config = strategy.config(data.draw(st.randoms(use_true_random=False)))
    count = len(config["dimensions"])
    gaps = st.integers(0, 10**7)
    keys = st.lists(st.sampled_from(["a", "b", None]), min_size=count, max_size=count)
    asked = data.draw(
        st.lists(st.tuples(st.sampled_from(["check", "peek", "acquire"]), gaps, keys, st.integers(0, 20)))
    )
    now, steps = 10**6, []
    for op, gap, key, cost in asked:
        now += gap
        steps.append({"op": op, "now": now, "key": key, "cost": cost})
    assert_alike(config, steps)


@pytest.mark.parametrize("seed", range(20))
def test_exports_are_read_by_all(seed: int) -> None:
    rng = Random(seed)
    config = strategy.config(rng)
    limiters = all_of(config)
    steps = strategy.trace(rng, len(config["dimensions"]), 60)
    for step in steps:
        for limiter in limiters:
            gw_parity.outcome(gw_traces.answer, limiter, step)
    now = max(step["now"] for step in steps) * 1000
    states = [limiter.export_state(now) for limiter in limiters]
    readers = [[RateLimiter(config, name) for name in gw_parity.implementations()] for _ in states]
    for state, row in zip(states, readers, strict=True):
        assert len({limiter.import_state(state, now) for limiter in row}) == 1
    after = [{**step, "now": now // 1000 + number} for number, step in enumerate(steps)]
    for step in after:
        answers = [
            gw_parity.outcome(gw_traces.answer, limiter, step) for row in (limiters, *readers) for limiter in row
        ]
        assert all(answer == answers[0] for answer in answers), (config, step, answers)


@pytest.mark.parametrize(
    "call",
    [
        lambda limiter: limiter.check(5),
        lambda limiter: limiter.check(["a", 5]),
        lambda limiter: limiter.check("a"),
        lambda limiter: limiter.check(["a"]),
        lambda limiter: limiter.check({"other": "a"}),
        lambda limiter: limiter.check({"one": b"a", "two": 7}),
        lambda limiter: limiter.check(["a", bytearray(b"b")]),
        lambda limiter: limiter.check(["a", "b"], -1),
        lambda limiter: limiter.check(["a", "b"], True),
        lambda limiter: limiter.check(["a", "b"], 1.0),
        lambda limiter: limiter.check(["a", "b"], 2**50 + 1),
        lambda limiter: limiter.check(["a", "b"], 2**70),
        lambda limiter: limiter.check(["a", "b"], 1, -1),
        lambda limiter: limiter.check(["a", "b"], 1, 2**63),
        lambda limiter: limiter.check(["a", "x" * 2000]),
        lambda limiter: limiter.check_many([["a", "b"]], [1, 2]),
        lambda limiter: limiter.check_many([["a", "b"], ["a"]]),
        lambda limiter: limiter.release(["a", "b"], -1),
        lambda limiter: limiter.settle(["a", "b"], 1, 1, 2**51),
        lambda limiter: limiter.import_state(b"nothing"),
        lambda limiter: limiter.import_state("text"),
    ],
    ids=range(21),
)
def test_errors(call: Any) -> None:
    found = [gw_parity.outcome(call, limiter) for limiter in all_of({"dimensions": [{"name": "one"}, {"name": "two"}]})]
    assert isinstance(found[0], tuple)
    assert found[0][0] in ("UsageError", "InputTooLarge")
    assert all(other == found[0] for other in found)


@pytest.mark.parametrize("key", ["\ud800", "é", b"\xff", "x" * 1024, "\x00", "k" * 23])
def test_odd_values(key: Any) -> None:
    limiters = all_of({"by_user": "1/s"})
    for _ in range(2):
        first, *others = (limiter.check(key, 1, 10**9) for limiter in limiters)
        assert all(other == first for other in others)
    assert not first


def test_descriptions() -> None:
    config = {"by_user": "3/s, 9/m burst 4", "by_tool": {"é": "1/s"}, "dimensions": [{"name": 'a"b', "concurrency": 2}]}
    first, *others = (limiter.describe() for limiter in all_of(config))
    assert all(other == first for other in others)
