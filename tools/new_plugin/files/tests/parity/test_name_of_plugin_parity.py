"""name_of_plugin gives the same answers from cffi, ctypes and pure Python. Known differences: none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gw_parity
import gw_vectors
import pytest
from gw_parity import Parity

from pyplugins.name_of_plugin.api import NameOfPlugin

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import name_of_plugin as strategy

PARITY = Parity(NameOfPlugin, strategy.text, strategy.config)


def test_nothing_is_left_out() -> None:
    gw_parity.nothing_is_left_out()


@pytest.mark.parametrize("row", gw_vectors.rows("name_of_plugin"), ids=lambda row: row["id"])
def test_vectors(row: dict[str, Any]) -> None:
    PARITY.compare_row(row)


def test_descriptions() -> None:
    PARITY.assert_descriptions_agree({})


def test_generated_cases() -> None:
    PARITY.compare_generated()


def test_generated_bytes_and_nested_data() -> None:
    PARITY.compare_forms()
