"""The PII filter gives the same answers from cffi, ctypes and pure Python: findings, order, output, errors, streams.

Known differences: none.
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
from hypothesis import strategies as st

from pyplugins.core import data
from pyplugins.pii_filter.api import PIIDetector

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import pii_filter as strategy

PARITY = Parity(PIIDetector, strategy.text, strategy.config)


def test_nothing_is_left_out() -> None:
    gw_parity.nothing_is_left_out()


@pytest.mark.parametrize("row", gw_vectors.rows("pii_filter"), ids=lambda row: row["id"])
def test_vectors(row: dict[str, Any]) -> None:
    PARITY.compare_row(row)


def test_descriptions() -> None:
    PARITY.assert_descriptions_agree({"hash_key": "k", "detect_ssn": False, "custom_patterns": [{"pattern": "a"}]})


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
    PARITY.compare_batch("{}", blocks + ["".join(letters[at : at + 16]) for at in range(0, len(letters), 16)])


def test_odd_texts() -> None:
    for text in gw_odd.texts():
        PARITY.assert_agree("{}", text, range(0, len(text), 5))
        PARITY.assert_agree("{}", f"SSN: 123-45-6789 {text} alice@example.com {text}", (7, 20))


def test_generated_cases() -> None:
    PARITY.compare_generated()


def test_generated_streams_bytes_and_nested_data() -> None:
    PARITY.compare_forms()


def test_long_streams() -> None:
    rng = Random(9)
    for _ in range(20):
        text = " ".join(strategy.text(rng) for _ in range(60))
        PARITY.assert_agree("{}", text, rng.choices(range(len(text) + 1), k=40))


@given(text=strategy.texts(), config=strategy.configs(), cuts=st.lists(st.integers(0, 40), max_size=4))
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_implementations_agree(text: str, config: dict[str, Any], cuts: list[int]) -> None:
    PARITY.assert_agree(json.dumps(config), text, (min(cut, len(text)) for cut in cuts))
