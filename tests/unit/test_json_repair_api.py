"""The direct API and the drop-ins for the functions of PyPI json_repair."""

from __future__ import annotations

import io
import json
import math
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from gw_tests import need_binding

from pyplugins.core import data
from pyplugins.errors import InputTooLarge, UsageError
from pyplugins.json_repair import JSONRepair, JSONRepairPython, from_file, load, loads, repair_json
from tests.strategies import json_repair as strategy

BROKEN = "{'a': [1, 2,], b: \"c"
FIXED = '{"a": [1, 2], "b": "c"}'
VALUE = {"a": [1, 2], "b": "c"}
IMPLEMENTATIONS = ["cffi", "ctypes", "python"]


@pytest.fixture(params=IMPLEMENTATIONS)
def implementation(request: pytest.FixtureRequest) -> str:
    if request.param != "python":
        need_binding(request.param)
    return str(request.param)


def opened(implementation: str, **config: Any) -> JSONRepair:
    return JSONRepair(config, implementation)


def test_repair_and_loads(implementation: str) -> None:
    repair = opened(implementation)
    assert repair.repair(BROKEN) == repair.process(BROKEN) == FIXED
    assert repair.repair(BROKEN.encode()) == FIXED.encode()
    assert repair.repair_many([BROKEN, FIXED]) == [FIXED, FIXED]
    assert repair.loads(BROKEN) == repair.loads(BROKEN.encode()) == VALUE


def test_valid_json_is_the_very_object(implementation: str) -> None:
    repair = opened(implementation)
    for text in (
        '{"a": "x,}"}',
        " [1.0, 1E5] \n",
        '"\u00e9\U0001f600"',
        '{"a":1,"a":2}',
        b'["\xc3\xa9"]',
        "[" * 400 + "]" * 400,
    ):
        assert repair.repair(text) is text
        assert not repair.scan(text).findings


def test_the_edits_make_the_output(implementation: str) -> None:
    rng = Random(11)
    for dialect in ("python", "js"):
        repair = opened(implementation, dialect=dialect)
        for _ in range(400):
            text = strategy.text(rng)
            result = repair.scan(text)
            pieces, last = [], 0
            for edit in result.findings:
                assert last <= edit.start <= edit.end
                assert edit.detail["offset"] == len(text[: edit.start].encode("utf-8", "surrogatepass"))
                assert edit.detail["kind"] == edit.rule
                pieces += [text[last : edit.start], edit.detail["inserted"]]
                last = edit.end
            assert "".join([*pieces, text[last:]]) == result.output
            json.loads(result.output, parse_constant=lambda name: pytest.fail(name))
            assert repair.repair(result.output) is result.output


def test_strict_says_where(implementation: str) -> None:
    strict = opened(implementation, strict=True)
    assert strict.repair('{"a": 1}') == '{"a": 1}'
    with pytest.raises(InputTooLarge, match="at byte 10,") as caught:
        strict.repair('["\u00e9\u00e9", 1,]')
    assert caught.value.code == 43
    assert isinstance(caught.value, ValueError)


def test_a_million_levels(implementation: str) -> None:
    deep = opened(implementation, max_depth=1_000_000)
    nested = "[" * 1_000_000 + "]" * 1_000_000
    assert deep.repair(nested) is nested
    assert deep.repair("[" * 1_000_000) == nested
    with pytest.raises(InputTooLarge) as caught:
        deep.repair("[" * 1_000_001)
    assert caught.value.code == 41
    with pytest.raises(InputTooLarge):
        deep.loads("[" * 100_000)


def test_streams_are_refused(implementation: str) -> None:
    with pytest.raises(UsageError):
        opened(implementation).stream()


def test_describe_names_every_kind_of_edit(implementation: str) -> None:
    kinds = [row["name"] for row in data.load("json_repair", "kinds.json")]
    assert [rule["name"] for rule in opened(implementation).describe()["rules"]] == kinds


