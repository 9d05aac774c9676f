"""The section of compression: our codecs beside isal, zlib-ng, zstandard, lz4, brotli, cramjam and `gzip`.

Levels are paired by size in the run itself (`settings.py`, `pairs.py`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from bench.plugin import OWN, Concurrency, Memory, Plugin, Workload
from bench.plugins.compression.corpora import KINDS, text
from bench.plugins.compression.dictionary import LEVELS, TIMES, quality
from bench.plugins.compression.pairs import Paired, sections
from bench.plugins.compression.settings import BACK, SETTINGS, SIZES, all_named, named, taking
from bench.plugins.compression.subjects import SUBJECTS
from bench.processes import Process
from bench.promises import Against, Figure
from bench.verify import Disagreement, answers

#: Texts on which all of ours are measured; on the others only the fastest.
_ALL_OF_OURS = (("JSON", "1 KB"), ("JSON", "64 KiB"), ("JSON", "1 MiB"), ("log", "64 KiB"), ("HTML", "64 KiB"))


def _workload(name: str, operation: str, peers: Iterable[str], kind: str, size: str) -> Workload:
    ours = OWN if (kind, size) in _ALL_OF_OURS else ("cffi",)
    source = partial(text, kind, SIZES[size])
    return Workload(name, operation, source, (*ours, *peers), named=size == "64 KiB")


_TEXTS = [(kind, size) for kind in KINDS for size in SIZES]
PACKING = tuple(
    _workload(named(operation, *one), named(operation, *one), setting.peers, *one)
    for operation, setting in SETTINGS.items()
    for one in _TEXTS
)
OPENING = tuple(
    _workload(named(BACK.format(codec), *one), BACK.format(codec), taking(codec), *one)
    for codec in dict.fromkeys(setting.codec for setting in SETTINGS.values())
    for one in _TEXTS
)
WORKLOADS = (*PACKING, *OPENING)
_PACKING = {workload.name for workload in PACKING}


def verify(processes: Mapping[str, Process], plugin: Plugin, workloads: Iterable[Workload]) -> dict[str, Any]:
    """What everybody packed holds the text, and what everybody opened is the text. Levels are paired here."""
    agreed = {}
    for workload in workloads:
        levels = _paired(processes, workload) if workload.name in _PACKING else {}
        expected = zlib.crc32(workload.source().encode())
        found = answers(processes, plugin, workload)
        for name, answer in found.items():
            if (answer["check"] if isinstance(answer, dict) else answer) != expected:
                raise Disagreement(f"{workload.name}: {name} does not give the text back")
        sizes = {name: answer["size"] for name, answer in found.items() if isinstance(answer, dict)}
        titles = {SUBJECTS[name].title: size for name, size in sizes.items()}
        agreed[workload.name] = {"findings": titles, "sizes": sizes, "levels": levels}
    return agreed


def _paired(processes: Mapping[str, Process], workload: Workload) -> dict[str, int | None]:
    """The level of each peer, once it is that of the size nearest to ours."""
    if "cffi" not in processes:
        return {}
    size = processes["cffi"].ask("answer", workload=workload.name)["size"]
    peers = [name for name in workload.subjects if SUBJECTS[name].peer and name in processes]
    return {name: processes[name].ask("pair", workload=workload.name, size=size) for name in peers}


def _bytes(kind: str, size: int) -> bytes:
    return text(kind, size).encode()


def _promises(theirs: str, least: float, codec: str) -> tuple[Paired, Against]:
    """Of a peer: packing at levels of a pair, and opening."""
    operations = [name for name, one in SETTINGS.items() if one.codec == codec and theirs in one.peers]
    packing = tuple(name for operation in operations for name in all_named(operation))
    title = SUBJECTS[theirs].title
    return (
        Paired(theirs, title, least, packing),
        Against(theirs, title, least, tuple(all_named(BACK.format(codec)))),
    )


PLUGIN = Plugin(
    name="compression",
    subjects=SUBJECTS,
    workloads=WORKLOADS,
    verify=verify,
    verified="what was packed held the text, and what was opened was the text",
    verified_title=("What was checked, before timing: bytes after compression", "bytes"),
    promises=(
        Paired("stdlib", "gzip.compress", 5, tuple(all_named("gzip")), within=10.0),
        *_promises("isal", 0.95, "gzip"),
        *_promises("zlib_ng", 0.95, "gzip"),
        *_promises("zstandard", 0.95, "zstd"),
        *_promises("lz4", 0.95, "lz4"),
        *_promises("cramjam", 0.95, "snappy"),
        *_promises("brotli", 0.7, "brotli"),
        *(Figure(TIMES.format(level), least=3, mine=mine) for level in LEVELS for mine in ("cffi", "python")),
    ),
    quality=quality,
    sections=sections,
    requirements=(
        "isal==1.9.1",
        "zlib-ng==1.1.0",
        "zstandard==0.25.0",
        "lz4==4.4.5",
        "brotli==1.2.1",
        "cramjam==2.14.0",
    ),
    concurrency=Concurrency(
        # Not zstandard: one of its compressors serves one thread at a time, and two end the process.
        subjects=("cffi", "ctypes", "cramjam"),
        threads=named("zstd", "JSON", "1 MiB"),
        threads_title="1 MiB of JSON, zstd",
        spin=named("zstd", "JSON", "1 KB"),
        spin_title="1 KB of JSON, zstd",
    ),
    memory=Memory("zstd", b"{}", {kind: partial(_bytes, kind) for kind in KINDS}, (*OWN, *SETTINGS["zstd"].peers)),
)
