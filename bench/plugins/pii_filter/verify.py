"""Holds all subjects to the same findings.

Subjects that find values must agree on the multiset of values of every type, labels stripped, for every workload, and
on every byte of the rewritten text. Those that only match patterns must cover every agreed value.
Tests: tests/bench/test_verify.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from bench.plugin import Plugin, Workload
from bench.plugins.pii_filter.subjects import COVERS_ONLY
from bench.processes import Process
from bench.verify import Disagreement


def check_all(
    processes: Mapping[str, Process], plugin: Plugin, workloads: Iterable[Workload]
) -> dict[str, dict[str, Any]]:
    """What all agree on: by workload the number of findings of each type and, for patterns, the number of raw matches.

    Raises:
        Disagreement: someone finds something else.
    """
    return {workload.name: _check(workload, processes) for workload in workloads if workload.operation != "new"}


def _check(workload: Workload, processes: Mapping[str, Process]) -> dict[str, Any]:
    subjects = [name for name in workload.subjects if name in processes]
    answers = {
        name: processes[name].ask("answers", workload=workload.name) for name in subjects if name not in COVERS_ONLY
    }
    compare_values(workload.name, {name: answer["found"] for name, answer in answers.items()})
    compare_outputs(workload.name, {name: answer["made"] for name, answer in answers.items()})
    first = next(iter(answers.values()))["found"]
    agreed: dict[str, Any] = {"findings": dict(sorted(Counter(one[0] for one in first).items()))}
    spans = [(kind, start, end) for kind, _, start, end in first]
    for name in COVERS_ONLY.intersection(subjects):
        covered = processes[name].ask("covers", workload=workload.name, spans=spans)
        if covered["missing"]:
            raise Disagreement(f"{workload.name}: {name} matches {covered['missing']} of {len(spans)} values nowhere")
        agreed[f"{name} matches"] = covered["matches"]
    return agreed


def compare_values(workload: str, found: Mapping[str, list[list[Any]]]) -> None:
    """Raises `Disagreement` unless all have the same multiset of (type, value)."""
    multisets = {name: Counter((kind, value) for kind, value, _, _ in ones) for name, ones in found.items()}
    reference, expected = next(iter(multisets.items()))
    for name, values in multisets.items():
        if values != expected:
            raise Disagreement(
                f"{workload}: {reference} finds {expected.total()} values, {name} {values.total()}; "
                f"only {reference}: {(expected - values).most_common(5)}; "
                f"only {name}: {(values - expected).most_common(5)}"
            )


def compare_outputs(workload: str, made: Mapping[str, dict[str, Any] | None]) -> None:
    """Raises `Disagreement` unless all rewrote the texts alike.

    Texts that are masked hold no value whose label the peer masks too; therefore its output is compared as well.
    """
    reference, expected = next(iter(made.items()))
    for name, one in made.items():
        if one != expected:
            counts = [None if rewritten is None else rewritten["redactions"] for rewritten in (expected, one)]
            raise Disagreement(
                f"{workload}: {reference} and {name} rewrite differently; redactions: {counts[0]} and {counts[1]}"
            )
