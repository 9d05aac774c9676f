"""`gwplugins doctor`: what is used, what was tried, why not, what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pyplugins.cli.diagnosis import Attempt, _advice, diagnose


def report(cli: Any, **env: str) -> tuple[int, dict[str, Any]]:
    ran = cli("doctor", "--json", env=env)
    return ran.code, json.loads(ran.text)


def test_it_tells_every_implementation_and_python_always_works(cli: Any) -> None:
    code, told = report(cli)
    assert code == (0 if told["healthy"] else 2)
    attempts = {row["name"]: row for row in told["attempts"]}
    assert list(attempts) == ["cffi", "ctypes", "python"]
    assert attempts["python"]["works"] is True
    assert all(bool(row["why"]) is not row["works"] for row in attempts.values())
    assert told["implementation"] in ("rust", "python")
    assert told["versions"]["python"].startswith(("CPython ", "PyPy "))
    assert "pii_filter" in told["plugins"]


def test_text_says_the_same(cli: Any) -> None:
    _, told = report(cli)
    ran = cli("doctor")
    assert ran.text.startswith(f"implementation: {told['implementation']}")
    for row in told["attempts"]:
        assert f"  {row['name']:7} {'works' if row['works'] else 'not available: '}" in ran.text


def test_a_forced_implementation_that_does_not_work_is_unhealthy(cli: Any) -> None:
    code, told = report(cli, GWPLUGINS_IMPL="ctypes", GWPLUGINS_LIBRARY="/nonexistent/libgwplugins.so")
    assert code == 2
    assert told["implementation"] is None
    assert "/nonexistent/libgwplugins.so" in told["problems"][0]
    assert told["environment"]["GWPLUGINS_IMPL"] == "ctypes"
    assert any("GWPLUGINS_IMPL=ctypes" in advice for advice in told["advice"])


def test_native_code_that_is_required_and_missing_is_unhealthy(cli: Any) -> None:
    code, told = report(
        cli, GWPLUGINS_IMPL="rust", GWPLUGINS_REQUIRE_NATIVE="1", GWPLUGINS_LIBRARY="/nonexistent/libgwplugins.so"
    )
    works = {row["name"]: row["works"] for row in told["attempts"]}
    assert code == (0 if works["cffi"] else 2)


def test_a_misspelt_implementation_is_unhealthy(cli: Any) -> None:
    code, told = report(cli, GWPLUGINS_IMPL="pyhton")
    assert code == 2
    assert "'pyhton'" in told["problems"][0]


def test_python_forced_is_healthy_and_named(cli: Any) -> None:
    code, told = report(cli, GWPLUGINS_IMPL="python")
    assert (code, told["implementation"], told["binding"]) == (0, "python", None)


@pytest.mark.parametrize(
    ("works", "env", "told"),
    [
        ((True, True), {}, ""),
        ((False, True), {}, "C compiler"),
        ((False, False), {}, "install Rust"),
        ((False, False), {"GWPLUGINS_LIBRARY": "x"}, "GWPLUGINS_LIBRARY"),
        ((True, True), {"GWPLUGINS_IMPL": "python"}, "unset it"),
    ],
)
def test_advice(monkeypatch: pytest.MonkeyPatch, works: tuple[bool, bool], env: dict[str, str], told: str) -> None:
    for name in ("GWPLUGINS_IMPL", "GWPLUGINS_LIBRARY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    attempts = [Attempt(name, ok) for name, ok in zip(("cffi", "ctypes"), works, strict=True)]
    given = " ".join(_advice("rust", attempts))
    assert told in given
    assert bool(given) is bool(told)


def test_a_guard_that_opens_but_does_not_scan_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __init__(self, config: object, implementation: str) -> None: ...

        def scan(self, text: str) -> None:
            raise LookupError

    monkeypatch.setattr("pyplugins.cli.discovery.scanner", lambda name: Broken)
    found = diagnose()
    assert not found.healthy
    assert "LookupError" in found.problems[0]
