"""Handles over their life: threads, close during a call, fork, interpreter exit, sub-interpreters, growth."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from gw_tests import need_binding

from pyplugins.core.result import StreamPart
from pyplugins.errors import PluginError
from pyplugins.native import open_guard

MAIL = "ann@example.com"
TEXTS = ["clean", MAIL, f"für {MAIL}", "x" * 20_000 + f" {MAIL}", "ü" * 70_000, "\ud800 " + MAIL]
MASKED = [text.replace(MAIL, "[REDACTED]") for text in TEXTS]


def guard(binding: str) -> Any:
    opened = open_guard("pii_filter", "{}", binding)
    assert opened is not None
    return opened


def outcome(call: Any, *arguments: Any) -> Any:
    """What a call returns, or the code of its error."""
    try:
        return call(*arguments)
    except PluginError as error:
        return error.code


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A process of its own; without -P it would import the checkout that the tests are run from."""
    return subprocess.run([sys.executable, "-P", "-c", code, *arguments], capture_output=True, text=True, timeout=120)


def test_threads_share_a_guard(binding: str) -> None:
    opened = guard(binding)
    start = threading.Barrier(4)

    def work(_: int) -> bool:
        start.wait()
        same = all([opened.process(text) for text in TEXTS] == MASKED for _ in range(25))
        same &= all(opened.process_many(TEXTS * 5) == MASKED * 5 for _ in range(5))
        return same and all(opened.process_nested({"a": TEXTS})[1] == {"a": MASKED} for _ in range(10))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))


def test_close_in_another_thread_is_safe(binding: str) -> None:
    text = "word " * 200_000 + MAIL
    for _ in range(10):
        opened = guard(binding)
        process = opened.process
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(process, text)
            opened.close()
            del opened, process
            gc.collect()
            # Either the call had begun, or it found the guard closed.
            assert outcome(answer.result) in (text.replace(MAIL, "[REDACTED]"), 2)


def other_thread_ran_during(call: Callable[[], Any], times: int) -> bool:
    """Whether another thread got to run while `call` ran; it can only if `call` lets the interpreter go."""
    gate, ran, interval = threading.Lock(), [], sys.getswitchinterval()
    gate.acquire()
    thread = threading.Thread(target=lambda: (gate.acquire(), ran.append(True)))
    thread.start()
    sys.setswitchinterval(1000)  # from here on nobody takes the interpreter from us
    try:
        gate.release()
        for _ in range(times):
            call()
            if ran:
                return True
        return False
    finally:
        sys.setswitchinterval(interval)
        thread.join()


def test_a_large_scan_lets_other_threads_run(binding: str) -> None:
    opened, text = guard(binding), "word " * 1_000_000
    assert other_thread_ran_during(lambda: opened.process(text), 5000)
    assert other_thread_ran_during(lambda: opened.process_many([text]), 5000)
    assert other_thread_ran_during(lambda: opened.process_nested({"a": [text]}), 5000)


def test_a_short_scan_keeps_the_interpreter(cffi_only: str) -> None:
    """Giving it away would cost milliseconds as soon as another thread is busy."""
    opened, text = guard(cffi_only), "nothing to find in here, as in most messages. " * 3
    assert not other_thread_ran_during(lambda: opened.process(text), 20_000)
    assert not other_thread_ran_during(lambda: opened.process_nested({"a": [text]}), 20_000)


def test_one_stream_in_two_threads_is_refused_not_mixed(binding: str) -> None:
    stream, chunk = guard(binding).stream(), "word " * 20_000
    start = threading.Barrier(2)

    def push(_: int) -> int:
        start.wait()
        taken = 0
        for _ in range(50):
            code = outcome(stream.push, chunk)
            assert code == 5 or isinstance(code, StreamPart)
            taken += code != 5
        return taken

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(push, range(2))) >= 50


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_guard_works_after_fork(binding: str) -> None:
    code = """
import os, sys
from pyplugins.native import open_guard
guard = open_guard("pii_filter", "{}", sys.argv[1])
guard.process("ann@example.com")
child = os.fork()
assert guard.process("ann@example.com") == "[REDACTED]"
assert open_guard("pii_filter", "{}", sys.argv[1]).process("ann@example.com") == "[REDACTED]"
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    result = run_python(code, binding)
    assert (result.returncode, result.stderr) == (0, "")


def test_the_interpreter_ends_quietly(binding: str) -> None:
    code = """
