"""The process of one subject: reads a job as a line of JSON from standard input, answers with one on standard output.

Jobs: `versions`, `answers`, `covers` (verification), `time`, `threads`, `spin`, `memory`. The parent interleaves
subjects, so that a noisy moment hits all alike. It runs in the peers' environment too: the standard library and `bench`
only. Nothing may print here. Tests: tests/bench/test_worker.py.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

from bench import corpora
from bench.subjects import OPENERS, Subject
from bench.workloads import BY_NAME, Workload

#: A sample lasts at least this long, or is one call.
SAMPLE_SECONDS = 0.002
REDACTED = "[REDACTED]"


def calls(call: Callable[[Any], Any], argument: Any, count: int) -> float:
    """Seconds that `count` calls with the same argument take."""
    began = time.perf_counter()
    for _ in repeat(None, count):
        call(argument)
    return time.perf_counter() - began


class Worker:
    """Answers the jobs of one subject."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._input: Callable[[str], Any] = cache(lambda name: BY_NAME[name].source())
        #: Calls in a sample, by workload; the first round finds it, as a warm-up.
        self._counts: dict[str, int] = {}

    def _call(self, name: str) -> Callable[[Any], Any]:
        return self._subject.operations[BY_NAME[name].operation]

    def versions(self) -> dict[str, str]:
        """Versions of the peers' packages."""
        return self._subject.versions

    def answers(self, workload: str) -> dict[str, Any]:
        """What is found in the texts of a workload, and what the operation makes of them."""
        found = [
            list(one)
            for text in BY_NAME[workload].texts()
            for one in self._subject.found(self._subject.operations["detect"](text))
        ]
        return {"found": found, "made": self._made(BY_NAME[workload])}

    def _made(self, workload: Workload) -> dict[str, Any] | None:
        """Digest of the rewritten texts and how many redactions they hold; `None` where nothing is rewritten."""
        if workload.operation not in ("mask", "mask_many", "nested"):
            return None
        made = self._subject.operations[workload.operation](workload.source())
        texts = corpora.strings(made[1] if workload.operation == "nested" else made)
        digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()
        return {"digest": digest, "redactions": sum(text.count(REDACTED) for text in texts)}

    def covers(self, workload: str, spans: Sequence[Sequence[Any]]) -> dict[str, int]:
        """How many of the `(type, start, end)` lie in no match of their type; and the matches. ASCII texts only."""
        text = BY_NAME[workload].source()
        matches = self._subject.found(self._subject.operations["detect"](text))
        reached: dict[str, dict[int, int]] = defaultdict(dict)
        for match in matches:
            for at in range(match.start, match.end):
                reached[match.kind][at] = max(reached[match.kind].get(at, 0), match.end)
        missing = sum(reached[kind].get(start, 0) < end for kind, start, end in spans)
        return {"missing": missing, "matches": len(matches)}

    def time(self, workload: str, seconds: float, most: int) -> dict[str, Any]:
        """One round: seconds for each call, by samples, for about `seconds` or until `most` samples."""
        call = self._call(workload)
        argument = self._input(workload)
        warmups: list[float] = []
        if workload not in self._counts:
            self._counts[workload] = self._calibrated(call, argument, warmups)
        count = 1 if BY_NAME[workload].fresh else self._counts[workload]
        values: list[float] = []
        began = time.perf_counter()
        while not values or (len(values) < most and time.perf_counter() - began < seconds):
            given = argument.encode().decode() if BY_NAME[workload].fresh else argument
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
        """Bytes that masking a text takes at its peak, for each byte of the text: log lines, and Russian."""
        mask = self._subject.operations["mask"]
        mask("warm up 123-45-6789")
        return {name: _peak_growth(mask, corpora.text(name, size)) / size for name in ("log", "russian")}


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


def _peak_growth(call: Callable[[str], str], text: str) -> int:
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again at what is resident now
    before = _status("VmRSS")
    call(text)
    return max(0, _status("VmHWM") - before)


def main() -> None:
    """Serves the subject named on the command line until standard input ends."""
    worker = Worker(OPENERS[sys.argv[1]]())
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer = {"answer": getattr(worker, job.pop("do"))(**job)}
        except Exception as error:  # the parent decides; what was scanned are corpora, not anybody's data
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
