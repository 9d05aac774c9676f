"""`gwplugins run`: payload lines in, results out, in order; bad lines are errors and the others still run."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EMAIL = "jane.roe@example.com"
KIND = "pyplugins.pii_filter.pii_filter.PIIFilterPlugin"
HOOKS = (
    "[tool_pre_invoke, tool_post_invoke, prompt_pre_fetch, prompt_post_fetch, resource_pre_fetch, resource_post_fetch]"
)


def chain(path: Path, config: str = "{include_detection_details: true}", more: str = "") -> Path:
    """Writes a chain of the PII filter alone."""
    path.write_text(
        f"plugins:\n  - name: pii\n    kind: {KIND}\n    hooks: {HOOKS}\n    config: {config}\n{more}", encoding="utf-8"
    )
    return path


def call(**args: Any) -> str:
    return json.dumps({"name": "send", "args": args}) + "\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return chain(tmp_path / "c.yaml")


def test_bare_payloads_and_lines_that_name_their_hook(cli: Any, config: Path) -> None:
    lines = call(to=EMAIL) + call(to="nobody") + json.dumps({"hook": "resource_pre_fetch", "payload": {"uri": "a://b"}})
    ran = cli("run", "-c", config, "--hook", "tool_pre_invoke", given=lines.encode())
    assert ran.code == 1
    rows = [json.loads(line) for line in ran.text.splitlines()]
    assert [row["line"] for row in rows] == [1, 2, 3]
    assert [row["hook"] for row in rows] == ["tool_pre_invoke", "tool_pre_invoke", "resource_pre_fetch"]
    assert [row["changed"] for row in rows] == [True, False, False]
    assert rows[0]["payload"] == {"name": "send", "args": {"to": "[REDACTED]"}}
    assert rows[0]["metadata"]["pii_filter"]["total_detections"] == 1
    assert rows[2]["payload"]["uri"] == "a://b"
    assert all(row["continue_processing"] for row in rows)


def test_results_can_be_run_again_and_are_clean_then(cli: Any, config: Path) -> None:
    once = cli("run", "-c", config, "--hook", "tool_pre_invoke", given=call(to=EMAIL).encode())
    again = cli("run", "-c", config, given=once.out)
    assert (once.code, again.code) == (1, 0)
    assert json.loads(again.text)["payload"] == json.loads(once.text)["payload"]


def test_what_is_blocked_has_a_violation_and_no_payload(cli: Any, tmp_path: Path) -> None:
    config = chain(tmp_path / "c.yaml", "{block_on_detection: true}")
    ran = cli("run", "-c", config, "--hook", "tool_pre_invoke", given=(call(to=EMAIL) + call(to="x")).encode())
    blocked, passed = (json.loads(line) for line in ran.text.splitlines())
    assert ran.code == 1
    assert "jane" not in ran.text + ran.err
    assert "payload" not in blocked
    assert blocked["continue_processing"] is False
    assert blocked["violation"]["code"] == "PII_DETECTED_IN_TOOL_ARGS"
    assert passed["continue_processing"] is True
    assert "2 messages: 1 blocked, 1 unchanged" in ran.err


def test_clean_traffic_leaves_with_0(cli: Any, config: Path) -> None:
    ran = cli("run", "-c", config, "--hook", "tool_pre_invoke", given=b"\n" + call(to="x").encode() + b"\n")
    assert ran.code == 0
    assert "gwplugins: 1 message: 1 unchanged" in ran.err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"name": "x"', "not JSON at column 13"),
        (b"[1]", "not a JSON object"),
        (b'{"name": NaN}', "NaN and Infinity are not JSON"),
        (b'{"name": "\xff"}', "not UTF-8 at byte 11"),
        (b'{"jane.roe@example.com": 1}', "not a payload of tool_pre_invoke; it has the keys name, args, headers"),
        (b'{"name": 5}', "not a payload of tool_pre_invoke at name;"),
        (b'{"hook": "jane.roe@example.com", "payload": {}}', "unknown hook; known: prompt_pre_fetch,"),
        (b'{"hook": [], "payload": {}}', "unknown hook"),
        (b"[" * 100_000, "nested too deeply"),
    ],
    ids=["cut", "array", "nan", "bytes", "key", "type", "hook", "hook-type", "depth"],
)
def test_a_bad_line_is_one_error_and_the_others_still_run(cli: Any, config: Path, line: bytes, told: str) -> None:
    given = call(to="x").encode() + line + b"\n" + call(to=EMAIL).encode()
    ran = cli("run", "-c", config, "--hook", "tool_pre_invoke", given=given)
    assert ran.code == 2
    assert [json.loads(row)["line"] for row in ran.text.splitlines()] == [1, 3]
    assert len(ran.errors) == 1
    assert ran.errors[0].startswith(f"gwplugins: error: -:2: {told}")
    assert "jane" not in ran.err


def test_a_line_without_a_hook_needs_the_option(cli: Any, config: Path) -> None:
    ran = cli("run", "-c", config, given=call(to="x").encode())
    assert ran.code == 2
    assert "-:1: names no hook: give --hook" in ran.errors[0]


def test_content_that_could_not_be_checked_has_not_passed(cli: Any, tmp_path: Path) -> None:
    config = chain(tmp_path / "c.yaml", "{max_text_bytes: 30}")
    lines = call(to="x" * 40) + call(to="y")
    ran = cli("run", "-c", config, "--hook", "tool_pre_invoke", given=lines.encode())
    assert ran.code == 2
    assert [json.loads(row)["line"] for row in ran.text.splitlines()] == [2]
    assert "-:1: not checked: plugin pii failed: " in ran.errors[0]
    assert "40" in ran.errors[0]


def test_a_failure_that_is_passed_over_is_a_warning(cli: Any, tmp_path: Path) -> None:
    config = chain(tmp_path / "c.yaml", "{max_text_bytes: 30}", "    on_error: ignore\n")
    ran = cli("run", "-c", config, "--hook", "tool_pre_invoke", given=call(to="x" * 40).encode())
    assert ran.code == 0
    assert json.loads(ran.text)["changed"] is False
    assert "gwplugins: warning: -:1: a plugin failed and was passed over: pii (" in ran.err


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("{detect_email: 1}", "plugin 'pii': config: $.detect_email: wrong type"),
        ("[", "not YAML"),
    ],
)
def test_a_chain_that_does_not_load_runs_nothing(cli: Any, tmp_path: Path, config: str, told: str) -> None:
    path = chain(tmp_path / "c.yaml", config)
    ran = cli("run", "-c", path, "--hook", "tool_pre_invoke", given=call(to=EMAIL).encode())
    assert (ran.code, ran.out) == (2, b"")
    assert len(ran.errors) == 1
    assert str(path) in ran.errors[0]
    assert told in ran.errors[0] or "line" in ran.errors[0]


def test_a_plugin_that_was_left_out_is_noticed(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyplugins.cli.chain import Chain
    from pyplugins.cli.exits import Failure
    from pyplugins.framework import PluginManager

    async def lenient(self: object) -> None:
        """What cpex does: a plugin that does not load is left out."""

    monkeypatch.setattr(PluginManager, "initialize", lenient)
    with pytest.raises(Failure, match="did not load: pii"):
        Chain(str(config), None)


def test_summary_counts_by_type(cli: Any, config: Path) -> None:
    lines = call(to=EMAIL, cc="a.b@example.org") + call(to="x", note="SSN 123-45-6789")
    ran = cli("run", "-c", config, "--hook", "tool_pre_invoke", given=lines.encode())
    rows = [line.split() for line in ran.err.splitlines()]
    assert ["pii_filter", "email", "1", "2", "2"] in rows
    assert ["pii_filter", "ssn", "1", "1", "1"] in rows
    assert ["pii_filter", "total", "2", "3", "3"] in rows
    quiet = cli("run", "-q", "-c", config, "--hook", "tool_pre_invoke", given=lines.encode())
    assert "pii_filter" not in quiet.err


def test_counts_by_type_that_were_not_given_are_not_made_up(cli: Any, tmp_path: Path) -> None:
    config = chain(tmp_path / "c.yaml", "{}")
    lines = call(to=EMAIL, note="SSN 123-45-6789") + call(to=EMAIL)
    ran = cli("run", "-c", config, "--hook", "tool_pre_invoke", given=lines.encode())
    rows = [line.split() for line in ran.err.splitlines()]
    assert ["pii_filter", "email", "2", "-", "-"] in rows
    assert ["pii_filter", "ssn", "1", "-", "-"] in rows
    assert ["pii_filter", "total", "2", "3", "3"] in rows


def test_recorded_traffic_of_every_hook(cli: Any, config: Path) -> None:
    files = sorted((ROOT / "examples" / "traffic").glob("*_*.jsonl"))
    assert len(files) == 6
    for file in files:
        ran = cli("run", "-c", config, file)
        assert ran.code == 1, file
        given = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        rows = [json.loads(line) for line in ran.text.splitlines()]
        assert [row["line"] for row in rows] == list(range(1, len(given) + 1))
        assert {row["hook"] for row in rows} == {file.stem}
        unchanged = [(old, new) for old, new in zip(given, rows, strict=True) if not new["changed"]]
        assert all(new["payload"].items() >= old["payload"].items() for old, new in unchanged)


def test_answers_come_before_the_pipe_ends(start: Any, config: Path) -> None:
    process = start("run", "-q", "-c", config, "--hook", "tool_pre_invoke",
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
    for number in (1, 2):
        process.stdin.write(call(to=EMAIL).encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["line"] == number
    process.stdin.close()
    process.stdout.close()
    assert process.wait(timeout=60) == 1


def test_an_unknown_hook_and_a_missing_file(cli: Any, config: Path) -> None:
    ran = cli("run", "-c", config, "--hook", "tool_pre")
    assert ran.code == 2
    assert "tool_pre_invoke" in ran.err
    ran = cli("run", "-c", config, "missing.jsonl")
    assert ran.code == 2
    assert ran.errors == ["gwplugins: error: missing.jsonl: No such file or directory"]
