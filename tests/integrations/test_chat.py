"""Where content stands in the requests and answers of LLM APIs."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from gw_middleware import MAIL

from pyplugins.integrations._chat import ANSWER_KEYS, REQUEST_KEYS, places

DATA = base64.b64encode(b"555-123-4567").decode()


def found(holder: Any, keys: tuple[str, ...] = REQUEST_KEYS) -> list[Any]:
    return [(place.value, place.role, place.tool) for place in places(holder, keys)]


def test_openai_chat() -> None:
    assert found(
        {
            "model": MAIL,
            "user": MAIL,
            "messages": [
                {"role": "system", "content": "a", "name": MAIL},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "b"},
                        {"type": "input_audio", "input_audio": {"data": DATA, "format": "wav"}},
                    ],
                },
                {
                    "role": "assistant",
                    "tool_calls": [
                        {"id": MAIL, "type": "function", "function": {"name": "f", "arguments": '{"c": 1}'}}
                    ],
                },
                {
                    "role": "assistant",
                    "tool_calls": [{"id": MAIL, "type": "custom", "custom": {"name": "g", "input": "d"}}],
                },
                {"role": "tool", "tool_call_id": MAIL, "content": "e"},
            ],
        }
    ) == [
        ("a", "system", None),
        ("b", "user", None),
        ({"c": 1}, "assistant", "f"),
        ("d", "assistant", "g"),
        ("e", "tool", None),
    ]


def test_anthropic_messages() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}}
    assert found(
        {
            "system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}],
            "messages": [
                {
                    "role": "assistant",
                    "content": [{"type": "tool_use", "id": MAIL, "name": "f", "input": {"name": "b"}}],
                },
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": MAIL, "content": [{"type": "text", "text": "c"}, image]}
                    ],
                },
            ],
        }
    ) == [("a", "", None), ({"name": "b"}, "assistant", "f"), ("c", "tool", None)]


def test_openai_responses() -> None:
    assert found(
        {
            "instructions": "a",
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "b"},
                        {"type": "input_image", "image_url": f"data:image/png;base64,{DATA}"},
                    ],
                },
                {"type": "function_call", "call_id": MAIL, "name": "f", "arguments": '{"c": 1}'},
                {"type": "function_call_output", "call_id": MAIL, "output": '{"d": 2}'},
            ],
        }
    ) == [("a", "", None), ("b", "user", None), ({"c": 1}, "", "f"), ({"d": 2}, "tool", None)]
    assert found({"input": "a", "prompt": ["b", [1, 2]], "documents": [{"text": "c"}]}) == [
        ("b", "", None),
        ("a", "", None),
        ("c", "", None),
    ]


@pytest.mark.parametrize(
    "text", [f"data:image/png;base64,{MAIL}", "data:image/png;base64,555-123-4567", f"https://x.example/{MAIL}"]
)
def test_text_that_claims_to_be_an_image_is_read(text: str) -> None:
    part = {"type": "image_url", "image_url": {"url": text}}
    assert found({"messages": [{"role": "user", "content": [part]}]}) == [(text, "user", None)]


def test_changes_go_where_the_content_was() -> None:
    said = {"name": "f", "arguments": '{"a": "\\u0040"}'}
    answer = {
        "choices": [
            {
                "message": {"content": "b", "tool_calls": [{"function": said}]},
                "text": "c",
                "logprobs": {"tokens": ["c"]},
            }
        ]
    }
    for place in places(answer, ANSWER_KEYS):
        place.put({"a": "new"} if place.tool else f"new {place.value}")
    choice: Any = answer["choices"][0]
    assert choice["message"]["content"] == "new b"
    assert said["arguments"] == '{"a":"new"}'
    assert (choice["text"], choice["logprobs"]) == ("new c", None)


def test_depth_is_bounded() -> None:
    deep: Any = "a"
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ValueError, match="too deeply"):
        places({"messages": deep}, REQUEST_KEYS)
