"""The Python caller of the table of hosts, a line for each way: `bench.py KIND CONFIG SMALL_FILE BIG_FILE`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from pyplugins.native import open_guard

IMPLEMENTATIONS = ("cffi", "ctypes", "python")
SAMPLES, SAMPLE_NS, WARM_UP_NS = 20, 20e6, 200e6


def opened(kind: str, config: str, implementation: str) -> Any:
    """A guard; the pure-Python one is the plugin's own class."""
    if guard := open_guard(kind, config, implementation):
        return guard
    from pyplugins.cli import discovery

    return discovery.scanner(kind)(json.loads(config), implementation=implementation)


def nanoseconds(call: Any, text: Any, count: int) -> int:
    """Time of so many calls."""
    began = perf_counter_ns()
    for _ in range(count):
        call(text)
    return perf_counter_ns() - began


def sampled(call: Any, text: Any) -> list[float]:
    """Nanoseconds of one call."""
    count, warm = 1, 0
    while warm < WARM_UP_NS:
        took = nanoseconds(call, text, count)
        warm, count = warm + took, count if took > SAMPLE_NS else count * 2
    return [nanoseconds(call, text, count) / count for _ in range(SAMPLES)]


def main(kind: str, config: str, *files: str) -> None:
    """Checks that all implementations find the same, then times each."""
    texts = [Path(file).read_text("utf-8") for file in files]
    guards = {name: opened(kind, config, name) for name in IMPLEMENTATIONS}
    for text in texts:
        first, *others = [guard.detect(text) for guard in guards.values()]
        if any(found != first for found in others):
            raise SystemExit("the implementations differ")
    for name, guard in guards.items():
        small, big = (sampled(guard.detect, text) for text in texts)
        size = len(texts[1].encode())
        line = {"host": "python", "path": name, "ns_per_call": small, "mb_per_s": [size / ns * 1e3 for ns in big]}
        print(json.dumps(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
