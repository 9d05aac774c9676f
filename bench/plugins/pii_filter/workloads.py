"""What is timed: operation, input, who takes part. Data only. Tests: tests/bench/test_sections.py."""

from __future__ import annotations

from collections.abc import Callable

from bench.plugin import Workload
from bench.plugins.pii_filter import corpora
from bench.texts import KIB, MIB

ALL = ("cffi", "ctypes", "python", "cpex")


def _text(name: str, size: int = 0) -> Callable[[], str]:
    return lambda: corpora.text(name, size)


def _many() -> list[str]:
    return corpora.text("log", 64 * KIB).split("\n")


def _sizes() -> list[Workload]:
    sizes = (("200 B", 200), ("4 KiB", 4 * KIB), ("64 KiB", 64 * KIB))
    kinds = (("prose", "clean ASCII prose"), ("log", "log lines"), ("dense", "a finding every 64 bytes"))
    return [
        Workload(f"mask, {title}, {label}", "mask", _text(name, size), ALL)
        for name, title in kinds
        for label, size in sizes
    ]


WORKLOADS: tuple[Workload, ...] = (
    Workload("Single SSN Detection", "detect", _text("Single SSN Detection"), ALL, named=True),
    Workload("Multiple PII Types Detection", "detect", _text("Multiple PII Types Detection"), ALL, named=True),
    Workload("Large Text Performance (1000 PII instances)", "detect", _text("1000 instances"), ALL, named=True),
    Workload("mask, clean ASCII prose", "mask", _text("prose", MIB), ALL),
    Workload("mask, prose with numbers", "mask", _text("prose with numbers", MIB), ALL),
    Workload("mask, log lines, 2 % with PII", "mask", _text("log", MIB), ALL),
    Workload("mask, a finding every 64 bytes", "mask", _text("dense", MIB), ALL),
    Workload("mask, German, 2 % PII lines, fresh str", "mask", _text("german", MIB), ALL, fresh=True),
    Workload("mask, Russian, 2 % PII lines, fresh str", "mask", _text("russian", MIB), ALL, fresh=True),
    Workload("mask, Chinese, 2 % PII lines, fresh str", "mask", _text("chinese", MIB), ALL, fresh=True),
    *(Workload(f"detect, {name}", "detect", _text(name), ALL) for name in list(corpora.SMALL)[:5]),
    Workload("process_nested, 40 strings, clean", "nested", lambda: corpora.payload(0), ALL),
    Workload("process_nested, 40 strings, 2 findings", "nested", lambda: corpora.payload(2), ALL),
    Workload("mask_many, log lines of 64 KiB one by one", "mask_many", _many, ALL),
    Workload("new detector, default config", "new", lambda: None, ALL),
    Workload("detect, log lines, 2 % with PII", "detect", _text("log", MIB), (*ALL, "hyperscan", "finditer")),
    *_sizes(),
)