import atexit, sys, threading
from pyplugins.native import open_guard
guard = open_guard("pii_filter", "{}", sys.argv[1])
stream = guard.stream()
stream.push("ann@example.com")
keep = [guard, stream, guard.process]
keep.append(keep)
atexit.register(guard.process, "ann@example.com")
threading.Thread(target=lambda: [guard.process("x" * 100_000) for _ in range(200)], daemon=True).start()
"""
    result = run_python(code, binding)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_an_interpreter_with_its_own_lock_is_refused_clearly(cffi_only: str) -> None:
    if sys.version_info < (3, 12):
        pytest.skip("interpreters with a lock of their own came with Python 3.12")
    module = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    code = f"""
import {module} as interpreters
made = interpreters.create()
print(interpreters.run_string(made, '''
try:
    from pyplugins.native import open_guard
    open_guard("pii_filter", "{{}}", "cffi")
except ImportError as error:
    assert "subinterpreter" in str(error), error
else:
    raise AssertionError("no refusal")
'''))
"""
    result = run_python(code)
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "None", "")


def resident_kib() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc, which only Linux has")
def test_nothing_grows(binding: str) -> None:
    """A leak of one small object in any of these calls would be some 5 MB."""
    config = json.dumps({"max_findings": 1})
    rounds = 30_000 if binding == "cffi" else 2000
    data = {"a": [MAIL, ("x", {MAIL})], "b": None}

    def everything(times: int) -> None:
        opened, strict = guard(binding), open_guard("pii_filter", config, binding)
        assert strict is not None
        for _ in range(times):
            for text in (MAIL, "clean", MAIL.encode(), "\ud800" + MAIL):
                opened.scan(text), opened.detect(text), opened.process(text)
            opened.process_many([MAIL, "é", b"x"])
            opened.process_nested(data), opened.rewrite_nested(data)
            for call in (opened.scan, strict.process_nested, strict.detect_many):
                assert outcome(call, 5 if call is opened.scan else [f"{MAIL} {MAIL}"]) in (9, 43)
        for _ in range(times // 100):
            stream = guard(binding).stream()
            stream.push(MAIL)
            stream.finish()

    everything(rounds // 5)
    before = resident_kib()
    everything(rounds)
    assert resident_kib() - before < 1024


def references(call: Any, *watched: object) -> list[int]:
    """By how much 100 calls change the reference counts."""
    call()
    before = [sys.getrefcount(thing) for thing in watched]
    for _ in range(100):
        call()
    after = [sys.getrefcount(thing) for thing in watched]
    return [new - old for new, old in zip(after, before, strict=True)]


def test_reference_counts(cffi_only: str) -> None:
    opened = guard(cffi_only)
    text, data, limited = f"é {MAIL}", {"a": [MAIL]}, open_guard("pii_filter", '{"max_nested_depth": 1}', "cffi")
    assert limited is not None

    def fails() -> None:
        for wrong in (lambda: limited.process_nested([data]), lambda: opened.scan_many([text, None])):
            assert outcome(wrong) in (9, 41)

    for call in (
        lambda: opened.scan(text),
        lambda: opened.process(text),
        lambda: opened.detect(text),
        lambda: opened.scan_many([text, "x"]),
        lambda: opened.process_nested(data, keys=True, numbers=True),
        lambda: opened.process_nested([data, None]),
        lambda: opened.rewrite_nested([data, text], "args"),
        lambda: opened.stream().push(text),
        fails,
    ):
        assert references(call, text, data, data["a"], opened, None, True, False) == [0] * 7


def test_one_library_is_mapped_once() -> None:
    for name in ("cffi", "ctypes"):
        need_binding(name)
    code = """
from pyplugins.native import open_guard
for name in ("cffi", "ctypes"):
    open_guard("pii_filter", "{}", name)
files = {line.split()[-1] for line in open("/proc/self/maps") if "libgwplugins" in line}
assert len(files) == 1, files
"""
    if not sys.platform.startswith("linux"):
        pytest.skip("reads /proc/self/maps, which only Linux has")
    result = run_python(code)
    assert (result.returncode, result.stderr) == (0, "")
