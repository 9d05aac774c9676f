"""Parts of the pure-Python engine that vectors see only from outside: tables, labels, masking, limits, streams."""

from __future__ import annotations

import doctest
import json
import time
from typing import Any

import pytest

from pyplugins.core import data
from pyplugins.errors import ConfigError, InputTooLarge, UsageError
from pyplugins.pii_filter import _labels, _mask, _tables, fallback
from pyplugins.pii_filter._labels import Label, labels
from pyplugins.pii_filter._mask import Masking
from pyplugins.pii_filter._place import Place
from pyplugins.pii_filter.fallback import DIGIT_STEPS, SHAPE_STEPS, PIIFilterPython


def guard(**config: Any) -> PIIFilterPython:
    return PIIFilterPython.open(json.dumps(config))


@pytest.mark.parametrize("module", [_labels, _mask, fallback])
def test_examples(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


# Tables


def test_every_type_has_a_step() -> None:
    names = {kind.name for kind in _tables.types()}
    assert names == {*SHAPE_STEPS, *DIGIT_STEPS, *fallback.ANY_STEPS, "email"}


def test_months_are_numbered() -> None:
    assert {_tables.months()[name] for name in ("january", "enero", "января")} == {1}
    assert _tables.months()["dec"] == 12


def test_networks_are_numbers() -> None:
    assert (127 << 24, 0xFF000000) in _tables.excluded_networks()


def test_ascii_lower_case_leaves_other_letters() -> None:
    assert _tables.lowered("ÄBC") == "Äbc"
    assert _tables.lowered("İK\u212a") == "İk\u212a"


def test_email_kinds() -> None:
    assert (
        _tables.email_kinds("aü中ー😀\ud800") == f"a{_tables.LETTER}{_tables.IDEOGRAPH}{_tables.IDEOGRAPH}\ufffd\ufffd"
    )


def test_email_kinds_of_more_characters_than_are_kept() -> None:
    kinds = _tables.email_kinds("".join(map(chr, range(0x80, 0xD800))))
    again = _tables.email_kinds("".join(map(chr, range(0x80, 0xD800))))
    assert kinds == again


# Labels


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SSN: ", "ssn"),
        ('{"passport_number": "', "passport"),
        ("my passport number is ", "passport"),
        ("<td>Phone</td><td>", "phone"),
        ("护照号码：", "passport"),
        ("护照", "passport"),
        ("userPhone=", "phone"),
        ("userphone=", None),
        ("xphone: ", None),
        ("user_phone: ", "phone"),
        ("order id: ", "machine"),
        ("due date: ", "not_birth"),
        ("account id: ", "machine"),
        ("account: ", "bank_account"),
        ("ssn", None),
        ("ssn" + 8 * " ", "ssn"),
        ("ssn" + 9 * " ", None),
        ("ssn no is ", "ssn"),
        ("ssn no no is ", None),
        ("v ", "machine"),
        ("rev5v ", None),
        ("", None),
        (" ", None),
        (":", None),
        (">", None),
        ("<b>", None),
        ("n", None),
        ("号", None),
    ],
)
def test_label_before(text: str, says: str | None) -> None:
    found = labels().before(text, len(text))
    assert (found and found.says) == says
    assert labels().before(f"{text}1 tail", len(text)) == found


def test_label_of_several_the_longest() -> None:
    assert labels().before("patient id ", 11) == Label("medical_record", 0)
    assert labels().before("license ", 8) == Label("driver_license", 5)


def test_no_phrase_says_two_things() -> None:
    said: dict[str, Any] = {}
    for row in data.load("pii_filter", "labels.json")["labels"]:
        for phrase in row["labels"]:
            assert said.setdefault(_tables.lowered(phrase.replace(" ", "")), row["type"]) == row["type"], phrase


def test_label_is_looked_for_once_and_not_behind_an_email() -> None:
    place = Place("ssn 1", 4, 0)
    assert place.label is place.label
    assert Place("ssn 1", 4, 0, None, after_email=True).label is None


# Masking


def masking(**config: Any) -> Masking:
    given = {"default_mask_strategy": "partial", "redaction_text": "#", "hash_key": "k", "token_key": None}
    return Masking(given | config)


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("ssn", "123-45-6789", "***-**-6789"),
        ("ssn", "123", "1*3"),
        ("ssn", "１２３４５", "１***５"),
        ("phone", "12", "**"),
        ("credit_card", "", ""),
        ("email", "no at sign", "n********n"),
        ("email", "@example.com", "***@example.com"),
        ("email", "a@b@example.com", "a***b@example.com"),
        ("bank_account", "1234567", "*******"),
        ("bank_account", "12345678", "12**5678"),
        ("passport", "é中", "**"),
        ("passport", "é中😀", "é*😀"),
        ("unheard of", "abc", "a*c"),
    ],
)
def test_partial(kind: str, value: str, masked: str) -> None:
    assert masking().replacement(value, kind, "partial", "surrogatepass") == masked


