"""What the gateway's settings make of our plugins: docs/gateway.md tells operators what is pinned here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("mcpgateway", reason="the gateway is not installed: pip install mcp-contextforge-gateway")

MAIL, SSN = "alice@example.com", "219-09-9999"


MODES = ("sequential", "transform", "audit", "concurrent", "fire_and_forget", "disabled")
FAILURES = ("fail", "ignore", "disable")


def plugin(name: str, *tools: str, mode: str = "sequential", on_error: str = "fail", **config: Any) -> dict[str, Any]:
    """A PII filter on the calls of some tools, or of all."""
    return {
        "name": name,
        "kind": "pyplugins.pii_filter.PIIFilterPlugin",
        "hooks": ["tool_pre_invoke", "tool_post_invoke"],
        "mode": mode,
        "on_error": on_error,
        "conditions": [{"tools": [f"people-{tool}" for tool in tools]}] if tools else [],
        "config": config,
    }


def chain(*plugins: dict[str, Any]) -> str:
    text: str = yaml.safe_dump({"plugins": [*plugins]})
    return text


def tool_in(way: str) -> str:
    """The gateway's name of the tool that the chain treats in this way."""
    return f"in-{way.replace('_', '-')}"


WRONG = chain(plugin("PII", default_mask_strategy="hide"))


def test_a_wrong_configuration_stops_the_gateway(launch: Callable[..., Any], tmp_path: Path) -> None:
    with launch(tmp_path, WRONG) as program:
        assert program.process.wait(timeout=90) != 0
    log = program.log_file.read_text("utf-8")
    assert "Plugin initialization failed: PII" in log
    assert "$.default_mask_strategy" in log


UNGUARDED = {
    "a plugin that does not load, by default": (WRONG, {"PLUGINS_FAIL_ON_PLUGIN_ERROR": "false"}),
    "a configuration file that is not there": (chain(plugin("PII")), {"PLUGINS_CONFIG_FILE": "not-there.yaml"}),
}


@pytest.mark.parametrize("how", UNGUARDED)
def test_the_gateway_runs_without_a_guard(start: Callable[..., Any], upstream: Any, tmp_path: Path, how: str) -> None:
    """Why docs/gateway.md says how to make sure that the plugins are there."""
    configuration, settings = UNGUARDED[how]
    with start(tmp_path, upstream, configuration, **settings) as gateway:
        _, received = gateway.asked(lambda: gateway.call("echo", text=MAIL))
        assert received == [["echo", {"text": MAIL, "more": None}]]


def every_way() -> Iterator[dict[str, Any]]:
    """Plugins that mask addresses and refuse numbers in each mode, and that fail on anything long."""
    for mode in MODES:
        yield plugin(f"Masks-{mode}", tool_in(mode), mode=mode, detect_ssn=False)
        yield plugin(f"Refuses-{mode}", tool_in(mode), mode=mode, detect_email=False, block_on_detection=True)
    for on_error in FAILURES:
        yield plugin(f"Fails-{on_error}", tool_in(on_error), on_error=on_error, max_text_bytes=20)


@pytest.fixture(scope="module")
def talkative(start: Callable[..., Any], upstream: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A gateway that logs all it can, with a tool for each way in which plugins run."""
    first = plugin("PII", "person", "no-answer", log_detections=True)
    with start(tmp_path_factory.mktemp("debug"), upstream, chain(first, *every_way()), LOG_LEVEL="DEBUG") as gateway:
        yield gateway


@pytest.mark.parametrize("mode", MODES)
def test_only_modes_that_may_modify_do(talkative: Any, mode: str) -> None:
    _, received = talkative.asked(lambda: talkative.call(tool_in(mode), text=f"to {MAIL}"))
    masks = mode in ("sequential", "transform")
    assert received == [[f"in_{mode}", "to [REDACTED]" if masks else f"to {MAIL}"]]


@pytest.mark.parametrize("mode", MODES)
def test_only_modes_that_may_refuse_do(talkative: Any, mode: str) -> None:
    answer, received = talkative.asked(lambda: talkative.call(tool_in(mode), text=f"it is {SSN}"))
    refuses = mode in ("sequential", "concurrent")
    assert received == ([] if refuses else [[f"in_{mode}", f"it is {SSN}"]])
    assert ("error" in answer) is refuses


@pytest.mark.parametrize("on_error", FAILURES)
def test_on_error_decides_when_a_plugin_fails(talkative: Any, on_error: str) -> None:
    """With `disable` the plugin stays out: the second text is short enough and passes unread all the same."""
    long, short = f"the address is {MAIL}", MAIL
    answer, received = talkative.asked(lambda: talkative.call(tool_in(on_error), text=long))
    assert ("error" in answer) is (on_error == "fail")
    assert received == ([] if on_error == "fail" else [[f"in_{on_error}", long]])
    _, received = talkative.asked(lambda: talkative.call(tool_in(on_error), text=short))
    assert received == [[f"in_{on_error}", short if on_error == "disable" else "[REDACTED]"]]


def test_our_lines_quote_nothing_even_at_debug_where_the_gateways_own_do(talkative: Any) -> None:
    talkative.call("person")
    lines = [json.loads(line) for line in talkative.log().splitlines() if line.startswith("{")]
    quoting = {line["name"] for line in lines if SSN in line["message"]}
    assert [name for name in quoting if name.startswith("pyplugins")] == []
    assert "mcpgateway.services.tool_service" in quoting
    assert any(line["name"].startswith("pyplugins") for line in lines)


def test_errors_of_the_protocol_are_not_masked(talkative: Any) -> None:
    """The gateway asks the plugins about such an error and drops what they make of it: a limit that we cannot mend."""

    async def use(client: Any) -> Any:
        return await client.call_tool("people-no-answer", {})

    told = talkative.as_mcp_client(use)
    assert told.isError is True
    assert MAIL in told.content[0].text
    assert any("PII detected during tool_post_invoke: action=masked" in line for line in talkative.log().splitlines())
