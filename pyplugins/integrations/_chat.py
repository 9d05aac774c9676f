"""Finds what a model reads or says in requests and answers of LLM APIs: OpenAI's, Anthropic's, and LiteLLM's objects.

A place is one text, or the arguments of one tool call as data. Names, ids and types are no content; images, audio and
files in base64 are left alone, and only where they really are. Nothing is changed before everything has been asked
about. Tests: tests/integrations/test_chat.py.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pyplugins.integrations._bodies import dump_json, parse_text_as_json

#: Keys of a request that hold what the model reads.
REQUEST_KEYS = ("system", "instructions", "messages", "prompt", "input", "query", "documents")
#: Keys of an answer that hold what the model says.
ANSWER_KEYS = ("choices", "content", "output", "text")

# What names things for programs, wherever it stands outside of arguments.
STRUCTURE = frozenset(
    {
        "cache_control",
        "call_id",
        "detail",
        "encrypted_content",
        "file_id",
        "finish_reason",
        "format",
        "id",
        "index",
        "item_id",
        "logprobs",
        "media_type",
        "mime_type",
        "name",
        "object",
        "phase",
        "role",
        "server_name",
        "signature",
        "status",
        "stop_reason",
        "thought_signature",
        "thought_signatures",
        "tool_call_id",
        "tool_use_id",
        "type",
    }
)
# Data of which everything is content: what tools are given, and what they give back.
_ARGUMENTS = frozenset({"arguments", "input", "output"})
_BINARY = frozenset({"data", "url", "image_url", "file_data"})
_DATA_URL = re.compile(r"data:[^,]{0,200};base64,")
_DEEPEST = 32


class Place(NamedTuple):
    """Where content stands: `holder[key]`, or an attribute of that name."""

    holder: Any
    key: Any
    #: A text, or the data of arguments.
    value: Any
    #: Role of the message it is in, or ``""``.
    role: str
    #: Name of the tool whose arguments these are, or `None`.
    tool: str | None
    #: The arguments stand there as JSON in a text.
    packed: bool = False

    def put(self, value: Any) -> None:
        """Writes what takes the place of the value."""
        value = dump_json(value).decode("ascii") if self.packed else value
        _set(self.holder, self.key, value)
        if _get(self.holder, "logprobs"):  # they hold the text that was there, token by token
            _set(self.holder, "logprobs", None)


def places(holder: Any, keys: tuple[str, ...]) -> list[Place]:
    """Every place of content below some keys of a request or an answer.

    Raises:
        ValueError: it is nested too deeply.
    """
    return [place for key in keys for place in _at(holder, key, _get(holder, key), "", 0)]


def _get(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, Mapping) else getattr(holder, key, None)


def _set(holder: Any, key: Any, value: Any) -> None:
    if isinstance(holder, (dict, list)):
        holder[key] = value
    else:
        setattr(holder, key, value)


def items(value: Any) -> list[tuple[Any, Any]]:
    """The parts of a list, a mapping or an object."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return list(enumerate(value))
    held = {**(getattr(value, "__dict__", None) or {}), **(getattr(value, "__pydantic_extra__", None) or {})}
    return [(key, part) for key, part in held.items() if not key.startswith("_")]


def _at(holder: Any, key: Any, value: Any, role: str, depth: int) -> Iterator[Place]:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if value is None or isinstance(value, (bool, int, float)) or key in STRUCTURE:
        return
    if depth and key in _ARGUMENTS and not isinstance(value, list):
        data = parse_text_as_json(value) if isinstance(value, str) else value
        tool = None if role == "tool" else _tool(holder)
        yield Place(holder, key, data, role, tool, packed=isinstance(value, str) and data is not value)
    elif isinstance(value, str):
        if value and not _is_binary(holder, key, value):
            yield Place(holder, key, value, role, None)
    else:
        role = _role(value) or role
        for name, part in items(value):
            yield from _at(value, name, part, role, depth + 1)


def _role(value: Any) -> str:
    """Whose words these are: the role of a message, or ``"tool"`` for what a tool gave back."""
    if isinstance(value, list):
        return ""
    if _get(value, "type") in ("tool_result", "function_call_output", "custom_tool_call_output"):
        return "tool"
    role = _get(value, "role")
    return role if isinstance(role, str) else ""


def _tool(holder: Any) -> str:
    name = _get(holder, "name")
    return name if isinstance(name, str) and name else "unknown"


def _is_binary(holder: Any, key: Any, value: str) -> bool:
    if key not in _BINARY:
        return False
    head = _DATA_URL.match(value)
    if head is None and not (key == "data" and (_get(holder, "format") or _get(holder, "media_type"))):
        return False
    try:
        base64.b64decode(value[head.end() if head else 0 :], validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
