"""Portable patterns in Python: the shared vectors on all three matchers, the facts, the refusals, and linear time."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from pyplugins.core import data
from pyplugins.core.pattern import Options, Pattern, PatternError, PatternSet, automaton, decode, pike
from pyplugins.core.pattern.text import byte_length

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import patterns as strategy

VECTORS = Path(__file__).parents[1] / "vectors/patterns.jsonl"
ROWS = [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]
WIDE = Options(max_bytes=1 << 20, max_alternatives=1 << 20, max_quantifiers=1 << 20)
Search = Callable[[str, int], "tuple[int, int] | None"]


def matchers(pattern: Pattern) -> dict[str, Search]:
    """Every way to match that the pattern allows: the one it chooses, the reference, the automaton."""

    def reference(text: str, start: int) -> tuple[int, int] | None:
        slots = pike.search(pattern._program, text, start)
        return (slots[0], slots[1]) if slots else None

    return {
        "re" if pattern.runs_on_re else "chosen": pattern.search,
        "reference": reference,
        "automaton": automaton.Automaton(pattern._program, pattern.prefix).search,
    }


def spans(search: Search, text: str, start: int) -> list[tuple[int, int]]:
    """All matches, by the rule of iteration written once more."""
    found: list[tuple[int, int]] = []
    while start <= len(text) and (span := search(text, start)):
        if found and span[0] == span[1] == found[-1][1]:
            start += 1
            continue
        found.append(span)
        start = span[1]
    return found


def outcome(row: dict[str, Any]) -> dict[str, Any]:
    options = Options(**row["config"].get("options", {}))
    try:
        pattern = Pattern.parse(row["config"]["pattern"], options)
    except PatternError as error:
        refusal: dict[str, Any] = {"reason": error.reason, "offset": error.offset}
        return {**refusal, "size": error.size} if error.size else refusal
    if "input_hex" in row:
        text = decode(bytes.fromhex(row["input_hex"]))
        offsets = [sum(map(byte_length, text[:at])) for at in range(len(text) + 1)]
    else:
        text = row["input"]
        offsets = list(range(len(text) + 1))
    start = row.get("start", 0)
    found = {name: spans(search, text, start) for name, search in matchers(pattern).items()}
    groups = [pattern.captures_at(text, at) for at, _ in pattern.finditer(text, start)]
    assert {name: list(pattern.finditer(text, start)) for name in found} == found

    def shown(span: tuple[int, int] | None) -> list[int] | None:
        return [offsets[span[0]], offsets[span[1]]] if span else None

    sizes = pattern.lengths
    result: dict[str, Any] = {
        "spans": [shown(span) for span in pattern.finditer(text, start)],
        "size": pattern.size,
        "lengths": [sizes.min_chars, sizes.max_chars, sizes.min_bytes, sizes.max_bytes],
        "prefix": pattern.prefix,
    }
    if pattern.group_count:
        result["groups"] = [[shown(group) for group in match[1:]] for match in groups if match]
    if pattern.group_names:
        names = {index: name for name, index in pattern.group_names.items()}
        result["names"] = [names.get(index) for index in range(1, pattern.group_count + 1)]
    return result


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_vectors(row: dict[str, Any]) -> None:
    assert outcome(row) == row["expect"]


def test_vectors_show_every_reason() -> None:
    shown = {row["expect"].get("reason") for row in ROWS}
    reasons = {row["id"] for row in data.load("core", "pattern_reasons.json")}
    # Only a Python str can hold a lone surrogate; the next test has it.
    assert reasons - shown == {"not_unicode"}


def test_reference_captures_agree_with_re() -> None:
    for row in ROWS:
        if "groups" in row["expect"] and "input" in row:
            pattern = Pattern.parse(row["config"]["pattern"], Options(**row["config"].get("options", {})))
            for match in row["expect"]["spans"]:
                slots = pike.search(pattern._program, row["input"], match[0])
                assert slots is not None
                groups = [None if slots[at] < 0 else slots[at : at + 2] for at in range(2, len(slots), 2)]
                wanted = row["expect"]["groups"][row["expect"]["spans"].index(match)]
                assert groups == [tuple(group) if group else None for group in wanted], row["id"]


def test_lone_surrogate_in_a_pattern_is_refused_in_front_of_all_else() -> None:
    with pytest.raises(PatternError) as caught:
        Pattern.parse("(\u00e9\ud800" + "a" * 300)
    assert (caught.value.reason, caught.value.number, caught.value.offset) == ("not_unicode", 1, 3)


def test_error_quotes_nothing() -> None:
    with pytest.raises(PatternError) as caught:
        Pattern.parse("4111-1111(?=x)")
    assert str(caught.value) == "pattern refused at byte 9: look-ahead and look-behind are refused"


@given(strategy.scribbles())
@settings(max_examples=500)
def test_any_string_is_accepted_or_refused_at_a_place_in_it(text: str) -> None:
    refusal: PatternError | None = None
    try:
        Pattern.parse(text)
    except PatternError as error:
        refusal = error
    assert refusal is None or 0 <= refusal.offset <= len(text.encode("utf-8", "surrogatepass"))


@given(strategy.patterns(), strategy.texts())
@settings(max_examples=500)
def test_matchers_agree_and_facts_hold(source: str, text: str) -> None:
    pattern = Pattern.parse(source, replace(WIDE, max_size=1_000_000))
    if pattern.size > 5_000:
        return
    found = {name: spans(search, text, 0) for name, search in matchers(pattern).items()}
    assert len({tuple(one) for one in found.values()}) == 1, found
    sizes = pattern.lengths
    for start, end in pattern.finditer(text):
        match = text[start:end]
        size = len(match.encode("utf-8", "surrogatepass"))
        assert sizes.min_chars <= len(match) <= (len(match) if sizes.max_chars is None else sizes.max_chars)
        assert sizes.min_bytes <= size <= (size if sizes.max_bytes is None else sizes.max_bytes)
        assert match.startswith(pattern.prefix)
        assert match or pattern.can_be_empty
        groups = pattern.captures_at(text, start)
        slots = pike.search(pattern._program, text, start)
        assert groups is not None
        assert slots is not None
        assert [group or (-1, -1) for group in groups] == [slots[at : at + 2] for at in range(0, len(slots), 2)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\b\d{3}-\d{2}-\d{4}\b", True),
        (r"EMP-\d{6}", True),
        (r"user=\S+", True),
        ("foo|far|bar", True),
        ('"[^"]*"', True),
        (r"\d{4}-\d{2}T\S+", True),
        ("a{16}", True),
        ("(a+)+$", False),
        ("(a|a)*b", False),
        ("a+b", False),
        ("foo.*bar", False),
        ("a*a*b", False),
        ("(?:a?){20}a", False),
        ("(?:ab)*", False),
        (r"\d{1,100}x", False),
        (r"(?:\d*x)?\d", False),
        (r"\b[\w.]+@", False),
        ("(?:a?b?c?d?e?f?g?h?i?j?){9}", False),
    ],
)
def test_re_runs_only_what_is_linear_on_it(source: str, expected: bool) -> None:
    assert Pattern.parse(source).runs_on_re is expected


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("(a+)+$", "a" * 50_000 + "b"),
        ("(a|a)*b", "a" * 50_000),
        ("(?:a|aa)+$", "a" * 50_000 + "b"),
        ("a*a*a*a*b", "a" * 50_000),
        ("[a-z]+@[a-z]+", "a" * 50_000),
        ("foo.*bar", "foo" * 20_000),
        (r"(?:\w+\s?)*:", "ab " * 20_000),
        ("(?:a?){20}a{20}", "a" * 50_000),
        (r"\b(?:\d[ -]?){12,18}\d\b", "1 2-" * 15_000),
        ('"[^"]*"', '"' + "a" * 50_000),
        (r"user=\S+", "user=" * 20_000),
        (r"\d{12}x", "1" * 100_000),
        (r"\w+", "a " * 50_000),
        ("(?:foo|far|fab)b", "fofafafoofarfab" * 5_000),
    ],
)
def test_one_search_is_linear(source: str, text: str) -> None:
    pattern = Pattern.parse(source)
    start = time.process_time()
    pattern.search(text)
    for _ in pattern.finditer(text[:20_000]):
        pass
    # Linear takes 20 ms to 100 ms; quadratic is minutes, exponential never ends.
    assert time.process_time() - start < 6


def test_hostile_patterns_are_refused_quickly() -> None:
    start = time.process_time()
    for opened in ("(", "(?:", "[", "(?i:", "((a)*", "a|", "a{1,1000}"):
        with pytest.raises(PatternError):
            Pattern.parse(opened * 50_000, WIDE)
    assert time.process_time() - start < 6


def test_the_automaton_forgets_and_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = Pattern.parse("(?:a|b)*a(?:a|b){6}c")
    text = "".join("ab"[(index * index) % 7 % 2] for index in range(3_000)) + "abbabbac" + "b" * 50
    wanted = pike.search(pattern._program, text)
    monkeypatch.setattr(automaton, "MAX_REMEMBERED", 500)
    small = automaton.Automaton(pattern._program, pattern.prefix)
    assert wanted is not None
    assert small.search(text) == wanted[:2]
    assert len(small._states) < 200


def test_threads_share_a_pattern() -> None:
    pattern = Pattern.parse("(?:ab|a)+c")
    text = "abaabac x " * 200
    wanted = list(Pattern.parse("(?:ab|a)+c").finditer(text))
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.append(list(pattern.finditer(text)) == wanted)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8
    assert len(wanted) == 200


def test_a_set_yields_pattern_by_pattern() -> None:
    found = PatternSet([Pattern.parse("b"), Pattern.parse("a*"), Pattern.parse("ab")])
    assert list(found.finditer("abb", 0)) == [(0, 1, 2), (0, 2, 3), (1, 0, 1), (1, 2, 2), (1, 3, 3), (2, 0, 2)]
    assert list(found.finditer("abb", 2)) == [(0, 2, 3), (1, 2, 2), (1, 3, 3)]
    assert PatternSet([Pattern.parse("x"), Pattern.parse("^b")]).is_match("abx")
    assert not PatternSet([]).is_match("a")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a\xc3\xa9", "a\u00e9"),
        (b"\xffa\x80", "\udcffa\udc80"),
        (b"\xe2\x82A", "\udce2\udc82A"),
        (b"\xed\xa0\x80", "\ud800"),
        (b"\xed\xb2\x80\xed\xb2", "\ud800\udced\udcb2"),
        (b"\xf4\x90\x80\x80", "\udcf4\udc90\udc80\udc80"),
        (b"\xc0\xaf", "\udcc0\udcaf"),
    ],
)
def test_bytes_decode_to_one_character_each_that_is_invalid(raw: bytes, text: str) -> None:
    assert decode(raw) == text
    assert sum(map(byte_length, text)) == len(raw)
