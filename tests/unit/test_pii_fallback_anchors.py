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
from pyplugins.pii_filter._email import email
from pyplugins.pii_filter._escapes import HIDDEN_DIGIT, view
from pyplugins.pii_filter._place import Place
from pyplugins.pii_filter.fallback import (
    ANY_STEPS,
    DIGIT_STEPS,
    LETTERED_STEPS,
    SHAPE_STEPS,
    Scanner,
    iban,
    lettered,
    v6,
)

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import pii as strategy

TYPES = [kind["name"] for kind in data.load("pii_filter", "types.json")]
TOKEN = re.compile(rf"(?<![A-Za-z0-9_])([A-Za-z]{{0,{_anchors.MOST_LETTERS}}})[0-9]")
CONTINUED = re.compile(f"(?<=[0-9{HIDDEN_DIGIT}][-.])")
#: Where a colon can be part of an address.
COLON = re.compile("(?<=:):|:(?=:)|(?<=[0-9A-Fa-f]):(?=[0-9A-Fa-f])")


def by_the_rule(text: str) -> set[tuple[str, int, int]]:
    """Everything the steps find at every anchor of RULES.md, with no filter before them."""
    found = set()
    text = view(text)

    def try_steps(place: Place) -> None:
        steps = {**ANY_STEPS} if place.letters else {**SHAPE_STEPS, **DIGIT_STEPS, **ANY_STEPS}
        hits = [(kind, step(place)) for kind, step in steps.items()]
        inner = (
            lettered(place) if not place.letters and (place.label is None or place.label.says not in TYPES) else None
        )
        if inner:
            hits += [(kind, step(inner)) for kind, step in LETTERED_STEPS.items()]
        if place.letters == 2:
            hits.append(("bank_account", iban(place)))
        found.update((kind, hit.start, hit.end) for kind, hit in hits if hit)

    for token in TOKEN.finditer(text):
        place = Place(text, token.start(), len(token[1]))
        if place.letters or not CONTINUED.match(text, token.start()):
            try_steps(place)
    for sign in re.finditer("@", text):
        hit = email(text, sign.start())
        if hit:
            found.add(("email", hit.start, hit.end))
            if re.match("[0-9]", text[hit.end :]):
                try_steps(Place(text, hit.end, 0, None, after_email=True))
    for colon in COLON.finditer(text):
        hit, _ = v6(text, colon.start())
        if hit:
            found.add(("ip_address", hit.start, hit.end))
    return found


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
