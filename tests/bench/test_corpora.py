"""The corpora of pii_filter: the same bytes everywhere, as large as they say, with what they say."""

from __future__ import annotations

import hashlib
import re

import pytest

from bench.plugins.pii_filter import PLUGIN, corpora
from bench.plugins.pii_filter.patterns import PATTERNS
from bench.plugins.pii_filter.subjects import COVERS_ONLY, Found
from bench.texts import strings

MADE_OF_LINES = ("prose", "prose with numbers", "log", "dense", "german", "russian", "chinese")

#: First digits of SHA-256 of each 4 KiB text: a change of these is a change of every figure that was measured.
DIGESTS = {
    "prose": "ac0a3c7706f842ae",
    "prose with numbers": "33286f3f08396bbf",
    "log": "4e8fa8a03d73998a",
    "dense": "fb105240e9a05083",
    "german": "8dc04c1e90397edc",
    "russian": "44626203415defe4",
    "chinese": "743844f57440417a",
    "1000 instances": "3bae2a268bc647b8",
}


@pytest.mark.parametrize("name", MADE_OF_LINES)
@pytest.mark.parametrize("size", [0, 200, 4096, 65536])
def test_a_text_has_the_size_asked_for(name: str, size: int) -> None:
    assert len(corpora.text(name, size).encode()) == size


@pytest.mark.parametrize(("name", "digest"), DIGESTS.items())
def test_a_text_is_the_same_on_every_machine(name: str, digest: str) -> None:
    assert hashlib.sha256(corpora.text(name, 4096).encode()).hexdigest()[:16] == digest


def test_small_texts_are_as_long_as_their_names_say() -> None:
    told = {name: int(found.group()) for name in corpora.SMALL if (found := re.match(r"\d+(?=-byte)", name))}
    assert told == {name: len(corpora.SMALL[name]) for name in told}
    assert len(told) == 5


def test_the_payload_holds_40_strings_of_1200_bytes() -> None:
    for findings in (0, 2):
        found = strings(corpora.payload(findings))
        assert (len(found), sum(map(len, found))) == (40, 1200)


def found_by(name: str, text: str) -> list[Found]:
    """What a subject finds."""
    open_ = PLUGIN.subjects[name].open
    assert not isinstance(open_, str)
    subject = open_()
    found: list[Found] = subject.read["detect"](subject.operations["detect"](text))
    return found


def values(text: str) -> int:
    """Findings of the pure-Python engine."""
    return len(found_by("python", text))


def test_every_64_bytes_of_the_dense_text_hold_one_value() -> None:
    assert values(corpora.text("dense", 16384)) == 16384 // 64


@pytest.mark.parametrize("name", ["log", "german", "russian", "chinese"])
def test_two_lines_in_a_hundred_hold_a_value(name: str) -> None:
    lines = corpora.text(name, 65536).rstrip().split("\n")
    assert values("\n".join(lines[: len(lines) // 50 * 50])) == len(lines) // 50


@pytest.mark.parametrize("name", ["prose", "prose with numbers"])
def test_prose_is_clean(name: str) -> None:
    assert values(corpora.text(name, 65536)) == 0


def test_a_thousand_instances_are_a_thousand() -> None:
    assert values(corpora.text("1000 instances")) == 1000


def test_the_baseline_patterns_find_every_value_too() -> None:
    text = corpora.text("log", 65536)
    found, matches = found_by("python", text), found_by("finditer", text)
    assert found
    for one in found:
        assert any(other.kind == one.kind and other.start <= one.start and one.end <= other.end for other in matches)


def test_patterns_are_of_known_types() -> None:
    assert {kind for kind, _ in PATTERNS} == set(corpora.ALL_KINDS)


def test_those_who_cover_only_are_subjects() -> None:
    assert set(PLUGIN.subjects) > COVERS_ONLY
