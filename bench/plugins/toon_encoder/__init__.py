"""The section of toon_encoder: our encoder beside toon-format and python-toon. docs/benchmarks.md explains the parts.

The gateway's own encoder is in no package; it is Python like these two, and ends in the same text for these documents.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from bench import texts, verify
from bench.plugin import OWN, Concurrency, Memory, Plugin, Workload
from bench.plugins.toon_encoder.documents import KINDS, document
from bench.plugins.toon_encoder.subjects import SUBJECTS
from bench.promises import Against, own_python
from bench.texts import KIB, MIB

if TYPE_CHECKING:
    from bench.processes import Process

_SIZES = {"200 B": 200, "4 KiB": 4 * KIB, "64 KiB": 64 * KIB, "1 MiB": MIB}


def _prose() -> str:
    return texts.filled(texts.prose(random.Random(1)), 64 * KIB)


ENCODE = tuple(
    Workload(f"encode, {kind}, {name}", "encode", partial(document, kind, size), named=name == "64 KiB")
    for kind in KINDS
    for name, size in _SIZES.items()
)
DECODE = tuple(
    Workload(f"decode, {kind}, {name}", "decode", partial(document, kind, size), named=name == "64 KiB")
    for kind in KINDS
    for name, size in _SIZES.items()
)
WORKLOADS = (
    *ENCODE,
    *DECODE,
    Workload("encode, no JSON, 64 KiB of prose", "encode", _prose, OWN),
    Workload("process_many, 20 tables of 4 KiB", "process_many", lambda: [document("a table", 4 * KIB)] * 20, OWN),
    Workload("new encoder, default config", "new", lambda: None, OWN),
)
_WITH_PEERS = tuple(one.name for one in (*ENCODE, *DECODE))


def check_all(
    processes: Mapping[str, Process], plugin: Plugin, workloads: Iterable[Workload]
) -> dict[str, dict[str, Any]]:
    """All write the same TOON; what is decoded is the same text of ours, and the same value of the peers."""
    found = {}
    for one in workloads:
        if one.operation == "new":
            continue
        answers = verify.answers(processes, plugin, one)
        ours = verify.same(one.name, {name: answer for name, answer in answers.items() if name in OWN} or {"none": ""})
        if one.operation == "decode":
            verify.same(one.name, {name: json.loads(answer) for name, answer in answers.items()})
        else:
            verify.same(one.name, answers)
        found[one.name] = {"findings": {"characters": sum(map(len, ours))}}
    return found


PLUGIN = Plugin(
    name="toon_encoder",
    subjects=SUBJECTS,
    workloads=WORKLOADS,
    verify=check_all,
    verified="all wrote the same TOON, and read the same values of it",
    verified_title=("What was checked, before timing", "characters"),
    promises=(
        Against("toon_format", "toon-format 1.2.0 (PyPI)", 10, _WITH_PEERS),
        Against("python_toon", "python-toon 0.2.0 (PyPI)", 10, _WITH_PEERS),
        *own_python(2, 4),
    ),
    requirements=("toon-format==1.2.0", "python-toon==0.2.0"),
    concurrency=Concurrency(
        subjects=("cffi", "ctypes"),
        threads="encode, a table, 1 MiB",
        threads_title="a table of 1 MiB",
        spin="encode, a table, 200 B",
        spin_title="A table of 200 bytes",
    ),
    memory=Memory("encode", "[]", {kind: partial(document, kind) for kind in KINDS}),
)
