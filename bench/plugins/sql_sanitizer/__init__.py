"""The section of sql_sanitizer: statements beside cpex-sql-sanitizer's hook, single values beside libinjection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from bench.plugin import OWN, Concurrency, Memory, Plugin, Workload
from bench.plugins.sql_sanitizer.quality import ALARMS, RECALL, quality
from bench.plugins.sql_sanitizer.subjects import SUBJECTS
from bench.plugins.sql_sanitizer.texts import ARGUMENTS, ATTACKS, BENIGN, text
from bench.processes import Process
from bench.promises import Against, Everywhere, Figure, Speed
from bench.texts import KIB, MIB
from bench.verify import answers, same

_HOOKS = (*OWN, "cpex")
_VALUES = (*OWN, "libinjection")


def _arguments(name: str) -> Callable[[], dict[str, Any]]:
    return lambda: {"name": "query", "args": ARGUMENTS[name]}


def _script(size: int) -> Callable[[], dict[str, Any]]:
    return lambda: {"name": "query", "args": {"sql": text("script", size)}}


SMALL_HOOKS = tuple(
    Workload(f"hook, {name}", "hook", _arguments(name), _HOOKS, named=name == "clean") for name in ARGUMENTS
)
LONG = tuple(
    Workload(f"{operation}, {words}, 1 MiB", kind, partial(text, name, MIB), OWN)
    for operation, kind in (("statements", "scan"), ("injection", "injection"))
    for name, words in (("script", "SQL script"), ("prose", "prose"), ("log", "log lines"))
)
WORKLOADS = (
    *SMALL_HOOKS,
    Workload("hook, SQL script of 4 KiB", "hook", _script(4 * KIB), _HOOKS),
    Workload("hook, SQL script of 64 KiB", "hook", _script(64 * KIB), _HOOKS),
    Workload("statements, 200 B", "scan", partial(text, "script", 200), OWN),
    Workload("statements, 4 KiB", "scan", partial(text, "script", 4 * KIB), OWN),
    Workload("injection, ten harmless values", "values", lambda: list(BENIGN), _VALUES, named=True),
    Workload("injection, ten attacks", "values", lambda: list(ATTACKS), _VALUES, named=True),
    *LONG,
    Workload("new sanitizer, default config", "new", lambda: None, OWN),
)


def verify(processes: Mapping[str, Process], plugin: Plugin, workloads: Iterable[Workload]) -> dict[str, Any]:
    """All give the same verdict on every payload and value; ours the same findings in every text."""
    agreed = {}
    for workload in workloads:
        if workload.operation != "new":
            answer = same(workload.name, answers(processes, plugin, workload))
            agreed[workload.name] = {"findings": _counts(workload.operation, answer)}
    return agreed


def _counts(operation: str, answer: Any) -> dict[str, int]:
    match operation:
        case "hook":
            return {"passes" if answer["passes"] else "blocked": 1}
        case "scan":
            return {"findings": len(answer)}
    verdicts = Counter(answer if isinstance(answer, list) else [answer])
    return {name: verdicts[kind] for name, kind in (("harmless", False), ("injection", True)) if verdicts[kind]}


PLUGIN = Plugin(
    name="sql_sanitizer",
    subjects=SUBJECTS,
    workloads=WORKLOADS,
    verify=verify,
    verified="all agreed on the verdict on every payload and value, and on what the arguments become",
    verified_title=("What all agree on, before timing", "verdicts"),
    promises=(
        Against("cpex", "cpex-sql-sanitizer 0.1.4", 3, tuple(one.name for one in SMALL_HOOKS)),
        Everywhere("every text", "python", "our own Python", 8),
        Speed(100, tuple(one.name for one in LONG)),
        Figure(RECALL, least=97),
        Figure(ALARMS, most=0.5),
    ),
    quality=quality,
    requirements=("cpex==0.1.4", "cpex-sql-sanitizer==0.1.4", "libinjection-python==1.1.6"),
    peer_files=("cpex_sql_sanitizer/*.so", "libinjection*.so"),
    concurrency=Concurrency(
        subjects=("cffi", "ctypes"),
        threads="statements, SQL script, 1 MiB",
        threads_title="1 MiB of SQL",
        spin="statements, 200 B",
        spin_title="A call with 200 bytes",
    ),
    memory=Memory("scan", "SELECT 1", {name: partial(text, name) for name in ("script", "prose")}, OWN),
)
