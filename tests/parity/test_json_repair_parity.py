"""The JSON repair gives the same answers from cffi, ctypes and pure Python: edits, order, details, output, errors.

Known differences: none.
"""

from __future__ import annotations

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

from pyplugins.json_repair.api import JSONRepair

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import json_repair as strategy

PARITY = Parity(JSONRepair, strategy.text, strategy.config)


def test_nothing_is_left_out() -> None:
    gw_parity.nothing_is_left_out()


@pytest.mark.parametrize("row", gw_vectors.rows("json_repair"), ids=lambda row: row["id"])
def test_vectors(row: dict[str, Any]) -> None:
    PARITY.compare_row(row)


def test_descriptions() -> None:
    PARITY.assert_descriptions_agree({"dialect": "js", "max_depth": 7})


#: What every character is put beside: quotes, white space and signs of any script must be read alike.
AROUND = '{{{c}"a{c}":{c}1{c},{c}b{c}:{c}x{c}y{c},"c":["{c}"{c},{c}1{c}2],{c}d{c}={c}{c}z{c}}}{c}'


def test_unicode_blocks() -> None:
    signs = [*range(0x3100), *range(0xD700, 0xE100, 16), *range(0xFE00, 0x10000)]
    codes = [*signs, *range(0x3100, sys.maxunicode, 997)]
    for at in range(0, len(codes), 256):
        PARITY.compare_batch("{}", [AROUND.format(c=chr(code)) for code in codes[at : at + 256]])


def test_odd_texts() -> None:
    for text in gw_odd.texts():
        PARITY.assert_agree("{}", text)
        PARITY.assert_agree("{}", f'{{"a": "{text}", b: {text}, \'{text}\': [{text}')


def test_every_beginning() -> None:
    for seed in strategy.SEEDS:
        PARITY.compare_batch("{}", [seed[:length] for length in range(min(len(seed), 200))])


def test_generated_cases() -> None:
    PARITY.compare_generated()


def test_generated_forms() -> None:
    PARITY.compare_forms()


def test_random_bytes() -> None:
    rng = Random(5)
    for _ in range(300):
        raw = strategy.text(rng).encode("utf-8", "surrogatepass")
        at = rng.randrange(len(raw) + 1)
        raw = raw[:at] + bytes(rng.choices(range(256), k=rng.randrange(4))) + raw[at:]
        answers = [gw_parity.outcome(PARITY.opened(name, "{}").scan, raw) for name in gw_parity.implementations()]
        assert answers == [answers[-1]] * len(answers), raw


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(text=strategy.texts())
def test_shrunk(text: str) -> None:
    PARITY.assert_agree("{}", text)
