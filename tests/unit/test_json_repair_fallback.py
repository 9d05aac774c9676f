"""The pure-Python engine: the patterns that hurry, validity, and texts made to be slow."""

from __future__ import annotations

import json
import re
import time
from random import Random

import pytest
from gw_tests import ROOT

from pyplugins.core import data
from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._root import Machine
from pyplugins.json_repair.fallback import JSONRepairPython, is_valid
from tests.strategies import json_repair as strategy

ADVERSARIAL = ROOT / "rustlib/engines/json_repair/benches/inputs/adversarial.rs"


class Slow(Machine):
    """The machine without its hurry."""

    __slots__ = ()

    def hurry(self) -> bool:
        return False


@pytest.mark.parametrize("python", [True, False])
def test_hurry_changes_nothing(python: bool) -> None:
    rng = Random(3)
    for _ in range(3_000):
        text = strategy.text(rng)
        machines = [make(text, python, 1_000) for make in (Machine, Slow)]
        for machine in machines:
            machine.repair()
        assert machines[0].edits == machines[1].edits, text


def test_kinds_are_numbered_in_the_order_of_their_file() -> None:
    names = [row["name"] for row in data.load("json_repair", "kinds.json")]
    assert [getattr(kinds, name.upper()) for name in names] == list(range(len(names)))


def test_the_machine_leaves_valid_json_alone() -> None:
    rng = Random(4)
    for _ in range(2_000):
        text = json.dumps(
            json.loads(JSONRepairPython.open("{}").process(strategy.text(rng))), ensure_ascii=rng.random() < 0.5
        )
        machine = Machine(text, True, 1_000)
        machine.repair()
        assert machine.edits == [], text


@pytest.mark.parametrize(
    ("text", "depth", "expected"),
    [
        ("[[1], {}]", 2, True),
        ("[[1], {}]", 1, False),
        ('["[[[[", "\\\\", "\\"[[["]', 1, True),
        ('{"a\\\\": {"[": 1}}', 2, True),
        ('{"a\\\\": {"[": 1}}', 1, False),
        ("[" + "[],[[]]," * 99 + "1]", 3, True),
        ("[" + "[],[[]]," * 99 + "1]", 2, False),
        ("[" * 40 + "]" * 40, 40, True),
        ("[" * 40 + "]" * 40, 39, False),
        ('"[[["', 1, True),
        ("[NaN]", 9, False),
        ('["\ud800"]', 9, False),
        ('["\\ud800"]', 9, True),
        ("[1]\ufeff", 9, False),
    ],
)
def test_validity(text: str, depth: int, expected: bool) -> None:
    assert is_valid(text, depth) is expected


def _listed(name: str) -> list[str]:
    """The strings of a list in the Rust file that both sides use."""
    source = ADVERSARIAL.read_text("utf-8").partition(f"pub const {name}")[2].partition("= [")[2].partition("];")[0]
    found = re.findall(r'"((?:[^"\\]|\\.)*)"', source)
    escapes = [re.sub(r"\\u\{(\w+)\}", lambda code: rf"\u{int(code[1], 16):04x}", text) for text in found]
    return [json.loads('"' + text + '"') for text in escapes]


def test_texts_made_to_be_slow() -> None:
    guard = JSONRepairPython.open('{"max_depth": 1000000}')
    units, beginnings = _listed("UNITS"), _listed("BEGINNINGS")
    assert len(units) > 50
    assert len(beginnings) >= 10
    rng = Random(9)
    for beginning in beginnings:
        for unit in units:
            unit += rng.choice(units)
            text = beginning + unit * (6_000 // len(unit))
            began = time.process_time()
            guard.process(text)
            # Some ten times what the slowest needs; who looks back again and again needs a thousand times as much.
            assert time.process_time() - began < 1.5, (beginning, unit)
