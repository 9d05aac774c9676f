"""The drop-in for the gateway's plugin, beside what that plugin does: ``re.sub`` of each word, in order.

The reference here is ours: what the plugin's documentation says of dicts, lists and strings.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyplugins import framework
from pyplugins.errors import ConfigError
from pyplugins.regex_filter._like_re import ALWAYS, NEVER, ON_ASCII, AsciiSwitch, open_guard, sameness
from pyplugins.regex_filter.api import RegexFilter
from pyplugins.regex_filter.search_replace import SearchReplace, SearchReplaceConfig, SearchReplacePlugin

pytest.importorskip("regex", reason="the package regex, an extra, runs the patterns that are not proved linear")


def words(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"words": [{"search": search, "replace": replace} for search, replace in pairs]}


def in_sequence(config: dict[str, Any], value: Any) -> Any:
    """What the gateway's plugin makes of a value."""
    if isinstance(value, str):
        for word in config["words"]:
            value = re.sub(word["search"], word["replace"], value)
        return value
    if isinstance(value, dict):
        return {key: in_sequence(config, part) for key, part in value.items()}
    return [in_sequence(config, part) for part in value] if isinstance(value, list) else value


SEARCHES = (
    "crap",
    "a|ab",
    r"\bcat\b",
    r"\w+",
    r"\d{2,3}",
    r"\s+",
    r"(?i)cat",
    r"(?i)k",
    "[^a]b",
    r"[^\W\d]",
    "a*",
    "a$",
    "^a",
    "(?m)^b$",
    "(?s)a.b",
    r"(\w)\1",
    r"(?<=a)b",
    r"a(?!b)",
    "(a)|(b)",
    r"(?P<x>a)b",
    r"\Bb",
    "é",
    "[à-ü]",
    r"x\.y",
    "(?:ab)+c",
    "(a?)*b",
)
REPLACES = ("", "crud", r"\g<0>\g<0>", "[x]", "é", r"\\", r"\n", r"\101\377")
TEXTS = st.lists(
    st.sampled_from(
        (
            "a",
            "b",
            "ab",
            "aa",
            "cat",
            "Cat",
            "K",
            "k",
            "\u212a",
            "1",
            "12",
            "٣",
            "é",
            "ü",
            "crap",
            "x.y",
            " ",
            "\n",
            "\x1c",
            "_",
            "-",
            "c",
        )
    ),
    max_size=14,
).map("".join)


@given(
    pairs=st.lists(st.tuples(st.sampled_from(SEARCHES), st.sampled_from(REPLACES)), min_size=1, max_size=3),
    texts=st.lists(TEXTS, min_size=1, max_size=5),
    implementation=st.sampled_from(("auto", "python")),
)
@settings(max_examples=600, deadline=None)
def test_the_text_is_that_of_re(pairs: list[tuple[str, str]], texts: list[str], implementation: str) -> None:
    config = words(*pairs)
    guard = open_guard(config, implementation)
    for text in texts:
        assert guard.process(text) == in_sequence(config, text), (pairs, text)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("cat|dog", ALWAYS),
        ("é+x", ALWAYS),
        ("(?m)^a", ALWAYS),
        (r"a\.b", ALWAYS),
        (r"\\bcat", ALWAYS),
        (r"\bcat", ON_ASCII),
        (r"[\d]", ON_ASCII),
        ("(?i)cat", ON_ASCII),
        ("(?i:c)at", ON_ASCII),
        ("(?i)é", NEVER),
        (r"(?i)\u017f", NEVER),
        ("a*", NEVER),
        ("cat$", NEVER),
        ("(?m)cat$", ALWAYS),
        ("(a*b?)*c", NEVER),
        ("(?=a)", NEVER),
        (r"(a)\1", NEVER),
        (r"a\Z", NEVER),
        ("(?<n>a)", NEVER),
        ("[[a]", NEVER),
    ],
)
def test_where_the_meanings_are_the_same(search: str, expected: str) -> None:
    assert sameness(search) == expected


def test_how_words_run() -> None:
    def runs(*searches: str) -> list[str]:
        guard = open_guard(words(*((search, "x") for search in searches)))
        return [row["syntax"] for row in guard.describe()["rules"]]

    assert runs("cat", r"\bcat\b", r"(a)\1") == ["portable", "python", "python"]
    assert isinstance(open_guard(words(("cat", "x"))), RegexFilter)
    assert isinstance(open_guard(words((r"\bcat", "x"))), AsciiSwitch)
    assert isinstance(open_guard(words((r"\bcat", "é"))), RegexFilter)


