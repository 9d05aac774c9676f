"""One engine through all implementations: findings, order, details, output, errors, nested data and streams.

An engine's parity test makes a `Parity` and calls it; texts and configurations are of `tests/strategies/<engine>.py`.
`PARITY_N` says how many generated cases there are (20,000 without it); many are split over processes. What is not
built here is left out, and named by `nothing_is_left_out`; pure Python is then compared with itself, over `bytes` and
streams.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, repeat
from random import Random
from typing import Any, Protocol

import gw_vectors
import pytest

from pyplugins.core.result import ScanResult
from pyplugins.errors import PluginError, UsageError
from pyplugins.native import status

CASES = int(os.environ.get("PARITY_N", "20000"))
#: Cases of one process, and texts scanned under one configuration.
SHARE, BATCH = 25_000, 50

#: Anything that can be compared; errors become (class, code, path).
Outcome = Any


class Strategy(Protocol):
    """A module of `tests/strategies`. Nothing in it may know what the engine would find."""

    def text(self, rng: Random) -> str:
        """A text; fast, because it serves millions of cases."""

    def config(self, rng: Random) -> dict[str, Any]:
        """A configuration that the schema accepts."""


@cache
def implementations() -> tuple[str, ...]:
    """Those that work here; pure Python always does."""
    return (*(name for name, found in status()["attempts"].items() if found["works"]), "python")


def nothing_is_left_out() -> None:
    """Skips, or fails where everything native is required, when an implementation is not compared."""
    missing = {"cffi", "ctypes", "python"}.difference(implementations())
    if missing and os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") in ("", "0"):
        pytest.skip(f"not compared, because not built here: {', '.join(sorted(missing))}")
    assert not missing


def outcome(call: Callable[..., Any], *arguments: Any) -> Outcome:
    """What a call answers or raises."""
    try:
        return call(*arguments)
    except PluginError as error:
        return type(error).__name__, error.code, error.path


@cache
def _made(api: Any, implementation: str, config: str) -> Any:
    return api(config, implementation)


def streamed(one: Any, text: Any, cuts: Iterable[int]) -> Outcome:
    """Findings and output of a text that is pushed in parts; `None` when the engine has no streams."""
    try:
        stream = one.stream()
    except UsageError:
        return None
    places = sorted({0, len(text), *cuts})
    parts = [stream.push(text[start:end]) for start, end in pairwise(places)] or [stream.push(text)]
    parts.append(stream.finish())
    found = tuple(finding for part in parts for finding in part.findings)
    return found, text[:0].join(part.output for part in parts)


@dataclass(frozen=True)
class Parity:
    """The comparison of one engine.

    Args:
        api: its direct API.
        text: `Strategy.text` of its module.
        config: `Strategy.config` of its module.
    """

    api: Any
    text: Callable[[Random], str]
    config: Callable[[Random], dict[str, Any]]

    def opened(self, implementation: str, config: str) -> Any | Outcome:
        """A guard, or the error that refuses its configuration."""
        return outcome(_made, self.api, implementation, config)

    def everything(self, implementation: str, config: str, text: str, cuts: Iterable[int] = ()) -> Outcome:
        """Every answer about one text, as `str` and as `bytes`."""
        one = self.opened(implementation, config)
        if not isinstance(one, self.api):
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

    def assert_agree(self, config: str, text: str, cuts: Iterable[int] = ()) -> None:
        """All implementations answer alike, and streams as whole texts."""
        cuts = tuple(cuts)
        answers = [self.everything(name, config, text, cuts) for name in implementations()]
        for name, answer in zip(implementations(), answers, strict=True):
            assert answer == answers[-1], f"{name} and python differ on {text!r} under {config}"
        whole, raw, *_, parts, raw_parts = answers[-1] if isinstance(answers[-1][0], tuple) else 6 * [None]
        for result, pieces in ((whole, parts), (raw, raw_parts)):
            if isinstance(result, ScanResult) and pieces is not None and not isinstance(pieces[0], str):
                assert pieces == (result.findings, result.output), f"stream, whole differ on {text!r} under {config}"

    def assert_descriptions_agree(self, config: dict[str, Any]) -> None:
        """`describe` says the same everywhere."""
        described = [_made(self.api, name, json.dumps(config)).describe() for name in implementations()]
        assert described == [described[-1]] * len(described)

    def compare_batch(self, config: str, texts: list[str]) -> None:
        """`scan_many` everywhere; texts one by one when a batch raises, or to name the one that differs."""
        answers = []
        for name in implementations():
            one = self.opened(name, config)
            answers.append(outcome(one.scan_many, texts) if isinstance(one, self.api) else one)
        if any(answer != answers[-1] for answer in answers) or not isinstance(answers[-1], list):
            for text in texts:
                self.assert_agree(config, text, (len(text) // 2,))
            assert all(answer == answers[-1] for answer in answers), f"only the batch differs under {config}"

    def batches(self, seed: int, count: int) -> Iterator[tuple[str, list[str]]]:
        """Configurations, each with texts."""
        rng = Random(seed)
        while count > 0:
            yield json.dumps(self.config(rng)), [self.text(rng) for _ in range(min(BATCH, count))]
            count -= BATCH

    def _compare_share(self, seed: int, count: int) -> int:
        for config, texts in self.batches(seed, count):
            self.compare_batch(config, texts)
        _made.cache_clear()
        return count

    def compare_generated(self, cases: int = CASES) -> None:
        """Batches of generated cases."""
        shares = [(seed, min(SHARE, cases - seed * SHARE)) for seed in range(-(-cases // SHARE))]
        if len(shares) == 1:
            assert self._compare_share(*shares[0]) == cases
            return
        with ProcessPoolExecutor() as pool:
            assert sum(pool.map(_share_of, repeat(self), *zip(*shares, strict=True))) == cases

    def compare_forms(self, batches: int = max(CASES // 1000, 1), texts_each: int = 20) -> None:
        """Streams, bytes and nested data of some generated cases."""
        rng = Random(7)
        for config, texts in self.batches(8, batches * BATCH):
            for text in texts[:texts_each]:
                self.assert_agree(config, text, rng.choices(range(len(text) + 1), k=4))

    def compare_row(self, row: dict[str, Any]) -> None:
        """A vector, in every form. Rows of bytes are compared by `tests/unit/test_vectors.py`."""
        text = row.get("input", "")
        self.assert_agree(gw_vectors.config_of(row), text, range(0, len(text), 3))


def _share_of(parity: Parity, seed: int, count: int) -> int:
    return parity._compare_share(seed, count)
