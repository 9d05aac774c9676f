"""Holds the bars of docs/quality.md for the JSON repair, and what the corpus promises about itself.

For: `make test`. Never: asks a peer; their figures were measured with `python -m tests.quality.json --peers`, and stand
here as the bars.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from . import engines, malformed, measure
from .corpus import COLLECTIONS, FOLDER, is_valid, pairs, same

#: Share recovered exactly; the best peer is at 0.81 (python) and 0.76 (js).
BARS = {"python": 0.95, "js": 0.95}
#: No class may be much worse than the whole.
OF_A_CLASS = 0.75
IMPLEMENTATIONS = ("cffi", "ctypes", "python")
DIALECTS = ("python", "js")
#: Linear work takes milliseconds even in pure Python on a busy machine.
SECONDS = 10.0


def needed(implementation: str, open_it: Callable[[], Any]) -> Any:
    """What `open_it` gives, or a skip with the reason it cannot be had."""
    try:
        return open_it()
    except ImportError as why:
        if implementation == "python" or os.environ.get("GWPLUGINS_REQUIRE_NATIVE") == "1":
            raise
        pytest.skip(f"{implementation} cannot be had: {why}")


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_values_are_recovered(implementation: str, dialect: str, collection: str) -> None:
    repair = needed(implementation, lambda: engines.ours(implementation, dialect))
    found = pairs(collection)
    result = measure.score(found, repair([pair.text for pair in found]), dialect)
    report = measure.table(found, {f"{implementation} {dialect}": result})
    print(report)
    assert result.share >= BARS[dialect], report
    assert not [kind for kind in result.asked if (result.of(kind) or 0.0) < OF_A_CLASS], report
    assert result.of("valid") in (1.0, None)


def answered(repair: Callable[[str], str | None], texts: Iterable[str | bytes]) -> None:
    """Every text gets valid JSON, or is refused; the texts themselves are named when not."""
    for text in texts:
        began = time.perf_counter()
        answer = repair(text)  # type: ignore[arg-type]
        seconds = time.perf_counter() - began
        assert answer is None or is_valid(answer), f"{text[:80]!r} of {len(text)}: invalid {answer[:80]!r}"
        assert seconds < SECONDS, f"{text[:80]!r} of {len(text)}: {seconds:.1f} s"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
class TestMalformed:
    """A text without a value is answered with valid JSON or refused: no crash, no hang, no invalid JSON."""

    @pytest.fixture
    def repair(self, implementation: str, dialect: str) -> Callable[[str | bytes], str | None]:
        return needed(implementation, lambda: engines.repairer(implementation, dialect))

    def test_hand_written(self, repair: Callable[[str | bytes], str | None]) -> None:
        answered(repair, malformed.HAND_WRITTEN)

    def test_generated(self, repair: Callable[[str | bytes], str | None]) -> None:
        answered(repair, malformed.generated())

    def test_odd_bytes(self, repair: Callable[[str | bytes], str | None]) -> None:
        answered(repair, malformed.BYTES)
        answered(repair, (odd.decode("utf-8", "surrogateescape") for odd in malformed.BYTES))

    def test_deep(self, repair: Callable[[str | bytes], str | None]) -> None:
        """Too deep for `json.loads` to check, so only that it comes back."""
        for text in malformed.deep(100_000):
            began = time.perf_counter()
            repair(text)
            assert time.perf_counter() - began < SECONDS, text[:20]
        answered(repair, malformed.deep(200))

    def test_long(self, repair: Callable[[str | bytes], str | None]) -> None:
        answered(repair, malformed.long())


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_collection_is_large_and_honest(collection: str) -> None:
    found = pairs(collection)
    assert len(found) >= (300 if collection == "fresh" else 1_500)
    assert len({pair.text for pair in found}) == len({pair.id for pair in found}) == len(found)
    assert all(is_valid(pair.text) == (pair.kind == "valid") for pair in found)
    assert all(is_valid(json.dumps(value)) for pair in found for value in pair.expected.values())
    pairs.cache_clear()
    assert pairs(collection) == found  # the same every time


def test_the_collections_share_no_base_and_no_text() -> None:
    """Held-out figures mean something only when the documents differ."""
    seen: dict[str, str] = {}
    for collection in COLLECTIONS:
        for line in (FOLDER / f"{collection}.txt").read_text(encoding="utf-8").split("\n"):
            if line.startswith(("{", "[")) and len(line) > 20:
                assert seen.setdefault(line, collection) == collection, line
    texts = [{pair.text for pair in pairs(name) if len(pair.text) > 40} for name in COLLECTIONS]
    assert not set.intersection(*texts) or len(texts) == 1


def test_every_malformed_text_is_there_once() -> None:
    assert len(set(malformed.HAND_WRITTEN)) >= 400


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"a": 1, "b": [None]}, {"b": [None], "a": 1}, True),
        (1, 1.0, False),
        (1, True, False),
        ([1, 2], [2, 1], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("x", engines.FAILED, False),
    ],
)
def test_same(one: Any, other: Any, expected: bool) -> None:
    assert same(one, other) is expected
