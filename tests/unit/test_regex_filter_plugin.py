"""The regex filter as a plugin: what each hook reads, writes, refuses and tells."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from pyplugins import framework
from pyplugins.errors import ConfigError, InputTooLarge
from pyplugins.regex_filter import RegexFilterPlugin

CONTEXT = framework.PluginContext(global_context=framework.GlobalContext(request_id="r"))
TRACED = framework.Extensions(request=framework.RequestExtension(trace_id="0af7651916cd43dd"))
RULES = [
    {"name": "swear", "search": r"\bcrap\b", "replace": "crud"},
    {"name": "project", "search": "Blue Sky", "literal": True, "action": "block"},
    {"name": "ticket", "search": r"\bT-\d{4}\b", "action": "audit"},
]
HOOKS: dict[str, tuple[Any, str, str]] = {
    "prompt_pre_fetch": (framework.PromptPrehookPayload, "prompt_id", "args"),
    "prompt_post_fetch": (framework.PromptPosthookPayload, "prompt_id", "result"),
    "tool_pre_invoke": (framework.ToolPreInvokePayload, "name", "args"),
    "tool_post_invoke": (framework.ToolPostInvokePayload, "name", "result"),
    "resource_pre_fetch": (framework.ResourcePreFetchPayload, "uri", "metadata"),
    "resource_post_fetch": (framework.ResourcePostFetchPayload, "uri", "content"),
}
each_hook = pytest.mark.parametrize("hook", HOOKS)


def plugin(**config: Any) -> RegexFilterPlugin:
    return RegexFilterPlugin(
        framework.PluginConfig(name="filter", kind="x", hooks=list(HOOKS), config={"rules": RULES, **config})
    )


def run(one: RegexFilterPlugin, hook: str, value: Any, extensions: Any = None) -> tuple[Any, Any]:
    """The result, and the guarded field of its payload."""
    payload_class, name, field = HOOKS[hook]
    payload = payload_class(**{name: "x", field: value})
    result = asyncio.run(getattr(one, hook)(payload, CONTEXT, extensions))
    value = getattr(result.modified_payload, field) if result.modified_payload else None
    return result, value.model_dump() if hasattr(value, "model_dump") else value


@each_hook
def test_rewrites(hook: str) -> None:
    result, value = run(plugin(), hook, {"a": "what crap", "b": "fine"})
    assert value == {"a": "what crud", "b": "fine"}
    assert result.continue_processing
    assert result.metadata == {}


@each_hook
def test_clean_and_audited_content_passes_as_it_is(hook: str) -> None:
    for value in ({"a": "fine"}, {"a": "see T-1234"}):
        result, changed = run(plugin(), hook, value)
        assert (result.continue_processing, changed, result.violation) == (True, None, None)


@each_hook
def test_blocks(hook: str) -> None:
    result, _ = run(plugin(), hook, {"a": "crap about Blue Sky and Blue Sky", "b": "Blue Sky"})
    assert not result.continue_processing
    assert (result.violation.code, result.violation.details) == ("REGEX_FILTER", {"rules": ["project"], "count": 3})
    assert "Blue Sky" not in str(
        result.violation.model_dump() if hasattr(result.violation, "model_dump") else result.violation
    )


def test_metadata_for_traces() -> None:
    result, _ = run(plugin(), "tool_pre_invoke", {"a": "crap T-1234 crap"}, TRACED)
    assert result.metadata == {
        "regex_filter": {
            "total_findings": 3,
            "total_replaced": 2,
            "rules": ["swear", "ticket"],
            "stage": "tool_pre_invoke",
        }
    }
    blocked, _ = run(plugin(), "tool_pre_invoke", {"a": "crap Blue Sky"}, TRACED)
    assert blocked.metadata["regex_filter"]["total_replaced"] == 0


def test_media_is_left_alone() -> None:
    content = [{"type": "text", "text": "crap"}, {"type": "image", "data": "crap", "mimeType": "image/png"}]
    _, value = run(plugin(), "tool_post_invoke", {"content": content})
    assert value["content"] == [{"type": "text", "text": "crud"}, content[1]]


def test_rules_from_a_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "words.txt").write_text("Red Sea\n", "utf-8")
    with caplog.at_level(logging.WARNING):
        one = plugin(rules_file=str(tmp_path / "words.txt"), colour=1, strict_config=False)
    assert "colour" in caplog.text
    assert "rules_file" not in caplog.text
    assert run(one, "tool_pre_invoke", {"a": "Red Sea"})[1] == {"a": "[REDACTED]"}


def test_what_is_wrong_is_an_error_at_load() -> None:
    for config in ({"rules": [{"search": "("}]}, {"colour": 1, "strict_config": True}, {"words": [{"search": "a"}]}):
        with pytest.raises(ConfigError):
            plugin(**config)


def test_an_error_is_passed_on() -> None:
    with pytest.raises(InputTooLarge):
        run(plugin(max_text_bytes=3), "tool_pre_invoke", {"a": "long"})


def test_python_rules() -> None:
    pytest.importorskip("regex", reason="the package regex, an extra, runs the patterns that are not proved linear")
    one = plugin(rules=[{"search": r"(\w)\1", "replace": r"\1", "syntax": "python"}])
    assert run(one, "tool_pre_invoke", {"a": "book"})[1] == {"a": "bok"}
    assert one.implementation in ("rust", "python")
