"""Answers that stream as events: those of OpenAI's Responses API, as LiteLLM's objects, and Anthropic's, as bytes.

Each text goes on as soon as it is decided, arguments of tool calls when they are complete; what an event repeats as a
whole is scanned as a whole. An event that cannot be read ends the stream. Tests: tests/integrations/test_litellm.py.
"""

from __future__ import annotations

from typing import Any

from pyplugins.integrations._bodies import EVENTS, Unreadable
from pyplugins.integrations._chat import ANSWER_KEYS
from pyplugins.integrations._chat_parts import Texts, scan_arguments
from pyplugins.integrations._chat_scan import scan_answer
from pyplugins.integrations._gate import Gate
from pyplugins.integrations._records import Records, parse_event, render_event
from pyplugins.mcp import Refusal, Scope
from pyplugins.mcp.outcome import NOT_CHECKED, Refused

_MAX_EVENT_BYTES = 10_485_760
#: Events of arguments, and the field in which the last of them says all.
_ARGUMENTS = {
    "response.function_call_arguments": "arguments",
    "response.mcp_call_arguments": "arguments",
    "response.custom_tool_call_input": "input",
    "response.code_interpreter_call_code": "code",
}
_SOUND = frozenset({"response.audio", "response.output_audio"})
_LAST = frozenset({"completed", "incomplete", "failed"})
_PARTS = ("text", "refusal", "transcript", "part", "item", "annotation", "message")
#: Texts in the deltas of the Messages API.
_FIELDS = ("text", "thinking")


def unreadable(what: str) -> Refused:
    """An event that nobody has read."""
    return Refused(Refusal("", NOT_CHECKED, what, failed=True))


class ResponsesStream:
    """An answer of the Responses API; events are changed in place."""

    def __init__(self, gate: Gate, scope: Scope) -> None:
        self._gate = gate
        self._scope = scope
        self._texts = Texts(gate, scope)
        #: The last part of each text and of all arguments that are not finished, to say the rest with.
        self._last: dict[Any, Any] = {}
        self._tools: dict[int, str] = {}

    async def take(self, event: Any) -> list[Any]:
        """The events that may go on now. Raises `Refused`; then nothing more may."""
        kind = getattr(event, "type", None)
        stem, _, step = str(getattr(kind, "value", kind)).rpartition(".")
        if stem in _SOUND:
            return [event]
        key = (stem, *(getattr(event, name, None) for name in ("output_index", "content_index", "summary_index")))
        if step == "delta":
            return await self._part(stem, key, event)
        before = await self._rest(stem, key, event) if step == "done" else []
        if getattr(event, "response", None) is not None:
            before += await self.finish() if step in _LAST else []
            await scan_answer(self._gate, event.response, self._scope, (*ANSWER_KEYS, "error"))
        await scan_answer(self._gate, event, self._scope, _PARTS)
        if step == "added" and isinstance(name := getattr(getattr(event, "item", None), "name", None), str):
            self._tools[event.output_index] = name
        return [*before, event]

    async def finish(self) -> list[Any]:
        """The rest of texts that never said that they end. Arguments that did not are left out: they are no JSON."""
        return [event for key in list(self._last) for event in await self._text_rest(key)]

    async def _part(self, stem: str, key: Any, event: Any) -> list[Any]:
        if not isinstance(event.delta, str):
            raise unreadable("an event of the stream has no text as its delta")
        if stem in _ARGUMENTS:
            self._last[key] = event
            return []
        _drop_logprobs(event)
        self._last[key] = event.model_copy(deep=True)
        event.delta = await self._texts.push(key, event.delta)
        return [event] if event.delta else []

    async def _rest(self, stem: str, key: Any, event: Any) -> list[Any]:
        """What goes before the event that ends a text or arguments; its own arguments are put right here."""
        _drop_logprobs(event)
        field = _ARGUMENTS.get(stem)
        if field is None:
            return await self._text_rest(key)
        tool = self._tools.get(event.output_index)
        new = await scan_arguments(self._gate, self._scope, tool, getattr(event, field))
        setattr(event, field, new)
        last = self._last.pop(key, None)
        return [] if last is None else [last.model_copy(update={"delta": new})]

    async def _text_rest(self, key: Any) -> list[Any]:
        last = self._last.pop(key, None)
        rest = await self._texts.finish(key)
        return [last.model_copy(update={"delta": rest})] if rest else []