def test_keyed_forms_take_any_text() -> None:
    one = masking()
    assert one.replacement("\ud800", "x\ud800", "hash", "surrogatepass").startswith("[HASH:")
    assert one.replacement("\udcff", "x", "tokenize", "surrogateescape").startswith("[TOKEN:")


# Guard


def test_clean_texts_make_nothing() -> None:
    assert guard().find("nothing to see here, 12 of 30 at 10:20") == []


def test_custom_patterns_have_the_rules_behind_the_types() -> None:
    one = guard(custom_patterns=[{"pattern": "off", "enabled": False}, {"pattern": "b"}])
    assert [(found.rule, found.start) for found in one.find("off b")] == [(11, 4)]
    assert [rule["name"] for rule in one.describe()["rules"][10:]] == ["email", "custom"]


def test_streams_need_bounded_patterns() -> None:
    one = guard(custom_patterns=[{"pattern": "a"}, {"pattern": "b+"}])
    with pytest.raises(UsageError) as info:
        one.stream()
    assert (info.value.code, info.value.path) == (6, "$.custom_patterns[1].pattern")
    assert one.process("abbb") == "[REDACTED][REDACTED]"


def test_streams_reach_as_far_as_the_longest_pattern() -> None:
    one = guard(custom_patterns=[{"pattern": "x{600}"}])
    assert one.reach is not None
    assert one.reach > 600
    stream = one.stream()
    parts = [stream.push("x" * 100) for _ in range(12)] + [stream.finish()]
    assert "".join(part.output for part in parts) == 2 * "[REDACTED]"


@pytest.mark.parametrize("size", [1, 7, 130, 600, 5000])
def test_streams_carry_on_behind_matches_that_are_dropped(size: int) -> None:
    # Which matches there are depends on all before: 'aba' | 'bab' | 'aba' ..., and every other one is dropped.
    one = guard(custom_patterns=[{"pattern": "aba|bab"}], whitelist_patterns=["^b"])
    text = "ab" * 1500
    stream = one.stream()
    parts = [stream.push(text[at : at + size]) for at in range(0, len(text), size)] + [stream.finish()]
    assert "".join(part.output for part in parts) == one.process(text)
    assert tuple(finding for part in parts for finding in part.findings) == one.scan(text).findings


def test_encoded_surrogates_are_one_character_to_patterns() -> None:
    one = guard(custom_patterns=[{"pattern": "<.>"}], whitelist_patterns=["^<y"])
    assert one.process(b"<\xed\xa0\x80> <\xed\xbf\xbf> <\xed> <\xed\xa0> <y>") == (
        b"[REDACTED] [REDACTED] [REDACTED] <\xed\xa0> <y>"
    )
    assert one.process("<\ud800> <y>") == "[REDACTED] <y>"
    assert guard(custom_patterns=[{"pattern": "<..>"}], whitelist_patterns=["<.b"]).process(
        b"<\xed\xa0\x80a> <\xed\xa0\x80b>"
    ) == (b"[REDACTED] <\xed\xa0\x80b>")


@pytest.mark.parametrize("pattern", ["a|" * 17 + "b", "(?i)[a", "x{1000}{1000}", "a{0}"])
def test_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ConfigError) as info:
        guard(custom_patterns=[{"pattern": pattern}])
    assert info.value.path == "$.custom_patterns[0].pattern"
    assert pattern not in str(info.value)


def test_limits_count_utf8_bytes() -> None:
    assert guard(max_text_bytes=4).process("éé") == "éé"
    for text in ("éé1", "\ud800é", b"12345"):
        with pytest.raises(InputTooLarge):
            guard(max_text_bytes=4).process(text)


def seconds(one: PIIFilterPython, text: str) -> float:
    """Processor time of the fastest of three scans."""
    times = []
    for _ in range(3):
        began = time.process_time()
        one.detect(text)
        times.append(time.process_time() - began)
    return min(times)


PIECES = (
    "1",
    "1.",
    "a@",
    "1:",
    "::",
    "ssn ",
    "no ",
    "1-",
    "(1",
    "a1",
    "+1",
    "1/1/",
    "@a.",
    "<b>",
    "_",
    "ü@",
    "日1",
    "de 1 ",
)


@pytest.mark.parametrize("piece", PIECES)
def test_adversarial_texts_stay_linear(piece: str) -> None:
    one = guard()
    short, long = (seconds(one, piece * (length // len(piece))) for length in (4_000, 64_000))
    # 16 times the text; quadratic work would take 256 times as long.
    assert long < 64 * max(short, 0.001)
