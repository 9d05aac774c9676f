"""`gwplugins check-config`: right is 0, wrong is 2 with file, plugin and JSON path; nothing is run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
KIND = "pyplugins.pii_filter.pii_filter.PIIFilterPlugin"


def entry(
    name: str = "pii", kind: str = KIND, hooks: str = "[tool_pre_invoke]", config: str = "{}", more: str = ""
) -> str:
    return f"  - name: {name}\n    kind: {kind}\n    hooks: {hooks}\n    config: {config}\n{more}"


@pytest.fixture
def check(cli: Any, tmp_path: Path) -> Any:
    def checked(*entries: str, args: tuple[str, ...] = ()) -> Any:
        (tmp_path / "c.yaml").write_text("plugins:\n" + "".join(entries), encoding="utf-8")
        return cli("check-config", *args, "c.yaml")

    return checked


def test_a_right_chain(check: Any) -> None:
    ran = check(entry("one"), entry("two", config="{detect_email: false}"))
    assert ran.code == 0
    first, second = ran.text.splitlines()
    assert first.startswith(f"c.yaml: one: ok ({KIND}, sequential, 1 hooks, ")
    assert second.startswith("c.yaml: two: ok (")


def test_the_example_chain(cli: Any) -> None:
    assert cli("check-config", ROOT / "plugins" / "config.yaml").code == 0


@pytest.mark.parametrize(
    ("wrong", "path", "told"),
    [
        (entry(config="{detect_email: 1}"), "$.plugins[1].config.detect_email", "wrong type"),
        (entry(config="{detct_email: true}"), "$.plugins[1].config.detct_email", "unknown key"),
        (
            entry(config="{custom_patterns: [{pattern: '('}]}"),
            "$.plugins[1].config.custom_patterns[0].pattern",
            "refused",
        ),
        (entry(config="{mask_strategies: {email: md5}}"), "$.plugins[1].config.mask_strategies.email", "not one of"),
        (entry(kind="pyplugins.nothing.Plugin"), "$.plugins[1].kind", "cannot be imported"),
        (entry(kind="pyplugins.pii_filter.pii_filter.Nothing"), "$.plugins[1].kind", "cannot be imported"),
        (entry(kind="json.JSONDecoder"), "$.plugins[1].kind", "not a plugin class"),
        (entry(kind="nodots"), "$.plugins[1].kind", "cannot be imported"),
        (entry(hooks="[tool_pre_invoked]"), "$.plugins[1].hooks", "tool_pre_invoked"),
    ],
)
def test_a_wrong_plugin_is_named_with_its_path(check: Any, wrong: str, path: str, told: str) -> None:
    ran = check(entry("good"), wrong)
    assert ran.code == 2
    assert "c.yaml: good: ok" in ran.text
    assert len(ran.errors) == 1
    assert ran.errors[0].startswith(f"gwplugins: error: c.yaml: plugin 'pii': {path}: ")
    assert told in ran.errors[0]


def test_every_wrong_plugin_is_told(check: Any) -> None:
    ran = check(entry("a", config="{detect_email: 1}"), entry("b"), entry("c", config="{detect_ssn: 1}"))
    assert [error.partition(": plugin ")[2][:3] for error in ran.errors] == ["'a'", "'c'"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plugins: [", "line 1"),
        ("plugins: 5", "plugins: must be a list"),
        ("plugins:\n  - kind: x\n", "plugins[0]: name: is required"),
        ("plugins:\n" + entry() + entry(), "is used twice"),
        ("plugin: []", "plugin: unknown key"),
    ],
)
def test_a_wrong_file_is_named(cli: Any, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    ran = cli("check-config", "c.yaml")
    assert (ran.code, ran.out) == (2, b"")
    assert len(ran.errors) == 1
    assert ran.errors[0].startswith("gwplugins: error: c.yaml: ")
    assert told in ran.errors[0]


def test_a_missing_file(cli: Any) -> None:
    ran = cli("check-config", "missing.yaml")
    assert ran.code == 2
    assert "missing.yaml" in ran.errors[0]


def test_a_disabled_plugin_is_told_and_not_made(check: Any) -> None:
    ran = check(entry(kind="pyplugins.nothing.Plugin", more="    mode: disabled\n"))
    assert ran.code == 0
    assert "disabled, 1 hooks, not checked" in ran.text


def test_nothing_is_started(check: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from pyplugins.framework import Plugin\n"
        "class Mine(Plugin):\n"
        "    async def initialize(self): raise SystemExit('started')\n"
        "    async def tool_pre_invoke(self, payload, context): raise SystemExit('run')\n",
        encoding="utf-8",
    )
    ran = check(entry(kind="mine.Mine"))
    assert ran.code == 0
    assert "mine.Mine" in ran.text


def test_json(check: Any) -> None:
    ran = check(entry("good"), entry("bad", config="{detect_email: 1}"), args=("--json",))
    assert ran.code == 2
    told = json.loads(ran.text)
    assert told["ok"] is False
    assert [row["name"] for row in told["plugins"]] == ["good"]
    assert [(row["plugin"], row["path"]) for row in told["errors"]] == [("bad", "$.plugins[1].config.detect_email")]


def test_the_configuration_of_one_plugin(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text("detect_email: false\n", encoding="utf-8")
    assert cli("check-config", "--plugin", "pii_filter", "d.yaml").code == 0
    (tmp_path / "d.yaml").write_text("detect_email: 0\n", encoding="utf-8")
    ran = cli("check-config", "--plugin", "pii-filter", "d.yaml")
    assert ran.code == 2
    assert ran.errors == ["gwplugins: error: d.yaml: pii_filter: $.detect_email: wrong type"]
