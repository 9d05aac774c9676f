"""The bench of the proxy runs, checks what it times, and counts what it says."""

from __future__ import annotations

import pytest

from bench import proxy


def test_all_subjects_are_measured() -> None:
    figures = proxy.measure(clean=False, rounds=1, calls=3)
    assert list(figures) == ["plain relay", *proxy.CHAINS]
    assert figures["plain relay"]["added_per_message_p50_us"] == 0


def test_messages_have_the_size_they_claim() -> None:
    for clean in (True, False):
        for line in (proxy.request(clean), proxy.result(clean).encode()):
            assert abs(len(line) - proxy.MESSAGE_BYTES) < 128


def test_an_answer_that_is_wrong_is_not_timed() -> None:
    unmasked = proxy.result(clean=False).encode()
    proxy._check("plain relay", unmasked, clean=False)
    with pytest.raises(RuntimeError, match="PII filter"):
        proxy._check("PII filter", unmasked, clean=False)


def test_figures() -> None:
    figures = proxy._figures({"plain relay": [10.0, 20.0, 30.0], "x": [50.0, 60.0, 70.0]})
    assert figures["x"] == {"p50_us": 60.0, "p99_us": figures["x"]["p99_us"], "added_per_message_p50_us": 20.0}
