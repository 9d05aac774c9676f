"""`pyplugins.integrations.litellm` in the real LiteLLM proxy; only the model behind it is ours.

The proxy is started once, with several guardrails; each request names the one it goes through.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from gw_middleware import MAIL, MASK, PII, REGEX, plugin
from gw_tests import free_port
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from pyplugins.integrations.litellm import GwpluginsGuardrail

HOOKS = ["prompt_post_fetch", "tool_pre_invoke", "tool_post_invoke"]
KEY = {"authorization": "Bearer sk-test"}


class Model:
    """An OpenAI-like model that says what a test wants, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        #: A message, or the deltas of a stream.
        self.says: Any = {"content": "fine"}
        self.port = free_port()
        app = Starlette(routes=[Route("/v1/{path:path}", self.answer, methods=["POST"])])
        self.server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="error"))

    async def answer(self, request: Request) -> Response:
        self.asked.append(await request.json())
        if request.url.path.endswith("/embeddings"):
            row = {"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}
            return JSONResponse({"object": "list", "data": [row], "model": "m", "usage": {"total_tokens": 1}})
        if request.url.path.endswith("/responses"):
            lines = [json.dumps({**event, "sequence_number": n}) for n, event in enumerate(self.says)]
            return StreamingResponse((f"data: {line}\n\n" for line in lines), media_type="text/event-stream")
        head = {"id": "chatcmpl-1", "created": 1, "model": "m", "object": "text_completion"}
        says = self.says
        if not request.url.path.endswith("/chat/completions"):
            says = [as_text(said) for said in says] if isinstance(says, list) else {"text": says["content"]}
        if isinstance(says, list):
            lines = [json.dumps({**head, "choices": [said]}) for said in says]
            return StreamingResponse(
                (f"data: {line}\n\n" for line in (*lines, "[DONE]")), media_type="text/event-stream"
            )
        said = says if "text" in says else {"message": {"role": "assistant", **says}}
        choice = {"index": 0, "finish_reason": "stop", "logprobs": None, **said}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return JSONResponse({**head, "choices": [choice], "usage": usage})


def as_text(said: dict[str, Any]) -> dict[str, Any]:
    """A choice of a stream of chat, as one of a stream of text."""
    return {"index": 0, "text": said["delta"].get("content") or "", "finish_reason": said["finish_reason"]}


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    """The model, served from a thread."""
    one = Model()
    thread = threading.Thread(target=one.server.run)
    thread.start()
    yield one
    one.server.should_exit = True
    thread.join(10)


def guardrail(name: str, mode: list[str], config: Path) -> dict[str, Any]:
    kind = "pyplugins.integrations.litellm.GwpluginsGuardrail"
    params = {"guardrail": kind, "mode": mode, "default_on": False, "plugins_config": str(config)}
    return {"guardrail_name": name, "litellm_params": params}


def write_chain(file: Path, *plugins: dict[str, Any]) -> Path:
    file.write_text(json.dumps({"plugins": list(plugins), "plugin_dirs": []}))
    return file


def proxy_command(folder: Path, guardrails: list[dict[str, Any]], model_port: int, port: int) -> list[str]:
    """Writes the proxy's configuration and names the command that runs it."""
    backend = {"model": "openai/m", "api_base": f"http://127.0.0.1:{model_port}/v1", "api_key": "none"}
    config = {
        "model_list": [{"model_name": "m", "litellm_params": backend}],
        "guardrails": guardrails,
        "general_settings": {"master_key": "sk-test"},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
    }
    (folder / "proxy.yaml").write_text(json.dumps(config))
    command = str(Path(sys.executable).parent / "litellm")
    return [command, "--config", str(folder / "proxy.yaml"), "--port", str(port), "--host", "127.0.0.1"]


ENV = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}


