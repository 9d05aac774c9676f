"""The protocol of a pure-Python engine, by the toy engine; its texts in every unit."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from gw_toy import MAIL, Toy

from pyplugins.core import protocol, units
from pyplugins.core.description import Limits, Rule, limits_of, rules_of
from pyplugins.core.guard import Answer, BaseGuard, PythonGuard
from pyplugins.core.overlap import AUDIT, BLOCK, FLAG_DERIVED, FLAG_GUESS, REPLACE, SCORE_SHIFT, Candidate
from pyplugins.core.result import Finding
from pyplugins.errors import InputTooLarge, UsageError


@pytest.mark.parametrize("before", ["", "é ", "\N{GRINNING FACE} ", "\ud800 ", "\udc80", "\0"])
def test_str_has_code_points_and_bytes_have_bytes(before: str) -> None:
    text = f"{before}{MAIL}!"
    entry = {"value": MAIL, "start": len(before), "end": len(text) - 1, "mask_strategy": "redact"}
    assert Toy().detect(text) == {"email": [entry]}
    assert Toy().process(text) == f"{before}[REDACTED]!"
    data = text.encode("utf-8", "surrogatepass")
    ((found,),) = Toy().detect(data).values()
    assert data[found["start"] : found["end"]] == found["value"] == MAIL.encode()
    assert Toy().process(data) == data.replace(MAIL.encode(), b"[REDACTED]")


def test_every_byte_comes_back() -> None:
    junk = bytes(range(256)) * 2
    assert Toy().process(junk) is junk
    assert Toy().process(junk + b" " + MAIL.encode() + junk) == junk + b" [REDACTED]" + junk


def test_other_bytes_are_copied() -> None:
    assert Toy().process(bytearray(MAIL.encode())) == b"[REDACTED]"  # type: ignore[type-var]
    clean = memoryview(b"clean")
    assert Toy().process(clean) is clean  # type: ignore[type-var]


def test_clean_text_is_the_very_object() -> None:
    for text in ("", "x", b"\xff", "\ud800"):
        result = Toy().scan(text)
        assert result == ((), text, False, False, 0)
        assert result.output is text
        assert Toy().process(text) is text


@pytest.mark.parametrize("wrong", [None, 3, ["x"], object()])
def test_wrong_types(wrong: Any) -> None:
    for call in (Toy().scan, Toy().process, Toy().detect, Toy().stream().push):
        with pytest.raises(UsageError) as caught:
            call(wrong)
        assert (caught.value.code, caught.value.implementation) == (9, "python")
    for text in (MAIL, MAIL.encode()):
        with pytest.raises(UsageError):
            Toy().scan_many(text)


def test_size_is_utf8_bytes() -> None:
    guard = Toy(max_text_bytes=6)
    for fits in ("abcdef", "é" * 3, "\ud800" * 2, b"abcdef"):
        guard.process(fits)
    for large in ("abcdefg", "é" * 3 + "a", "\ud800" * 2 + "a", b"abcdefg"):
        with pytest.raises(InputTooLarge, match="over the limit of 6 bytes"):
            guard.process(large)


def test_order_of_limits() -> None:
    guard = Toy(max_text_bytes=40, max_findings=1)
    two = f"{MAIL} {MAIL}"
    for texts, code in (([None, "x" * 41], 9), (["x" * 41, None], 9), ([two, "x" * 41], 43), (["x" * 41, two], 40)):
        with pytest.raises((UsageError, InputTooLarge)) as caught:
            guard.scan_many(texts)
        assert caught.value.code == code


class Marks(PythonGuard):
    """Finds every digit; the digit says what is found: 0 audit, 1 replace, 2 block, 3 guess, 4 derived, 5 as it is."""

    FLAGS = (AUDIT, REPLACE, BLOCK, FLAG_GUESS, FLAG_DERIVED, REPLACE | 700 << SCORE_SHIFT)

    def __init__(self) -> None:
        rules = [{"name": f"r{n}"} for n in range(6)]
        super().__init__("marks", {"rules": rules, "limits": {"max_text_bytes": 99, "max_findings": 99}})

    def find(self, text: str, start: int = 0) -> list[Candidate]:
        digits = [(at, int(char)) for at, char in enumerate(text) if char.isdigit()]
        return [Candidate(at, at + 1, digit, self.FLAGS[digit], {"n": digit}) for at, digit in digits]

    def replacement(self, value: str, candidate: Candidate, errors: str) -> str | None:
        return {1: "one", 5: value}.get(candidate.rule)


def test_every_field_of_a_finding() -> None:
    assert Marks().scan("012345").findings == (
        Finding("r0", 0, 1, "audit", 0, {"n": 0}),
        Finding("r1", 1, 2, "replace", 0, {"n": 1}),
        Finding("r2", 2, 3, "block", 0, {"n": 2}),
        Finding("r3", 3, 4, "audit", 0, {"n": 3}, guess=True),
        Finding("r4", 4, 5, "audit", 0, {"n": 4}, derived=True),
        Finding("r5", 5, 6, "replace", 700, {"n": 5}),
    )


def test_verdicts() -> None:
    assert Marks().scan("1").changed
    assert not Marks().scan("0").changed
    assert Marks().scan("02").blocked
    assert not Marks().scan("01").blocked
    assert Marks().scan("05").score == 700


def test_a_replacement_that_changes_nothing_is_no_change() -> None:
    text = "a5b"
    assert Marks().process(text) is text
    assert Marks().process("a51b") == "a5oneb"


def test_no_reach_no_stream() -> None:
    with pytest.raises(UsageError) as caught:
        Marks().stream()
    assert caught.value.code == 6


class Whole(PythonGuard):
    """An engine that rewrites the whole text at once and gives it a score."""

    def __init__(self) -> None:
        super().__init__("whole", {"rules": [{"name": "shout"}], "limits": {"max_text_bytes": 99, "max_findings": 9}})

    def inspect(self, text: str, errors: str, *, output: bool) -> Answer:
        loud = [Candidate(at, at + 1, 0) for at, char in enumerate(text) if char.isupper()]
        return Answer(loud, text.lower() if output and loud else None, 250)


def test_engines_may_answer_whole_texts() -> None:
    result = Whole().scan("éAb\udcff")
    assert (result.output, result.score, result.findings[0].start) == ("éab\udcff", 250, 1)
    assert Whole().scan("éAb".encode() + b"\xff").output == "éab".encode() + b"\xff"
    assert Whole().detect("éAb".encode())["shout"][0]["start"] == 2


def test_the_guards_have_every_method_of_the_protocol() -> None:
    wanted = {name: member for name, member in vars(protocol.Guard).items() if not name.startswith("_")}
    for name, member in wanted.items():
        if inspect.isfunction(member):
            ours = inspect.signature(getattr(BaseGuard, name))
            assert str(ours) == str(inspect.signature(member)), name
        else:
            assert hasattr(Toy(), name), name


def test_descriptions() -> None:
    told = {"rules": [{"name": "a"}, {"name": "b", "group": "g", "attributes": {"x": 1}}]}
    assert rules_of(told) == (Rule("a", "a", {}), Rule("b", "g", {"x": 1}))
    given = {"limits": {"max_text_bytes": 1, "max_findings": 2, "max_nested_depth": 3, "max_collection_items": 4}}
    assert limits_of(given) == Limits(1, 2, 3, 4)
    assert limits_of({"limits": {"max_text_bytes": 1, "max_findings": 2, "other": 9}}) == Limits(1, 2)


def test_byte_offsets() -> None:
    text = "aé\N{GRINNING FACE}\ud800b"
    assert units.byte_offsets(text, [5, 0, 2, 3, 3], units.STR_ERRORS) == {0: 0, 2: 3, 3: 7, 5: 11}
    assert units.byte_offsets("abc", [1], units.STR_ERRORS) == {1: 1}
