"""Rules of ``syntax: python``: what they mean, how they run, that they cannot hang, that they fit between others."""

from __future__ import annotations

import builtins
import contextlib
import re
import sys
import time
from typing import Any

import pytest
from gw_tests import need_binding
from hypothesis import given, settings
from hypothesis import strategies as st

from pyplugins.errors import ConfigError, InputTooLarge, UsageError
from pyplugins.regex_filter import RegexFilter
from pyplugins.regex_filter.fallback import RegexFilterGuard

pytest.importorskip("regex", reason="the package regex, an extra, runs the patterns that are not proved linear")


@pytest.fixture(params=["cffi", "ctypes", "python"])
def implementation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name != "python":
        need_binding(name)
    return name


def python(search: str, replace: str = "#", **more: Any) -> dict[str, Any]:
    return {"search": search, "replace": replace, "syntax": "python", **more}


@pytest.mark.parametrize(
    ("rule", "text", "output"),
    [
        (python(r"(\w)\1", r"<\1>"), "book ünnü", "b<o>k ü<n>ü"),
        (python(r"(?<=\$)\d+"), "cost $12 or 12", "cost $# or 12"),
        (python("a(?!b)"), "ab ac", "ab #c"),
        (python(r"\bé\b"), "é été", "# été"),
        (python("a$"), "a\n", "#\n"),
        (python("x*", "-"), "abxc", "-a-b--c-"),
        (python("A", flags="i"), "a A", "# #"),
        (python(r"\w", flags="a"), "é e", "é #"),
        (python("a b", flags="x"), "ab", "#"),
        (python("^b", flags="m"), "a\nb", "a\n#"),
        (python("a.b", flags="s"), "a\nb", "#"),
        (python("(?i)cat", whole_word=True), "Cat cats", "# cats"),
        (python("a|(b)", r"[\1]"), "ab", "[][b]"),
        (python("secret", preserve_case=True, replace="word", ignore_case=True), "SECRET", "WORD"),
        (python("(?P<n>a)(?P=n)", r"\g<n>"), "aa", "a"),
        (python(r"\d+", allow=["^4"]), "41 52", "41 #"),
        (python("a", literal=True, replace=r"\1"), "a", r"\1"),
    ],
)
def test_meaning(rule: dict[str, Any], text: str, output: str, implementation: str) -> None:
    assert RegexFilter({"rules": [rule]}, implementation).process(text) == output


def test_runs_between_portable_rules(implementation: str) -> None:
    rules = [
        {"search": "cat", "replace": "c(a)t"},
        python(r"\((\w)\)", r"\1\1"),
        {"search": "aa", "replace": "A", "literal": True, "name": "last"},
        {"search": "q", "action": "block"},
    ]
    one = RegexFilter({"words": [{"search": "dog", "replace": "cat"}], "rules": rules}, implementation)
    result = one.scan("a dog q é")
    assert (result.output, result.blocked, result.changed) == ("a cAt q é", True, True)
    assert [(found.rule, found.start, found.end, found.derived) for found in result.findings] == [
        ("words[0]", 2, 5, False),
        ("rules[0]", 2, 5, True),
        ("rules[1]", 2, 5, True),
        ("last", 2, 5, True),
        ("rules[3]", 6, 7, False),
    ]
    assert one.scan("a dog q é".encode()).output == "a cAt q é".encode()
    assert one.scan(b"\xff dog \xed\xb2\x80").output == b"\xff cAt \xed\xb2\x80"
    assert one.process_nested({"k": ["dog"]})[1] == {"k": ["cAt"]}
    assert one.implementation == ("python" if implementation == "python" else "rust")
    runs = [(row["name"], row["syntax"], row["runs"]) for row in one.describe()["rules"]]
    assert runs[:3] == [
        ("words[0]", "portable", "literal"),
        ("rules[0]", "portable", "literal"),
        ("rules[1]", "python", "re"),
    ]
    with pytest.raises(UsageError):
        one.stream()


