"""The section of compression: our codecs beside isal, zlib-ng, zstandard, lz4, brotli, cramjam and `gzip`.

Levels are paired by ratio (`subjects.LEVELS`); the sizes stand in the table of what was checked.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from bench.plugin import Concurrency, Memory, Plugin, Workload
from bench.plugins.compression.corpora import KINDS, text
from bench.plugins.compression.subjects import BACK, LEVELS, SUBJECTS, takers
from bench.processes import Process
from bench.promises import Against
from bench.texts import KIB, MIB
from bench.verify import Disagreement, answers

SIZES = {"1 KB": 1000, "64 KiB": 64 * KIB, "1 MiB": MIB, "8 MiB": 8 * MIB}
OPERATIONS = [name for operation in LEVELS for name in (operation, BACK.format(operation))]


def _name(operation: str, kind: str, size: str) -> str:
    return f"{operation}: {kind}, {size}"


def _workload(operation: str, kind: str, size: str) -> Workload:
    source = partial(text, kind, SIZES[size])
    return Workload(_name(operation, kind, size), operation, source, takers(operation), named=size == "64 KiB")


WORKLOADS = tuple(
    _workload(operation, kind, size)
    for operation in OPERATIONS
    for kind in KINDS
    for size in SIZES
    if kind == "JSON" or size == "64 KiB"
)


def verify(processes: Mapping[str, Process], plugin: Plugin, workloads: Iterable[Workload]) -> dict[str, Any]:
    """What everybody packed holds the text, and what everybody opened is the text."""
    agreed = {}
    for workload in workloads:
        expected = zlib.crc32(workload.source().encode())
        found = answers(processes, plugin, workload)
        for name, answer in found.items():
            if (answer["check"] if isinstance(answer, dict) else answer) != expected:
                raise Disagreement(f"{workload.name}: {name} does not give the text back")
        sizes = {SUBJECTS[name].title: answer["size"] for name, answer in found.items() if isinstance(answer, dict)}
        agreed[workload.name] = {"findings": sizes}
    return agreed


def _bytes(kind: str, size: int) -> bytes:
    return text(kind, size).encode()


def _against(theirs: str, least: float, *operations: str) -> Against:
    names = [workload.name for workload in WORKLOADS if workload.operation in operations]
    return Against(theirs, SUBJECTS[theirs].title, least, tuple(names))


PLUGIN = Plugin(
    name="compression",
    subjects=SUBJECTS,
    workloads=WORKLOADS,
    verify=verify,
    verified="what was packed held the text, and what was opened was the text",
    verified_title=("What was checked, before timing: bytes after compression", "bytes"),
    promises=(
        _against("stdlib", 5, "gzip"),
        _against("isal", 0.95, "gzip, fast", "open gzip, fast"),
        _against("zlib_ng", 0.95, "gzip", "open gzip"),
        _against("zstandard", 0.95, "zstd", "open zstd"),
        _against("lz4", 0.95, "lz4", "open lz4"),
        _against("cramjam", 0.95, "snappy", "open snappy"),
        _against("brotli", 0.7, "brotli", "open brotli"),
    ),
    requirements=(
        "isal==1.9.1",
        "zlib-ng==1.1.0",
        "zstandard==0.25.0",
        "lz4==4.4.5",
        "brotli==1.2.1",
        "cramjam==2.14.0",
    ),
    concurrency=Concurrency(
        subjects=("cffi", "ctypes", "zstandard", "cramjam"),
        threads=_name("zstd", "JSON", "1 MiB"),
        threads_title="1 MiB of JSON, zstd",
        spin=_name("zstd", "JSON", "1 KB"),
        spin_title="1 KB of JSON, zstd",
    ),
    memory=Memory("zstd", b"{}", {kind: partial(_bytes, kind) for kind in KINDS}, takers("zstd")),
)
