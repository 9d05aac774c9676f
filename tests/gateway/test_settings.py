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


def chain(**config: Any) -> str:
    plugin = {
        "name": "PII",
        "kind": "pyplugins.pii_filter.PIIFilterPlugin",
        "hooks": ["tool_pre_invoke", "tool_post_invoke"],
        "mode": "sequential",
        "config": config,
    }
    return yaml.safe_dump({"plugins": [plugin]})


WRONG = chain(default_mask_strategy="hide")


def test_a_wrong_configuration_stops_the_gateway(launch: Callable[..., Any], tmp_path: Path) -> None:
    with launch(tmp_path, WRONG) as program:
        assert program.process.wait(timeout=90) != 0
    log = program.log_file.read_text("utf-8")
    assert "Plugin initialization failed: PII" in log
    assert "$.default_mask_strategy" in log


UNGUARDED = {
    "a plugin that does not load, by default": (WRONG, {"PLUGINS_FAIL_ON_PLUGIN_ERROR": "false"}),
    "a configuration file that is not there": (chain(), {"PLUGINS_CONFIG_FILE": "not-there.yaml"}),
}


@pytest.mark.parametrize("how", UNGUARDED)
def test_the_gateway_runs_without_a_guard(start: Callable[..., Any], upstream: Any, tmp_path: Path, how: str) -> None:
    """Why docs/gateway.md says how to make sure that the plugins are there."""
    configuration, settings = UNGUARDED[how]
    with start(tmp_path, upstream, configuration, **settings) as gateway:
        _, received = gateway.asked(lambda: gateway.call("echo", text=MAIL))
        assert received == [["echo", {"text": MAIL, "more": None}]]


@pytest.fixture(scope="module")
def talkative(start: Callable[..., Any], upstream: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A gateway that logs all it can."""
    with start(tmp_path_factory.mktemp("debug"), upstream, chain(log_detections=True), LOG_LEVEL="DEBUG") as gateway:
        yield gateway


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
