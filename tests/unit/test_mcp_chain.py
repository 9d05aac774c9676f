"""MCP messages through a real plugin chain: which hook reads what, what is left alone, and what a refusal tells.

Runs with the embedded framework and, in an environment of its own, with cpex.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import types
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from gw_tests import HOOKS

from pyplugins import framework
from pyplugins.mcp import Chain, Outcome, Scope

MAIL = "jane.doe@example.com"
MASK = "[REDACTED]"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"


class Remembers(framework.Plugin):
    """Keeps something in the request's context and asks for it in the result's."""

    async def tool_pre_invoke(self, payload: Any, context: Any) -> Any:
        context.set_state("name", payload.name)
        return framework.ToolPreInvokeResult()

    async def tool_post_invoke(self, payload: Any, context: Any) -> Any:
        told = {"content": [{"type": "text", "text": f"asked for {context.get_state('name')}"}]}
        return framework.ToolPostInvokeResult(modified_payload=payload.model_copy(update={"result": told}))


class Breaks(framework.Plugin):
    """Fails, and quotes what it was given."""

    async def tool_pre_invoke(self, payload: Any, context: Any) -> Any:
        raise ValueError(f"cannot read {payload.args}")


class Answers(framework.Plugin):
    """Answers with what has no JSON."""

    async def tool_pre_invoke(self, payload: Any, context: Any) -> Any:
        args = {"raw": b"\xff"}
        return framework.ToolPreInvokeResult(modified_payload=payload.model_copy(update={"args": args}))


class Says(framework.Plugin):
    """Refuses without a reason."""

    async def tool_pre_invoke(self, payload: Any, context: Any) -> Any:
        return framework.ToolPreInvokeResult(continue_processing=False)


class Removes(framework.Plugin):
    """Takes out a key."""

    async def tool_post_invoke(self, payload: Any, context: Any) -> Any:
        left = {key: value for key, value in payload.result.items() if key != "data"}
        return framework.ToolPostInvokeResult(modified_payload=payload.model_copy(update={"result": left}))

    async def resource_post_fetch(self, payload: Any, context: Any) -> Any:
        left = {key: value for key, value in payload.content.items() if key != "data"}
        return framework.ResourcePostFetchResult(modified_payload=payload.model_copy(update={"content": left}))


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("gwp_mcp_kinds")
    vars(module).update(Remembers=Remembers, Breaks=Breaks, Answers=Answers, Says=Says, Removes=Removes)
    monkeypatch.setitem(sys.modules, "gwp_mcp_kinds", module)


def entry(kind: str = "pyplugins.pii_filter.pii_filter.PIIFilterPlugin", **fields: Any) -> dict[str, Any]:
    return {"name": "Guard", "kind": kind, "hooks": HOOKS, **fields}


@pytest.fixture
def chain(tmp_path: Path) -> Callable[..., Path]:
    def write(*entries: dict[str, Any], **config: Any) -> Path:
        path = tmp_path / "chain.yaml"
        path.write_text(json.dumps({"plugins": list(entries) or [entry(config=config)], "plugin_dirs": []}))
        return path

    return write


def ask(path: Any, then: Callable[[Chain], Awaitable[Any]]) -> Any:
    async def scenario() -> Any:
        async with Chain(path) as one:
            return await then(one)

    return asyncio.run(scenario())


def request(path: Any, method: str, params: Any) -> Outcome:
    return ask(path, lambda one: one.request(method, params, Scope()))  # type: ignore[no-any-return]


def result(path: Any, method: str, params: Any, given: Any) -> Outcome:
    return ask(path, lambda one: one.result(method, params, given, Scope()))  # type: ignore[no-any-return]


REQUESTS = {
    "tool": (
        "tools/call",
        {"name": "t", "arguments": {"q": f"to {MAIL}", "n": 1.5}, "_meta": {"progressToken": MAIL}},
        {"name": "t", "arguments": {"q": f"to {MASK}", "n": 1.5}, "_meta": {"progressToken": MAIL}},
    ),
    "prompt": (
        "prompts/get",
        {"name": "p", "arguments": {"who": MAIL}},
        {"name": "p", "arguments": {"who": MASK}},
    ),
    "resource": ("resources/read", {"uri": f"desk://{MAIL}"}, {"uri": f"desk://{MASK}"}),
}


@pytest.mark.parametrize(("method", "params", "expected"), REQUESTS.values(), ids=REQUESTS)
def test_requests_are_masked(chain: Callable[..., Path], method: str, params: Any, expected: Any) -> None:
    before = json.dumps(params)
    told = request(chain(), method, params)
    assert (told.allowed, told.changed, told.data) == (True, True, expected)
    assert json.dumps(params) == before
    assert [(run.record.plugin_name, run.metadata["pii_filter"]["total_detections"]) for run in told.runs] == [
        ("Guard", 1)
    ]


RESULTS = {
    "tool": (
        "tools/call",
        {"name": "t"},
        {
            "content": [{"type": "text", "text": MAIL}, {"type": "image", "data": PNG, "mimeType": "image/png"}],
            "structuredContent": {"rows": [{"mail": MAIL, "n": 1}]},
            "isError": False,
            "requestState": MAIL,
        },
    ),
    "tool that failed": ("tools/call", {"name": "t"}, {"content": [{"type": "text", "text": MAIL}], "isError": True}),
    "tool with a resource": (
        "tools/call",
        {"name": "t"},
        {"content": [{"type": "resource", "resource": {"uri": "a:b", "text": MAIL}}, {"type": "text", "text": "x"}]},
    ),
    "task": ("tasks/result", {"taskId": "1"}, {"content": [{"type": "text", "text": MAIL}]}),
    "prompt": (
        "prompts/get",
        {"name": "p"},
        {
            "description": f"for {MAIL}",
            "messages": [
                {"role": "user", "content": {"type": "text", "text": MAIL, "self": None}},
                {"role": "user", "content": {"type": "image", "data": PNG, "mimeType": "image/png"}},
            ],
        },
    ),
    "resource": (
        "resources/read",
        {"uri": "a:b"},
        {
            "contents": [
                {"uri": "a:b", "mimeType": "text/plain", "text": MAIL},
                {"uri": "a:c", "blob": PNG},
                {"uri": "a:d", "text": "nothing"},
            ],
            "note": MAIL,
        },
    ),
}


def masked(value: Any) -> Any:
    """What a JSON text becomes when every address in it is masked but the protocol's own."""
    text = json.dumps(value).replace(MAIL, MASK)
    made = json.loads(text)
    if "requestState" in made:
        made["requestState"] = MAIL
    return made


