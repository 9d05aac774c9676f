"""The PII filter gives the same answers from cffi, ctypes and pure Python: findings, order, output, errors, streams.

`PARITY_N` says how many generated cases there are (20,000 without it); many are split over processes. What is not
built here is left out and named by the tests that need it; pure Python is then compared with itself, over `bytes`
and over streams. Known differences: none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyplugins.core import data
from pyplugins.core.result import ScanResult
from pyplugins.errors import PluginError
from pyplugins.native import status
from pyplugins.pii_filter.api import PIIDetector

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import pii as strategy

TESTS = Path(__file__).parents[1]
VECTORS = [json.loads(line) for line in (TESTS / "vectors/pii_filter.jsonl").read_text("utf-8").splitlines()]
NAUGHTY = TESTS.parents[1] / "shared/data/naughty-strings.json"
CASES = int(os.environ.get("PARITY_N", "20000"))
#: Cases of one process, and texts scanned under one configuration.
SHARE, BATCH = 25_000, 50

#: Anything that can be compared; errors become (class, code, path).
Outcome = Any


@cache
def implementations() -> tuple[str, ...]:
    """Those that work here; pure Python always does."""
    return (*(name for name, found in status()["attempts"].items() if found["works"]), "python")


@cache
def detector(implementation: str, config: str) -> PIIDetector:
    """A detector, made once."""
    return PIIDetector(config, implementation)


def outcome(call: Callable[..., Any], *arguments: Any) -> Outcome:
    """What a call answers or raises."""
    try:
        return call(*arguments)
    except PluginError as error:
        return type(error).__name__, error.code, error.path


def opened(implementation: str, config: str) -> PIIDetector | Outcome:
    """A detector, or the error that refuses its configuration."""
    return outcome(detector, implementation, config)


def streamed(one: PIIDetector, text: Any, cuts: Iterable[int]) -> Outcome:
    """Findings and output of a text that is pushed in parts."""
    stream = one.stream()
    places = sorted({0, len(text), *cuts})
    parts = [stream.push(text[start:end]) for start, end in pairwise(places)] or [stream.push(text)]
    parts.append(stream.finish())
    found = tuple(finding for part in parts for finding in part.findings)
    return found, text[:0].join(part.output for part in parts)


def everything(implementation: str, config: str, text: str, cuts: Iterable[int] = ()) -> Outcome:
    """Every answer about one text, as `str` and as `bytes`."""
    one = opened(implementation, config)
    if not isinstance(one, PIIDetector):
        return one
    raw = text.encode("utf-8", "surrogatepass")
    return (
        outcome(one.scan, text),
        outcome(one.scan, raw),
        outcome(one.detect, text),
        outcome(one.process_nested, {"a": [text, {"b": text}], text[:8]: 1}),
        outcome(streamed, one, text, cuts),
        outcome(streamed, one, raw, cuts),
    )


def assert_agree(config: str, text: str, cuts: Iterable[int] = ()) -> None:
    """All implementations answer alike, and streams as whole texts."""
    cuts = tuple(cuts)
    answers = [everything(name, config, text, cuts) for name in implementations()]
    for name, answer in zip(implementations(), answers, strict=True):
        assert answer == answers[-1], f"{name} and python differ on {text!r} under {config}"
    whole, raw, *_, parts, raw_parts = answers[-1] if isinstance(answers[-1][0], tuple) else 6 * [None]
    for result, pieces in ((whole, parts), (raw, raw_parts)):
        if isinstance(result, ScanResult) and not isinstance(pieces[0], str):
            assert pieces == (result.findings, result.output), f"stream and whole differ on {text!r} under {config}"


def test_nothing_is_left_out() -> None:
    missing = {"cffi", "ctypes", "python"}.difference(implementations())
    if missing and os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") in ("", "0"):
        pytest.skip(f"not compared, because not built here: {', '.join(sorted(missing))}")
    assert not missing


@pytest.mark.parametrize("row", [row for row in VECTORS if "input" in row], ids=lambda row: row["id"])
def test_vectors(row: dict[str, Any]) -> None:
    config = row.get("config_text") or json.dumps(row["config"])
    assert_agree(config, row["input"], range(0, len(row["input"]), 3))


def test_descriptions() -> None:
    config = json.dumps({"hash_key": "k", "detect_ssn": False, "custom_patterns": [{"pattern": "a"}]})
    described = [detector(name, config).describe() for name in implementations()]
    assert described == [described[-1]] * len(described)


#: What every character is put beside: what may be found must be found, and joined, alike.
AROUND = (
    "{c}123-45-6789{c} a{c}@b{c}.com{c} x@example.{c}{c} SSN{c}123456789 {c}tel 5{c}551234567 2001:db8::{c}1 +{c}4420 "
)


def _block(first: int) -> str:
    """The characters of one Unicode block's width, each among identifiers."""
    return "".join(AROUND.replace("{c}", chr(first + offset)) for offset in range(0, 128, 8))


