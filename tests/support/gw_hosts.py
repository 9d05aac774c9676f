"""What the tests of other languages import: how to run a program, and what a missing tool means.

A missing tool is skipped with the reason; with GWPLUGINS_REQUIRE_HOSTS=1, as in CI, it is a failure. It must never
import from the checkout.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]


def missing(reason: str) -> NoReturn:
    """Skips the test, or fails it where every host is required."""
    if os.environ.get("GWPLUGINS_REQUIRE_HOSTS", "") not in ("", "0"):
        pytest.fail(f"GWPLUGINS_REQUIRE_HOSTS is set, but {reason}")
    pytest.skip(reason)


#: The page with a program in each language, and how the last line begins that each of them writes.
PAGE = ROOT / "docs/embedding.md"
SAID = "Mail j***e@example.com"


def code_of(page: Path, language: str) -> str:
    """The first program of a language on a page."""
    found = page.read_text("utf-8").partition(f"```{language}\n")[2].partition("```")[0]
    assert found, f"{page} has no {language}"
    return found


#: What the examples of all languages are given, and what they must write.
PERSONAL, MASKED = b"SSN 123-45-6789, caf\xc3\xa9\n", "SSN [REDACTED], café\n"


def find(name: str) -> str:
    """The full path of a program; skips or fails where there is none."""
    return shutil.which(name) or missing(f"{name} is not installed")


def run(
    *words: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    expect: int = 0,
    timeout: float = 600,
) -> str:
    """Runs a program in `cwd`; its standard output. Another exit code than `expect` fails, showing all it said."""
    environ = os.environ | dict(env or {})
    ran = subprocess.run(list(map(str, words)), cwd=cwd, env=environ, input=stdin, capture_output=True, timeout=timeout)
    out, err = ran.stdout.decode(errors="backslashreplace"), ran.stderr.decode(errors="backslashreplace")
    assert ran.returncode == expect, f"{ran.args} ended with {ran.returncode}\n{out}\n{err}"
    return out


def check_example(*words: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """An example masks, takes kind and configuration, holds back what must not pass, refuses a wrong configuration."""
    assert run(*words, cwd=cwd, env=env, stdin=PERSONAL) == MASKED
    assert run(*words, cwd=cwd, env=env) == ""
    partial = '{"default_mask_strategy": "partial"}'
    assert run(*words, "pii_filter", partial, cwd=cwd, env=env, stdin=PERSONAL) == "SSN ***-**-6789, café\n"
    block = '{"block_on_detection": true}'
    assert run(*words, "pii_filter", block, cwd=cwd, env=env, stdin=PERSONAL, expect=1) == ""
    assert run(*words, "pii_filter", '{"no_such_key": 1}', cwd=cwd, env=env, stdin=PERSONAL, expect=2) == ""
    assert run(*words, "json_repair", cwd=cwd, env=env, stdin=b"{a: 1}") == '{"a": 1}'


def check_bench(*words: str | Path, cwd: Path, host: str) -> None:
    """A benchmark program verifies what it times and prints lines that the table of hosts can read."""
    (cwd / "small").write_bytes(b"The quick brown fox jumps over the lazy dog. " * 2)
    (cwd / "big").write_bytes(b"SSN 123-45-6789, the quick brown fox jumps over the lazy dog.\n" * 16_000)
    for line in run(*words, "pii_filter", "{}", "small", "big", cwd=cwd).splitlines():
        told = json.loads(line)
        assert told["host"] == host
        assert set(told) == {"host", "path", "ns_per_call", "mb_per_s"}
        assert len(told["ns_per_call"]) == len(told["mb_per_s"]) == 20
        assert min(told["ns_per_call"] + told["mb_per_s"]) > 0
    run(*words, "pii_filter", '{"no_such_key": 1}', "small", "big", cwd=cwd, expect=1)
    run(*words, "pii_filter", "{}", "small", "no such file", cwd=cwd, expect=1)
