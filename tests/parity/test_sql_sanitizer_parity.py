"""The SQL sanitizer gives the same answers from cffi, ctypes and pure Python: findings, order, details, output, errors.

Known differences: none.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gw_odd
import gw_parity
import gw_vectors
import pytest
from gw_parity import Parity
from hypothesis import HealthCheck, given, settings

from pyplugins.sql_sanitizer.api import SQLSanitizer

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import sql_sanitizer as strategy

PARITY = Parity(SQLSanitizer, strategy.text, strategy.config)
EVERYTHING = json.dumps({"detect_injection": True, "injection_threshold": 1, "require_parameterization": True})


def test_nothing_is_left_out() -> None:
    gw_parity.nothing_is_left_out()


@pytest.mark.parametrize("row", gw_vectors.rows("sql_sanitizer"), ids=lambda row: row["id"])
def test_vectors(row: dict[str, Any]) -> None:
    PARITY.compare_row(row)


@pytest.mark.parametrize("dialect", strategy.DIALECTS)
def test_descriptions(dialect: str) -> None:
    PARITY.assert_descriptions_agree({"dialect": dialect, "blocked_statements": ['a"é', r"\bX\b"]})
    PARITY.assert_descriptions_agree({"injection_action": "audit"})


#: What every character is put beside: quotes, words, signs and white space of any script must be read alike.
AROUND = (
    "SELECT{c}1{c}FROM{c}t{c}; DROP{c}TABLE {c}x{c} -- {c}",
    "{c}'{c}OR{c}1{c}={c}1{c}--{c}",
    "1{c}UNION{c}SELECT{c}1{c},{c}#{c}a{c} $a{c}$ {c}$a{c}$ q'{c} {c}' @{c} :{c} [{c}a{c}] %27{c}or 1=1",
)


@pytest.mark.parametrize("around", AROUND)
def test_unicode_blocks(around: str) -> None:
    signs = [*range(0x3100), *range(0xD700, 0xE100, 16), *range(0xFE00, 0x10000)]
    codes = [*signs, *range(0x3100, sys.maxunicode, 997)]
    for at in range(0, len(codes), 256):
        PARITY.compare_batch(EVERYTHING, [around.replace("{c}", chr(code)) for code in codes[at : at + 256]])


def test_bytes_that_are_no_text() -> None:
    native = [name for name in gw_parity.implementations() if name != "python"]
    python = SQLSanitizer(EVERYTHING, "python")
    for name in native:
        one = SQLSanitizer(EVERYTHING, name)
        for byte in range(256):
            for around in AROUND:
                raw = around.encode().replace(b"{c}", bytes([byte]))
                assert one.scan(raw) == python.scan(raw), (name, raw)


def test_odd_texts() -> None:
    for text in gw_odd.texts():
        PARITY.assert_agree(EVERYTHING, text)
        PARITY.assert_agree(EVERYTHING, f"SELECT '{text}'; DROP TABLE {text} -- {text}")


def test_generated_cases() -> None:
    PARITY.compare_generated()


def test_generated_bytes_and_nested_data() -> None:
    PARITY.compare_forms()


@given(text=strategy.texts(), config=strategy.configs())
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_implementations_agree(text: str, config: dict[str, Any]) -> None:
    PARITY.assert_agree(json.dumps(config), text)
