"""Portable patterns: Rust and Python asked the same thing, case by case. Needs cargo, not the native library.

`GWPLUGINS_PARITY_CASES` sets how many cases each test draws.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyplugins.core.pattern import Options, Pattern, PatternError, Span, decode
from pyplugins.core.pattern.text import byte_length

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import patterns as strategy

RUSTLIB = Path(__file__).parents[2] / "rustlib"
CASES = int(os.environ.get("GWPLUGINS_PARITY_CASES", "1000"))
LIMITS: dict[str, Any] = {"max_bytes": 4096, "max_alternatives": 100, "max_quantifiers": 100}
Ask = Callable[..., dict[str, Any]]

many = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def rust() -> Iterator[Ask]:
    """Asks the Rust implementation, one line to a process that stays."""
    if shutil.which("cargo") is None:
        if os.environ.get("GWPLUGINS_REQUIRE_NATIVE") == "1":
            pytest.fail("cargo is required and was not found")
        pytest.skip("cargo, which builds what Python is compared with, was not found")
    build = [
        "cargo",
        "build",
        "--locked",
        "-q",
        "--profile",
        "test",
        "-p",
        "gwplugins-core",
        "--example",
        "pattern_spans",
    ]
    made = subprocess.run([*build, "--message-format=json"], cwd=RUSTLIB, check=True, capture_output=True, text=True)
    artifacts = [json.loads(line) for line in made.stdout.splitlines()]
    program = next(one["executable"] for one in artifacts if one.get("executable"))
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        pipes = process.stdin, process.stdout

        def ask(**case: Any) -> dict[str, Any]:
            pipes[0].write(json.dumps(case) + "\n")
            pipes[0].flush()
            answer: dict[str, Any] = json.loads(pipes[1].readline())
            return answer

        yield ask
        process.stdin.close()


def python(source: str, options: dict[str, Any], text: str, start: int) -> dict[str, Any]:
    """What Rust should answer, from Python; offsets in bytes, `start` in characters."""
    try:
        pattern = Pattern.parse(source, Options(**options))
    except PatternError as error:
        return {"reason": error.reason, "offset": error.offset, "size": error.size}
    offsets = [0]
    for char in text:
        offsets.append(offsets[-1] + byte_length(char))

    def shown(span: Span | None) -> list[int] | None:
        return [offsets[span[0]], offsets[span[1]]] if span else None

    sizes = pattern.lengths
    names = {index: name for name, index in pattern.group_names.items()}
    return {
        "groups": [
            [shown(group) for group in pattern.captures_at(text, at) or ()] for at, _ in pattern.finditer(text, start)
        ],
        "size": pattern.size,
        "lengths": [sizes.min_chars, sizes.max_chars, sizes.min_bytes, sizes.max_bytes],
        "prefix": pattern.prefix,
        "names": [names.get(index) for index in range(pattern.group_count + 1)],
    }


def same(rust: Ask, source: str, options: dict[str, Any], data: bytes, start: int) -> None:
    text = decode(data)
    start = min(start, len(text))
    byte_start = sum(map(byte_length, text[:start]))
    answer = rust(pattern=source, options=options, hex=data.hex(), start=byte_start)
    assert python(source, options, text, start) == answer


@given(strategy.patterns(), strategy.texts(), st.booleans(), st.integers(0, 3))
@many
def test_texts(rust: Ask, source: str, text: str, ignore_case: bool, start: int) -> None:
    same(rust, source, {**LIMITS, "ignore_case": ignore_case}, text.encode("utf-8", "surrogatepass"), start)


@given(strategy.patterns(), strategy.texts(more=strategy.SCRIPTS), st.booleans(), st.integers(0, 3))
@many
def test_scripts(rust: Ask, source: str, text: str, ignore_case: bool, start: int) -> None:
    options = {**LIMITS, "ignore_case": ignore_case, "unicode": True}
    same(rust, source, options, text.encode("utf-8", "surrogatepass"), start)


@given(strategy.patterns(), strategy.byte_texts(), st.booleans(), st.booleans(), st.sampled_from(range(4)))
@many
def test_words_and_lines(rust: Ask, source: str, data: bytes, unicode: bool, whole: bool, lines: int) -> None:
    options = {"unicode": unicode, "whole_word": whole, "multi_line": lines & 1 > 0, "dot_all": lines & 2 > 0}
    same(rust, source, {**LIMITS, **options}, data, 0)


@given(strategy.patterns(), strategy.byte_texts(), st.integers(0, 3))
@many
def test_bytes(rust: Ask, source: str, data: bytes, start: int) -> None:
    same(rust, source, LIMITS, data, start)


@given(strategy.scribbles().filter(str.isprintable), strategy.texts(6))
@many
def test_refusals(rust: Ask, source: str, text: str) -> None:
    same(
        rust,
        source,
        {"max_alternatives": 2, "max_quantifiers": 3, "max_size": 40},
        text.encode("utf-8", "surrogatepass"),
        0,
    )