def test_bytes_and_findings_of_both_guards() -> None:
    guard = open_guard({**words((r"\bcat\b", "x")), "rules": [{"name": "n", "search": "dog", "action": "audit"}]})
    for text in ("a cat, a dog", "é cat, a dog"):
        result = guard.scan(text)
        assert [(found.rule, found.action) for found in result.findings] == [("words[0]", "replace"), ("n", "audit")]
        assert guard.scan(text.encode()).output == result.output.encode()
    assert guard.detect("cat") == {"words[0]": [{"value": "cat", "start": 0, "end": 3, "action": "replace"}]}


def plugin(config: dict[str, Any]) -> SearchReplacePlugin:
    return SearchReplacePlugin(framework.PluginConfig(name="sr", kind="x", hooks=["tool_pre_invoke"], config=config))


CONTEXT = framework.PluginContext(global_context=framework.GlobalContext(request_id="r"))
HOOKS: dict[str, tuple[Any, str, str]] = {
    "prompt_pre_fetch": (framework.PromptPrehookPayload, "prompt_id", "args"),
    "prompt_post_fetch": (framework.PromptPosthookPayload, "prompt_id", "result"),
    "tool_pre_invoke": (framework.ToolPreInvokePayload, "name", "args"),
    "tool_post_invoke": (framework.ToolPostInvokePayload, "name", "result"),
}


@pytest.mark.parametrize("hook", HOOKS)
def test_hooks(hook: str) -> None:
    config = words(("crap", "crud"), (r"\bcrud\b", "yikes"), (r"(\w+) (\w+)!", r"\2 \1!"))
    payload_class, name, field = HOOKS[hook]
    value: dict[str, Any] = {"a": "crap", "b": "é crud! a b!"}
    if hook != "prompt_pre_fetch":
        value |= {"c": ["é crud!", {"c": "nothing"}], "n": 3}
    payload = payload_class(**{name: "x", field: value})
    result = asyncio.run(getattr(plugin(config), hook)(payload, CONTEXT))
    new, old = (
        one.model_dump() if hasattr(one, "model_dump") else one
        for one in (getattr(result.modified_payload, field), getattr(payload, field))
    )
    assert new == in_sequence(config, value)
    assert old == value


def test_what_the_gateways_plugin_leaves_out() -> None:
    """Tuples, and lists at the top of a result."""
    result = asyncio.run(
        plugin(words(("a", "b"))).tool_post_invoke(
            framework.ToolPostInvokePayload(name="t", result=["a", ("a",)]), CONTEXT
        )
    )
    assert result.modified_payload.result == ["b", ("b",)]


@pytest.mark.parametrize(
    ("pair", "path"),
    [
        (("(", "x"), "$.words[1].search"),
        (("a", r"\1"), "$.words[1].replace"),
        ((r"(a)\1", r"\q"), "$.words[1].replace"),
    ],
)
def test_a_wrong_word_is_an_error_at_load(pair: tuple[str, str], path: str) -> None:
    with pytest.raises(ConfigError) as refused:
        plugin(words(("a", "b"), pair))
    assert refused.value.path == path
    assert path in str(refused.value)


def test_wrong_rules_beside_words_keep_their_place() -> None:
    with pytest.raises(ConfigError) as refused:
        plugin({**words(("a", "b")), "rules": [{"search": "a"}, {"search": "("}]})
    assert refused.value.path == "$.rules[1].search"
    for config in ({"words": 3}, {"words": [3]}, {"words": [{"search": "a"}]}, {"words": [], "rules": 3}):
        with pytest.raises(ConfigError):
            plugin(config)


def test_words_from_a_file_come_behind_and_mean_what_re_means(tmp_path: Path) -> None:
    (tmp_path / "more.json").write_text('{"words": [{"search": "b$", "replace": "c"}]}', "utf-8")
    config = {**words(("a", "b")), "rules_file": str(tmp_path / "more.json")}
    assert open_guard(config).process("a\n") == "c\n"


def test_the_models() -> None:
    config = SearchReplaceConfig(words=[{"search": "a", "replace": "b"}, SearchReplace("c", "d")])
    assert config.model_dump() == words(("a", "b"), ("c", "d"))
    assert RegexFilter(config).process("ac") == "bd"


def test_the_known_bomb() -> None:
    """`re` never ends on it; the plugin answers, or says that it took too long."""
    guard = open_guard(words(("(a+)+$", "x")))
    with pytest.raises(ValueError, match="100 ms"):
        guard.process("a" * 50_000 + "b")
