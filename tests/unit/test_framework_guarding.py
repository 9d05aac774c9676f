"""What every guard plugin shares, shown on a guard that shouts: fields, media, merging, refusals, loose keys."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from pyplugins import framework
from pyplugins.errors import ConfigError
from pyplugins.framework.guarding import STAGES, Found, GuardPlugin, Stage, Verdict, is_traced, merge

TRACED = framework.Extensions(request=framework.RequestExtension(trace_id="t"))


class Shouts:
    """Makes texts capital, and finds one thing in each text that was not."""

    implementation = "python"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def rewrite_nested(self, data: Any, path: str = "") -> tuple[bool, Any, Found]:
        self.asked.append(path)
        loud = json.loads(json.dumps(data).upper()) if data is not None else None
        return loud != data, loud, {"quiet": [{"path": path}]} if loud != data else {}


class ShoutsPlugin(GuardPlugin):
    """Refuses where its configuration says so."""

    kind = "pii_filter"
    own_keys = ("loudness",)

    def open_guard(self, config: dict[str, Any]) -> Any:
        return Shouts()

    def judge(self, stage: Stage, found: Found, extensions: framework.Extensions | None) -> Verdict:
        blocked = bool(self.settings.get("block_on_detection"))
        details = {"count": len(found["quiet"])}
        violation = framework.PluginViolation(reason="r", description="d", code="C", details=details)
        told = {"found": len(found["quiet"]), "blocked": blocked, "traced": is_traced(extensions)}
        return violation if blocked else None, told


def plugin(**config: Any) -> ShoutsPlugin:
    return ShoutsPlugin(framework.PluginConfig(name="n", kind="k", config=config))


def ask(one: GuardPlugin, hook: str, payload: Any, extensions: Any = None) -> Any:
    context = framework.PluginContext(global_context=framework.GlobalContext(request_id="r"))
    return asyncio.run(getattr(one, hook)(payload, context, extensions))


def test_every_hook_has_a_stage_and_a_method() -> None:
    assert all(asyncio.iscoroutinefunction(getattr(GuardPlugin, hook)) for hook in STAGES)


def test_what_is_clean_passes_as_it_is() -> None:
    answer = ask(plugin(), "tool_pre_invoke", framework.ToolPreInvokePayload(name="t", args={"A": "B"}))
    assert (answer.continue_processing, answer.modified_payload, answer.metadata) == (True, None, {})


def test_a_changed_field_makes_a_new_payload() -> None:
    given = framework.ToolPreInvokePayload(name="t", args={"A": "b"})
    answer = ask(plugin(), "tool_pre_invoke", given, TRACED)
    assert answer.modified_payload.args == {"A": "B"}
    assert given.args == {"A": "b"}
    assert answer.metadata == {"found": 1, "blocked": False, "traced": True}


def test_findings_of_all_fields_are_counted_together() -> None:
    one = plugin()
    answer = ask(one, "resource_pre_fetch", framework.ResourcePreFetchPayload(uri="x://y", metadata={"A": "b"}))
    assert answer.metadata == {"found": 2, "blocked": False, "traced": False}
    assert one.guard.asked == ["uri", "metadata"]  # type: ignore[attr-defined]


def test_media_is_left_alone_and_everything_beside_it_is_read() -> None:
    image = {"type": "image", "data": base64.b64encode(b"\0\1\2abc").decode()}
    given = {"content": [image, {"type": "text", "text": "hi"}]}
    answer = ask(plugin(), "tool_post_invoke", framework.ToolPostInvokePayload(name="t", result=given))
    assert answer.modified_payload.result["content"][0]["data"] == image["data"]
    assert "HI" in str(answer.modified_payload.result["content"][1])


def test_a_refusal_passes_nothing_on() -> None:
    given = framework.ToolPreInvokePayload(name="t", args={"A": "b"})
    answer = ask(plugin(block_on_detection=True), "tool_pre_invoke", given)
    assert (answer.continue_processing, answer.modified_payload) == (False, None)
    assert (answer.violation.code, answer.metadata["blocked"]) == ("C", True)


def test_keys_nobody_knows_are_named(caplog: pytest.LogCaptureFixture) -> None:
    assert plugin(loudness=3, colour=1).settings == {"loudness": 3}
    assert "unknown configuration key 'colour' is ignored" in caplog.text
    assert plugin(colour=1, strict_config=True).settings == {"colour": 1}
    with pytest.raises(ConfigError, match="strict_config"):
        plugin(strict_config="yes")


def test_merging_keeps_the_order() -> None:
    found: Found = {"a": [{"n": 1}]}
    merge(found, {"b": [{"n": 2}], "a": [{"n": 3}]})
    assert found == {"a": [{"n": 1}, {"n": 3}], "b": [{"n": 2}]}
