"""The section of compression: levels are paired by size, promises are of pairs, and a dictionary keeps its promise."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bench.plugins.compression import PLUGIN
from bench.plugins.compression.corpora import small_result
from bench.plugins.compression.dictionary import LEVELS, TIMES, quality
from bench.plugins.compression.pairs import Paired, pair_of, sections
from bench.plugins.compression.settings import nearest
from bench.processes import Process
from bench.report.results import Results

NAME = "gzip 1: JSON, 1 KB"


class Recorded:
    """As much of a run as pairs are read from."""

    def __init__(self, ours: int, theirs: int) -> None:
        self.subjects = {"isal": "isal (PyPI)"}
        sizes = {"cffi": ours, "isal": theirs}
        self.document: dict[str, Any] = {"agreed": {NAME: {"sizes": sizes, "levels": {"isal": 3}}}}

    def ratio(self, *_names: str) -> float:
        return 1.5


def recorded(ours: int, theirs: int) -> Results:
    return cast("Results", Recorded(ours, theirs))


@pytest.mark.parametrize(("size", "level"), [(1, 3), (100, 3), (146, 2), (190, 1), (1000, 1)])
def test_the_nearest_size_is_paired(size: int, level: int) -> None:
    assert nearest(size, {1: 200, 2: 150, 3: 100, 4: 100}) == level


@pytest.mark.parametrize(("theirs", "judged"), [(970, True), (1030, True), (969, False), (1031, False)])
def test_a_pair_is_judged_when_its_sizes_are_near(theirs: int, judged: bool) -> None:
    results = recorded(1000, theirs)
    checks = [*Paired("isal", "isal", 0.95, (NAME,))(results)]
    assert [(check.promise, check.against, check.met) for check in checks] == [(NAME, "isal, level 3", True)] * judged
    [row] = sections(results)[0].rows
    assert row[0] == f"{NAME}, isal (PyPI) 3"
    assert ("not within 3 %" in row[3]) is not judged


def test_who_did_not_run_has_no_pair() -> None:
    assert pair_of(recorded(1, 1), NAME, "zlib_ng") is None
    assert pair_of(recorded(1, 1), "another", "isal") is None


def test_a_worker_packs_at_the_level_it_was_paired_at() -> None:
    process = Process(PLUGIN, "python")
    try:
        before = process.ask("answer", workload=NAME)["size"]
        assert process.ask("pair", workload=NAME, size=1) == 1
        assert process.ask("answer", workload=NAME)["size"] == before
    finally:
        process.close()


def test_a_dictionary_makes_a_small_result_three_times_smaller() -> None:
    pytest.importorskip("zstandard", reason="the compression extra is not installed")
    assert 900 < len(small_result(0)) < 1100
    figures = quality(["python"])
    assert all(figures[TIMES.format(level)]["python"] >= 3 for level in LEVELS)
