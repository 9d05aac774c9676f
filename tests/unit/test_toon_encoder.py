"""toon_encoder: examples, the functions, round trips of any JSON, and what the reference implementation reads."""

from __future__ import annotations

import doctest
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from gw_parity import implementations
from gw_tests import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyplugins import toon_encoder
from pyplugins.errors import ConfigError, InputTooLarge, UsageError
from pyplugins.toon_encoder import ToonEncoder, api, decode, decode_to_json, encode, encode_json

sys.path.insert(0, str(ROOT / "tests"))
from vectors.toon_encoder_rows import __main__ as source
from vectors.toon_encoder_rows._write import render

NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
#: Every code point there is, lone surrogates too.
TEXTS = st.text(st.characters(), max_size=8) | st.sampled_from(["", "-", "true", "05", "a,b", "x: y", "[]", "#", " a"])
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
ROWS = st.lists(TEXTS, min_size=1, max_size=3, unique=True).flatmap(
    lambda keys: st.lists(st.fixed_dictionaries(dict.fromkeys(keys, SCALARS)), min_size=1, max_size=4)
)
VALUES = st.recursive(
    SCALARS | ROWS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=20
)
EVERYTHING = {"min_size_bytes": 0, "only_smaller": False, "strict": True}


def spelt(text: str) -> Any:
    """The value with numbers as they are spelt and members in their order, repeated keys included."""
    return json.loads(text, parse_int=lambda n: ("number", n), parse_float=lambda n: ("number", n))


@pytest.mark.parametrize("name", ["api", "functions", "fallback", "_decode", "_encode", "_json", "_text"])
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"pyplugins.toon_encoder.{name}")).failed == 0


def test_the_readme() -> None:
    found = doctest.testfile(str(Path(api.__file__).with_name("README.md")), module_relative=False)
    assert found.attempted
    assert not found.failed


def test_the_vectors_are_what_their_source_writes() -> None:
    assert source.FILE.read_text("utf-8") == render(source.all_rows())


def test_every_public_name_is_there() -> None:
    for name in toon_encoder.__all__:
        if not name.endswith("Rust"):
            assert getattr(toon_encoder, name).__name__ == name


@pytest.mark.parametrize("implementation", implementations())
@pytest.mark.parametrize("delimiter", ["comma", "tab", "pipe"])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=VALUES, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_any_json_comes_back(
    implementation: str, delimiter: str, value: Any, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(value, indent=indent)
    toon = ToonEncoder({**EVERYTHING, "delimiter": delimiter}, implementation).process(text)
    back = ToonEncoder({"direction": "decode", "strict": True}, implementation).process(toon)
    assert spelt(back) == spelt(text)
    toon.encode()  # it is UTF-8, whatever was escaped


@settings(max_examples=150, deadline=None)
@given(value=VALUES)
def test_values_come_back(value: Any) -> None:
    assert decode(encode(value)) == value


@settings(max_examples=100, deadline=None)
@given(value=VALUES)
def test_with_only_smaller_the_text_never_grows(value: Any) -> None:
    text = json.dumps(value)
    result = ToonEncoder({"min_size_bytes": 0}).scan(text)
    assert result.changed == (len(result.output.encode()) < len(text))
    assert result.changed == bool(result.findings)


@pytest.mark.parametrize("implementation", implementations())
def test_members_keep_their_order_and_repeats(implementation: str) -> None:
    text = '{"b":1,"a":{"z":2,"y":[{"k":1.50,"k":-0}]},"b":1E+2}'
    toon = ToonEncoder(EVERYTHING, implementation).process(text)
    assert ToonEncoder({"direction": "decode"}, implementation).process(toon) == text


def test_what_others_wrote() -> None:
    """Indentation, blank lines and quotes that we never write."""
    assert decode('\n\nusers[2]{id,name}:\n  1, "Ada"\n  2,Bob\n\nnext: "1"\n') == {
        "users": [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}],
        "next": "1",
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_a_float_that_is_no_number_is_an_error(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode(value)


def test_what_json_has_not_is_an_error() -> None:
    with pytest.raises(TypeError):
        encode({"a": {1, 2}})


def test_errors_name_the_line_and_nothing_of_the_text() -> None:
    with pytest.raises(InputTooLarge, match=r"line 3 of the text is not TOON") as error:
        decode("a: 1\nb[2]:\n  secret")
    assert isinstance(error.value, ValueError)
    assert "secret" not in str(error.value)
    with pytest.raises(InputTooLarge, match="not JSON") as error:
        encode_json('{"secret"}')
    assert "secret" not in str(error.value)


def test_too_deep_is_an_error_both_ways() -> None:
    deep: Any = []
    for _ in range(256):
        deep = [deep]
    for call, argument in ((encode, deep), (decode, "\n".join("  " * depth + "a:" for depth in range(257)))):
        with pytest.raises(InputTooLarge, match="256"):
            call(argument)
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InputTooLarge, match="256"):
        encode(deep)
    while deep:  # else Python frees it by recursion
        deep = deep[0]


def test_as_deep_as_allowed_comes_back() -> None:
    deep: Any = []
    for level in range(255):
        deep = {"a": deep} if level % 2 else [deep]
    assert decode(encode(deep)) == deep


def test_an_unknown_delimiter_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"\$\.delimiter"):
        encode([], delimiter=";")


def test_there_are_no_streams() -> None:
    for implementation in implementations():
        with pytest.raises(UsageError):
            ToonEncoder({}, implementation).stream()


def test_bytes_are_converted_as_bytes() -> None:
    for implementation in implementations():
        assert ToonEncoder(EVERYTHING, implementation).process('{"é":"ü"}'.encode()) == '"é": ü'.encode()


@settings(max_examples=150, deadline=None)
@given(value=VALUES)
def test_the_reference_reads_what_we_write(value: Any) -> None:
    """toon-format, the reference of version 4: all but lone surrogates, and the numbers that it refuses or rounds."""
    reference = pytest.importorskip("toon_format", reason="the peer is not installed: pip install toon-format")
    if "\\ud" in json.dumps(value):
        return
    assert reference.decode(encode(value)) == value
    for delimiter, sign in (("tab", "\t"), ("pipe", "|")):
        assert reference.decode(encode(value, delimiter=delimiter)) == value, sign


#: What versions 3 and 4 write alike: no object of objects, no table of objects in objects.
FLAT = st.dictionaries(TEXTS, SCALARS | st.lists(SCALARS, min_size=1, max_size=4), max_size=4) | ROWS


@settings(max_examples=150, deadline=None)
@given(value=FLAT)
def test_we_read_what_the_reference_writes(value: Any) -> None:
    reference = pytest.importorskip("toon_format", reason="the peer is not installed: pip install toon-format")
    if "\\ud" in json.dumps(value):
        return
    assert decode(reference.encode(value)) == value


def test_json_text_stays_json_text() -> None:
    assert decode_to_json("a: 1.50\nb: 1e3") == '{"a":1.50,"b":1e3}'
    assert decode("a: 1.50") == {"a": 1.5}
