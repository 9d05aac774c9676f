"""Requests and whole answers of LLM APIs through the chain.

What a model reads goes through `prompt_post_fetch`, what a tool gave it through `tool_post_invoke`; what it says goes
through `tool_post_invoke`, and the arguments with which it calls a tool through `tool_pre_invoke`.
Tests: tests/integrations/test_chat.py.
"""

from __future__ import annotations

from typing import Any

from pyplugins.integrations._chat import ANSWER_KEYS, REQUEST_KEYS, Place, places
from pyplugins.integrations._gate import Gate
from pyplugins.mcp import Refusal, Scope
from pyplugins.mcp.outcome import NOT_CHECKED, Refused

#: What plugins are told as the name of prompt and tool, where there is none.
NAME = "llm"
#: The hook for what a model says.
SAID = "tool_post_invoke"


async def scan_request(gate: Gate, request: Any, scope: Scope, *, change: bool = True) -> bool:
    """Changes a request in place, or only tells whether it would. Raises `Refused`, and then nothing has changed."""

    async def ask(place: Place) -> Any:
        hook = SAID if place.role in ("tool", "function") else "prompt_post_fetch"
        return await gate.ask(hook, NAME, place.value, scope)

    return await _scan(request, REQUEST_KEYS, ask, change)


async def scan_answer(gate: Gate, answer: Any, scope: Scope, keys: tuple[str, ...] = ANSWER_KEYS) -> bool:
    """The same for what a model answers."""

    async def ask(place: Place) -> Any:
        if place.tool is not None:
            return await gate.ask_tool(place.tool, place.value, scope)
        return await gate.ask(SAID, NAME, place.value, scope)

    changed = await _scan(answer, keys, ask, True)
    if changed:
        for choice in getattr(answer, "choices", None) or ():
            if getattr(choice, "logprobs", None):  # they hold the words that were there, token by token
                choice.logprobs = None
    return changed


async def _scan(holder: Any, keys: tuple[str, ...], ask: Any, change: bool) -> bool:
    try:
        found = places(holder, keys)
    except ValueError:
        raise Refused(Refusal("", NOT_CHECKED, "a message is nested too deeply", failed=True)) from None
    answers = [(place, await ask(place)) for place in found]
    changes = [(place, new) for place, new in answers if new is not place.value]
    for place, new in changes if change else ():
        place.put(new)
    return bool(changes)
