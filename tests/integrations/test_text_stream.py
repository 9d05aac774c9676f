"""A text in parts through the guards of a hook: what streams, what must be whole, and what a refusal says."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from gw_middleware import JSON_REPAIR, MAIL, MASK, PII, REGEX, plugin

from pyplugins.mcp import Chain
from pyplugins.mcp.outcome import Refused
from pyplugins.mcp.text_stream import TextStream, stream_plan

HOOK = "tool_post_invoke"
File = Callable[..., str]
Run = Callable[..., Any]


def planned(run: Run, config: str, hook: str = HOOK) -> Any:
    async def plan() -> Any:
        async with Chain(config) as chain:
            return stream_plan(chain.manager, hook)

    return run(plan())


@pytest.mark.parametrize("seed", range(5))
def test_the_parts_do_not_matter(seed: int, chain_file: File, run: Run) -> None:
    second = plugin(PII, "Second", [HOOK], 20, detect_email=False)
    guards = planned(run, chain_file(detect_phone=False, more=(second,)))
    assert [guard.name for guard in guards] == ["PII", "Second"]
    text = f"\u00fc \U0001f600 {MAIL}, 555-123-4567 and words; " * 80
    parts = random.Random(seed)
    stream, got, place = TextStream(guards, HOOK), [], 0
    while place < len(text):
        size = parts.randint(0, 30)
        got.append(stream.push(text[place : place + size]))
        place += size
    early = sum(map(len, got))
    got.append(stream.finish())
    assert "".join(got) == text.replace(MAIL, MASK).replace("555-123-4567", MASK)
    assert early > len(text) / 4, "the text was held back to its end"


def test_plugins_run_in_the_order_of_their_priority(chain_file: File, run: Run) -> None:
    before = plugin(PII, "Before", [HOOK], 1, redaction_text="before")
    guards = planned(run, chain_file(redaction_text="after", more=(before,)))
    stream = TextStream(guards, HOOK)
    assert stream.push(MAIL) + stream.finish() == "before"


def test_without_plugins_a_text_passes(chain_file: File, run: Run) -> None:
    stream = TextStream(planned(run, chain_file(["tool_pre_invoke"])), HOOK)
    assert (stream.push(MAIL), stream.finish()) == (MAIL, "")


@pytest.mark.parametrize(
    "other",
    [
        plugin(REGEX, "Words", [HOOK], 20, words=[{"search": "a", "replace": "b"}]),
        plugin(JSON_REPAIR, "Repair", [HOOK], 20),
        {**plugin(PII, "Audit", [HOOK], 20), "mode": "audit"},
        {**plugin(PII, "Ignored", [HOOK], 20), "on_error": "ignore"},
        {**plugin(PII, "Sometimes", [HOOK], 20), "conditions": [{"tools": ["find"]}]},
    ],
    ids=lambda entry: entry["name"],
)
def test_other_plugins_must_see_the_whole_text(other: dict[str, Any], chain_file: File, run: Run) -> None:
    config = chain_file(more=(other,))
    assert planned(run, config) is None
    assert planned(run, config, "prompt_post_fetch") is not None


def test_disabled_plugins_are_not_asked(chain_file: File, run: Run) -> None:
    off = {**plugin(REGEX, "Words", [HOOK], 20), "mode": "disabled"}
    assert [guard.name for guard in planned(run, chain_file(more=(off,)))] == ["PII"]


def test_a_refusal_names_plugin_and_reason(chain_file: File, run: Run) -> None:
    stream = TextStream(planned(run, chain_file(block_on_detection=True)), HOOK)
    with pytest.raises(Refused) as caught:
        stream.push(f"{MAIL} {'and words ' * 100}")
    told = caught.value.refusal
    assert told.data() == {
        "plugin": "PII",
        "code": "PII_DETECTED_IN_TOOL_RESULT",
        "reason": "PII detected in tool result",
    }
    assert not told.failed


def test_a_guard_that_fails_has_not_passed_the_rest(chain_file: File, run: Run) -> None:
    stream = TextStream(planned(run, chain_file(max_text_bytes=100)), HOOK)
    with pytest.raises(Refused) as caught:
        stream.push("ten bytes " * 11)
    assert (caught.value.refusal.failed, caught.value.refusal.code) == (True, "NOT_CHECKED")
    assert "InputTooLarge" in caught.value.refusal.reason
    with pytest.raises(Refused):
        stream.finish()
