"""The process of one subject: reads a job as a line of JSON from standard input, answers with one on standard output.

The parent interleaves subjects, so that a noisy moment hits all alike. It runs in the peers' environment too: the
standard library and `bench` only. Nothing may print here. `worker.mjs` is its like for Node. Tests:
tests/bench/test_worker.py.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

from bench import plugins
from bench.plugin import Opened, Plugin, unchanged

#: A sample lasts at least this long, or is one call.
SAMPLE_SECONDS = 0.002
JOBS = frozenset({"versions", "answer", "time", "threads", "spin", "memory"})


def calls(call: Callable[[Any], Any], argument: Any, count: int) -> float:
    """Seconds that `count` calls with the same argument take."""
    began = time.perf_counter()
    for _ in repeat(None, count):
        call(argument)
    return time.perf_counter() - began


class Worker:
    """Answers the jobs of one subject."""

    def __init__(self, plugin: Plugin, opened: Opened) -> None:
        self._plugin = plugin
        self._opened = opened
        self._input: Callable[[str], Any] = cache(self._prepared)
        #: Calls in a sample, by workload; the first round finds it, as a warm-up.
        self._counts: dict[str, int] = {}

    def do(self, job: str, **arguments: Any) -> Any:
        """Does one of the jobs below, or one of the section's own."""
        if job in JOBS:
            return getattr(self, job)(**arguments)
        given = [self._plugin.workload(arguments.pop("workload"))] if "workload" in arguments else []
        return self._opened.jobs[job](*given, **arguments)

    def _call(self, name: str) -> Callable[[Any], Any]:
        return self._opened.operations[self._plugin.workload(name).operation]

    def _prepared(self, name: str) -> Any:
        workload = self._plugin.workload(name)
        return self._opened.prepare.get(workload.operation, unchanged)(workload.source())

    def versions(self) -> dict[str, str]:
        """Versions of the peers' packages."""
        return dict(self._opened.versions)

    def answer(self, workload: str) -> Any:
        """What the operation makes of the input, as JSON."""
        read = self._opened.read.get(self._plugin.workload(workload).operation, unchanged)
        return read(self._call(workload)(self._input(workload)))

    def time(self, workload: str, seconds: float, most: int) -> dict[str, Any]:
        """One round: seconds for each call, by samples, for about `seconds` or until `most` samples."""
        call = self._call(workload)
        argument = self._input(workload)
        warmups: list[float] = []
        if workload not in self._counts:
            self._counts[workload] = self._calibrated(call, argument, warmups)
        fresh = self._plugin.workload(workload).fresh
        count = 1 if fresh else self._counts[workload]
        values: list[float] = []
        began = time.perf_counter()
        while not values or (len(values) < most and time.perf_counter() - began < seconds):
            given = argument.encode().decode() if fresh else argument
            values.append(calls(call, given, count) / count)
        return {"loops": count, "warmups": warmups, "values": values}

    @staticmethod
    def _calibrated(call: Callable[[Any], Any], argument: Any, warmups: list[float]) -> int:
        """Calls that fill a sample. The first call is not counted: it may load something."""
        warmups.append(calls(call, argument, 1))
        count = 1
        while True:
            took = calls(call, argument, count)
            warmups.append(took / count)
            if took >= SAMPLE_SECONDS:
                return count
            count = max(2 * count, int(count * 1.2 * SAMPLE_SECONDS / max(took, 1e-7)))

    def threads(self, workload: str, seconds: float) -> dict[str, float]:
        """Calls per second of one thread and of two, each with its own copy of the text."""
        call = self._call(workload)
        text = self._input(workload)
        copies = [text[:-1] + text[-1:] for _ in range(2)]
        count = max(1, int(seconds / calls(call, text, 1)))
        return {
            "one": count / _together([call], copies, count),
            "two": 2 * count / _together([call, call], copies, count),
        }

    def spin(self, workload: str, seconds: float) -> dict[str, list[float]]:
        """Percentiles 50 and 99 and the longest of single calls: alone, and while another Python thread spins."""
        call = self._call(workload)
        text = self._input(workload)
        alone = _each(call, text, seconds)
        stop = threading.Event()
        spinning = threading.Thread(target=_spin, args=(stop,))
        spinning.start()
        try:
            beside = _each(call, text, seconds)
        finally:
            stop.set()
            spinning.join()
        return {"alone": _percentiles(alone), "beside": _percentiles(beside)}

    def memory(self, size: int) -> dict[str, float]:
        """Bytes that the section's operation takes at its peak, for each byte of the text."""
        memory = self._plugin.memory
        assert memory is not None
        call = self._opened.operations[memory.operation]
        call(memory.warm_up)
        return {name: _peak_growth(call, text(size)) / size for name, text in memory.texts.items()}


def _together(each: list[Callable[[Any], Any]], texts: list[str], count: int) -> float:
    """Seconds until all threads are done, from a common start."""
    gate = threading.Barrier(len(each) + 1)

    def run(call: Callable[[Any], Any], text: str) -> None:
        gate.wait()
        calls(call, text, count)

    threads = [threading.Thread(target=run, args=pair) for pair in zip(each, texts, strict=False)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _spin(stop: threading.Event) -> None:
    while not stop.is_set():
        sum(range(100))


def _each(call: Callable[[Any], Any], text: str, seconds: float) -> list[float]:
    now = time.perf_counter
    times: list[float] = []
    end = now() + seconds
    while True:
        began = now()
        call(text)
        done = now()
        times.append(done - began)
        if done > end:
            return times


def _percentiles(times: list[float]) -> list[float]:
    times.sort()
    return [times[len(times) // 2], times[len(times) * 99 // 100], times[-1]]


def _status(key: str) -> int:
    """A line of /proc/self/status in bytes (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) << 10
    raise KeyError(key)


def _peak_growth(call: Callable[[Any], Any], text: Any) -> int:
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again at what is resident now
    before = _status("VmRSS")
    call(text)
    return max(0, _status("VmHWM") - before)


def main() -> None:
    """Serves the plugin's subject, both named on the command line, until standard input ends."""
    plugin = plugins.load(sys.argv[1])
    open_ = plugin.subjects[sys.argv[2]].open
    assert not isinstance(open_, str), "worker.mjs serves it"
    logging.disable()  # some log every finding; where to is the host's affair
    worker = Worker(plugin, open_())
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer = {"answer": worker.do(job.pop("do"), **job)}
        except Exception as error:  # the parent decides; what was scanned are corpora, not anybody's data
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
