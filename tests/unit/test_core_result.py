"""Results are immutable values that never show the text."""

from __future__ import annotations

import copy
import pickle

import pytest

from pyplugins.core.result import Finding, ScanResult, StreamPart

FINDING = Finding("email", 3, 9, detail={"quote": "secret"})
RESULTS = [FINDING, ScanResult((FINDING,), "secret", True, False), StreamPart((FINDING,), "secret")]


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: type(result).__name__)
def test_values(result: tuple[object, ...]) -> None:
    assert "secret" not in repr(result)
    assert "secret" not in f"{result}"
    for twin in (copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert twin == result
        assert type(twin) is type(result)
    with pytest.raises(AttributeError):
        result.output = "x"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        result.anything = "x"  # type: ignore[attr-defined]


def test_what_a_repr_tells() -> None:
    assert repr(FINDING) == "Finding(rule='email', start=3, end=9, action='replace', score=0)"
    assert repr(RESULTS[1]) == "ScanResult(findings=1, changed=True, blocked=False)"
    assert repr(RESULTS[2]) == "StreamPart(findings=1, output=6 units)"
