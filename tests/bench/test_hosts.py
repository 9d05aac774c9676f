"""The table of hosts: what it says beside plain C, and of a host that did not run."""

from __future__ import annotations

from typing import Any

from bench.hosts.__main__ import HOSTS, KIND, table

FACTS = {
    "date": "2026-01-02T03:04:05",
    "commit": "0123456789abcdef",
    "uncommitted changes": False,
    "cpu": "a processor",
    "cores": 2,
    "load before": 0.1,
}


def line(host: str, calls: float, speed: float) -> dict[str, Any]:
    return {"host": host, "path": "some way", "ns_per_call": [calls, calls - 10, calls], "mb_per_s": [speed] * 3}


def test_each_way_stands_beside_plain_c() -> None:
    said = table({"facts": FACTS, "lines": [line("C", 50, 9000), line("Node", 200, 8000)]})
    rows = {row.split(",")[0]: row.split() for row in said.splitlines() if ", some way" in row}
    assert rows["C"][-4:] == ["50", "0", "40", "9,000"]
    assert rows["Node"][-4:] == ["200", "150", "190", "8,000"]
    assert KIND in said


def test_a_host_that_did_not_run_is_named_with_its_reason() -> None:
    said = table({"facts": FACTS, "lines": [{"host": "Go", "path": "", "failed": "go: not found"}]})
    assert "Go did not run: go: not found" in said
    assert [row.split()[:4] for row in said.splitlines() if row.startswith("Go ")] == [
        ["Go", "did", "not", "run:"],
        ["Go", "did", "not", "run"],
    ]


def test_every_language_has_a_program() -> None:
    assert [host.name for host in HOSTS] == ["C", "C++", "Rust", "Go", "Node", "Java", "Python"]
