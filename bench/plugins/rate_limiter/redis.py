"""Counts in Redis: ours beside cpex-rate-limiter and `limits`, all awaited, on one redis-server.

The server is started here, on a free loopback port, and ended by its process id. Subjects take turns, and nothing is
timed before all agree on who may go on. With `backend: redis` our implementations are one: the server's script counts.
Tests: tests/bench/test_redis.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import repeat
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bench.promises import Check, at_least
from bench.tables import Section, number
from bench.verify import same

if TYPE_CHECKING:
    from bench.measure import Effort
    from bench.processes import Process
    from bench.report.results import Results

MINE, PEERS = "cffi", {"cpex": "cpex-rate-limiter 0.1.12, its engine", "limits": "limits 5.8.0, redis-py"}
#: Tasks of one event loop, each with a key of its own.
CLIENTS: Final = (1, 64)
#: Calls of each client before its time counts: connections are made, scripts loaded.
_WARM: Final = 10
_PATIENCE_S: Final = 10

#: Whether the request for a key may go on.
Checks = Callable[[str], Awaitable[bool]]


class Opened(NamedTuple):
    """A limiter of one event loop."""

    check: Checks
    close: Callable[[], Awaitable[Any]]


#: Opens a limiter at an address with a rate, "3/h".
Opens = Callable[[str, str], Opened]


def jobs(opens: Opens, plenty: str) -> dict[str, Callable[..., Any]]:
    """The jobs of a subject's process; `plenty` is a rate that nobody uses up."""
    return {
        "redis verdicts": lambda url: asyncio.run(_verdicts(opens, url)),
        "redis times": lambda url, clients, seconds: asyncio.run(_times(opens(url, plenty), clients, seconds)),
    }


async def _verdicts(opens: Opens, url: str) -> dict[str, Any]:
    """Five requests under a limit of three, and how many of a crowd pass a limit of ten."""
    three, ten = opens(url, "3/h"), opens(url, "10/h")
    first = [bool(await three.check("first")) for _ in range(5)]
    crowd = await asyncio.gather(*(ten.check("crowd") for _ in range(max(CLIENTS))))
    for one in (three, ten):
        await one.close()
    return {"first": first, "allowed of a crowd": sum(map(bool, crowd))}


async def _times(opened: Opened, clients: int, seconds: float) -> dict[str, float]:
    """One round: percentiles of single checks in seconds, and checks a second of all together."""
    now, check = time.perf_counter, opened.check
    took: list[float] = []

    async def client(key: str, end: float) -> None:
        while True:
            began = now()
            await check(key)
            done = now()
            took.append(done - began)
            if done > end:
                return

    keys = [f"user-{each}" for each in range(clients)]
    for _ in repeat(None, _WARM):
        await asyncio.gather(*map(check, keys))
    began = now()
    await asyncio.gather(*(client(key, began + seconds) for key in keys))
    rate = len(took) / (now() - began)
    await opened.close()
    took.sort()
    return {"p50": took[len(took) // 2], "p99": took[len(took) * 99 // 100], "rate": rate}


def measure(processes: Mapping[str, Process], effort: Effort) -> dict[str, Any]:
    """The rounds of every subject, by number of clients; or why there are none.

    Raises:
        Disagreement: two subjects answer something else.
    """
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        return {"left out": "redis-server is not installed"}
    names = [name for name in (MINE, *PEERS) if name in processes]
    rounds: dict[str, dict[str, list[dict[str, float]]]] = {
        str(clients): {name: [] for name in names} for clients in CLIENTS
    }
    with _server(program) as url:
        #: Each has a database of its own.
        urls = {name: url.format(place) for place, name in enumerate(names)}
        agreed = same("redis", {name: processes[name].ask("redis verdicts", url=urls[name]) for name in names})
        for turn in range(effort.rounds):
            first = turn % len(names)
            for clients in CLIENTS:
                for name in names[first:] + names[:first]:
                    asked = {"url": urls[name], "clients": clients, "seconds": effort.clients_seconds}
                    rounds[str(clients)][name].append(processes[name].ask("redis times", **asked))
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {"server": version, "agreed": agreed, "clients": rounds}


@contextlib.contextmanager
def _server(program: str) -> Iterator[str]:
    """The address of a new server, with a place for the number of a database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            _wait(port)
            yield f"redis://127.0.0.1:{port}/{{}}"
        finally:
            process.kill()
            process.wait()


def _wait(port: int) -> None:
    """Until the server listens."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def ratio(results: Results, clients: int, peer: str, figure: str) -> float | None:
    """How many times longer the peer takes: the median of the rounds' ratios."""
    by_subject = results.document.get("further", {}).get("clients", {}).get(str(clients), {})
    if MINE not in by_subject or peer not in by_subject:
        return None
    return median(slow[figure] / fast[figure] for slow, fast in zip(by_subject[peer], by_subject[MINE], strict=True))


def no_slower(results: Results) -> Iterator[Check]:
    """Both percentiles beside both peers."""
    for clients in CLIENTS:
        for figure in ("p50", "p99"):
            for peer, title in PEERS.items():
                what = f"check in Redis, {clients} at a time, {figure}"
                yield at_least(what, title, 1, ratio(results, clients, peer, figure))


def sections(results: Results) -> list[Section]:
    """Medians of the rounds."""
    title, found = "Counts in Redis, awaited", results.document.get("further", {"left out": "not in this run"})
    if "left out" in found:
        return [Section(title, [f"left out: {found['left out']}"])]
    rows = [
        [
            f"{clients} at a time",
            results.subjects[name],
            *(number(median(one[figure] for one in rounds) * 1e6) for figure in ("p50", "p99")),
            number(median(one["rate"] for one in rounds)),
        ]
        for clients, by_subject in found["clients"].items()
        for name, rounds in by_subject.items()
    ]
    lines = [
        found["server"],
        "One fixed window; medians of the rounds. Before anything was timed, all let three of five requests pass",
        "under a limit of three, and ten of 64 at once under one of ten.",
    ]
    return [Section(title, lines, ["clients", "subject", "p50 us", "p99 us", "checks/s"], rows)]
