"""docs/proxy.md tells the truth: its program runs, its options and codes are those of the command."""

from __future__ import annotations

import json
import re

import click
import pytest
from gw_tests import ROOT

from pyplugins.cli.commands.proxy import command
from pyplugins.proxy import messages, refusals

PAGE = (ROOT / "docs/proxy.md").read_text(encoding="utf-8")


def test_the_program_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(program, "proxy.md", "exec"), {"__name__": "example"})
    assert capsys.readouterr().out == "{'q': 'write to [REDACTED]'}\n"


def test_every_option_is_in_the_table() -> None:
    table = PAGE.partition("## Options")[2].partition("## Reload")[0]
    known = {param.opts[0] for param in command.params if isinstance(param, click.Option)}
    assert set(re.findall(r"^\| `(--[a-z-]+)", table, re.MULTILINE)) == known


def test_codes_are_the_ones_that_are_sent() -> None:
    for code in (
        refusals.REFUSED,
        refusals.NOT_CHECKED,
        refusals.MALFORMED,
        messages.PARSE_ERROR,
        messages.INVALID_REQUEST,
    ):
        assert f"`{code}`" in PAGE
    assert refusals.REFUSAL_KEY in PAGE


def test_the_json_is_json() -> None:
    recipe, counts = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    assert recipe["mcpServers"]["time"]["args"][0] == "proxy"
    assert set(counts) == {"messages", "plugins"}
