"""Prints what a binding answers to the vectors of the test-only engine, one JSON line each; run by test_native_probe.py
in a process of its own, because a process holds one library."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pyplugins.core.result import Finding, ScanResult
from pyplugins.errors import PluginError
from pyplugins.native import open_guard


def input_of(row: dict[str, Any]) -> Any:
    """The text of a vector; its findings count code points, or bytes where it is no text."""
    return bytes.fromhex(row["input_hex"]) if "input_hex" in row else row["input"]


def finding(found: Finding) -> list[Any]:
    """A finding as the vectors write it."""
    marks = [name for name in ("guess", "derived") if getattr(found, name)]
    return [found.rule, found.start, found.end, found.action, found.score, *marks]


def answer(result: ScanResult[Any]) -> dict[str, Any]:
    """A result as the vectors write it."""
    actions = [("audit", "replace", "block").index(found.action) + 1 for found in result.findings]
    told: dict[str, Any] = {
        "verdict": max(actions, default=0),
        "score": result.score,
        "changed": int(result.changed),
        "findings": [finding(found) for found in result.findings],
    }
    if result.changed:
        told["output"] = result.output if isinstance(result.output, str) else result.output.decode()
    if result.findings:
        told["details"] = [found.detail for found in result.findings]
    assert result.blocked == (3 in actions)
    return told


def streamed(guard: Any, text: Any, size: int) -> Any:
    """Findings and output of a stream, as `scan` would give them."""
    stream = guard.stream()
    parts = [stream.push(text[at : at + size]) for at in range(0, len(text), size)] + [stream.finish()]
    return tuple(found for part in parts for found in part.findings), text[:0].join(
        part.output or text[:0] for part in parts
    )


def outcome(row: dict[str, Any], binding: str) -> dict[str, Any]:
    """What the binding makes of one vector, whole, as a batch, and in chunks."""
    try:
        guard: Any = open_guard("probe", json.dumps(row["config"]), binding)
        text = input_of(row)
        result = guard.scan(text)
        assert guard.scan_many([b"", text, text])[1:] == [result, result]
        assert guard.process(text) == result.output
        if row["config"].get("stream", True):
            for form in {text, text.encode() if isinstance(text, str) else text}:
                whole = guard.scan(form)
                for size in (1, 3, 1000):
                    assert streamed(guard, form, size) == (whole.findings, whole.output), (row["id"], size)
        return answer(result)
    except PluginError as error:
        return {"error": {"class": type(error).__name__, "code": error.code, "path": error.path}}


if __name__ == "__main__":
    for line in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines():
        print(json.dumps(outcome(json.loads(line), sys.argv[1])))
