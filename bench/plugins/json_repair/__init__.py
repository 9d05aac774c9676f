"""The section of json_repair: our repair beside PyPI's json_repair, repairjson, fast_json_repair and npm jsonrepair."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from bench.plugin import OWN, Concurrency, Memory, Plugin, Workload
from bench.plugins.json_repair.documents import BREAKS, PROSE, broken, document, valid
from bench.plugins.json_repair.quality import EXACT, quality
from bench.plugins.json_repair.subjects import SUBJECTS
from bench.processes import Process
from bench.promises import Above, Against
from bench.texts import KIB
from bench.verify import Disagreement, answers, same

MB = 10**6
BROKEN = "20 broken documents, 0.1 to 20 KB"
VALID = "valid, 1 MB"
_PYTHON_ONES = tuple(name for name in SUBJECTS if name != "jsonrepair")


def _broken(name: str) -> str:
    return BREAKS[name](document(2 * KIB, name))


WORKLOADS = (
    Workload(BROKEN, "many", lambda: [text for _, text in broken()], named=True),
    Workload(VALID, "repair", partial(valid, MB), named=True),
    Workload("valid, 1 MB, indented", "repair", partial(valid, MB, 2)),
    Workload("valid, 1 MB, letters beyond ASCII", "repair", partial(valid, MB, None, False)),
    Workload("valid, 200 B", "repair", partial(valid, 200)),
    Workload("valid, 20 KB", "repair", partial(valid, 20_000)),
    Workload("1 MB, the end missing", "repair", lambda: BREAKS["the end missing"](valid(MB))),
    *(
        Workload(f"2 KB, {name}", "repair", partial(_broken, name), _PYTHON_ONES if name == PROSE else ())
        for name in BREAKS
    ),
    Workload("process_many, the 20 broken documents", "process_many", lambda: [text for _, text in broken()], OWN),
    Workload("new repair, default config", "new", lambda: None, OWN),
)


def verify(processes: Mapping[str, Process], plugin: Plugin, workloads: Iterable[Workload]) -> dict[str, Any]:
    """Ours are the same bytes, valid JSON, and the value that was broken; each peer's value is that one too."""
    agreed = {}
    for workload in workloads:
        if workload.operation == "new":
            continue
        found = answers(processes, plugin, workload)
        wanted = _values(workload)
        for name, answer in found.items():
            texts = answer if isinstance(answer, list) else [answer]
            wrong = [at for at, (text, value) in enumerate(zip(texts, wanted, strict=True)) if _read(text) != value]
            if wrong:
                raise Disagreement(f"{workload.name}: {name} has another value for documents {wrong}")
        same(workload.name, {name: answer for name, answer in found.items() if name in OWN} or {"none": None})
        agreed[workload.name] = {"findings": {"exact": len(wanted)}}
    return agreed


def _values(workload: Workload) -> list[Any]:
    """The values that the documents had before they were broken."""
    if "broken" in workload.name:
        return [json.loads(whole) for whole, _ in broken()]
    kind = workload.name.partition(", ")[2]
    if workload.name.startswith("2 KB"):
        return [json.loads(document(2 * KIB, kind))]
    return [json.loads(valid(MB) if kind in BREAKS else workload.source())]


def _read(text: str) -> Any:
    """The value of JSON; of anything else, an object that equals nothing."""
    try:
        return json.loads(text)
    except ValueError:
        return object()


PLUGIN = Plugin(
    name="json_repair",
    subjects=SUBJECTS,
    workloads=WORKLOADS,
    verify=verify,
    verified="ours were valid JSON and the same bytes, and every answer had the value that was broken",
    verified_title=("What was checked, before timing", "documents"),
    promises=(
        Against("json_repair", "json_repair 0.64.6 (PyPI)", 60, (BROKEN, VALID)),
        Against("repairjson", "repairjson 0.2.0 (PyPI)", 1, (BROKEN, VALID)),
        Against("fast_json_repair", "fast_json_repair 0.2.3 (PyPI)", 1, (BROKEN, VALID)),
        Against("jsonrepair", "jsonrepair 3.15.0 (npm, Node)", 10, (BROKEN, VALID)),
        Against("json_repair", "json_repair 0.64.6 (PyPI)", 1, (BROKEN, VALID), mine="python"),
        Above(EXACT, ("json_repair", "repairjson", "fast_json_repair", "jsonrepair")),
    ),
    quality=quality,
    requirements=("json_repair==0.64.6", "repairjson==0.2.0", "fast_json_repair==0.2.3"),
    npm=("jsonrepair@3.15.0",),
    peer_files=("repairjson/*.so", "fast_json_repair/*.so"),
    concurrency=Concurrency(
        subjects=("cffi", "ctypes", "repairjson", "fast_json_repair"),
        threads=VALID,
        threads_title="a valid document of 1 MB",
        spin="valid, 200 B",
        spin_title="A valid document of 200 bytes",
    ),
    memory=Memory("repair", "[1,", {"valid": valid, "the end missing": lambda size: valid(size)[:-2]}),
)
