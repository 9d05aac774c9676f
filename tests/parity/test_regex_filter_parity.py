"""The regex filter gives the same answers from cffi, ctypes and pure Python: findings, order, output, errors.

Pure Python applies rule after rule; the library lets rules share passes. So this is also the proof that sharing makes
no difference. Known differences: none.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from typing import Any

import gw_odd
import gw_parity
import gw_vectors
import pytest
from gw_parity import Parity
from hypothesis import HealthCheck, given, settings

from pyplugins.regex_filter.api import RegexFilter

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import patterns
from strategies import regex_filter as strategy

ODD_RULES: list[dict[str, Any]] = [
    {"search": r"\b\w+\b", "replace": r"<\g<0>>"},
    {"search": r"[^\w\s]+", "replace": "#"},
    {"search": "<", "literal": True, "replace": ""},
    {"search": "AB", "literal": True, "whole_word": True, "ignore_case": True, "replace": "é"},
]
PARITY = Parity(RegexFilter, strategy.text, strategy.config)


def test_nothing_is_left_out() -> None:
    gw_parity.nothing_is_left_out()


@pytest.mark.parametrize("row", gw_vectors.rows("regex_filter"), ids=lambda row: row["id"])
def test_vectors(row: dict[str, Any]) -> None:
    PARITY.compare_row(row)


def test_descriptions() -> None:
    rng = Random(3)
    for _ in range(20):
        config = {
            "rules": [{"search": "a", "literal": rng.random() < 0.5, "enabled": rng.random() < 0.5}],
            "words": [{"search": "(b)", "replace": "\\1"}],
        }
        PARITY.assert_descriptions_agree(config)


def test_odd_texts() -> None:
    for rules in (ODD_RULES, [{**rule, "unicode": True} for rule in ODD_RULES]):
        for text in gw_odd.texts():
            PARITY.assert_agree(json.dumps({"rules": rules}), f"{text}ab {text} é{text}")


def test_generated_cases() -> None:
    PARITY.compare_generated()


def test_generated_bytes_and_nested_data() -> None:
    PARITY.compare_forms()


def test_unicode_blocks() -> None:
    """Every character beside and between what rules of all scripts look for."""
    rules = [
        {"search": "k", "literal": True, "whole_word": True, "ignore_case": True, "unicode": True, "replace": "<k>"},
        {"search": r"\b[A-Z]{2}\d{2}\b", "unicode": True, "replace": "[id]"},
        {"search": r"\w+", "unicode": True, "action": "audit"},
        {"search": r"\d\s", "unicode": True, "action": "audit"},
        {"search": "straße", "literal": True, "ignore_case": True, "unicode": True, "action": "block"},
    ]
    around = "k{c} {c}K AB12{c} {c}AB12 1{c}2 stra{c}e "
    texts = [
        "".join(around.replace("{c}", chr(code)) for code in range(first, first + 128, 8))
        for first in range(0, sys.maxunicode + 1, 128)
    ]
    PARITY.compare_batch(json.dumps({"rules": rules}), texts)


@given(data=patterns.byte_texts(24), config=strategy.configs())
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_bytes(data: bytes, config: dict[str, Any]) -> None:
    answers = []
    for name in gw_parity.implementations():
        one = PARITY.opened(name, json.dumps(config))
        answers.append(gw_parity.outcome(one.scan, data) if isinstance(one, RegexFilter) else one)
    assert all(answer == answers[-1] for answer in answers), (config, data)


@given(text=strategy.texts(), config=strategy.configs())
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_implementations_agree(text: str, config: dict[str, Any]) -> None:
    PARITY.assert_agree(json.dumps(config), text)
