"""The SQL sanitizer as a plugin: what each hook reads, refuses, takes out and tells; the peer's words and codes."""

from __future__ import annotations

import asyncio
import copy
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from pyplugins import framework
from pyplugins.errors import ConfigError, InputTooLarge
from pyplugins.sql_sanitizer.sql_sanitizer import SQLSanitizerPlugin

DROP = r"Blocked statement matched: \bDROP\b"
IMPLEMENTATIONS = ("rust", "python")


@pytest.fixture(params=IMPLEMENTATIONS, autouse=True)
def implementation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both; without the native library pure Python alone."""
    from pyplugins.native import status

    wanted: str = request.param
    if wanted == "rust" and not any(found["works"] for found in status()["attempts"].values()):
        pytest.skip("the native library is not built here: the plugin is tested on pure Python only")
    monkeypatch.setenv("GWPLUGINS_IMPL", wanted)
    return wanted


def plugin(**config: Any) -> SQLSanitizerPlugin:
    return SQLSanitizerPlugin(
        framework.PluginConfig(
            name="sql", kind="pyplugins.sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin", config=config
        )
    )


def call(args: Any, hook: str = "tool_pre_invoke", **config: Any) -> Any:
    payload = (
        framework.ToolPreInvokePayload(name="t", args=args)
        if hook == "tool_pre_invoke"
        else framework.PromptPrehookPayload(prompt_id="p", args=args)
    )
    context = framework.PluginContext(global_context=framework.GlobalContext(request_id="1"))
    before = copy.deepcopy(args)
    result = asyncio.run(getattr(plugin(**config), hook)(payload, context))
    assert args == before
    return result


def issues(result: Any) -> list[str]:
    return list(result.violation.details["issues"]) if result.violation else []


def test_the_implementation_is_told(implementation: str) -> None:
    assert plugin().implementation == implementation


@pytest.mark.parametrize(("hook", "place"), [("tool_pre_invoke", "tool args"), ("prompt_pre_fetch", "prompt args")])
def test_a_violation(hook: str, place: str) -> None:
    result = call({"q": "DROP TABLE x"}, hook)
    assert result.continue_processing is False
    assert result.modified_payload is None
    assert result.metadata == {}
    violation = result.violation
    assert (violation.code, violation.reason) == ("SQL_SANITIZER", "Risky SQL detected")
    assert violation.description == f"Potentially dangerous SQL detected in {place}"
    assert violation.details == {"issues": [DROP]}


def test_issues_come_in_the_order_of_the_texts() -> None:
    result = call({"a": "DELETE FROM t; UPDATE t SET x = 1; DROP TABLE q", "b": ["TRUNCATE t", {"c": "DELETE FROM u"}]})
    assert issues(result) == [
        "DELETE without WHERE clause",
        "UPDATE without WHERE clause",
        DROP,
        r"Blocked statement matched: \bTRUNCATE\b",
        "DELETE without WHERE clause",
    ]


def test_comments_are_taken_out_everywhere() -> None:
    result = call({"a": "SELECT 1 -- c", "b": [{"c": "SELECT/*x*/1"}], "n": 5, "t": "issue #42 -- see there"})
    assert result.continue_processing is True
    assert result.modified_payload.args == {
        "a": "SELECT 1 ",
        "b": [{"c": "SELECT 1"}],
        "n": 5,
        "t": "issue #42 -- see there",
    }
    assert result.metadata == {"sql_sanitized": True}


def test_clean_arguments_pass_untouched() -> None:
    for args in ({"q": "SELECT 1"}, {}, None, {"q": 5}, {"DROP TABLE x": "a"}):
        result = call(args)
        assert (result.continue_processing, result.modified_payload, result.violation) == (True, None, None)
        assert result.metadata == {}


def test_watching_only() -> None:
    result = call({"q": "DROP TABLE x -- c"}, block_on_violation=False)
    assert result.continue_processing is True
    assert result.modified_payload.args == {"q": "DROP TABLE x "}
    assert result.metadata == {"sql_sanitized": True, "sql_issues": [DROP]}
    result = call({"q": "DROP TABLE x"}, block_on_violation=False)
    assert (result.modified_payload, result.metadata) == (None, {"sql_issues": [DROP]})


def test_fields() -> None:
    args = {
        "q": "DROP TABLE q",
        "z": "SELECT 1 -- c",
        "n": [{"z": "DROP TABLE a"}],
        "m": {"z": {"deep": "DROP TABLE b"}},
    }
    assert issues(call(args, fields=["z"])) == [DROP, DROP]
    assert issues(call(args, fields=[])) == []
    assert issues(call({"z": 5, "y": "DROP TABLE x"}, fields=["z"])) == []
    result = call({"q": "SELECT 2 -- d", "n": ({"z": "SELECT 1 -- c"},)}, fields=["z"])
    assert result.modified_payload.args == {"q": "SELECT 2 -- d", "n": ({"z": "SELECT 1 "},)}


def test_mappings_are_read_through_items() -> None:
    class Hollow(dict[str, Any]):
        """What a host hands over: nothing lies in the C storage."""

        def items(self) -> Any:
            return {"q": "DROP TABLE x"}.items()

        def __iter__(self) -> Iterator[str]:
            return iter(["q"])

    for config in ({}, {"fields": ["q"]}):
        changed, _, found = plugin(**config).rewrite(Hollow(), "args")
        assert changed is False
        assert found["violation"][0]["issue"] == DROP


def test_patterns() -> None:
    given = [re.compile("drop"), "(?i)into\\s", "dump"]
    assert issues(call({"q": "DROP a; select 1 INTO x; 'dump'"}, blocked_statements=given)) == [
        "Blocked statement matched: drop",
        "Blocked statement matched: (?i)into\\s",
    ]
    assert issues(call({"q": "DROP TABLE x"}, blocked_statements=[])) == []


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"blocked_statements": ["(["]}, "$.blocked_statements[0]"),
        ({"blocked_statements": [5]}, "$.blocked_statements[0]"),
        ({"blocked_statements": "DROP"}, "$.blocked_statements"),
        ({"fields": "q"}, "$.fields"),
        ({"block_on_violation": "x"}, "$.block_on_violation"),
        ({"nope": 1, "strict_config": True}, "$.nope"),
    ],
)
def test_bad_configurations_are_refused(config: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plugin(**config)
    assert caught.value.path == path


def test_unknown_keys_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        plugin(strip_comment=True)
    assert "strip_comments" in caplog.text


def test_a_text_over_the_limit_has_not_passed() -> None:
    with pytest.raises(InputTooLarge):
        call({"q": "x" * 11}, max_text_bytes=10)
    deep: Any = "x"
    for _ in range(80):
        deep = [deep]
    with pytest.raises(InputTooLarge):
        call({"q": deep}, fields=["z"])


def test_injections() -> None:
    for config, blocked in ({}, False), ({"detect_injection": True}, True):
        assert call({"name": "x' OR 1=1 --"}, **config).continue_processing is not blocked
    assert issues(call({"name": "1 UNION SELECT 1,2"}, detect_injection=True)) == ["Possible SQL injection detected"]
    watched = call({"name": "x' OR 1=1 --"}, detect_injection=True, injection_action="audit")
    assert watched.continue_processing is True
    assert watched.metadata == {"sql_issues": ["Possible SQL injection detected"]}
    assert issues(call({"name": "O'Brien"}, detect_injection=True)) == []


def test_nothing_scanned_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        result = call({"q": "DROP TABLE secret_name; DELETE FROM other_secret"})
    told = f"{result.violation!r} {result.metadata!r} {caplog.text}"
    assert "secret" not in told


def test_the_shipped_chain_has_the_plugin() -> None:
    chain = yaml.safe_load((Path(__file__).parents[2] / "plugins/config.yaml").read_text("utf-8"))
    (row,) = (row for row in chain["plugins"] if "sql_sanitizer" in row["kind"])
    assert row["kind"] == "pyplugins.sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin"
    config: Mapping[str, Any] = row["config"]
    assert plugin(**config).implementation in IMPLEMENTATIONS