@pytest.fixture(scope="module")
def proxy(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the proxy."""
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    mask = write_chain(folder / "mask.yaml", plugin(PII, "PII", HOOKS, 10))
    block = write_chain(folder / "block.yaml", plugin(PII, "PII", HOOKS, 10, block_on_detection=True))
    rules = [{"name": "sky", "search": "Blue Sky", "literal": True, "replace": "Red Sea"}]
    words = write_chain(
        folder / "words.yaml", plugin(PII, "PII", HOOKS, 10), plugin(REGEX, "Words", HOOKS, 20, rules=rules)
    )
    tools = write_chain(folder / "tools.yaml", plugin(PII, "PII", ["tool_pre_invoke"], 10, block_on_detection=True))
    small = write_chain(folder / "small.yaml", plugin(PII, "PII", HOOKS, 10, max_text_bytes=20))
    both = ["pre_call", "post_call"]
    guardrails = [
        guardrail("mask", both, mask),
        guardrail("block", both, block),
        guardrail("block-answers", ["post_call"], block),
        guardrail("words", both, words),
        guardrail("tools", both, tools),
        guardrail("small", both, small),
        guardrail("meanwhile", ["during_call"], mask),
    ]
    with (folder / "log").open("wb") as log:
        command = proxy_command(folder, guardrails, model.port, port)
        process = subprocess.Popen(command, stdout=log, stderr=log, env=ENV, cwd=folder)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=KEY, timeout=60) as client:
                until = time.monotonic() + 120
                while not answers(client):
                    assert process.poll() is None, (folder / "log").read_text()
                    assert time.monotonic() < until, (folder / "log").read_text()
                    time.sleep(0.2)
                yield client
        finally:
            process.terminate()
            process.wait(30)
    told = (folder / "log").read_text()
    assert "WITHOUT this guardrail" not in told
    assert MAIL not in told


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health/liveliness").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def ask(proxy: httpx.Client, model: Model) -> Callable[..., httpx.Response]:
    """Asks the model through a guardrail."""
    model.asked.clear()
    model.says = {"content": "fine"}

    def post(guardrail: str, content: Any = "hello", path: str = "/v1/chat/completions", **more: Any) -> httpx.Response:
        asked = {"messages": [{"role": "user", "content": content}]} if content is not None else {}
        return proxy.post(path, json={"model": "m", "guardrails": [guardrail], **asked, **more})

    return post


Ask = Callable[..., httpx.Response]


def test_messages_are_masked_both_ways(ask: Ask, model: Model) -> None:
    model.says = {"content": f"write to {MAIL}"}
    answer = ask("mask", f"who is {MAIL}?")
    assert model.asked[0]["messages"][0]["content"] == f"who is {MASK}?"
    assert answer.json()["choices"][0]["message"]["content"] == f"write to {MASK}"


def test_parts_tool_calls_and_tool_results_of_a_request(ask: Ask, model: Model) -> None:
    picture = "data:image/png;base64,NTU1LTEyMy00NTY3"
    call = {
        "id": "call_5551234567",
        "type": "function",
        "function": {"name": "find", "arguments": f'{{"mail": "{MAIL}"}}'},
    }
    messages = [
        {"role": "system", "content": f"you work for {MAIL}"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": f"see {MAIL}"},
                {"type": "image_url", "image_url": {"url": picture}},
            ],
        },
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_5551234567", "content": f"found {MAIL}"},
    ]
    assert ask("mask", None, messages=messages).status_code == 200
    system, user, assistant, tool = model.asked[0]["messages"]
    assert system["content"] == f"you work for {MASK}"
    assert user["content"][0]["text"] == f"see {MASK}"
    assert user["content"][1]["image_url"]["url"] == picture
    assert json.loads(assistant["tool_calls"][0]["function"]["arguments"]) == {"mail": MASK}
    assert assistant["tool_calls"][0]["id"] == tool["tool_call_id"] == "call_5551234567"
    assert tool["content"] == f"found {MASK}"


def test_arguments_of_tool_calls_are_masked(ask: Ask, model: Model) -> None:
    function = {"name": "find", "arguments": '{"mail": "alice\\u0040example.com", "n": 1}'}
    model.says = {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
    call = ask("mask").json()["choices"][0]["message"]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == {"mail": MASK, "n": 1}
    assert call["function"]["name"] == "find"


def test_arguments_go_through_the_hook_for_tools(ask: Ask, model: Model) -> None:
    assert ask("tools", MAIL).status_code == 200
    function = {"name": "find", "arguments": f'{{"mail": "{MAIL}"}}'}
    model.says = {"content": MAIL, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
    answer = ask("tools", MAIL)
    assert answer.status_code == 400
    assert "PII_DETECTED_IN_TOOL_ARGS" in answer.text
    assert MAIL not in answer.text


def test_a_refused_request_never_reaches_the_model(ask: Ask, model: Model) -> None:
    answer = ask("block", f"who is {MAIL}?")
    assert answer.status_code == 400
    assert "refused by plugin PII: PII_DETECTED_IN_PROMPT_RESULT: PII detected in prompt messages" in answer.text
    assert MAIL not in answer.text
    assert model.asked == []


def test_a_refused_answer_is_an_error(ask: Ask, model: Model) -> None:
    model.says = {"content": f"write to {MAIL}"}
    answer = ask("block-answers", f"who is {MAIL}?")
    assert model.asked[0]["messages"][0]["content"] == f"who is {MAIL}?"
    assert answer.status_code == 400
    assert "PII_DETECTED_IN_TOOL_RESULT" in answer.text
    assert MAIL not in answer.text


def test_a_guard_that_fails_has_not_passed_the_request(ask: Ask, model: Model) -> None:
    answer = ask("small", "this is longer than twenty bytes")
    assert answer.status_code == 400
    assert "not checked, plugin PII failed" in answer.text
    assert model.asked == []


def test_during_the_call_what_must_change_is_refused(ask: Ask) -> None:
    assert ask("meanwhile", "hello").status_code == 200
    answer = ask("meanwhile", f"who is {MAIL}?")
    assert answer.status_code == 400
    assert "MUST_CHANGE" in answer.text


def test_embeddings_and_text_completions(ask: Ask, model: Model) -> None:
    answer = ask("mask", None, "/v1/embeddings", input=[f"of {MAIL}", "b"])
    assert answer.json()["data"][0]["embedding"] == [0.5, 0.25]
    assert model.asked[0]["input"] == [f"of {MASK}", "b"]
    model.says = {"content": f"write to {MAIL}"}
    answer = ask("mask", None, "/v1/completions", prompt=f"who is {MAIL}?")
    assert MAIL not in json.dumps(model.asked[1])
    assert answer.json()["choices"][0]["text"] == f"write to {MASK}"


# Streams


def delta(index: int = 0, finish: str | None = None, **said: Any) -> dict[str, Any]:
    return {"index": index, "delta": said, "finish_reason": finish}


def pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def chunks(answer: httpx.Response) -> list[dict[str, Any]]:
    """The events of a stream."""
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def joined(answer: httpx.Response, field: str, index: int = 0) -> str:
    """What a field of the deltas says in all."""
    choices = [choice for chunk in chunks(answer) for choice in chunk["choices"] if choice["index"] == index]
    return "".join(choice["delta"].get(field) or "" for choice in choices)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_an_address_over_several_chunks_is_masked(size: int, ask: Ask, model: Model) -> None:
    text = f"some words before, write to {MAIL}, and more words. " * 20
    said = [delta(role="assistant", content="")]
    said += [delta(content=part, logprobs=None) for part in pieces(text, size)]
    model.says = [*said, delta(finish="stop")]
    answer = ask("mask", stream=True)
    assert joined(answer, "content") == text.replace(MAIL, MASK)
    assert MAIL not in answer.text
    got = chunks(answer)
    assert got[-1]["choices"][0]["finish_reason"] == "stop"
    if size == 3:
        spoken = [chunk for chunk in got if chunk["choices"][0]["delta"].get("content")]
        assert len(spoken) > 3, "the answer was held back to its end"


def test_choices_and_fields_of_a_stream_are_texts_of_their_own(ask: Ask, model: Model) -> None:
    said = [delta(i, content="", role="assistant") for i in (0, 1)]
    for part in pieces(MAIL, 2):
        said += [delta(0, content=part), delta(1, content=part), delta(1, reasoning_content=part)]
    model.says = [*said, delta(0, finish="stop"), delta(1, finish="stop")]
    answer = ask("mask", stream=True)
    assert [joined(answer, "content", 0), joined(answer, "content", 1)] == [MASK, MASK]
    assert joined(answer, "reasoning_content", 1) == MASK


def test_tool_calls_of_a_stream_are_masked(ask: Ask, model: Model) -> None:
    arguments = json.dumps({"mail": MAIL, "n": 1}).replace("@", "\\u0040")
    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "find", "arguments": ""}}
    said = [delta(role="assistant", content=None), delta(tool_calls=[first])]
    said += [delta(tool_calls=[{"index": 0, "function": {"arguments": part}}]) for part in pieces(arguments, 4)]
    model.says = [*said, delta(finish="tool_calls")]
    answer = ask("mask", stream=True)
    calls = [call for chunk in chunks(answer) for call in chunk["choices"][0]["delta"].get("tool_calls") or ()]
    assert len(calls) == 1
    assert json.loads(calls[0]["function"]["arguments"]) == {"mail": MASK, "n": 1}
    assert (calls[0]["id"], calls[0]["function"]["name"]) == ("call_1", "find")


def test_a_chain_that_must_see_the_whole_text_gets_it(ask: Ask, model: Model) -> None:
    model.says = [delta(content=part) for part in pieces(f"a Blue Sky for {MAIL}", 3)] + [delta(finish="stop")]
    assert joined(ask("words", stream=True), "content") == f"a Red Sea for {MASK}"


def test_a_refused_stream_ends_with_an_error(ask: Ask, model: Model) -> None:
    text = "some words before that are long enough to be released. " * 20
    model.says = [delta(content=part) for part in pieces(f"{text}{MAIL} and {text}", 40)] + [delta(finish="stop")]
    answer = ask("block-answers", stream=True)
    assert "some words before" in answer.text
    assert "refused by plugin PII: PII_DETECTED_IN_TOOL_RESULT" in answer.text
    assert MAIL not in answer.text
    assert '"finish_reason":"stop"' not in answer.text.replace(" ", "")


def test_a_stream_without_an_end_says_all(ask: Ask, model: Model) -> None:
    model.says = [delta(content=part) for part in pieces(f"for {MAIL}", 3)]
    assert joined(ask("mask", stream=True), "content") == f"for {MASK}"


def test_text_completions_stream_too(ask: Ask, model: Model) -> None:
    model.says = [delta(content=part) for part in pieces(f"for {MAIL}", 3)] + [delta(finish="stop")]
    answer = ask("mask", None, "/v1/completions", prompt="hello", stream=True)
    said = "".join(choice.get("text") or "" for chunk in chunks(answer) for choice in chunk["choices"])
    assert said == f"for {MASK}"


def response_events(text: str, arguments: str) -> list[dict[str, Any]]:
    """What the Responses API streams for a text and a call of a tool."""
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [part]}
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "find", "arguments": arguments}
    base = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "in_progress", "output": []}
    base |= {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "temperature": 1.0, "top_p": 1.0}
    base |= {"error": None, "incomplete_details": None, "instructions": None, "metadata": {}}
    of_text = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    of_call = {"item_id": "fc_1", "output_index": 1}
    arguments_of = "response.function_call_arguments"
    done = {
        **base,
        "status": "completed",
        "output": [message, call],
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
    }
    return [
        {"type": "response.created", "response": base},
        {"type": "response.output_item.added", "output_index": 0, "item": {**message, "content": []}},
        {"type": "response.content_part.added", **of_text, "part": {**part, "text": ""}},
        *[{"type": "response.output_text.delta", **of_text, "delta": piece} for piece in pieces(text, 5)],
        {"type": "response.output_text.done", **of_text, "text": text},
        {"type": "response.content_part.done", **of_text, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": message},
        {"type": "response.output_item.added", "output_index": 1, "item": {**call, "arguments": ""}},
        *[{"type": f"{arguments_of}.delta", **of_call, "delta": piece} for piece in pieces(arguments, 5)],
        {"type": f"{arguments_of}.done", **of_call, "arguments": arguments},
        {"type": "response.output_item.done", "output_index": 1, "item": call},
        {"type": "response.completed", "response": done},
    ]


def test_streams_of_the_responses_api(ask: Ask, model: Model) -> None:
    text, arguments = f"some words, write to {MAIL}. " * 60, json.dumps({"mail": MAIL})
    model.says = response_events(text, arguments.replace("@", "\\u0040"))
    answer = ask("mask", None, "/v1/responses", input=f"who is {MAIL}?", stream=True)
    assert model.asked[0]["input"] == f"who is {MASK}?"
    assert MAIL not in answer.text
    assert "u0040" not in answer.text
    events = chunks(answer)
    masked = text.replace(MAIL, MASK)
    spoken = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
    assert "".join(spoken) == masked
    assert len(spoken) > 3, "the answer was held back to its end"
    by_type = {event["type"]: event for event in events}
    assert by_type["response.output_text.done"]["text"] == masked
    assert by_type["response.content_part.done"]["part"]["text"] == masked
    called = [event["delta"] for event in events if event["type"] == "response.function_call_arguments.delta"]
    assert [json.loads(one) for one in called] == [{"mail": MASK}]
    assert json.loads(by_type["response.function_call_arguments.done"]["arguments"]) == {"mail": MASK}
    message, call = by_type["response.completed"]["response"]["output"]
    assert message["content"][0]["text"] == masked
    assert json.loads(call["arguments"]) == {"mail": MASK}


def test_arguments_that_stream_go_through_the_hook_for_tools(ask: Ask, model: Model) -> None:
    model.says = response_events("fine", json.dumps({"mail": MAIL}))
    answer = ask("tools", None, "/v1/responses", input="hello", stream=True)
    assert "PII_DETECTED_IN_TOOL_ARGS" in answer.text
    assert MAIL not in answer.text


def test_streams_of_the_messages_api(ask: Ask, model: Model) -> None:
    """LiteLLM asks this model by the Responses API and answers by the Messages API."""
    text, arguments = f"some words, write to {MAIL}. " * 60, json.dumps({"mail": MAIL}).replace("@", "\\u0040")
    model.says = response_events(text, arguments)
    answer = ask("mask", path="/v1/messages", max_tokens=9, stream=True)
    events = chunks(answer)
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert "".join(one.get("text", "") for one in deltas) == text.replace(MAIL, MASK)
    assert sum("text" in one for one in deltas) > 3, "the answer was held back to its end"
    assert json.loads("".join(one.get("partial_json", "") for one in deltas)) == {"mail": MASK}
    types = [event["type"] for event in events]
    last_text = max(n for n, event in enumerate(events) if "text" in event.get("delta", {}))
    assert types.index("content_block_stop") == last_text + 1
    assert types[-1] == "message_stop"
    assert MAIL not in answer.text


def test_a_refused_stream_of_the_messages_api_ends_with_an_error(ask: Ask, model: Model) -> None:
    model.says = response_events(f"write to {MAIL}", "{}")
    answer = ask("block-answers", path="/v1/messages", max_tokens=9, stream=True)
    assert "refused by plugin PII: PII_DETECTED_IN_TOOL_RESULT" in answer.text
    assert MAIL not in answer.text


# Start


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "plugins_config"),
        ({"plugins_config": "nowhere.yaml"}, "nowhere.yaml"),
        ({"plugins_config": "$wrong"}, "detect_ssn"),
        ({"plugins_config": "$right", "event_hook": "pre_mcp_call"}, "pre_mcp_call"),
    ],
)
def test_what_cannot_start_is_no_value_error(options: dict[str, str], told: str, tmp_path: Path) -> None:
    """The proxy would log a `ValueError` and start without the guardrail."""
    right = write_chain(tmp_path / "right.yaml", plugin(PII, "PII", HOOKS, 10))
    wrong = write_chain(tmp_path / "wrong.yaml", plugin(PII, "PII", HOOKS, 10, detect_ssn="yes"))
    files = {"$right": str(right), "$wrong": str(wrong)}
    given = {name: files.get(value, value) for name, value in options.items()}
    with pytest.raises((RuntimeError, OSError), match=told):
        GwpluginsGuardrail(guardrail_name="g", **given)


def test_a_proxy_whose_guardrail_cannot_start_does_not_start(tmp_path: Path) -> None:
    wrong = write_chain(tmp_path / "wrong.yaml", plugin(PII, "PII", HOOKS, 10, detect_ssn="yes"))
    command = proxy_command(tmp_path, [guardrail("g", ["pre_call"], wrong)], 9, free_port())
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENV, cwd=tmp_path, check=False)
    assert done.returncode != 0
    assert "$.detect_ssn: wrong type" in done.stdout + done.stderr
