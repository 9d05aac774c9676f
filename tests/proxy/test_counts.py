"""Counts of a proxy: per plugin, code and rule, in every mode; and what the file holds."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from gw_proxy import MAIL, NOT_CPEX, write_chain
from gw_tests import HOOKS

from pyplugins.mcp import Chain, Scope
from pyplugins.proxy.counts import Counts, _Names
from pyplugins.proxy.gate import Gate
from pyplugins.proxy.guarded import Guarded

PARAMS = {"name": "t", "arguments": {"q": f"{MAIL} Blue Sky"}}


def counted(path: Path) -> Counts:
    counts = Counts()

    async def scenario() -> None:
        async with Chain(path) as chain:
            for params in (PARAMS, PARAMS, {"name": "t", "arguments": {"q": "clean"}}, {"name": 5}):
                counts.take(await chain.request("tools/call", params, Scope()))

    asyncio.run(scenario())
    return counts


@NOT_CPEX
def test_audit_counts_what_it_would_have_blocked_by_code_and_rule(tmp_path: Path) -> None:
    path = write_chain(tmp_path / "c.yaml", mode="audit", block_on_detection=True)
    told = counted(path).public()
    assert told["messages"] == {"read": 4, "not_checked": 1}
    guard = told["plugins"]["Guard"]
    assert guard["would_block"] == {"PII_DETECTED_IN_TOOL_ARGS": {"messages": 2, "rules": {"email": 2}}}
    assert (guard["blocked"], guard["runs"], guard["changed"]) == ({}, 3, 0)


def test_blocks_and_changes(tmp_path: Path) -> None:
    blocking = counted(write_chain(tmp_path / "c.yaml", block_on_detection=True)).public()
    assert blocking["messages"] == {"read": 4, "refused": 2, "not_checked": 1}
    assert blocking["plugins"]["Guard"]["blocked"] == {
        "PII_DETECTED_IN_TOOL_ARGS": {"messages": 2, "rules": {"email": 2}}
    }
    masking = counted(write_chain(tmp_path / "c.yaml")).public()
    assert masking["messages"] == {"read": 4, "changed": 2, "not_checked": 1}
    assert masking["plugins"]["Guard"]["changed"] == 2
    assert masking["plugins"]["Guard"]["found"] == {"email": 2}


@NOT_CPEX
def test_rules_of_the_regex_filter(tmp_path: Path) -> None:
    rules = [{"name": "project", "search": "Blue Sky", "literal": True, "action": "block"}]
    plugin: dict[str, Any] = {
        "name": "Words",
        "kind": "pyplugins.regex_filter.regex_filter.RegexFilterPlugin",
        "hooks": HOOKS,
        "mode": "audit",
        "config": {"rules": rules},
    }
    path = tmp_path / "c.yaml"
    path.write_text(json.dumps({"plugins": [plugin]}))
    told = counted(path).public()["plugins"]["Words"]
    assert told["would_block"] == {"REGEX_FILTER": {"messages": 2, "rules": {"project": 2}}}


@pytest.mark.parametrize(
    ("answer", "refused", "found"),
    [("Blue Sky", 1, {"email": 1}), ("123-45-6789", 0, {"email": 1, "ssn": 1})],
    ids=["refused", "changed"],
)
def test_a_request_in_two_readings_counts_what_each_found(
    tmp_path: Path, answer: str, refused: int, found: dict[str, int]
) -> None:
    words = {"rules": [{"name": "project", "search": "Blue Sky", "literal": True, "action": "block"}]}
    kinds = {"pii_filter.pii_filter.PIIFilterPlugin": {}, "regex_filter.regex_filter.RegexFilterPlugin": words}
    plugins = [
        {"name": kind.partition(".")[0], "kind": f"pyplugins.{kind}", "hooks": HOOKS, "config": config}
        for kind, config in kinds.items()
    ]
    path = tmp_path / "c.yaml"
    path.write_text(json.dumps({"plugins": plugins}))
    params = {"name": "t", "arguments": {"q": MAIL}, "inputResponses": {"a": answer}}

    async def scenario() -> dict[str, Any]:
        async with Chain(path) as chain:
            guarded = Guarded(chain, scan_all=True)
            await Gate(guarded).from_client(json.dumps({"id": 1, "method": "tools/call", "params": params}).encode())
            return guarded.counts.public()

    told = asyncio.run(scenario())
    assert (told["messages"]["read"], told["messages"].get("refused", 0)) == (1, refused)
    guard = told["plugins"]["pii_filter"]
    assert (guard["runs"], guard["changed"], guard["found"]) == (2, 2 - refused, found)


def test_each_part_of_a_result_counts_what_it_held(tmp_path: Path) -> None:
    contents = [{"uri": f"a:{number}", "text": text} for number, text in enumerate((MAIL, "clean", "123-45-6789"))]
    counts = Counts()

    async def scenario() -> None:
        async with Chain(write_chain(tmp_path / "c.yaml")) as chain:
            counts.take(await chain.result("resources/read", {"uri": "a:"}, {"contents": contents}, Scope()))

    asyncio.run(scenario())
    guard = counts.public()["plugins"]["Guard"]
    assert (guard["runs"], guard["found"]) == (3, {"email": 1, "ssn": 1})


def test_the_file_is_whole_and_holds_no_value(tmp_path: Path) -> None:
    counts = counted(write_chain(tmp_path / "c.yaml"))
    file = tmp_path / "counts.json"
    counts.write(file)
    counts.write(file)
    text = file.read_text()
    assert json.loads(text) == counts.public()
    assert MAIL not in text
    assert [path.name for path in tmp_path.iterdir() if "counts" in path.name] == ["counts.json"]
    assert counts.line() == "messages: 4 read, 2 changed, 1 not checked"


def test_names_do_not_grow_without_end() -> None:
    names = _Names()
    for number in range(3000):
        names.one(str(number))
    assert len(names) == 1001
    assert names["(others)"] == 2000
