"""An existing configuration of the gateway works with our plugins when only `kind` is changed.

The peers of PyPI run in a gateway beside ours and must give the same answers. The gateway's own plugins are in its
sources only, not in what PyPI has, so their configuration is run with ours alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("mcpgateway", reason="the gateway is not installed: pip install mcp-contextforge-gateway")

EXISTING = (Path(__file__).parent / "existing.yaml").read_text("utf-8")
#: The whole change.
KINDS = {
    "cpex_pii_filter.PIIFilterPlugin": "pyplugins.pii_filter.PIIFilterPlugin",
    "cpex_pii_filter.pii_filter.PIIFilterPlugin": "pyplugins.pii_filter.pii_filter.PIIFilterPlugin",
    "cpex_sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin": "pyplugins.sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin",
    "plugins.regex_filter.search_replace.SearchReplacePlugin": "pyplugins.regex_filter.SearchReplacePlugin",
    "plugins.json_repair.json_repair.JSONRepairPlugin": "pyplugins.json_repair.JSONRepairPlugin",
}
MAIL, SSN = "alice@example.com", "219-09-9999"


def ours() -> str:
    """The configuration with our kinds."""
    return re.sub(r'kind: "(.*)"', lambda found: f'kind: "{KINDS[found[1]]}"', EXISTING)


def theirs() -> str:
    """The configuration as it is, without what the gateway of PyPI does not have."""
    told = yaml.safe_load(EXISTING)
    told["plugins"] = [plugin for plugin in told["plugins"] if not plugin["kind"].startswith("plugins.")]
    return yaml.safe_dump(told)


@pytest.fixture(scope="module")
def gateways(
    start: Callable[..., Any], upstream: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """The gateway with the peers, and with ours."""
    pytest.importorskip("cpex_pii_filter", reason="the peer is not installed: pip install cpex-pii-filter")
    pytest.importorskip("cpex_sql_sanitizer", reason="the peer is not installed: pip install cpex-sql-sanitizer")
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(start(tmp_path_factory.mktemp(name), upstream, chain))
            for name, chain in (("theirs", theirs()), ("ours", ours()))
        }


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "clean": ("echo", {"text": "nothing here"}),
    "mail": ("echo", {"text": f"to {MAIL}", "more": {"a": [MAIL, {"b": SSN}]}}),
    "two kinds": ("echo", {"text": f"{MAIL} {SSN} 4111 1111 1111 1111"}),
    "switched off": ("echo", {"text": "ring 212-555-0123 or 198.51.100.23"}),
    "allowed": ("echo", {"text": "support@example.com 555-555-5555"}),
    "a field that is not SQL": ("echo", {"text": "DROP TABLE t"}),
    "result": ("person", {}),
    "error of a tool": ("failing", {}),
    "refused": ("guarded", {"text": MAIL}),
    "refused nothing": ("guarded", {"text": "nothing"}),
    "refused result": ("guarded-person", {}),
    "comment": ("query", {"sql": "SELECT 1 -- why"}),
    "statement": ("query", {"sql": "DROP TABLE people"}),
    "no condition": ("query", {"sql": "DELETE FROM people"}),
    "condition": ("query", {"sql": "DELETE FROM people WHERE a = 1"}),
}


@pytest.mark.parametrize("name", CALLS)
def test_tools_answer_the_same(gateways: dict[str, Any], name: str) -> None:
    tool, arguments = CALLS[name]
    told = {side: gateway.asked(lambda g=gateway: g.call(tool, **arguments)) for side, gateway in gateways.items()}
    assert told["ours"] == told["theirs"]


def test_the_calls_do_something(gateways: dict[str, Any]) -> None:
    answers = {name: gateways["theirs"].call(tool, **arguments) for name, (tool, arguments) in CALLS.items()}
    assert {name for name, answer in answers.items() if "error" in answer} == {
        "refused",
        "refused result",
        "statement",
        "no condition",
    }
    assert [name for name, answer in answers.items() if MAIL in json.dumps(answer)] == []
    assert "***" in json.dumps(answers["mail"])
    assert "212-555-0123" in json.dumps(answers["switched off"])


def test_prompts_answer_the_same(gateways: dict[str, Any]) -> None:
    told = {
        side: gateway.rpc("prompts/get", name="people-letter", arguments={"to": f"bob {SSN}"})
        for side, gateway in gateways.items()
    }
    assert told["ours"] == told["theirs"]
    assert SSN not in json.dumps(told["ours"])
    assert MAIL not in json.dumps(told["ours"])


def test_the_gateways_own_plugins_are_replaced_too(gateways: dict[str, Any]) -> None:
    _, received = gateways["ours"].asked(lambda: gateways["ours"].call("echo", text="what crap"))
    assert received == [["echo", {"text": "what yikes", "more": None}]]
    (block,) = gateways["ours"].call("nearly-json")["result"]["content"]
    assert set(json.loads(block["text"])) == {"mail", "rows"}


def test_the_metrics_are_the_same(gateways: dict[str, Any]) -> None:
    """The spans of one call with personal data in arguments and result; the order of the rows is the database's."""
    told = {}
    for side, gateway in gateways.items():
        before = len(gateway.metrics())
        gateway.call("echo", text=f"{MAIL} {SSN}")
        told[side] = gateway.metrics()[before:]
    assert told["ours"] == told["theirs"] != []