def _drop_logprobs(event: Any) -> None:
    if getattr(event, "logprobs", None):
        event.logprobs = []


class MessagesStream:
    """An answer of Anthropic's API: server-sent events as bytes, in any parts."""

    def __init__(self, gate: Gate, scope: Scope) -> None:
        self._gate = gate
        self._scope = scope
        self._records = Records(EVENTS, _MAX_EVENT_BYTES)
        self._texts = Texts(gate, scope)
        self._arguments: dict[Any, list[str]] = {}
        self._tools: dict[Any, str] = {}

    async def take(self, part: bytes | str) -> list[bytes]:
        """The events that may go on now. Raises `Refused`; then nothing more may."""
        try:
            records = self._records.feed(part.encode() if isinstance(part, str) else part)
            return [event for record in records for event in await self._event(record)]
        except Unreadable as why:
            raise unreadable(str(why)) from None

    async def finish(self) -> list[bytes]:
        """The rest."""
        rest = self._records.rest()
        events = await self._event(rest + b"\n\n") if rest.strip() else []
        return [*events, *await self._end_all()]

    async def _event(self, record: bytes) -> list[bytes]:
        said = parse_event(record)
        data = said["data"]
        if data is None or data == "[DONE]":
            return [record]
        if not (isinstance(data, dict) and isinstance(data.get("type"), str)):
            raise unreadable("an event of the stream is none of the Messages API")
        index = data.get("index")
        if data["type"] == "content_block_delta":
            return await self._part(said, data, index)
        before = await self._end(index) if data["type"] == "content_block_stop" else []
        before += await self._end_all() if data["type"] == "message_stop" else []
        if data["type"] == "content_block_start":
            self._tools[index] = data["content_block"].get("name")
        changed = await scan_answer(self._gate, data, self._scope, ("content_block", "message", "error"))
        return [*before, render_event(said) if changed else record]

    async def _part(self, said: dict[str, Any], data: dict[str, Any], index: Any) -> list[bytes]:
        delta = data.get("delta")
        if not isinstance(delta, dict):
            raise unreadable("an event of the stream has no delta")
        if isinstance(delta.get("partial_json"), str):
            self._arguments.setdefault(index, []).append(delta["partial_json"])
            return []
        for field in _FIELDS:
            if isinstance(delta.get(field), str):
                delta[field] = await self._texts.push((index, field), delta[field])
                return [render_event(said)] if delta[field] else []
        await scan_answer(self._gate, data, self._scope, ("delta",))
        return [render_event(said)]

    async def _end(self, index: Any) -> list[bytes]:
        """All that a block still holds, as events."""
        events = []
        for field in _FIELDS:
            rest = await self._texts.finish((index, field))
            if rest:
                events.append(_delta_event(index, f"{field}_delta", field, rest))
        if index in self._arguments:
            text = "".join(self._arguments.pop(index))
            new = await scan_arguments(self._gate, self._scope, self._tools.get(index), text)
            events.append(_delta_event(index, "input_json_delta", "partial_json", new))
        return events

    async def _end_all(self) -> list[bytes]:
        indices = {index for index, _ in self._texts.unfinished()} | set(self._arguments)
        return [event for index in sorted(indices) for event in await self._end(index)]


def _delta_event(index: Any, kind: str, field: str, text: str) -> bytes:
    data = {"type": "content_block_delta", "index": index, "delta": {"type": kind, field: text}}
    return render_event({"data": data, "others": ["event: content_block_delta"]})
