"""The repairers: ours in each implementation and dialect, and four peers in environments of their own.

For: `test_json_quality.py` and `python -m tests.quality.json`. Never: changes what a repairer says.
Tests: `test_json_quality.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from .. import peers

#: What a repairer that gave up or failed answers; no JSON is the same.
FAILED = object()
Repair = Callable[[Sequence[str]], list[Any]]

_WORKER = """
import importlib, json, sys
loads = importlib.import_module({name!r}).loads
answers = []
for text in json.load(sys.stdin):
    try:
        answers.append([json.dumps(loads(text))])
    except Exception:
        answers.append([])
print(json.dumps(answers))
"""

_NODE_WORKER = """
const { jsonrepair } = require("jsonrepair")
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"))
const answers = texts.map(text => { try { return [jsonrepair(text)] } catch { return [] } })
console.log(JSON.stringify(answers))
"""


def read(answer: Sequence[str]) -> Any:
    """The value of a repaired text; NaN and infinities, which are no JSON, count as failures, as bad JSON does."""
    try:
        return json.loads(answer[0], parse_constant=lambda name: 1 / 0) if answer else FAILED
    except (ValueError, ZeroDivisionError, RecursionError):
        return FAILED


def repairer(implementation: str = "auto", dialect: str = "python") -> Callable[[str | bytes], str | None]:
    """Our repair of one text to JSON, None when it is refused; raises ImportError when it cannot be had."""
    from pyplugins.errors import PluginError
    from pyplugins.json_repair import JSONRepair

    guard = JSONRepair({"dialect": dialect}, implementation=implementation)

    def repair(text: str | bytes) -> str | None:
        try:
            answer = guard.process(text)
        except PluginError:
            return None
        return answer.decode("utf-8", "surrogateescape") if isinstance(answer, bytes) else answer

    return repair


def ours(implementation: str = "auto", dialect: str = "python") -> Repair:
    """The same for many texts, as values."""
    repair = repairer(implementation, dialect)

    def value(text: str) -> Any:
        answer = repair(text)
        return FAILED if answer is None else read([answer])

    return lambda texts: [value(text) for text in texts]


def peer(name: str) -> Repair:
    """A peer by name, asked once about all texts."""
    if name == "jsonrepair (npm)":
        return lambda texts: [read(a) for a in peers.node("json_repair", _NODE_WORKER, texts)]
    return lambda texts: [read(a) for a in peers.python("json_repair", _WORKER.format(name=name), texts)]


#: The peers, and the dialect each is measured by.
PEERS = {"json_repair": "python", "repairjson": "python", "fast_json_repair": "python", "jsonrepair (npm)": "js"}
