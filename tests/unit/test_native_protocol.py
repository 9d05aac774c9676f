"""The two bindings offer one protocol: same answers, same errors, in every unit. The e-mail rule stands for any."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from pyplugins.core.result import Finding, ScanResult, StreamPart
from pyplugins.errors import ConfigError, InputTooLarge, PluginError, UsageError
from pyplugins.native import open_guard

MAIL = "ann@example.com"


def guard(binding: str, **config: Any) -> Any:
    opened = open_guard("pii_filter", json.dumps(config), binding)
    assert opened is not None
    return opened


def caught(call: Any, *arguments: Any, **named: Any) -> PluginError:
    with pytest.raises(PluginError) as info:
        call(*arguments, **named)
    assert info.value.implementation == "rust"
    return info.value


def test_says_what_it_is(binding: str) -> None:
    opened = guard(binding)
    assert (opened.kind, opened.implementation, opened.binding) == ("pii_filter", "rust", binding)
    assert {"kind", "rules", "limits"} <= set(opened.describe())


def test_clean_text_comes_back_as_the_very_object(binding: str) -> None:
    opened = guard(binding)
    for text in (
        "",
        "nothing here",
        "nichts für ungut",
        b"",
        b"nothing",
        b"\xff\xfe",
        "\ud800",
        bytearray(b"none"),
        "a" * 70_000,
    ):
        assert opened.process(text) is text
        result = opened.scan(text)
        assert result == ScanResult((), text, False, False, 0)
        assert result.output is text
        assert opened.detect(text) == {}
    for texts in ([], ["a", b"b", "ü"], ("x",), iter(["a"])):
        assert all(new is old for new, old in zip(opened.process_many(texts), texts, strict=False))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("to ", " now"),
        ("für ", " – jetzt"),
        ("\N{GRINNING FACE} ", " \N{GRINNING FACE}"),
        ("\ud800 ", "\udfff"),
        ("\0", "\0"),
    ],
)
def test_offsets_are_code_points_of_a_str(binding: str, before: str, after: str) -> None:
    opened, text = guard(binding), before + MAIL + after
    entry = {"value": MAIL, "start": len(before), "end": len(before) + len(MAIL), "mask_strategy": "redact"}
    assert opened.detect(text) == {"email": [entry]}
    assert opened.process(text) == f"{before}[REDACTED]{after}"
    (finding,) = opened.scan(text).findings
    assert text[finding.start : finding.end] == MAIL


@pytest.mark.parametrize("before", [b"", "für ".encode(), b"\xff\xfe ", b"\xed\xa0\x80 "])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_offsets_are_bytes_of_bytes(binding: str, before: bytes, kind: Any) -> None:
    opened, data = guard(binding), before + MAIL.encode() + b" now"
    ((entry,),) = opened.detect(kind(data)).values()
    assert entry["value"] == MAIL.encode() == data[entry["start"] : entry["end"]]
    assert type(entry["value"]) is bytes
    assert opened.process(kind(data)) == before + b"[REDACTED] now"


def test_findings_are_full_records(binding: str) -> None:
    result = guard(binding).scan(f"to {MAIL}")
    assert type(result) is ScanResult
    assert type(result.findings[0]) is Finding
    assert result.findings[0]._replace(score=0) == Finding("email", 3, 3 + len(MAIL))
    assert (result.output, result.changed, result.blocked) == ("to [REDACTED]", True, False)
    assert guard(binding, block_on_detection=True).scan(MAIL).blocked


def test_many_is_each(binding: str) -> None:
    opened = guard(binding)
    texts: list[Any] = [MAIL, "clean", f"é {MAIL}", b"clean", MAIL.encode(), "", "\ud800" + MAIL, "x " * 10_000 + MAIL]
    texts += [f"{n} {MAIL}" if n % 7 == 0 else f"clean {n}" for n in range(3000)]
    texts += ["y" * 300_000, MAIL]
    assert opened.scan_many(texts) == [opened.scan(text) for text in texts]
    assert opened.process_many(texts) == [opened.process(text) for text in texts]
    assert opened.detect_many(texts) == [opened.detect(text) for text in texts]


def test_neighbours_never_match_together(binding: str) -> None:
    assert guard(binding).process_many(["ann@exam", "ple.com"]) == ["ann@exam", "ple.com"]


@pytest.mark.parametrize("wrong", [None, 1, 1.5, ["text"], {"a": 1}, object()])
def test_anything_else_is_refused(binding: str, wrong: Any) -> None:
    opened = guard(binding)
    for call in (opened.scan, opened.process, opened.detect, opened.stream().push):
        assert caught(call, wrong).code == 9
    for call in (opened.scan_many, opened.process_many, opened.detect_many):
        assert caught(call, [MAIL, wrong]).code == 9
        assert caught(call, MAIL).code == 9
        assert caught(call, MAIL.encode()).code == 9


def test_a_sequence_that_is_none_is_a_type_error(binding: str) -> None:
    with pytest.raises(TypeError):
        guard(binding).scan_many(5)


def test_limits(binding: str) -> None:
    opened = guard(binding, max_text_bytes=20, max_findings=1)
    assert opened.process("é" * 10) == "é" * 10
    for text in ("é" * 10 + "x", b"x" * 21, "\ud800" * 7):
        error = caught(opened.process, text)
        assert type(error) is InputTooLarge
        assert error.code == 40
    assert caught(opened.detect_many, ["a", "x" * 21]).code == 40
    short = "a@b.co c@d.eu"
    assert caught(opened.scan, short).code == 43
    assert caught(opened.process_nested, [short], "$.there").path == "$.there"


def test_a_wrong_type_is_seen_before_any_scan(binding: str) -> None:
    assert caught(guard(binding, max_text_bytes=5).scan_many, ["x" * 6, None]).code == 9


@pytest.mark.parametrize(
    ("config", "code", "path"),
    [
        ('{"colour": 1}', 22, "$.colour"),
        ('{"detect_ssn": 1}', 23, "$.detect_ssn"),
        ('{"max_text_bytes": 0}', 24, "$.max_text_bytes"),
        ('{"custom_patterns": [{"pattern": "a"}, {"pattern": "("}]}', 25, "$.custom_patterns[1].pattern"),
        ("{", 21, ""),
        ('{"redaction_text": "\ud800"}', 21, ""),
    ],
)
def test_configuration_errors_name_the_value(binding: str, config: str, code: int, path: str) -> None:
    error = caught(open_guard, "pii_filter", config, binding)
    assert type(error) is ConfigError
    assert (error.code, error.path) == (code, path)


def test_no_error_quotes_the_text(binding: str) -> None:
    secret = "hidden-3141592@example.com"
    opened = guard(binding, max_text_bytes=10)
    stream = opened.stream()
    for call in (
        opened.scan,
        opened.process,
        opened.detect,
        stream.push,
        lambda text: opened.process_nested({text: text}),
    ):
        assert "3141592" not in repr(caught(call, secret))
    results = guard(binding).scan(secret), StreamPart((), secret), guard(binding)
    assert not any("3141592" in repr(result) for result in results)


@pytest.mark.parametrize("kind", [str, bytes])
def test_streams_give_the_whole_texts_answer(binding: str, kind: Any) -> None:
    opened = guard(binding)
    text = f"für {MAIL}, und dann nichts mehr. " * 40
    whole: Any = text if kind is str else text.encode()
    for size in (1, 7, 64, 1000, 100_000):
        stream = opened.stream()
        parts = [stream.push(whole[at : at + size]) for at in range(0, len(whole), size)]
        parts.append(stream.finish())
        expected = opened.scan(whole)
        assert tuple(finding for part in parts for finding in part.findings) == expected.findings
        assert kind().join(part.output for part in parts) == expected.output


def test_a_stream_is_of_one_kind_and_ends_once(binding: str) -> None:
    stream = guard(binding).stream()
    stream.push("text")
    error = caught(stream.push, b"bytes")
    assert (type(error), error.code) == (UsageError, 9)
    assert stream.finish().output == "text"
    assert caught(stream.push, "more").code == 7
    assert caught(stream.finish).code == 7


def test_an_empty_stream(binding: str) -> None:
    assert guard(binding).stream().finish() == StreamPart((), "")
    stream = guard(binding).stream()
    stream.push(b"")
    assert stream.finish() == StreamPart((), b"")


def test_a_stream_fails_at_its_limits(binding: str) -> None:
    stream = guard(binding, max_text_bytes=4).stream()
    stream.push("four")
    assert caught(stream.push, "!").code == 40
    assert caught(stream.push, "").code == 7
    assert caught(stream.finish).code == 7


def test_a_stream_outlives_its_guard(binding: str) -> None:
    opened = guard(binding)
    stream = opened.stream()
    opened.close()
    del opened
    stream.push(f"to {MAIL} ")
    assert stream.finish().output.endswith("[REDACTED] ")


def test_a_closed_guard_says_so(binding: str) -> None:
    opened = guard(binding)
    process = opened.process
    opened.close()
    opened.close()
    for call in (process, opened.scan, opened.detect, opened.process_nested):
        assert caught(call, "x").code == 2
    assert caught(opened.scan_many, ["x"]).code == 2
    assert caught(opened.stream).code == 2


def test_guards_are_not_copied_by_accident(cffi_only: str) -> None:
    opened = guard(cffi_only)
    with pytest.raises(TypeError):
        pickle.dumps(opened)
    with pytest.raises(TypeError):
        copy.deepcopy(opened)


def test_the_edge_cannot_be_misused(cffi_only: str) -> None:
    opened = guard(cffi_only)
    kind = type(opened)
    for wrong in ((), ("pii_filter",), (1, "{}"), ("pii_filter", "{}", 3)):
        with pytest.raises(TypeError):
            kind(*wrong)
    assert caught(kind, "no_such", "{}").code == 20
    assert caught(kind, "pii_filter", 5).code == 9
    with pytest.raises(TypeError):
        type(opened.stream())()
    with pytest.raises(TypeError):
        kind.scan = None
    with pytest.raises(AttributeError):
        opened.kind = "x"
    with pytest.raises(TypeError):
        type("Sub", (kind,), {})
