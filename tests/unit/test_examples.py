"""The recorded traffic in ``examples/`` is well-formed, harmless, reproducible, and what was placed is what is found.

The ground truth is ``examples/servers/people.json``, which no detector took part in.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pyplugins import native
from pyplugins.pii_filter import PIIDetector

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
TRAFFIC = EXAMPLES / "traffic"

# hook -> (fields of its payload, request that causes it, field that request's parameters name the subject by)
HOOKS: dict[str, tuple[set[str], str, str]] = {
    "prompt_pre_fetch": ({"prompt_id", "args"}, "prompts/get", "name"),
    "prompt_post_fetch": ({"prompt_id", "result"}, "prompts/get", "name"),
    "tool_pre_invoke": ({"name", "args"}, "tools/call", "name"),
    "tool_post_invoke": ({"name", "result"}, "tools/call", "name"),
    "resource_pre_fetch": ({"uri", "metadata"}, "resources/read", "uri"),
    "resource_post_fetch": ({"uri", "content"}, "resources/read", "uri"),
}


def _people() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_people", EXAMPLES / "servers" / "people.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


PEOPLE = _people()


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TRAFFIC / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def _expected() -> dict[str, dict[str, int]]:
    value: dict[str, dict[str, int]] = json.loads((TRAFFIC / "expected.json").read_text(encoding="utf-8"))
    return value


@pytest.mark.parametrize("hook", HOOKS)
def test_each_line_is_one_payload_of_its_hook(hook: str) -> None:
    fields = HOOKS[hook][0]
    lines = _lines(hook)
    assert len(lines) >= 10
    assert all(line.keys() == {"hook", "payload"} and line["hook"] == hook for line in lines)
    assert all(line["payload"].keys() == fields for line in lines)


@pytest.mark.parametrize("hook", HOOKS)
def test_payloads_are_those_of_the_raw_session(hook: str) -> None:
    _, method, subject = HOOKS[hook]
    requests = [line["message"] for line in _lines("session") if line["message"].get("method") == method]
    mine = next(iter(HOOKS[hook][0] & {"prompt_id", "name", "uri"}))
    assert [line["payload"][mine] for line in _lines(hook)] == [request["params"][subject] for request in requests]
    if hook == "tool_pre_invoke":
        assert [line["payload"]["args"] for line in _lines(hook)] == [r["params"].get("arguments") for r in requests]


def test_raw_session_answers_every_request() -> None:
    lines = _lines("session")
    asked = Counter((x["server"], x["message"]["id"]) for x in lines if x["from"] == "client" and "id" in x["message"])
    answered = Counter(
        (x["server"], x["message"]["id"]) for x in lines if x["from"] == "server" and "id" in x["message"]
    )
    assert asked == answered
    assert set(asked.values()) == {1}
    assert {x["transport"] for x in lines} == {"stdio", "streamable-http"}


def test_results_show_what_mcp_can_return() -> None:
    results = [line["payload"]["result"] for line in _lines("tool_post_invoke")]
    assert {"text", "image", "resource"} <= {part["type"] for result in results for part in result["content"]}
    assert any("structuredContent" in result for result in results)
    assert any(result["isError"] for result in results)
    assert {"text", "blob"} <= {key for line in _lines("resource_post_fetch") for key in line["payload"]["content"]}


def test_traffic_stays_small() -> None:
    assert 100 <= sum(len(_lines(hook)) for hook in HOOKS) <= 300
    assert sum(path.stat().st_size for path in TRAFFIC.iterdir()) < 1_000_000


def test_no_value_hides_in_another() -> None:
    values = list(PEOPLE.LABELS)
    assert len(values) == sum(len(person.data) for person in PEOPLE.PEOPLE), "a value occurs twice in the table"
    assert not [(a, b) for a in values for b in values if a != b and a in b]


def test_every_type_is_placed() -> None:
    assert {kind for counts in _expected().values() for kind in counts} == set(PEOPLE.FIELD_TYPES.values())


def test_data_is_from_reserved_ranges() -> None:
    networks = [
        ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    ]
    data = [(name, value) for person in PEOPLE.PEOPLE for name, value in person.data.items()]
    assert all(re.search(r"@example\.(com|net|org)$", value) for name, value in data if name == "email")
    assert all(any(ipaddress.ip_address(value) in net for net in networks) for name, value in data if name == "ip")
    fiction = r"\+442079460[0-9]{3}|\+447700900[0-9]{3}|\+493023125[0-9]{3}|\+331990[0-9]{5}|212555[0-9]{4}"
    assert all(re.fullmatch(fiction, re.sub(r"[ ()-]", "", value)) for name, value in data if name == "phone")


@pytest.mark.parametrize("hook", HOOKS)
def test_expected_counts_are_those_of_the_table(hook: str) -> None:
    assert _expected()[f"{hook}.jsonl"] == dict(PEOPLE.count([line["payload"] for line in _lines(hook)]))


@pytest.mark.skipif(importlib.util.find_spec("mcp") is None, reason="the MCP SDK (pip install mcp) is not installed")
def test_a_second_recording_has_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLES / "record_traffic.py", "--out", tmp_path], check=True, timeout=120)
    recorded = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert recorded == {path.name: path.read_bytes() for path in TRAFFIC.iterdir()}


@pytest.mark.parametrize("implementation", ["auto", "python"])
@pytest.mark.parametrize("hook", HOOKS)
def test_what_was_placed_is_what_is_found(hook: str, implementation: str) -> None:
    """Recall and precision are both 1: the same values of the same types, as often as they were placed."""
    detector = PIIDetector({}, implementation=implementation)
    found: Counter[tuple[str, str]] = Counter()
    placed: Counter[tuple[str, str]] = Counter()
    for line in _lines(hook):
        placed += PEOPLE.placed(line["payload"])
        for kind, hits in detector.process_nested(line["payload"])[2].items():
            found.update((kind, hit["value"]) for hit in hits)
    assert {"missed": dict(placed - found), "invented": dict(found - placed)} == {"missed": {}, "invented": {}}


def _run(name: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, str(EXAMPLES / "embed" / name)]
    return subprocess.run(command, input=stdin, capture_output=True, check=True, timeout=60)


def test_embed_detect() -> None:
    shown = _run("detect.py").stdout.decode()
    assert {"email", "ssn", "credit_card"} <= {line.split(":")[0] for line in shown.splitlines()}
    assert "ORD-2024-000181" in shown
    assert "example.org, SSN 123" not in shown


def test_embed_nested() -> None:
    shown = _run("nested.py").stdout.decode()
    assert "modified: True" in shown
    assert "@example.com" not in shown
    assert "ORD-2024-000181" in shown


@pytest.mark.parametrize(
    ("text", "masked", "counts"),
    [
        ("", "", "{}"),
        ("nothing here\n", "nothing here\n", "{}"),
        ("née@example.org and 123-45-6789\n", "[REDACTED] and [REDACTED]\n", "{'email': 1, 'ssn': 1}"),
    ],
)
def test_embed_stream(text: str, masked: str, counts: str) -> None:
    result = _run("stream.py", text.encode())
    assert result.stdout.decode() == masked
    assert result.stderr.decode().splitlines()[-1] == counts


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler (cc) is installed")
def test_embed_scan_in_c(tmp_path: Path) -> None:
    library = Path(native.status()["library"])
    if not library.is_file():
        assert os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "0") in ("", "0"), "the native library is required"
        pytest.skip("the native library is not built here")
    program = tmp_path / "scan"
    command = ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I", str(ROOT / "include")]
    command += [str(EXAMPLES / "embed/c/scan.c"), str(library), f"-Wl,-rpath,{library.parent}", "-o", str(program)]
    subprocess.run(command, check=True, timeout=60)
    result = subprocess.run([program], input=b"SSN 123-45-6789\n", capture_output=True, check=True, timeout=60)
    assert result.stdout == b"SSN ***-**-6789\n"
    assert b"at bytes 4..15" in result.stderr
