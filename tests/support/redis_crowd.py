"""A crowd of processes and threads that share limits in one Redis, and the proof that it got neither more nor less.

Every answer carries the time of the server's decision. Put in that order, the answers must be those of one limiter
that was asked alone: never more than the limit, never a refusal where there was room. tests/redis/test_crowd.py runs
it small; `python tests/support/redis_crowd.py --requests 1000000` starts a server, and prints the table that
docs/rate-limiting.md shows.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

from redis_servers import Server, running

from pyplugins.rate_limiter import RateLimiter, RateLimiterPython

#: Limits that are passed and refused many times in a short run.
LIMITS = {
    "gcra": "2000/s burst 300",
    "token_bucket": "700/100ms burst 900",
    "fixed_window": "150/100ms",
    "sliding_window_log": "200/100ms",
    "sliding_window_counter": "170/100ms",
}
PROCESSES, THREADS = 8, 8
KEY = "everyone"

#: A decision: when, in microseconds of the server's clock, and whether it was granted.
Answer = tuple[int, bool]


@dataclass(frozen=True)
class Result:
    """What a crowd got of one limit."""

    algorithm: str
    requests: int
    granted: int
    refused: int
    seconds: float
    #: Answers that a limiter asked alone would have given otherwise: too much, too little.
    more: int
    less: int


def ask(config: dict[str, Any], requests: int, threads: int) -> list[Answer]:
    """One process: so many requests from so many threads."""
    answers: list[list[Answer]] = [[] for _ in range(threads)]
    with RateLimiter(config) as limiter:

        def work(mine: list[Answer]) -> None:
            for _ in range(requests // threads):
                decision = limiter.check(KEY)
                mine.append((decision.now_ns // 1000, decision.allowed))

        workers = [threading.Thread(target=work, args=(mine,)) for mine in answers]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if limiter.away:
            raise RuntimeError("the server did not answer")
    return [answer for mine in answers for answer in mine]


def judged(algorithm: str, answers: list[Answer], seconds: float) -> Result:
    """Replays the answers in the order of the server's clock, grants first within a microsecond."""
    alone = RateLimiterPython(limits(algorithm))
    more = less = 0
    for now_us, granted in sorted(answers, key=lambda answer: (answer[0], not answer[1])):
        wanted = alone.check(KEY, now_ns=now_us * 1000).allowed
        more += granted and not wanted
        less += wanted and not granted
    granted = sum(allowed for _, allowed in answers)
    return Result(algorithm, len(answers), granted, len(answers) - granted, seconds, more, less)


def limits(algorithm: str) -> dict[str, Any]:
    """The configuration of one limit."""
    return {"by_user": LIMITS[algorithm], "algorithm": algorithm}


def processes() -> Pool:
    """So many, to be ended by their `with` block."""
    return multiprocessing.get_context("spawn").Pool(PROCESSES)


def crowd(pool: Pool, config: dict[str, Any], algorithm: str, requests: int) -> Result:
    """All processes at once."""
    share = requests // PROCESSES
    begin = time.monotonic()
    parts = pool.starmap(ask, [(config | limits(algorithm), share, THREADS)] * PROCESSES, 1)
    return judged(algorithm, [answer for part in parts for answer in part], time.monotonic() - begin)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000, help="of all algorithms together")
    wanted = parser.parse_args().requests
    print("| algorithm | limit | requests | granted | refused | too much | too little |\n|---|---|---|---|---|---|---|")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        with running(server), processes() as pool:
            for algorithm, limit in LIMITS.items():
                config = {"backend": "redis", "redis_url": server.url, "redis_timeout_ms": 20_000}
                config |= {"refusal_cache_ms": 0, "fail_mode": "closed", "redis_key_prefix": algorithm}
                got = crowd(pool, config, algorithm, wanted // len(LIMITS))
                row = (algorithm, limit, got.requests, got.granted, got.refused, got.more, got.less)
                print(f"| {' | '.join(map(str, row))} |", flush=True)
                wrong += got.more + got.less
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
