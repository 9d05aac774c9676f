"""A settlement that gives back is carried out once, however its connection breaks."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
import redis.asyncio.retry
import redis.retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Broken
from redis_servers import Server, free_port

from pyplugins.errors import ResourceError
from pyplugins.rate_limiter import RateLimiter
from pyplugins.rate_limiter._redis_once import ONCE, sparing

Config = Callable[..., dict[str, Any]]
LIMIT: dict[str, Any] = {"by_user": "10/h", "fail_mode": "closed", "redis_timeout_ms": 5000}


class Relay:
    """Stands before a server; while `deaf`, the next answer is swallowed and the connection closed."""

    def __init__(self, server: Server) -> None:
        self.deaf = threading.Event()
        self.url = f"redis://127.0.0.1:{free_port()}"
        self._to = ("127.0.0.1", server.port)
        self._door = socket.create_server(("127.0.0.1", int(self.url.rpartition(":")[2])))
        self._thread = threading.Thread(target=self._welcome)
        self._thread.start()

    def _welcome(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.create_connection(self._to)
            for source, to in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, to, source is far), daemon=True).start()

    def _carry(self, source: socket.socket, to: socket.socket, answers: bool) -> None:
        with source, suppress(OSError):
            while data := source.recv(65536):
                if answers and self.deaf.is_set():
                    self.deaf.clear()
                    break
                to.sendall(data)
        with suppress(OSError):
            to.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._door:
            self._door.shutdown(socket.SHUT_RDWR)
        self._thread.join()


@pytest.fixture
def relay(own_server: Server) -> Iterator[Relay]:
    made = Relay(own_server)
    yield made
    made.close()


@pytest.fixture(params=["blocking", "asyncio"])
def call(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Calls a method of a limiter in one of its forms."""
    with asyncio.Runner() as runner:

        def blocking(limiter: RateLimiter, name: str, *args: Any) -> Any:
            return getattr(limiter, name)(*args)

        def waiting(limiter: RateLimiter, name: str, *args: Any) -> Any:
            return runner.run(getattr(limiter, f"a{name}")(*args))

        yield blocking if request.param == "blocking" else waiting


def test_it_is_not_sent_again(relay: Relay, config: Config, call: Any) -> None:
    limiter = RateLimiter(config(SimpleNamespace(url=relay.url), **LIMIT))
    call(limiter, "settle", "bob", 1, call(limiter, "check", "bob").now_ns, 0)  # the server knows the scripts
    reserved = call(limiter, "check", "alice", 4)
    assert call(limiter, "check", "alice", 5).remaining == 1
    relay.deaf.set()
    with pytest.raises(ResourceError):
        call(limiter, "settle", "alice", 4, reserved.now_ns, 1)
    assert not limiter.away  # the next request is counted at once
    assert call(limiter, "check", "alice", 0).remaining == 4
    relay.deaf.set()
    assert call(limiter, "settle", "alice", 0, reserved.now_ns, 1).remaining <= 3
    call(limiter, "close")


def test_a_connection_that_broke_before_harms_nothing(own_server: Server, config: Config, call: Any) -> None:
    limiter = RateLimiter(config(own_server, **LIMIT))
    for kept in (6, 3):
        reserved = call(limiter, "check", "alice", 4)
        with redis.Redis(port=own_server.port) as admin:
            admin.client_kill_filter(_type="normal", skipme=True)
        if call.__name__ == "waiting":  # the loop hears of it when it runs
            call(limiter, "check", "bob")
        assert call(limiter, "settle", "alice", 4, reserved.now_ns, 3).remaining == kept + 1
    call(limiter, "close")


def tries(retry: Any, once: bool) -> int:
    """How often something is tried that always fails."""
    made = sparing(retry)(NoBackoff(), 1, supported_errors=(Broken,))
    is_async = asyncio.iscoroutinefunction(retry.call_with_retry)
    count = 0

    def fails(*_: Any) -> None:
        nonlocal count
        count += 1
        raise Broken

    async def fails_later(*_: Any) -> None:
        fails()

    async def passes(*_: Any) -> None:
        return

    async def run() -> None:
        await made.call_with_retry(fails_later, passes)

    before = ONCE.set(once)
    with pytest.raises(Broken):
        asyncio.run(run()) if is_async else made.call_with_retry(fails, lambda *_: None)
    ONCE.reset(before)
    return count


@pytest.mark.parametrize("retry", [redis.retry.Retry, redis.asyncio.retry.Retry])
def test_clients_of_redis_py_try_once(retry: Any) -> None:
    assert (tries(retry, once=False), tries(retry, once=True)) == (2, 1)
