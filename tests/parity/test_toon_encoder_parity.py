"""toon_encoder gives the same answers from cffi, ctypes and pure Python. Known differences: none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gw_parity
import gw_vectors
import pytest
from gw_parity import Parity

from pyplugins.toon_encoder.api import ToonEncoder

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import toon_encoder as strategy

PARITY = Parity(ToonEncoder, strategy.text, strategy.config)


def test_nothing_is_left_out() -> None:
    gw_parity.nothing_is_left_out()


@pytest.mark.parametrize("row", gw_vectors.rows("toon_encoder"), ids=lambda row: row["id"])
def test_vectors(row: dict[str, Any]) -> None:
    PARITY.compare_row(row)


def test_descriptions() -> None:
    PARITY.assert_descriptions_agree({})


def test_generated_cases() -> None:
    PARITY.compare_generated()


def test_generated_bytes_and_nested_data() -> None:
    PARITY.compare_forms()