@given(
    kinds=st.lists(st.booleans(), min_size=1, max_size=5),
    rules=st.lists(
        st.tuples(
            st.sampled_from(("a", "ab", "[ab]c", "b+", "(a)b", "c")), st.sampled_from(("", "a", "bc", "x", "cab"))
        ),
        min_size=5,
        max_size=5,
    ),
    text=st.text("abcé ", max_size=20),
)
@settings(max_examples=300, deadline=None)
def test_findings_are_those_of_portable_rules(kinds: list[bool], rules: list[tuple[str, str]], text: str) -> None:
    """Patterns that mean the same in both: whichever way a rule runs, findings and output are the same."""
    rows = [{"search": search, "replace": replace} for search, replace in rules[: len(kinds)]]
    plain = RegexFilter({"rules": rows}, "python").scan(text)
    mixed = [row | ({"syntax": "python"} if kind else {}) for row, kind in zip(rows, kinds, strict=True)]
    assert RegexFilter({"rules": mixed}, "python").scan(text) == plain
    assert RegexFilter({"rules": mixed}).scan(text) == plain


def test_what_is_proved_runs_on_re() -> None:
    rules = [python(r"\d{3}-\d{2}"), python("(a+)+$"), python(r"(a)\1"), python("(?=a)b"), python("[ab]{1,4}c")]
    described = RegexFilter({"rules": rules}, "python").describe()["rules"]
    assert [row["runs"] for row in described] == ["re", "regex", "regex", "regex", "re"]


@pytest.mark.parametrize("search", ["(a+)+$", r"(a|a)*\Z", r"(\w+\s?)*x", r"^(a?){30}a{30}$"])
def test_no_pattern_hangs(search: str, implementation: str) -> None:
    one = RegexFilter({"rules": [python(search)], "regex_timeout_ms": 50}, implementation)
    begun = time.perf_counter()
    with contextlib.suppress(InputTooLarge):
        one.process("a" * 50_000 + "b")
    assert time.perf_counter() - begun < 2


def test_the_known_bomb_is_a_time_limit(implementation: str) -> None:
    one = RegexFilter({"rules": [python("(a+)+$")]}, implementation)
    with pytest.raises(InputTooLarge):
        one.scan("a" * 50_000 + "b")
    with pytest.raises(InputTooLarge):
        one.process_nested({"x": "a" * 50_000 + "b"})


@pytest.mark.parametrize(
    ("rule", "path", "code"),
    [
        (python("(a"), "$.rules[0].search", 25),
        (python("a", r"\1"), "$.rules[0].replace", 25),
        (python("a", r"\q"), "$.rules[0].replace", 25),
        (python("a", flags="q"), "$.rules[0].flags", 24),
        (python("a", flags="ii"), "$.rules[0].flags", 24),
        (python("a", allow=["("]), "$.rules[0].allow[0]", 25),
        (python(r"\p{L}"), "$.rules[0].search", 25),
        (python("a", colour=1), "$.rules[0].colour", 22),
    ],
)
def test_refused(rule: dict[str, Any], path: str, code: int, implementation: str) -> None:
    with pytest.raises(ConfigError) as refused:
        RegexFilter({"rules": [rule, {"search": "b"}]}, implementation)
    assert (refused.value.path, refused.value.code) == (path, code)


def test_the_place_of_the_fault_is_named() -> None:
    with pytest.raises(ConfigError, match="at character 2"):
        RegexFilter({"rules": [python("ab(c")]})


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "regex":
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "regex", raising=False)
    assert RegexFilter({"rules": [python("[ab]{1,4}c")]}, "python").process("abc") == "#"
    with pytest.raises(ConfigError, match=re.escape("gwplugins[regex]")):
        RegexFilter({"rules": [python(r"(a)\1")]}, "python")


def test_limits_count_over_all_runs(implementation: str) -> None:
    rules = [{"search": "a", "replace": "bb"}, python("b", "cc"), {"search": "c", "action": "audit"}]
    one = RegexFilter({"rules": rules, "max_findings": 6}, implementation)
    with pytest.raises(InputTooLarge) as passed:
        one.scan("a")
    assert one is not None
    assert passed.value.code == 43
    with pytest.raises(InputTooLarge) as passed:
        RegexFilter({"rules": rules, "max_output_bytes": 3}, implementation).scan("a")
    assert passed.value.code == 40
    # A text may grow beyond the largest that is taken.
    assert RegexFilter({"rules": rules, "max_text_bytes": 1}, implementation).scan("a").output == "cccc"


def test_the_fallback_guard_has_no_python_rules() -> None:
    with pytest.raises(ConfigError):
        RegexFilterGuard.open('{"rules": [{"search": "a", "syntax": "python"}]}')
