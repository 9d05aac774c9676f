"""`python -m bench.proxy`: what `gwplugins proxy` adds to a message of 2 KB, beside a plain pipe relay in Python.

A call is a request of 2 KB and a result of 2 KB through one process that stands between this one and a server that
answers at once. All subjects run at the same time and are asked in turns, so that a noisy moment hits each. What a
message costs more than through the relay is half of what a call does. Nothing is timed before the answers have been
checked. Tests: tests/bench/test_proxy_bench.py.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import facts

MESSAGE_BYTES = 2048
MAIL = "jane.doe@example.com"
_WORDS = "The parcel left the depot on time and nobody has asked about it since then. "

# Answers each line with the same bytes.
_SERVER = """
import sys
answer = sys.argv[1].encode() + b"\\n"
out = sys.stdout.buffer
for line in sys.stdin.buffer:
    out.write(answer)
    out.flush()
"""
# Two threads that copy whatever comes: what a proxy costs that does nothing.
_RELAY = """
import os, subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def copy(source, sink):
    while data := os.read(source, 65536):
        os.write(sink, data)
    os.close(sink)
threading.Thread(target=copy, args=(0, server.stdin.fileno()), daemon=True).start()
copy(server.stdout.fileno(), 1)
"""

_PLUGINS = {
    "PII filter": {"kind": "pyplugins.pii_filter.pii_filter.PIIFilterPlugin"},
    "regex filter": {
        "kind": "pyplugins.regex_filter.regex_filter.RegexFilterPlugin",
        "config": {"rules": [{"name": "project", "search": "Blue Sky", "literal": True, "action": "block"}]},
    },
    "SQL sanitizer": {"kind": "pyplugins.sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin"},
}
#: Plugins of each chain, by the name of the subject.
CHAINS = {"no plugin": 0, "PII filter": 1, "PII and regex filter": 2, "PII, regex and SQL": 3}
_HOOKS = ["tool_pre_invoke", "tool_post_invoke"]


def text(clean: bool) -> str:
    """A text that makes a message of 2 KB, with one e-mail address unless it is clean."""
    words = _WORDS * (MESSAGE_BYTES // len(_WORDS) - 2)
    return words if clean else words + f"Write to {MAIL}."


def request(clean: bool) -> bytes:
    """The line of a call."""
    params = {"name": "note", "arguments": {"text": text(clean)}}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode() + b"\n"


def result(clean: bool) -> str:
    """The line of its answer."""
    content = [{"type": "text", "text": text(clean)}]
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"content": content, "isError": False}})


class Subject:
    """A process between us and a server."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        self.samples: list[float] = []

    def call(self, line: bytes) -> bytes:
        """One call; its answer."""
        self._in.write(line)
        self._in.flush()
        return self._out.readline()

    def time(self, line: bytes, calls: int) -> None:
        """Times calls, in microseconds."""
        for _ in range(calls):
            began = time.perf_counter_ns()
            self.call(line)
            self.samples.append((time.perf_counter_ns() - began) / 1000)


@contextmanager
def started(command: list[str]) -> Iterator[Subject]:
    """A subject that runs."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield Subject(process)
        finally:
            process.terminate()


def commands(folder: Path, clean: bool) -> dict[str, list[str]]:
    """The command line of each subject."""
    server = [sys.executable, "-c", _SERVER, result(clean)]
    lines = {"plain relay": [sys.executable, "-c", _RELAY, *server]}
    for name, count in CHAINS.items():
        file = folder / f"{count}.yaml"
        plugins = [{"name": plugin, "hooks": _HOOKS, **rest} for plugin, rest in list(_PLUGINS.items())[:count]]
        file.write_text(json.dumps({"plugins": plugins}))
        lines[name] = [sys.executable, "-m", "pyplugins.cli", "proxy", "--config", str(file), "--", *server]
    return lines


def measure(clean: bool, rounds: int, calls: int) -> dict[str, dict[str, float]]:
    """p50 and p99 of a call in microseconds, and what a message costs more than through the relay.

    Raises:
        RuntimeError: a subject answers something else than it must.
    """
    line = request(clean)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        subjects = {name: stack.enter_context(started(one)) for name, one in commands(folder, clean).items()}
        for name, subject in subjects.items():
            _check(name, subject.call(line), clean)
            subject.time(line, calls)  # warm-up
            subject.samples.clear()
        for _ in range(rounds):
            for subject in subjects.values():
                subject.time(line, calls)
    return _figures({name: subject.samples for name, subject in subjects.items()})


def _check(name: str, answer: bytes, clean: bool) -> None:
    masks = not clean and CHAINS.get(name, 0) > 0
    expected = result(clean).replace(MAIL, "[REDACTED]") if masks else result(clean)
    if json.loads(answer) != json.loads(expected):
        raise RuntimeError(f"{name}: the answer is not what it must be")


def _figures(samples: Mapping[str, list[float]]) -> dict[str, dict[str, float]]:
    relay = median(samples["plain relay"])
    return {
        name: {
            "p50_us": round(median(times), 1),
            "p99_us": round(quantiles(times, n=100)[98], 1),
            "added_per_message_p50_us": round((median(times) - relay) / 2, 1),
        }
        for name, times in samples.items()
    }


def main() -> int:
    """Measures and prints; `--json FILE` writes the figures with the facts of the machine."""
    parser = argparse.ArgumentParser(prog="python -m bench.proxy", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--calls", type=int, default=50, help="calls of each subject in a round")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    document: dict[str, Any] = {"facts": facts.collect(), "message_bytes": MESSAGE_BYTES}
    for name, clean in (("clean", True), ("one e-mail address", False)):
        document[name] = measure(clean, options.rounds, options.calls)
        print(f"{name:24}{'p50 of a call':>15}{'p99':>10}{'added per message':>20}   (microseconds)")
        for subject, told in document[name].items():
            row = told["p50_us"], told["p99_us"], told["added_per_message_p50_us"]
            print(f"  {subject:22}{row[0]:15.1f}{row[1]:10.1f}{row[2]:20.1f}")
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
