"""An answer of a model that streams, through the chain: deltas go on as soon as what they say is decided.

Texts are held back by little where every guard offers streams, else to their end; tool calls always wait for theirs,
because their arguments are JSON. What says the same in another form (thinking blocks, log probabilities, spoken audio)
cannot be read in parts and is left out. Tests: tests/integrations/test_litellm.py.
"""

from __future__ import annotations

from typing import Any

from pyplugins.integrations._chat import STRUCTURE, items
from pyplugins.integrations._chat_parts import Texts, scan_arguments
from pyplugins.integrations._chat_scan import scan_answer
from pyplugins.integrations._gate import Gate
from pyplugins.mcp import Scope

_CALLS = ("tool_calls", "function_call")
#: Whole in one chunk, and scanned there.
_WHOLE = ("annotations", "images")


class ChatStream:
    """One answer with all its choices, as LiteLLM's chunks; they are changed in place."""

    def __init__(self, gate: Gate, scope: Scope) -> None:
        self._gate = gate
        self._scope = scope
        self._choices: dict[int, _Choice] = {}
        self._last: Any = None

    async def take(self, chunk: Any) -> list[Any]:
        """The chunks that may go on now. Raises `Refused`; then nothing more may."""
        await scan_answer(self._gate, chunk, self._scope, ("citations", "provider_specific_fields"))
        if not chunk.choices:
            return [chunk]
        for choice in chunk.choices:
            await self._choices.setdefault(choice.index, _Choice(self._gate, self._scope)).take(choice)
        self._last = chunk
        ending = {choice.index for choice in chunk.choices if choice.finish_reason}
        chunks = [await self._rest(chunk, ending), _emptied(chunk)] if ending else [chunk]
        return [one for one in chunks if _says_something(one)]

    async def finish(self) -> list[Any]:
        """The rest of choices that never said that they end."""
        ending = {index for index, choice in self._choices.items() if choice.holds}
        if not ending:
            return []
        last = _emptied(self._last)
        first = last.choices[0]
        last.choices = [first.model_copy(update={"index": index}, deep=True) for index in sorted(ending)]
        return [await self._rest(last, ending)]

    async def _rest(self, chunk: Any, ending: set[int]) -> Any:
        """A chunk like this one that also has all that some choices hold, and does not end them."""
        rest = chunk.model_copy(deep=True)
        if getattr(rest, "usage", None) is not None:
            rest.usage = None
        for choice in rest.choices:
            choice.finish_reason = None
            if choice.index in ending:
                await self._choices[choice.index].finish(choice)
        return rest


class _Choice:
    """What one choice holds back: its texts by field, and its tool calls by field and place."""

    def __init__(self, gate: Gate, scope: Scope) -> None:
        self._gate = gate
        self._scope = scope
        self._texts = Texts(gate, scope)
        self._calls: dict[tuple[str, int], _Call] = {}

    @property
    def holds(self) -> bool:
        """Whether it has anything to finish."""
        return bool(self._texts.unfinished() or self._calls)

    async def take(self, choice: Any) -> None:
        """Leaves in the choice what may go on."""
        if getattr(choice, "logprobs", None):
            choice.logprobs = None
        said = _said(choice)
        await scan_answer(self._gate, said, self._scope, _WHOLE)
        for name, value in items(said):
            if value is None or name in STRUCTURE or name in _WHOLE:
                continue
            if name in _CALLS:
                for call in value if isinstance(value, list) else [value]:
                    self._calls.setdefault((name, getattr(call, "index", 0)), _Call(call)).add(call)
                setattr(said, name, None)
            elif isinstance(value, str):
                setattr(said, name, await self._texts.push(name, value))
            elif not _is_plain(value):
                setattr(said, name, None)

    async def finish(self, choice: Any) -> None:
        """Adds all that is held."""
        said = _said(choice)
        for name in self._texts.unfinished():
            setattr(said, name, (getattr(said, name, None) or "") + await self._texts.finish(name))
        for (name, _), call in self._calls.items():
            whole = await call.scanned(self._gate, self._scope)
            setattr(said, name, [*(said.tool_calls or ()), whole] if name == "tool_calls" else whole)
        self._calls.clear()


class _Call:
    """A tool call that comes in parts."""

    def __init__(self, first: Any) -> None:
        self._whole = first.model_copy(deep=True)
        self._parts: list[str] = []

    def add(self, part: Any) -> None:
        """Takes the next part."""
        holder, key = _arguments(part)
        self._parts.append(getattr(holder, key) or "")

    async def scanned(self, gate: Gate, scope: Scope) -> Any:
        """The call with all its arguments, as they may go on."""
        holder, key = _arguments(self._whole)
        setattr(holder, key, await scan_arguments(gate, scope, holder.name, "".join(self._parts)))
        return self._whole


def _arguments(call: Any) -> tuple[Any, str]:
    """Where the arguments stand: in a call of a function, of a custom tool, or in the older form."""
    custom = getattr(call, "custom", None)
    return (custom, "input") if custom is not None else (getattr(call, "function", None) or call, "arguments")


def _said(choice: Any) -> Any:
    """What holds the words: the delta, or the choice itself in text completions."""
    delta = getattr(choice, "delta", None)
    return choice if delta is None else delta


def _emptied(chunk: Any) -> Any:
    """A copy that says nothing, and ends what the chunk ends."""
    empty = chunk.model_copy(deep=True)
    for choice in empty.choices:
        said = _said(choice)
        for name, value in items(said):
            if name not in STRUCTURE and not _is_plain(value):
                setattr(said, name, "" if isinstance(value, str) else None)
    return empty


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float))


def _says_something(chunk: Any) -> bool:
    used = getattr(getattr(chunk, "usage", None), "total_tokens", 0)
    if used or any(choice.finish_reason for choice in chunk.choices):
        return True
    said = [_said(choice) for choice in chunk.choices]
    return any(getattr(one, "role", None) for one in said) or any(
        value and name not in STRUCTURE and not _is_plain(value) for one in said for name, value in items(one)
    )