@pytest.mark.parametrize(("method", "params", "given"), RESULTS.values(), ids=RESULTS)
def test_results_are_masked(chain: Callable[..., Path], method: str, params: Any, given: Any) -> None:
    before = json.dumps(given)
    told = result(chain(), method, params, given)
    assert (told.allowed, told.changed) == (True, True)
    assert told.data == masked(given)
    assert json.dumps(given) == before


@pytest.mark.parametrize("method", ["tasks/result", "tasks/get", None])
def test_conditions_on_names_let_nothing_pass_that_has_no_name(chain: Callable[..., Path], method: Any) -> None:
    given = {"content": [{"type": "text", "text": MAIL}]}
    path = chain(entry(hooks=["tool_post_invoke"], conditions=[{"tools": ["t"]}]))
    assert result(path, method, {"taskId": "1"}, given).data == masked(given)
    assert result(path, "tools/call", {"name": "other"}, given).data is given


@pytest.mark.parametrize(("method", "params", "given"), RESULTS.values(), ids=RESULTS)
def test_what_is_clean_is_the_very_object(chain: Callable[..., Path], method: str, params: Any, given: Any) -> None:
    clean = json.loads(json.dumps(given).replace(MAIL, "nobody"))
    told = result(chain(), method, params, clean)
    assert told.data is clean
    assert not told.changed


