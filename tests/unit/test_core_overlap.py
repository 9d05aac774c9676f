"""The overlap rule: the cases of rustlib/core/src/overlap.rs, and what must hold for any candidates."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pyplugins.core.overlap import Candidate, resolve

spans = st.builds(
    lambda start, length, rule: Candidate(start, start + length, rule),
    st.integers(0, 30),
    st.integers(0, 8),
    st.integers(0, 3),
)


def test_earliest_then_longest_then_rule() -> None:
    given_ = [(5, 9, 1), (0, 4, 3), (0, 6, 2), (0, 6, 1), (6, 7, 9)]
    kept = resolve([Candidate(start, end, rule) for start, end, rule in given_])
    assert [candidate[:3] for candidate in kept] == [(0, 6, 1), (6, 7, 9)]


def test_empty_spans_stand_between() -> None:
    assert len(resolve([Candidate(0, 3, 0), Candidate(3, 3, 1), Candidate(3, 5, 2)])) == 2


@given(st.lists(spans))
def test_winners_are_in_order_and_apart_and_losers_are_covered(candidates: list[Candidate]) -> None:
    kept = resolve(list(candidates))
    assert all(before.end <= after.start for before, after in pairwise(kept))
    for loser in set(candidates) - set(kept):
        assert any(
            winner.start <= loser.start < winner.end or (winner.start, winner.end) == (loser.start, loser.end)
            for winner in kept
        )


@given(st.lists(spans), st.randoms())
def test_the_order_of_arrival_does_not_count(candidates: list[Candidate], random: object) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [c[:2] for c in resolve(shuffled)] == [c[:2] for c in resolve(list(candidates))]
