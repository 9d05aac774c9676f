"""The section of rate_limiter: checks beside cpex-rate-limiter and `limits` in memory, and the hooks of two plugins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from bench.plugin import OWN, Concurrency, Plugin, Workload
from bench.plugins.rate_limiter import programs, redis
from bench.plugins.rate_limiter.subjects import SUBJECTS
from bench.processes import Process
from bench.promises import Against
from bench.verify import answers, same

_ALL = (*OWN, "cpex", "limits")
_HOOKS = (*OWN, "cpex")


def names(count: int) -> list[str]:
    """Keys, no two neighbours of which were made one after the other."""
    return [f"user-{number * 7919 % count}" for number in range(count)]


CHECKS = (
    Workload("check, one key", "check", lambda: "user-1", _ALL, named=True),
    Workload("check, 1,000 keys in turn", "checks", partial(names, 1_000), _ALL, named=True),
)
REFUSED = Workload("check, refused", "refused", lambda: "user-1", _ALL, named=True)
HOOK = Workload("hook, three dimensions", "hook", lambda: {"name": "search", "args": {}}, _HOOKS)
#: A new limiter of three in an hour and its first decisions: all must refuse the fourth.
FIRST = Workload("the first five decisions", "first", lambda: "user-1", _ALL)
WORKLOADS = (
    *CHECKS,
    REFUSED,
    Workload("check, three dimensions", "three", lambda: "user-1", OWN),
    Workload("check_many, 1,000 keys", "many", partial(names, 1_000), OWN),
    HOOK,
    FIRST,
    Workload("new limiter", "new", lambda: None, OWN),
)


def verify(processes: Mapping[str, Process], plugin: Plugin, workloads: Iterable[Workload]) -> dict[str, Any]:
    """All give the same verdicts: three of five requests pass under a limit of three, and so on."""
    agreed = {}
    for workload in workloads:
        if workload.operation != "new":
            answer = same(workload.name, answers(processes, plugin, workload))
            verdicts = answer if isinstance(answer, list) else [answer]
            agreed[workload.name] = {"findings": {"allowed": sum(verdicts), "refused": len(verdicts) - sum(verdicts)}}
    return agreed


PLUGIN = Plugin(
    name="rate_limiter",
    subjects=SUBJECTS,
    workloads=WORKLOADS,
    verify=verify,
    verified="all agreed on who may go on",
    verified_title=("What all agree on, before timing", "verdicts"),
    promises=(
        Against("cpex", "cpex-rate-limiter 0.1.12, its engine", 3, tuple(one.name for one in CHECKS)),
        Against("limits", "limits 5.8.0, in memory", 8, tuple(one.name for one in CHECKS)),
        Against("python", "our own Python", 15, tuple(one.name for one in CHECKS)),
        *programs.PROMISES,
        redis.no_slower,
    ),
    requirements=("cpex==0.1.4", "cpex-rate-limiter==0.1.12", "limits==5.8.0", "redis==7.4.1", "hiredis==3.5.0"),
    peer_files=("cpex_rate_limiter/rate_limiter_rust/*.so", "cpex_rate_limiter/*.so"),
    concurrency=Concurrency(
        subjects=("cffi", "ctypes"),
        threads="check_many, 1,000 keys",
        threads_title="1,000 checks in one call",
        spin="check, one key",
        spin_title="A check",
    ),
    programs=programs.measure,
    further=redis.measure,
    sections=lambda results: [*programs.sections(results), *redis.sections(results)],
)