def test_a_clean_request_is_the_very_object(chain: Callable[..., Path]) -> None:
    for method, params, _ in REQUESTS.values():
        clean = json.loads(json.dumps(params).replace(MAIL, "nobody"))
        assert request(chain(), method, clean).data is clean


def test_a_refusal_names_plugin_code_and_reason_and_no_value(
    chain: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = chain(block_on_detection=True)
    for method, params, _ in REQUESTS.values():
        told = request(path, method, params)
        assert (told.allowed, told.data, told.changed) == (False, None, False)
        assert told.refusal is not None
        assert told.refusal.plugin == "Guard"
        assert told.refusal.code.startswith("PII_DETECTED")
        assert not told.refusal.failed
        assert MAIL not in json.dumps(told.refusal.data()) + told.refusal.message + repr(told)
    assert "Guard" in told.refusal.message
    assert MAIL not in caplog.text


MALFORMED = {
    "params are a list": ("tools/call", []),
    "no params": ("tools/call", None),
    "no name": ("tools/call", {"arguments": {"q": MAIL}}),
    "name is a number": ("tools/call", {"name": 1}),
    "arguments are a text": ("tools/call", {"name": "t", "arguments": MAIL}),
    "prompt argument is an object": ("prompts/get", {"name": "p", "arguments": {"a": {"b": MAIL}}}),
    "uri is an object": ("resources/read", {"uri": {"a": MAIL}}),
}


@pytest.mark.parametrize(("method", "params"), MALFORMED.values(), ids=MALFORMED)
def test_what_no_plugin_could_read_is_refused(chain: Callable[..., Path], method: str, params: Any) -> None:
    told = request(chain(), method, params)
    assert told.refusal is not None
    assert (told.refusal.code, told.refusal.failed) == ("MALFORMED", True)
    assert MAIL not in told.refusal.message


@pytest.mark.parametrize("given", [MAIL, [MAIL], {"contents": MAIL}, {"content": MAIL}])
def test_odd_results_are_read_all_the_same(chain: Callable[..., Path], given: Any) -> None:
    for method, params in (("tools/call", {"name": "t"}), ("prompts/get", {"name": "p"})):
        told = result(chain(), method, params, given)
        assert MAIL not in json.dumps(told.data)
    assert MAIL not in json.dumps(result(chain(), "resources/read", {"uri": "a:b"}, given).data)


def test_a_plugin_that_fails_has_not_passed_the_content(
    chain: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    path = chain(entry("gwp_mcp_kinds.Breaks", hooks=["tool_pre_invoke"]))
    told = request(path, "tools/call", {"name": "t", "arguments": {"q": MAIL}})
    assert told.data is None
    assert told.refusal is not None
    assert (told.refusal.plugin, told.refusal.code, told.refusal.failed) == ("Guard", "NOT_CHECKED", True)
    assert MAIL not in told.refusal.reason
    if framework.FRAMEWORK == "embedded":  # what cpex logs is cpex's own
        assert MAIL not in caplog.text


def test_an_answer_that_is_no_json_is_refused(chain: Callable[..., Path]) -> None:
    told = request(chain(entry("gwp_mcp_kinds.Answers", hooks=["tool_pre_invoke"])), "tools/call", {"name": "t"})
    assert told.refusal is not None
    assert (told.refusal.code, told.refusal.reason) == ("NOT_CHECKED", "TypeError")


def test_a_refusal_without_a_violation_is_one(chain: Callable[..., Path]) -> None:
    told = request(chain(entry("gwp_mcp_kinds.Says", hooks=["tool_pre_invoke"])), "tools/call", {"name": "t"})
    assert told.refusal is not None
    assert (told.refusal.plugin, told.refusal.code) == ("Guard", "REFUSED")


def test_a_plugin_keeps_its_context_from_request_to_result(chain: Callable[..., Path]) -> None:
    path = chain(entry("gwp_mcp_kinds.Remembers", hooks=["tool_pre_invoke", "tool_post_invoke"]))

    async def then(one: Chain) -> list[str]:
        told = []
        scopes = [Scope(), Scope()]
        for name, scope in zip("ab", scopes, strict=True):
            await one.request("tools/call", {"name": name}, scope)
        for name, scope in zip("ab", scopes, strict=True):
            outcome = await one.result("tools/call", {"name": name}, {"content": []}, scope)
            told.append(outcome.data["content"][0]["text"])
        return told

    assert ask(path, then) == ["asked for a", "asked for b"]


def test_errors_are_read_like_results(chain: Callable[..., Path]) -> None:
    error = {"code": -32000, "message": f"no account of {MAIL}", "data": [MAIL]}

    async def then(one: Chain) -> list[Outcome]:
        return [
            await one.error("tools/call", {"name": "t"}, error, Scope()),
            await one.error("prompts/get", {"name": "p"}, error, Scope()),
            await one.error("resources/read", {"uri": "a:b"}, error, Scope()),
            await one.error("tools/call", {"name": "t"}, MAIL, Scope()),
            await one.error("ping", {}, error, Scope()),
        ]

    *read, text, passed = ask(chain(), then)
    assert text.data == MASK
    for told in read:
        assert told.data == masked(error)
    assert passed.data is error


def test_the_code_of_an_error_is_left_alone_when_it_is_a_number(chain: Callable[..., Path]) -> None:
    error = {"code": MAIL, "message": "x"}

    async def then(one: Chain) -> list[Any]:
        told = [
            await one.error("tools/call", {"name": "t"}, error, Scope()),
            await one.message("m", error, Scope(), by_server=True, is_error=True),
            await one.message("m", error, Scope(), by_server=False, is_error=True),
            await one.message("m", MAIL, Scope(), by_server=True, is_error=True),
        ]
        return [one.data for one in told]

    assert ask(chain(), then) == [masked(error)] * 3 + [MASK]


def test_what_a_plugin_took_out_stays_out(chain: Callable[..., Path]) -> None:
    path = chain(entry("gwp_mcp_kinds.Removes", hooks=["tool_post_invoke", "resource_post_fetch"]))
    error = {"code": -1, "message": "x", "data": MAIL}
    result = {"contents": [{"uri": "a:b", "data": MAIL}], "data": MAIL, "note": "x", "requestState": "s"}

    async def then(one: Chain) -> list[Any]:
        return [
            (await one.error("tools/call", {"name": "t"}, error, Scope())).data,
            (await one.result("resources/read", {"uri": "a:b"}, result, Scope())).data,
        ]

    assert ask(path, then) == [
        {"code": -1, "message": "x"},
        {"contents": [{"uri": "a:b"}], "note": "x", "requestState": "s"},
    ]


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if "post" in hook])
def test_what_nobody_asked_for_is_read_by_every_hook(chain: Callable[..., Path], hook: str) -> None:
    given = {"content": MAIL, "contents": [{"text": MAIL}], "messages": [MAIL], "requestState": MAIL}
    error = {"code": -32000, "message": MAIL}

    async def then(one: Chain) -> list[Outcome]:
        assert one.reads_result(None)
        return [
            await one.result(None, {}, given, Scope()),
            await one.error(None, {}, error, Scope()),
            await one.result(None, {}, {"content": "clean"}, Scope()),
        ]

    result, failure, clean = ask(chain(entry(hooks=[hook])), then)
    assert (result.data, failure.data) == (masked(given), masked(error))
    assert not clean.changed
    assert not ask(chain(entry(hooks=["tool_pre_invoke"])), _reads_unasked)


