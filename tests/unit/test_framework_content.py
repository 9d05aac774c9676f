"""What guards read of MCP content, and what they leave byte for byte."""

from __future__ import annotations

import base64
import dataclasses
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from pyplugins.framework.content import guard_content

IMAGE = base64.b64encode(bytes(range(256))).decode()


@dataclasses.dataclass(frozen=True)
class Block:
    type: str
    data: str
    note: str


def upper(value: Any, path: str) -> tuple[bool, Any]:
    """A guard that makes lower case text upper case, to see what it was given."""
    if isinstance(value, str):
        return value.upper() != value, value.upper()
    if isinstance(value, dict):
        new = {key: upper(item, path)[1] for key, item in value.items()}
    elif isinstance(value, list):
        return (new := [upper(item, path)[1] for item in value]) != value, new
    else:
        return False, value
    return new != value, new


def text(words: str = "a") -> dict[str, Any]:
    return {"type": "text", "text": words}


LEFT = {"type": "IMAGE", "data": IMAGE, "mimeType": "IMAGE/PNG"}

# name: (given, expected); types are upper case where the guard may change them, lower case where the walk needs them
CASES: dict[str, tuple[Any, Any]] = {
    "text alone": ("a", "A"),
    "nothing": (None, None),
    "plain data": ({"a": ["b", 1]}, {"a": ["B", 1]}),
    "image": (
        {"content": [{"type": "image", "data": IMAGE, "note": "a"}, text()]},
        {"content": [{"type": "IMAGE", "data": IMAGE, "note": "A"}, {"type": "TEXT", "text": "A"}]},
    ),
    "audio": ({"content": [{"type": "audio", "data": IMAGE}]}, {"content": [{"type": "AUDIO", "data": IMAGE}]}),
    "blob in a resource": (
        {"content": [{"type": "resource", "resource": {"uri": "u", "blob": IMAGE}}]},
        {"content": [{"type": "RESOURCE", "resource": {"uri": "U", "blob": IMAGE}}]},
    ),
    "blob among contents": (
        {"contents": [{"uri": "u", "blob": IMAGE}, {"uri": "u", "text": "a"}]},
        {"contents": [{"uri": "U", "blob": IMAGE}, {"uri": "U", "text": "A"}]},
    ),
    "image in a prompt": (
        {"messages": [{"role": "user", "content": {"type": "image", "data": IMAGE}}]},
        {"messages": [{"role": "USER", "content": {"type": "IMAGE", "data": IMAGE}}]},
    ),
    "image in a tool result": (
        {"content": [{"type": "tool_result", "content": [{"type": "image", "data": IMAGE}]}]},
        {"content": [{"type": "TOOL_RESULT", "content": [{"type": "IMAGE", "data": IMAGE}]}]},
    ),
    "structured content beside an image": (
        {"content": [{"type": "image", "data": IMAGE}], "structuredContent": {"type": "image", "data": "a"}},
        {"content": [{"type": "IMAGE", "data": IMAGE}], "structuredContent": {"type": "IMAGE", "data": "A"}},
    ),
    "structured content that claims to be an image": (
        {"structuredContent": {"type": "image", "data": "aGk="}},
        {"structuredContent": {"type": "IMAGE", "data": "AGK="}},
    ),
    "text that claims to be an image": (
        {"content": [{"type": "image", "data": "mail a@example.com"}]},
        {"content": [{"type": "IMAGE", "data": "MAIL A@EXAMPLE.COM"}]},
    ),
    "a date that claims to be an image": (
        {"content": [{"type": "image", "data": "01/02/199x"}]},
        {"content": [{"type": "IMAGE", "data": "01/02/199X"}]},
    ),
    "padding in the middle": (
        {"content": [{"type": "image", "data": "ab==cd=="}]},
        {"content": [{"type": "IMAGE", "data": "AB==CD=="}]},
    ),
    "too much padding": (
        {"content": [{"type": "image", "data": "a==="}]},
        {"content": [{"type": "IMAGE", "data": "A==="}]},
    ),
    "non-ASCII text that claims to be an image": (
        {"content": [{"type": "image", "data": "äb"}]},
        {"content": [{"type": "IMAGE", "data": "ÄB"}]},
    ),
    "data that is no image": (
        {"content": [{"type": "text", "data": "ab"}]},
        {"content": [{"type": "TEXT", "data": "AB"}]},
    ),
    "blob without a uri": ({"content": [{"blob": "ab"}]}, {"content": [{"blob": "AB"}]}),
    "bytes": ({"contents": [{"uri": "u", "blob": b"ab"}]}, {"contents": [{"uri": "U", "blob": b"ab"}]}),
    "wrapped base64": (
        {"content": [{"type": "image", "data": "aGkx\r\naGk="}]},
        {"content": [{"type": "IMAGE", "data": "aGkx\r\naGk="}]},
    ),
    "a mapping of another kind": (
        MappingProxyType({"content": [MappingProxyType({"type": "image", "data": IMAGE, "note": "a"})]}),
        {"content": [{"type": "IMAGE", "data": IMAGE, "note": "A"}]},
    ),
    "a tuple": (({"type": "image", "data": IMAGE}, "a"), ({"type": "IMAGE", "data": IMAGE}, "A")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_read_and_what_is_left(name: str) -> None:
    given, expected = CASES[name]
    before = str(given)
    changed, new = guard_content(given, upper, "result")
    assert new == expected
    assert type(new) is type(expected)
    assert changed == (expected != given)
    assert str(given) == before


def test_objects_are_rebuilt_and_not_changed() -> None:
    block = Block(type="image", data=IMAGE, note="a")
    result = SimpleNamespace(content=[block, SimpleNamespace(type="image", data=IMAGE)], isError=False)
    changed, new = guard_content(result, upper, "result")
    assert changed
    assert new.content[0] == Block(type="IMAGE", data=IMAGE, note="A")
    assert (block.note, result.content[0]) == ("a", block)
    assert new.content[0].data is block.data


def test_the_very_object_comes_back_when_nothing_changed() -> None:
    result = {"content": [{"type": "image", "data": IMAGE}]}

    def clean(value: Any, path: str) -> tuple[bool, Any]:
        return False, value

    assert guard_content(result, clean, "result") == (False, result)
    assert guard_content(result, clean, "result")[1] is result


def test_places_are_named() -> None:
    places = []

    def note(value: Any, path: str) -> tuple[bool, Any]:
        places.append(path)
        return False, value

    guard_content({"content": [{"type": "image", "data": IMAGE, "note": "a"}, text()], "x": 1}, note, "result")
    assert places == ["result.content[0].type", "result.content[0].note", "result.content[1]", "result.x"]


def test_nesting_without_end_is_handed_to_the_guard() -> None:
    endless: dict[str, Any] = {"type": "image", "data": "aGk="}
    for _ in range(2000):
        endless = {"content": [endless]}
    seen = []

    def note(value: Any, path: str) -> tuple[bool, Any]:
        seen.append(value)
        return False, value

    assert guard_content(endless, note, "result")[0] is False
    assert seen == [endless]
    loop: dict[str, Any] = {}
    loop["content"] = loop
    guard_content(loop, note, "result")
    assert seen[-1] is loop
