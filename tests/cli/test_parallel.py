"""Side by side, in order, in bounded memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pyplugins.cli.parallel import in_order
from pyplugins.cli.remote import Remote
from pyplugins.cli.scanning import Batch, Failed, Reading
from pyplugins.cli.settings import Settings


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_items_come_in_the_order_of_the_inputs(jobs: int) -> None:
    def work(count: int) -> Iterator[str]:
        return (f"{count}.{item}" for item in range(count % 7))

    got = [(one, list(items)) for one, items in in_order(range(50), work, jobs)]
    assert got == [(one, list(work(one))) for one in range(50)]


def test_two_inputs_are_worked_on_at_once() -> None:
    both = threading.Barrier(2, timeout=20)

    def work(one: int) -> Iterator[int]:
        both.wait()
        yield one

    assert [list(items) for _, items in in_order([1, 2], work, 2)] == [[1], [2]]


def test_a_producer_does_not_run_far_ahead() -> None:
    made = 0

    def work(_: int) -> Iterator[int]:
        nonlocal made
        for item in range(1000):
            made += 1
            yield item

    with closing(in_order([1], work, 2)) as lanes:
        _, items = next(lanes)
        next(items)
        assert made < 10


def test_leaving_early_ends_the_workers() -> None:
    before = threading.active_count()

    def work(_: int) -> Iterator[int]:
        yield from range(10_000)

    with closing(in_order(range(100), work, 4)) as lanes:
        for _, items in lanes:
            next(items)
            break
    assert threading.active_count() == before


def test_inputs_are_taken_as_they_are_needed() -> None:
    taken = 0

    def inputs() -> Iterator[int]:
        nonlocal taken
        while taken < 1000:
            taken += 1
            yield taken

    with closing(in_order(inputs(), lambda one: iter((one,)), 2)) as lanes:
        next(lanes)
        assert taken < 10


def test_what_a_worker_raises_reaches_the_consumer() -> None:
    def work(_: int) -> Iterator[int]:
        yield 1
        raise LookupError

    lanes = in_order([1], work, 2)
    _, items = next(lanes)
    with pytest.raises(LookupError):
        list(items)
    lanes.close()


def test_worker_processes_scan_and_survive_a_death(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text("jane.roe@example.com\n", encoding="utf-8")
    with closing(Remote(Settings("pii_filter", {}, "python"), Reading())) as remote:

        def rules(path: str) -> list[Any]:
            return [r.rule for event in remote(path) if isinstance(event, Batch) for r in event.records]

        assert rules(str(tmp_path / "a")) == ["email"]
        remote._all[0].process.kill()
        remote._all[0].process.join()
        assert [type(event) for event in remote(str(tmp_path / "a"))] == [Failed]
        assert rules(str(tmp_path / "b")) == ["email"]
        processes = [worker.process for worker in remote._all]
    assert not any(process.is_alive() for process in processes)