async def _reads_unasked(one: Chain) -> bool:
    return one.reads_result(None)


def test_methods_of_no_hook_pass_unless_all_is_to_be_read(chain: Callable[..., Path]) -> None:
    params = {"level": MAIL, "progressToken": MAIL, "_meta": {"x": MAIL}}

    async def then(one: Chain) -> list[Outcome]:
        return [
            await one.request("logging/setLevel", params, Scope()),
            await one.result("tools/list", {}, params, Scope()),
            await one.message("logging/setLevel", params, Scope(), by_server=False),
            await one.message("tools/list", params, Scope(), by_server=True),
            await one.message("odd", [MAIL], Scope(), by_server=False),
            await one.message("odd", None, Scope(), by_server=True),
        ]

    *told, listed, nothing = ask(chain(), then)
    assert [one.data is params for one in told] == [True, True, False, False]
    for one in told[2:]:
        assert one.data == {"level": MASK, "progressToken": MAIL, "_meta": {"x": MAIL}}
    assert listed.data == [MASK]
    assert nothing.data is None


def test_texts(chain: Callable[..., Path]) -> None:
    async def then(one: Chain) -> list[Any]:
        told = [await one.text(f"a {MAIL}", Scope(), by_server=by_server) for by_server in (True, False)]
        return [*(one.data for one in told), (await one.text("clean", Scope(), by_server=True)).changed]

    assert ask(chain(), then) == [f"a {MASK}", f"a {MASK}", False]
    refused = ask(chain(block_on_detection=True), lambda one: one.text(MAIL, Scope(), by_server=True))
    assert (refused.data, refused.allowed) == (None, False)


