"""Walks what MCP calls content, for guards: every text is handed over, images, audio and blobs are left byte for byte.

Only where MCP puts binary data can it be left alone: ``data`` of an image or audio block, ``blob`` of a resource, at
the places where blocks and resources stand. And only when it is base64: text that merely claims to be an image is
read like any text. Works on mappings, pydantic models, dataclasses and plain objects alike, and never changes what it
is given. Tests: tests/unit/test_framework_content.py.
"""

from __future__ import annotations

import copy
import string
from collections.abc import Callable, Mapping
from typing import Any

#: Guards one value: whether it changed, and the value that takes its place. The second argument says where it stands.
Guarding = Callable[[Any, str], tuple[bool, Any]]

# Fields in which MCP nests blocks and resources: results, prompt messages, embedded resources, tool results.
_NESTING = ("content", "contents", "messages", "resource")
# result > messages > [message] > content > [tool_result] > content > [block] > resource, and one to spare.
_DEEPEST = 9
_MEDIA = frozenset({"image", "audio"})
_BASE64 = (string.ascii_letters + string.digits + "+/").encode()


def guard_content(value: Any, guarding: Guarding, path: str) -> tuple[bool, Any]:
    """Guards everything in ``value`` that is not binary data.

    Returns:
        Whether anything changed, and the value with changed branches rebuilt; the very object when nothing changed.
    """
    return _guarded(value, guarding, path) if _holds_binary(value, 0) else guarding(value, path)


def _guarded(value: Any, guarding: Guarding, path: str, depth: int = 0) -> tuple[bool, Any]:
    if not _holds_binary(value, depth):
        return guarding(value, path)
    if isinstance(value, (list, tuple)):
        answers = [_guarded(item, guarding, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]
        changed = any(was_changed for was_changed, _ in answers)
        return changed, type(value)(item for _, item in answers) if changed else value
    fields = fields_of(value)
    updates = {}
    for name, part in fields.items():
        if _is_binary(fields, name):
            continue
        place = f"{path}.{name}"
        changed, new = _guarded(part, guarding, place, depth + 1) if name in _NESTING else guarding(part, place)
        if changed:
            updates[name] = new
    return bool(updates), with_fields(value, updates) if updates else value


def _holds_binary(value: Any, depth: int) -> bool:
    if depth > _DEEPEST or isinstance(value, str):
        return False
    if isinstance(value, (list, tuple)):
        return any(_holds_binary(item, depth + 1) for item in value)
    fields = fields_of(value)
    if _is_binary(fields, "data") or _is_binary(fields, "blob"):
        return True
    return any(_holds_binary(fields[name], depth + 1) for name in _NESTING if name in fields)


def _is_binary(fields: Mapping[Any, Any], name: str) -> bool:
    if name not in fields:
        return False
    named = (name == "data" and fields.get("type") in _MEDIA) or (name == "blob" and "uri" in fields)
    return named and _is_base64(fields[name])


def _is_base64(value: Any) -> bool:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return True
    if not (isinstance(value, str) and value.isascii()):
        return False
    data = value.encode("ascii").translate(None, b"\r\n")
    body = data.rstrip(b"=")
    return len(data) % 4 == 0 and len(data) - len(body) <= 2 and not body.translate(None, _BASE64)


def fields_of(value: Any) -> Mapping[Any, Any]:
    """The parts of a mapping or an object; nothing for anything else."""
    if type(value) is dict:
        return value
    if isinstance(value, Mapping):
        return dict(value.items())  # hosts pass wrappers whose own storage is empty
    if isinstance(value, type) or value is None:
        return {}
    held = getattr(value, "__dict__", None) or {}
    return {**held, **(getattr(value, "__pydantic_extra__", None) or {})}


def with_fields(value: Any, updates: Mapping[Any, Any]) -> Any:
    """A copy of a mapping or an object with some parts replaced."""
    if isinstance(value, Mapping):
        return {**dict(value.items()), **updates}
    if callable(getattr(value, "model_copy", None)):
        return value.model_copy(update=updates)
    twin = copy.copy(value)
    for name, part in updates.items():
        object.__setattr__(twin, name, part)
    return twin
