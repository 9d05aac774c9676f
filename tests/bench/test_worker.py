"""A worker process: its jobs, and how a failing one is told."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench import processes
from bench.hooks import Hook
from bench.plugin import Subject, Workload
from bench.plugins.pii_filter import PLUGIN as PII
from bench.processes import Process, WorkerFailed

SMALL_CALL = "detect, 100-byte clean"
GERMAN = "mask, German, 2 % PII lines, fresh str"
SMALL_MASK = "mask, log lines, 4 KiB"


@pytest.fixture(scope="module")
def worker() -> Iterator[Process]:
    process = Process(PII, "python")
    yield process
    process.close()


def test_answers_hold_values_and_what_was_made_of_the_text(worker: Process) -> None:
    answer = worker.ask("answers", workload=SMALL_MASK)
    assert [kind for kind, *_ in answer["found"]] == ["email"]
    assert answer["made"]["redactions"] == 1


def test_a_round_of_samples(worker: Process) -> None:
    first = worker.ask("time", workload=SMALL_CALL, seconds=0.02, most=3)
    again = worker.ask("time", workload=SMALL_CALL, seconds=0.02, most=3)
    assert 1 <= len(first["values"]) <= 3
    assert all(0 < value < 0.1 for value in first["values"] + again["values"])
    assert first["warmups"]
    assert not again["warmups"]
    assert first["loops"] == again["loops"] > 1


def test_a_fresh_text_is_called_once_each(worker: Process) -> None:
    assert worker.ask("time", workload=GERMAN, seconds=0.01, most=2)["loops"] == 1


def test_threads_and_a_busy_neighbour(worker: Process) -> None:
    threads = worker.ask("threads", workload=SMALL_MASK, seconds=0.01)
    assert threads["one"] > 0
    assert threads["two"] > 0
    spin = worker.ask("spin", workload=SMALL_CALL, seconds=0.05)
    for when in ("alone", "beside"):
        assert spin[when] == sorted(spin[when])
        assert spin[when][0] > 0


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peak memory is read from /proc (Linux)")
def test_memory_is_at_least_that_of_the_output(worker: Process) -> None:
    assert worker.ask("memory", size=1 << 20)["log"] >= 0.9


def test_uncovered_spans_are_counted() -> None:
    finditer = Process(PII, "finditer")
    workload = "Multiple PII Types Detection"
    try:
        covered = finditer.ask("covers", workload=workload, spans=[["ssn", 5, 16], ["ssn", 4, 16], ["email", 5, 16]])
    finally:
        finditer.close()
    assert covered["missing"] == 2
    assert covered["matches"] >= 5


def test_a_failing_job_is_an_error_and_the_worker_lives_on(worker: Process) -> None:
    with pytest.raises(WorkerFailed, match="python: answers no such workload: KeyError"):
        worker.ask("answers", workload="no such workload")
    assert worker.ask("versions") == {}


def test_a_subject_that_cannot_be_opened_is_an_error() -> None:
    """Here: a peer outside its environment."""
    process = Process(PII, "cpex", sys.executable)
    with pytest.raises(WorkerFailed, match="ended with code 1"):
        process.ask("versions")
    process.close()


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_worker_in_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PEERS_FOLDER", tmp_path / "peers")
    monkeypatch.setattr(processes, "SECTIONS", tmp_path)
    for folder in (tmp_path / "toy", tmp_path / "peers" / "toy"):
        folder.mkdir(parents=True)
    (tmp_path / "toy" / "toy.mjs").write_text(
        "export const operations = { upper: (text) => text.toUpperCase(), fail: () => { throw new Error('no'); } };\n"
        "export const read = { upper: (made) => [made] };\nexport const versions = { toy: '1' };\n"
    )
    plugin = replace(
        PII,
        name="toy",
        subjects={"toy": Subject("Toy", "toy.mjs", "node")},
        workloads=(Workload("small", "upper", lambda: "straße"), Workload("bad", "fail", lambda: "")),
    )
    process = Process(plugin, "toy")
    try:
        assert process.ask("versions")["toy"] == "1"
        assert process.ask("answer", workload="small") == ["STRASSE"]
        sampled = process.ask("time", workload="small", seconds=0.01, most=3)
        assert 1 <= len(sampled["values"]) <= 3
        assert sampled["warmups"]
        assert sampled["loops"] > 1
        with pytest.raises(WorkerFailed, match="toy: answer bad: Error: no"):
            process.ask("answer", workload="bad")
    finally:
        process.close()


def test_a_hook_is_called_without_an_event_loop() -> None:
    hook = Hook(
        "pyplugins.framework",
        "pyplugins.pii_filter.PIIFilterPlugin",
        "tool_pre_invoke",
        "ToolPreInvokePayload",
        {"detect_email": True},
    )
    payload = hook.prepare({"name": "send", "args": {"to": "alice@example.com", "body": "nothing"}})
    result = hook(payload)
    assert result.continue_processing
    assert result.modified_payload.args == {"to": "[REDACTED]", "body": "nothing"}