def test_only_configured_hooks_read(chain: Callable[..., Path]) -> None:
    path = chain(entry(hooks=["tool_post_invoke"]))

    async def then(one: Chain) -> None:
        assert not one.reads_request("tools/call")
        assert one.reads_result("tools/call")
        assert not one.reads_result("tools/list")
        params = {"name": "t", "arguments": {"q": MAIL}}
        assert (await one.request("tools/call", params, Scope())).data is params
        assert one.subject("tools/call", params) == {"name": "t"}

    ask(path, then)


def test_a_chain_with_a_gap_does_not_start(chain: Callable[..., Path], tmp_path: Path) -> None:
    for broken in (entry(config={"detect_email": "no"}), entry("no.such.Kind")):
        with pytest.raises(Exception, match="Guard"):
            ask(chain(broken), lambda one: asyncio.sleep(0))
    with pytest.raises(Exception, match=r"nowhere\.yaml"):
        ask(tmp_path / "nowhere.yaml", lambda one: asyncio.sleep(0))
    ask(chain(entry("no.such.Kind", mode="disabled"), entry(name="Other")), lambda one: asyncio.sleep(0))


def test_a_chain_that_is_not_started_reads_nothing(chain: Callable[..., Path]) -> None:
    with pytest.raises(RuntimeError, match="not started"):
        asyncio.run(Chain(chain()).request("tools/call", {"name": "t"}, Scope()))


def test_reload_takes_the_new_file_or_keeps_the_old(chain: Callable[..., Path]) -> None:
    params = {"name": "t", "arguments": {"q": MAIL}}

    async def then(one: Chain) -> None:
        assert (await one.request("tools/call", params, Scope())).changed
        chain(block_on_detection=True)
        await one.reload()
        assert not (await one.request("tools/call", params, Scope())).allowed
        chain(block_on_detection=3)
        with pytest.raises(Exception, match="Guard"):
            await one.reload()
        assert not (await one.request("tools/call", params, Scope())).allowed

    ask(chain(), then)


def test_a_manager_of_the_caller(chain: Callable[..., Path]) -> None:
    async def scenario() -> None:
        manager = framework.TenantPluginManager(str(chain()))
        async with Chain(manager) as one:
            assert one.manager is manager
            assert (await one.request("tools/call", {"name": "t", "arguments": {"q": MAIL}}, Scope())).changed
        assert manager.initialized
        await manager.shutdown()

    asyncio.run(scenario())
