"""Parts of the regex filter in Python: templates beside `re`, places, folded views, bytes, plain patterns."""

from __future__ import annotations

import json
import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyplugins.errors import ConfigError, InputTooLarge
from pyplugins.regex_filter._origins import Origins
from pyplugins.regex_filter._rules import plain_text
from pyplugins.regex_filter._template import Template
from pyplugins.regex_filter._text import ASCII, EXACT, UNICODE, BytesCoding, Views, fold
from pyplugins.regex_filter.fallback import RegexFilterGuard

PATTERN = re.compile(r"(?P<y>\d+)-(\d+)|(x)")


def as_re_does(template: str, text: str) -> str | None:
    """What `re` makes of it; None when it refuses."""
    try:
        return PATTERN.sub(template, text)
    except (re.error, IndexError):
        return None


def as_we_do(template: str, text: str) -> str | None:
    try:
        made = Template.parse(template, [None, "y", None, None])
    except ConfigError:
        return None
    pieces, at = [], 0
    for found in PATTERN.finditer(text):
        groups = [None if found.span(index)[0] < 0 else found.span(index) for index in range(4)]
        pieces += (text[at : found.start()], made.expand(text, found.span(), lambda groups=groups: groups))
        at = found.end()
    return "".join((*pieces, text[at:]))


PIECES = (
    *("\\", r"\1", r"\2", r"\3", r"\4", r"\10", r"\0", r"\07", r"\012", r"\101", r"\377", r"\400", r"\8"),
    *(r"\g", r"\g<", r"\g<y>", r"\g<0>", r"\g<2>", r"\g<z>", r"\g<1a>", r"\g<>", r"\q", r"\x", r"\n", r"\."),
    *("é", ">", "<", " ", "a"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=5).map("".join))
def test_templates_mean_what_they_mean_to_re(template: str) -> None:
    text = "on 2026-05, x and é"
    assert as_we_do(template, text) == as_re_does(template, text)


def test_origins_by_single_characters() -> None:
    """Pieces, beside a plain list with the origin of each character."""
    rng = Random(5)
    for _ in range(300):
        origins, cells = Origins.of(12), [(at, at + 1, True) for at in range(12)]
        for _ in range(4):
            edits, made, at = [], [], 0
            while at <= len(cells) and rng.random() < 0.7:
                start = rng.randint(at, len(cells))
                end = rng.randint(start + 1, len(cells)) if start < len(cells) else start
                if end == start:
                    break
                new = "x" * rng.randint(0, 3)
                edits.append((start, end, new))
                made += cells[at:start] + [(cells[start][0], cells[end - 1][1], False)] * len(new)
                at = end
            made += cells[at:]
            origins, cells = origins.rewritten(edits), made
            for start in range(len(cells)):
                end = rng.randint(start + 1, len(cells))
                part = cells[start:end]
                begin, finish = part[0][0], part[-1][1]
                kept = all(cell[2] for cell in part) and finish - begin == end - start
                assert origins.locate(start, end) == (begin, finish, not kept)


def test_views() -> None:
    assert fold("aé\u212aß", EXACT) == "aé\u212aß"
    assert fold("aé\u212aß", ASCII) == "Aé\u212aß"
    assert len(fold("aé\u212aßﬀİ", UNICODE)) == 6
    assert Views("ab cd_e é").tokens(ASCII) == {"AB", "CD_E"}


@given(st.lists(st.sampled_from(("61", "c3a9", "ff", "80", "eda080", "edb280", "edbfbf", "edb2", "f09f9880"))))
def test_bytes_come_back(parts: list[str]) -> None:
    raw = bytes.fromhex("".join(parts))
    coding = BytesCoding(raw)
    assert coding.encode(coding.text) == raw
    assert coding.size(coding.text) == len(raw)
    assert coding.stands_in == (not _is_utf8(raw))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_every_surrogate_and_every_byte_in_one_text() -> None:
    raw = b"".join(chr(code).encode("utf-8", "surrogatepass") for code in range(0xD800, 0xE000)) + bytes(
        range(0x80, 0x100)
    )
    coding = BytesCoding(raw)
    assert coding.encode(coding.text) == raw


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("abc", ("abc", False)),
        (r"a\.b\\", ("a.b\\", False)),
        (r"\bab\b", ("ab", True)),
        (r"\ba.b\b", None),
        (r"\b-a\b", None),
        (r"\b\b", None),
        (r"\bab\\b", None),
        (r"a\d", None),
        (r"a\<", None),
        ("a]}", ("a]}", False)),
        ("é\n", ("é\n", False)),
        ("a|b", None),
    ],
)
def test_plain_text(pattern: str, expected: tuple[str, bool] | None) -> None:
    assert plain_text(pattern) == expected


def test_no_message_holds_a_rule_or_a_text() -> None:
    with pytest.raises(ConfigError) as refused:
        RegexFilterGuard.open('{"words": [{"search": "topsecret(", "replace": "x"}]}')
    assert "topsecret" not in str(refused.value)
    guard = RegexFilterGuard.open('{"words": [{"search": "topsecret", "replace": "xx"}], "max_findings": 1}')
    with pytest.raises(InputTooLarge) as passed:
        guard.scan("topsecret topsecret")
    assert "topsecret" not in str(passed.value)
    assert "topsecret" not in json.dumps(guard.describe()) + repr(guard.scan("topsecret"))
