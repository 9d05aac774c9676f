"""What is timed: operation, input, who takes part; and the table of promises with the figures that decide them.

Data only. Tests: tests/bench/test_report.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bench import corpora
from bench.corpora import KIB, MIB

ALL = ("cffi", "ctypes", "python", "cpex")


@dataclass(frozen=True)
class Workload:
    """One operation on one input. `fresh`: each call gets a new `str`, for which CPython has cached nothing."""

    name: str
    operation: Literal["detect", "mask", "mask_many", "nested", "new"]
    source: Callable[[], Any]
    subjects: tuple[str, ...] = ALL
    fresh: bool = False
    named: bool = False

    def texts(self) -> list[str]:
        """Every text the input holds."""
        data = self.source()
        return [] if data is None else corpora.strings(data)

    def size(self) -> int:
        """UTF-8 bytes of all texts; 0 where a throughput would mean nothing."""
        return sum(len(text.encode()) for text in self.texts())


def _text(name: str, size: int = 0) -> Callable[[], str]:
    return lambda: corpora.text(name, size)


def _many() -> list[str]:
    return corpora.text("log", 64 * KIB).split("\n")


def _sizes() -> list[Workload]:
    sizes = (("200 B", 200), ("4 KiB", 4 * KIB), ("64 KiB", 64 * KIB))
    kinds = (("prose", "clean ASCII prose"), ("log", "log lines"), ("dense", "a finding every 64 bytes"))
    return [
        Workload(f"mask, {title}, {label}", "mask", _text(name, size)) for name, title in kinds for label, size in sizes
    ]


WORKLOADS: tuple[Workload, ...] = (
    Workload("Single SSN Detection", "detect", _text("Single SSN Detection"), named=True),
    Workload("Multiple PII Types Detection", "detect", _text("Multiple PII Types Detection"), named=True),
    Workload("Large Text Performance (1000 PII instances)", "detect", _text("1000 instances"), named=True),
    Workload("mask, clean ASCII prose", "mask", _text("prose", MIB)),
    Workload("mask, prose with numbers", "mask", _text("prose with numbers", MIB)),
    Workload("mask, log lines, 2 % with PII", "mask", _text("log", MIB)),
    Workload("mask, a finding every 64 bytes", "mask", _text("dense", MIB)),
    Workload("mask, German, 2 % PII lines, fresh str", "mask", _text("german", MIB), fresh=True),
    Workload("mask, Russian, 2 % PII lines, fresh str", "mask", _text("russian", MIB), fresh=True),
    Workload("mask, Chinese, 2 % PII lines, fresh str", "mask", _text("chinese", MIB), fresh=True),
    *(Workload(f"detect, {name}", "detect", _text(name)) for name in list(corpora.SMALL)[:5]),
    Workload("process_nested, 40 strings, clean", "nested", lambda: corpora.payload(0)),
    Workload("process_nested, 40 strings, 2 findings", "nested", lambda: corpora.payload(2)),
    Workload("mask_many, log lines of 64 KiB one by one", "mask_many", _many),
    Workload("new detector, default config", "new", lambda: None),
    Workload("detect, log lines, 2 % with PII", "detect", _text("log", MIB), (*ALL, "hyperscan", "finditer")),
    *_sizes(),
)

BY_NAME = {workload.name: workload for workload in WORKLOADS}

#: The workload of the two-thread figure, and the text of the busy-thread one.
THREADS = "mask, log lines, 2 % with PII"
SMALL_CALL = "detect, 100-byte clean"
