"""Writes `tests/vectors/limiter/rate_limiter.jsonl` from the traces beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.vectors.rate_limiter_rows.algorithms import ROWS as ALGORITHMS
from tests.vectors.rate_limiter_rows.configs import ROWS as CONFIGS
from tests.vectors.rate_limiter_rows.requests import ROWS as REQUESTS

TARGET = Path(__file__).parents[1] / "limiter/rate_limiter.jsonl"
NUMBERS = {"settle": ("reserved", "reserved_at", "actual"), "release": ("lease",), "reset": ()}
FLAGS = ("would_refuse", "blocked")


def main() -> None:
    rows = [{"id": id, "config": config, "steps": steps(trace)} for id, config, trace in (*ALGORITHMS, *REQUESTS)]
    refused = [{"id": id, "config": config, "expect": {"error": error}} for id, config, error in CONFIGS]
    TARGET.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in (*rows, *refused)), "utf-8")


def steps(trace: str) -> list[dict[str, Any]]:
    """`now op key [numbers] -> answer`: one step on each line; values of a key are parted by `/`, `-` is an absent one.

    An answer is `yes remaining reset` or `no remaining reset retry`, then perhaps `dimension.window`, `limit=`,
    `lease=` and flags; a number for release and reset; `error class code` for what is refused.
    """
    return [step(*line.split("->")) for line in trace.strip().splitlines() if "->" in line]


def step(asked: str, told: str) -> dict[str, Any]:
    now, op, key, *numbers = asked.split()
    made: dict[str, Any] = {"op": op, "now": int(now), "key": [None if v == "-" else v for v in key.split("/")]}
    made |= dict(zip(NUMBERS.get(op, ("cost",)), map(int, numbers), strict=True))
    return {**made, "expect": answer(op, told.split())}


def answer(op: str, words: list[str]) -> Any:
    if words[0] == "error":
        return {"error": {"class": words[1], "code": int(words[2])}}
    if op in ("release", "reset"):
        return int(words[0])
    allowed = words[0] == "yes"
    numbers = [None if word == "-" else int(word) for word in words[1 : 3 if allowed else 4]]
    told: dict[str, Any] = {"allowed": allowed}
    told |= dict(zip(("remaining", "reset", "retry"), [*numbers, 0] if allowed else numbers, strict=True))
    for word in words[3 if allowed else 4 :]:
        name, equals, number = word.partition("=")
        if equals:
            told[name] = int(number)
        elif word in FLAGS:
            told[word] = True
        else:
            dimension, _, window = word.rpartition(".")
            told |= {"dimension": dimension, "window": None if window == "-" else int(window)}
    return told


if __name__ == "__main__":
    main()
