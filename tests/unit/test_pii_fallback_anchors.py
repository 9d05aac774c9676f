"""The anchors of the pure-Python engine: the compiled filter lets nothing through the net that a step would take."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings

from pyplugins.core import data
from pyplugins.pii_filter import _anchors
from pyplugins.pii_filter._addresses import v6
from pyplugins.pii_filter._escapes import HIDDEN_DIGIT, view
from pyplugins.pii_filter._place import Place
from pyplugins.pii_filter.fallback import Hit, Scanner

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import pii_filter as strategy

TYPES = [kind["name"] for kind in data.load("pii_filter", "types.json")]
TOKEN = re.compile(rf"(?<![A-Za-z0-9_])([A-Za-z]{{0,{_anchors.MOST_LETTERS}}})[0-9]")
CONTINUED = re.compile(f"(?<=[0-9{HIDDEN_DIGIT}][-.])")
#: Where a colon can be part of an address.
COLON = re.compile("(?<=:):|:(?=:)|(?<=[0-9A-Fa-f]):(?=[0-9A-Fa-f])")


def by_the_rule(text: str) -> set[tuple[str, int, int]]:
    """Everything the steps find at every anchor of RULES.md, with no filter before them."""
    scanner = Scanner(TYPES)
    hits: list[tuple[str, Hit]] = []
    text = view(text)
    for token in TOKEN.finditer(text):
        place = Place(text, token.start(), len(token[1]))
        if place.letters == 2:
            scanner._two_letters(place, hits)
        elif place.letters:
            scanner._labelled(place, hits)
        elif not CONTINUED.match(text, token.start()):
            scanner._number(place, hits)
    for sign in re.finditer("@", text):
        scanner._at(text, sign.start(), hits)
    for colon in COLON.finditer(text):
        address, _ = v6(text, colon.start())
        if address:
            hits.append(("ip_address", address))
    return {(kind, hit.start, hit.end) for kind, hit in hits}


def with_filter(text: str) -> set[tuple[str, int, int]]:
    return {(kind, hit.start, hit.end) for kind, hit in Scanner(TYPES).hits(text)}


def assert_nothing_is_lost(text: str) -> None:
    lost = by_the_rule(text) - with_filter(text)
    assert not lost, f"{text!r}: {lost}"


@pytest.mark.parametrize("text", strategy.SEEDS)
def test_vectors(text: str) -> None:
    assert_nothing_is_lost(text)


def test_generated_texts() -> None:
    rng = Random(11)
    for _ in range(10_000):
        assert_nothing_is_lost(strategy.text(rng))


@given(strategy.texts())
@settings(max_examples=500, deadline=None)
def test_any_text(text: str) -> None:
    assert_nothing_is_lost(text)


def test_machine_text_is_left_to_the_pattern() -> None:
    lines = (
        "2024-01-15T10:30:00.123Z INFO [worker-7] took 35 ms status=200 path=/items/42 \n"
        "00:1b:44:11:3a:b7 123e4567-e89b-12d3-a456-426614174000 std::vector<int> 10:20:30\n"
    )
    left = [lines[anchor.start() : anchor.start() + 4] for anchor in _anchors.anchors().finditer(lines)]
    # One begins a field with a number, one may, two may be labelled.
    assert left == ["123e", "12d3", "456-", "::ve"]
