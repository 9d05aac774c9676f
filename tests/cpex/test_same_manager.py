"""The embedded manager against cpex's own: the same plugins, configurations and payloads, the same outcome.

Each manager runs all of scenarios.py in a process of its own. What may differ is listed here, with the reason; a listed
difference that no longer occurs fails too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import pyplugins.framework

pytest.importorskip("cpex", reason="cpex is not installed: pip install gwplugins[cpex]")

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGES = Path(pyplugins.framework.__file__).resolve().parents[2]


@cache
def outcomes(framework: str) -> dict[str, Any]:
    # Only the package under test and what its users set: a .env file or PLUGINS_* of the machine must not decide.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PLUGINS_")}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (env.get("PYTHONPATH"), str(PACKAGES))))
    env["GWPLUGINS_FRAMEWORK"] = framework
    command = [sys.executable, str(HERE / "scenarios.py"), str(ROOT)]
    done = subprocess.run(command, env=env, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["framework"] == framework
    return told


Record = dict[str, Any]

# reason: whether it explains that `field` of a record or of a run is `ours` here and `theirs` in cpex
KNOWN: dict[str, Callable[[str, Record, Record], bool]] = {
    "an ignored failure is recorded as an error; cpex records it as completed": lambda field, ours, theirs: (
        ours.get("status") == "error"
        and theirs.get("status") == "completed"
        and field in ("status", "requested_allow", "matched", "error_code")
    ),
    "a refusal that may not stop is recorded as asked for; cpex records a clean run": lambda field, ours, theirs: (
        ours.get("mode") in ("transform", "audit")
        and ours.get("requested_allow") is False
        and ours.get("effective_allow") is True
        and field in ("requested_allow", "matched", "error_code")
    ),
    "a timeout that on_error ignores has changed nothing, so it was not applied": lambda field, ours, theirs: (
        ours.get("status") == theirs.get("status") == "timeout" and field == "applied"
    ),
    "a raised violation is a refusal like a returned one; cpex lets the exception out": lambda field, ours, theirs: (
        "refused" in theirs
        and "executions" in ours
        and ours["continue"] is (ours["executions"][0]["mode"] in ("transform", "audit"))
    ),
    "response headers of plugins reach the host; cpex drops them": lambda field, ours, theirs: (
        field == "headers" and ours["headers"] == {"X-Seen": "1"} and theirs["headers"] is None
    ),
    "background plugins get the masked payload; cpex hands them the original": lambda field, ours, theirs: (
        field == "seen"
        and "alice" in str(theirs["seen"])
        and "alice" not in str(ours["seen"])
        and len(ours["seen"]) == 1
    ),
}


def differences(ours: Any, theirs: Any, place: str = "") -> Iterator[tuple[str, str, Record, Record]]:
    """Each field that differs, with its place and the two records around it."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for field in sorted(ours.keys() | theirs.keys()):
            mine, other = ours.get(field), theirs.get(field)
            if field in ("runs", "executions") and mine and other and len(mine) == len(other):
                for number, pair in enumerate(zip(mine, other, strict=True)):
                    yield from differences(*pair, f"{place}.{field}[{number}]")
            elif mine != other:
                yield f"{place}.{field}", field, ours, theirs
    elif ours != theirs:
        yield place, "", {}, {}


def explanations(name: str) -> Iterator[tuple[str, str | None]]:
    ours, theirs = (outcomes(framework)["scenarios"][name] for framework in ("embedded", "cpex"))
    for place, field, mine, other in differences(ours, theirs):
        yield place, next((reason for reason, explains in KNOWN.items() if explains(field, mine, other)), None)


def names() -> list[str]:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("gwp_scenarios", HERE / "scenarios.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return list(module.scenarios())


NAMES = names()


@pytest.mark.parametrize("name", NAMES)
def test_both_managers_come_to_the_same_outcome(name: str) -> None:
    assert [place for place, reason in explanations(name) if reason is None] == []


def test_every_known_difference_still_occurs() -> None:
    seen = {reason for name in NAMES for _, reason in explanations(name)}
    assert sorted(KNOWN) == sorted(reason for reason in seen if reason is not None)


@pytest.mark.parametrize("framework", ["embedded", "cpex"])
def test_the_scenarios_do_something(framework: str) -> None:
    told = outcomes(framework)["scenarios"]
    runs = [run for scenario in told.values() for run in scenario["runs"]]
    assert sum("failed" in run for run in runs) > 10
    assert sum("refused" in run for run in runs) > 2
    assert sum(run.get("continue") is False for run in runs) > 10
    assert sum(run.get("payload") is not None for run in runs) > 50


@pytest.mark.parametrize("framework", ["embedded", "cpex"])
def test_no_scenario_changes_the_payload_it_was_given(framework: str) -> None:
    for name, told in outcomes(framework)["scenarios"].items():
        assert "mutated" not in str(told["input"]), name
        assert "[REDACTED]" not in str(told["input"]), name


def test_the_example_chain_masks_the_recorded_traffic_alike() -> None:
    ours, theirs = outcomes("embedded")["examples"], outcomes("cpex")["examples"]
    assert len(ours) > 100
    assert [place for place in ours if ours[place] != theirs[place]] == []
    assert sum(payload is not None for _, payload in ours.values()) > 10