def test_python_class() -> None:
    assert JSONRepairPython().repair(BROKEN) == FIXED


class TestFunctions:
    def test_repair_json(self) -> None:
        assert repair_json(BROKEN) == FIXED
        assert repair_json(BROKEN, return_objects=True) == VALUE
        assert repair_json(BROKEN, return_objects=True, skip_json_loads=True) == VALUE
        assert repair_json(json_fd=io.StringIO(BROKEN), chunk_length=1024) == FIXED
        assert repair_json(FIXED) is FIXED
        assert repair_json("{a: '\u00fc'}") == '{"a": "\u00fc"}'
        assert repair_json("{a: '\u00fc'}", ensure_ascii=True) == '{"a": "\\u00fc"}'
        assert repair_json("{b: 1, a: 2}", indent=1, sort_keys=True) == '{\n "a": 2,\n "b": 1\n}'
        assert repair_json("{a: undefined, b:}", dialect="js") == '{"a": null, "b":null}'

    @pytest.mark.parametrize("text", ["", "  ", "hello", "}"])
    def test_nothing_to_repair_is_empty(self, text: str) -> None:
        assert repair_json(text) == ""
        assert loads(text) == repair_json(text, return_objects=True) == ""
        assert json.loads(repair_json(text, dialect="js")) in (None, text)

    def test_empty_strings_stay(self) -> None:
        assert repair_json('""') == '""'
        assert repair_json("''") == '""'

    def test_logging(self) -> None:
        value, log = repair_json(BROKEN, logging=True)
        assert value == VALUE
        assert [entry["kind"] for entry in log][:2] == ["quote_style", "quote_style"]
        assert {"text", "context", "offset", "inserted", "removed", "guess"} <= set(log[0])
        assert loads(FIXED, logging=True) == (VALUE, [])

    def test_strict(self) -> None:
        with pytest.raises(ValueError, match="strict"):
            repair_json(BROKEN, strict=True)
        with pytest.raises(ValueError, match="strict"):
            loads(BROKEN, strict=True)
        assert loads(FIXED, strict=True) == VALUE

    def test_loads(self, tmp_path: Path) -> None:
        assert loads(BROKEN) == loads(BROKEN, stream_stable=True) == VALUE
        assert load(io.StringIO(BROKEN)) == VALUE
        file = tmp_path / "broken.json"
        file.write_text(BROKEN + '"} // \u00e9', encoding="utf-8")
        assert from_file(file) == from_file(str(file), chunk_length=1) == VALUE

    def test_numbers_that_only_python_reads(self) -> None:
        assert math.isnan(loads("[NaN]")[0])
        assert loads("[NaN,]") == [None]
        assert loads("[" + "1" * 400 + ",]") == [int("1" * 400)]

    def test_no_module_is_shadowed(self) -> None:
        """The peer's package keeps its name; ours is a part of pyplugins."""
        assert repair_json.__module__ == "pyplugins.json_repair.functions"
        assert "json_repair" not in sys.modules or "pyplugins" not in str(sys.modules["json_repair"].__file__)


@pytest.mark.parametrize("name", ["repair_json", "loads", "load", "from_file"])
def test_the_functions_take_the_names_of_the_peer(name: str) -> None:
    """Those of PyPI json_repair 0.64.6, but for its schemas and the arguments of `json.dumps`."""
    import inspect

    import pyplugins.json_repair

    peers = {
        "repair_json": "json_str return_objects skip_json_loads logging json_fd chunk_length stream_stable strict",
        "loads": "json_str skip_json_loads logging stream_stable strict",
        "load": "fd skip_json_loads logging chunk_length strict",
        "from_file": "filename skip_json_loads logging chunk_length strict",
    }
    ours = list(inspect.signature(getattr(pyplugins.json_repair, name)).parameters)
    assert ours[: len(peers[name].split())] == peers[name].split()