def test_unicode_blocks() -> None:
    edges = {
        at + side
        for row in data.load("pii_filter", "email_letters.json")["ranges"]
        for at in row[:2]
        for side in (-1, 0, 1)
    }
    letters = [AROUND.replace("{c}", chr(code)) for code in sorted(edges)]
    blocks = [_block(first) for first in range(0, sys.maxunicode + 1, 128)]
    compare_batch("{}", blocks + ["".join(letters[at : at + 16]) for at in range(0, len(letters), 16)])


def test_naughty_strings() -> None:
    if not NAUGHTY.exists():
        pytest.skip("no list of odd strings lies beside the checkout, as shared/data/naughty-strings.json")
    naughty = json.loads(NAUGHTY.read_text("utf-8"))
    for text in naughty:
        assert_agree("{}", text, range(0, len(text), 5))
        assert_agree("{}", f"SSN: 123-45-6789 {text} alice@example.com {text}", (7, 20))


def compare_batch(config: str, texts: list[str]) -> None:
    """`scan_many` of all implementations; texts one by one when a batch raises, or to name the one that differs."""
    answers = []
    for name in implementations():
        one = opened(name, config)
        answers.append(outcome(one.scan_many, texts) if isinstance(one, PIIDetector) else one)
    if any(answer != answers[-1] for answer in answers) or not isinstance(answers[-1], list):
        for text in texts:
            assert_agree(config, text, (len(text) // 2,))
        assert all(answer == answers[-1] for answer in answers), f"only the batch differs under {config}"


def _batches(seed: int, count: int) -> Iterator[tuple[str, list[str]]]:
    rng = Random(seed)
    while count > 0:
        yield json.dumps(strategy.config(rng)), [strategy.text(rng) for _ in range(min(BATCH, count))]
        count -= BATCH


def _compare_share(seed: int, count: int) -> int:
    for config, texts in _batches(seed, count):
        compare_batch(config, texts)
    return count


def test_generated_cases() -> None:
    shares = [(seed, min(SHARE, CASES - seed * SHARE)) for seed in range(-(-CASES // SHARE))]
    if len(shares) == 1:
        assert _compare_share(*shares[0]) == CASES
        return
    with ProcessPoolExecutor() as pool:
        assert sum(pool.map(_compare_share, *zip(*shares, strict=True))) == CASES


def test_generated_streams_bytes_and_nested_data() -> None:
    rng = Random(7)
    for config, texts in islice(_batches(8, CASES), max(CASES // 1000, 1)):
        for text in texts[:20]:
            assert_agree(config, text, rng.choices(range(len(text) + 1), k=4))


def test_long_streams() -> None:
    rng = Random(9)
    for _ in range(20):
        text = " ".join(strategy.text(rng) for _ in range(60))
        assert_agree("{}", text, rng.choices(range(len(text) + 1), k=40))


@given(text=strategy.texts(), config=strategy.configs(), cuts=st.lists(st.integers(0, 40), max_size=4))
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_implementations_agree(text: str, config: dict[str, Any], cuts: list[int]) -> None:
    assert_agree(json.dumps(config), text, (min(cut, len(text)) for cut in cuts))
