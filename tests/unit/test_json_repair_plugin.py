"""The JSON repair as a plugin: which results it repairs, and which it leaves alone."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from pyplugins import framework
from pyplugins.errors import ConfigError, InputTooLarge
from pyplugins.json_repair.json_repair import JSONRepairPlugin

BROKEN, FIXED = "{'a': [1, 2,]", '{"a": [1, 2]}'
TRACED = framework.Extensions(request=framework.RequestExtension(trace_id="0af7651916cd43dd"))
HOOKS = {
    "prompt_pre_fetch": framework.PromptPrehookPayload(prompt_id="p", args={"x": BROKEN}),
    "prompt_post_fetch": framework.PromptPosthookPayload(prompt_id="p", result=BROKEN),
    "tool_pre_invoke": framework.ToolPreInvokePayload(name="t", args={"x": BROKEN}),
    "resource_pre_fetch": framework.ResourcePreFetchPayload(uri=BROKEN),
    "resource_post_fetch": framework.ResourcePostFetchPayload(uri="u", content=BROKEN),
}


def plugin(**config: Any) -> JSONRepairPlugin:
    return JSONRepairPlugin(
        framework.PluginConfig(
            name="JSONRepair",
            kind="pyplugins.json_repair.json_repair.JSONRepairPlugin",
            hooks=["tool_post_invoke"],
            config=config,
        )
    )


def ask(one: JSONRepairPlugin, result: Any, extensions: Any = None, hook: str = "tool_post_invoke") -> Any:
    payload = HOOKS.get(hook) or framework.ToolPostInvokePayload(name="t", result=result)
    context = framework.PluginContext(global_context=framework.GlobalContext(request_id="r"))
    return asyncio.run(getattr(one, hook)(payload, context, extensions))


def repaired(one: JSONRepairPlugin, result: Any) -> Any:
    """The new result, `None` if it was left alone."""
    before = copy.deepcopy(result)
    answer = ask(one, result)
    assert result == before
    assert answer.continue_processing
    assert (answer.modified_payload is None) == (answer.metadata == {})
    return answer.modified_payload and answer.modified_payload.result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BROKEN, FIXED),
        ("```json\n[1,]\n```", "\n[1]\n"),
        ("// c\n[1]", "\n[1]"),
        ("  {'a': 1}\n", '  {"a": 1}\n'),
        ('{"a": "x,}",}', '{"a": "x,}"}'),
        ("{'a': 'it\\'s'}", '{"a": "it\'s"}'),
        ('"k": "v"', '{"k": "v"}'),
        ('{"a": 1}\n{"b": 2}', '[{"a": 1},\n{"b": 2}]'),
    ],
)
def test_a_document_is_repaired(text: str, expected: str) -> None:
    assert repaired(plugin(), text) == expected


@pytest.mark.parametrize(
    "text",
    [
        FIXED,
        "",
        "hello",
        "True",
        "1\n2",
        "Note: done",
        "the set {a} of [b]",
        "[link](there)",
        "[Note] something happened",
        'The answer is {"a": 1,}',
        '{"a": 1,} is the answer',
        "a: 1\nb: 2",
        "'a', 'b'",
    ],
)
def test_other_texts_pass_as_they_are(text: str) -> None:
    assert repaired(plugin(), text) is None


@pytest.mark.parametrize(
    "result", [None, 5, b"{'a': 1}", {"a": BROKEN}, [BROKEN], {"content": BROKEN}, {"content": [5, None]}]
)
def test_other_results_pass_as_they_are(result: Any) -> None:
    assert repaired(plugin(), result) is None


def test_the_content_of_mcp_results() -> None:
    image = {"type": "image", "data": "e30=", "mimeType": "image/png"}
    result = {
        "content": [
            {"type": "text", "text": BROKEN, "annotations": {"x": 1}},
            image,
            {"type": "text", "text": "hello"},
        ],
        "structuredContent": {"a": BROKEN},
        "isError": False,
    }
    new = repaired(plugin(), result)
    assert new["content"] == [{**result["content"][0], "text": FIXED}, *result["content"][1:]]
    assert new["structuredContent"] is result["structuredContent"]
    assert repaired(plugin(mcp_content=False), result) is None


def test_extract_lifts_json_out_of_prose() -> None:
    one = plugin(extract=True)
    assert repaired(one, 'The answer is {"a": 1,}.') == '{"a": 1}'
    assert repaired(one, "hello: none") is None
    assert repaired(one, "True") is None


def test_refuse_guesses() -> None:
    one = plugin(refuse_guesses=True)
    assert repaired(one, BROKEN) == FIXED
    assert repaired(one, '{"a": "x "y" z"}') is None


def test_metadata() -> None:
    assert ask(plugin(), BROKEN).metadata == {"repaired": True}
    traced = ask(plugin(), BROKEN, TRACED).metadata
    assert traced["repaired"] is True
    assert traced["json_repair"]["edits"] == {"missing_bracket": 1, "quote_style": 2, "trailing_comma": 1}
    assert ask(plugin(), FIXED, TRACED).metadata == {}


@pytest.mark.parametrize("hook", HOOKS)
def test_other_hooks_do_nothing(hook: str) -> None:
    answer = ask(plugin(), None, hook=hook)
    assert answer.modified_payload is None
    assert answer.continue_processing


def test_limits_are_errors() -> None:
    with pytest.raises(InputTooLarge):
        ask(plugin(max_text_bytes=5), BROKEN)
    with pytest.raises(InputTooLarge):
        ask(plugin(strict=True), BROKEN)


def test_configuration() -> None:
    with pytest.raises(ConfigError, match=r"\$\.dialect"):
        plugin(dialect="perl")
    with pytest.raises(ConfigError, match=r"\$\.colour"):
        plugin(colour=1, strict_config=True)
    assert plugin(colour=1).implementation in ("rust", "python")
