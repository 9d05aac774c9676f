"""Nothing is timed before all agree: a difference stops the run and names values and counts."""

from __future__ import annotations

from typing import Any

import pytest

from bench import processes, verify
from bench.processes import Process, python_for
from bench.subjects import OPENERS, OWN, PEERS
from bench.workloads import WORKLOADS

ALICE: list[Any] = ["email", "alice@example.com", 0, 17]
SSN: list[Any] = ["ssn", "123-45-6789", 20, 31]


def test_the_same_values_in_any_order_and_at_any_offset_agree() -> None:
    verify.compare_values("w", {"cffi": [ALICE, SSN], "cpex": [["ssn", "123-45-6789", 99, 110], ALICE]})


@pytest.mark.parametrize("other", [[ALICE], [ALICE, SSN, SSN], [ALICE, ["phone", *SSN[1:]]]])
def test_another_multiset_stops_the_run(other: list[list[Any]]) -> None:
    with pytest.raises(verify.Disagreement, match=r"w: cffi finds 2 values, cpex \d; .*123-45-6789"):
        verify.compare_values("w", {"cffi": [ALICE, SSN], "cpex": other})


def test_another_output_stops_the_run() -> None:
    one = {"digest": "a", "redactions": 2}
    verify.compare_outputs("w", {"cffi": one, "cpex": dict(one)})
    with pytest.raises(verify.Disagreement, match="redactions: 2 and 1"):
        verify.compare_outputs("w", {"cffi": one, "cpex": {"digest": "b", "redactions": 1}})


def opened(names: tuple[str, ...]) -> dict[str, Process]:
    """Processes of the subjects that can be had here."""
    found = {name: Process(name, python_for(name)) for name in names}
    for name, process in list(found.items()):
        try:
            process.ask("versions")
        except processes.WorkerFailed:
            found.pop(name).close()
    return found


SMALL = [workload for workload in WORKLOADS if workload.size() <= 128 << 10]


def test_our_implementations_agree_on_every_small_workload() -> None:
    subjects = opened((*OWN, "finditer"))
    try:
        assert "python" in subjects
        agreed = verify.check_all(subjects, SMALL)
    finally:
        for process in subjects.values():
            process.close()
    assert agreed["Large Text Performance (1000 PII instances)"]["findings"].keys() > {"ssn", "bsn", "passport"}


def test_the_peers_agree_too() -> None:
    if not processes.PEERS_FOLDER.exists():
        pytest.skip("the peers are not installed; make bench-compare installs them")
    subjects = opened(("python", *PEERS))
    try:
        assert set(subjects) == {"python", *PEERS}
        assert verify.check_all(subjects, WORKLOADS)
    finally:
        for process in subjects.values():
            process.close()


def test_who_covers_only_is_known_to_be_so() -> None:
    assert OPENERS["finditer"]().covers_only
    assert "finditer" in verify.COVERS_ONLY
