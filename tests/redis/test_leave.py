"""Connections of asyncio are closed when they are left, though the server says no farewell: with TLS it should."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
import threading
import warnings
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis_servers import Server, in_cluster, running, wait_until
from redis_tls import of_client, speaks_tls

from pyplugins.rate_limiter import RateLimiter


def reaching(url: str, certificates: Path, **more: Any) -> dict[str, Any]:
    """A configuration. Servers tell each other's numbers, and the certificate has a name."""
    own = {"backend": "redis", "redis_url": url, "redis_ssl_check_hostname": False, "redis_timeout_ms": 5000}
    return own | {"by_user": "10/h", "fail_mode": "closed"} | of_client(certificates) | more


def left_open(use: Coroutine[Any, Any, None]) -> list[str]:
    """What is still open when the event loop has ended."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(use)
        gc.collect()
    return [str(one.message) for one in caught]


def closed_while_frozen(config: dict[str, Any], *servers: Server) -> list[str]:
    """What a limiter leaves open that is closed while its servers stand still."""

    async def use() -> None:
        limiter = RateLimiter(config)
        assert (await limiter.acheck("a")).remaining == 9
        for server in servers:
            server.freeze()
        start = asyncio.get_running_loop().time()
        await limiter.aclose()
        assert asyncio.get_running_loop().time() - start < config["redis_timeout_ms"] / 1000

    return left_open(use())


def test_a_frozen_server(tls_server: Server, certificates: Path) -> None:
    made = reaching(f"rediss://localhost:{tls_server.port}", certificates)
    assert closed_while_frozen(made, tls_server) == []


def test_frozen_sentinels(tls_server: Server, certificates: Path, tmp_path: Path) -> None:
    watch = f"sentinel monitor main 127.0.0.1 {tls_server.port} 1"
    sentinel = speaks_tls(Server(tmp_path, sentinel=watch), certificates, "--tls-replication", "yes")
    with running(sentinel):
        made = reaching(f"rediss+sentinel://localhost:{sentinel.port}/main", certificates)
        assert closed_while_frozen(made, tls_server, sentinel) == []


@pytest.mark.usefixtures("tls_server")  # or there is no TLS
def test_a_frozen_cluster(certificates: Path, tmp_path: Path) -> None:
    node = speaks_tls(Server(tmp_path, "--cluster-enabled", "yes"), certificates, "--tls-cluster", "yes")
    files = {name.removeprefix("redis_"): file for name, file in of_client(certificates).items()}
    with running(node), redis.Redis(port=node.port, ssl=True, **files) as admin:  # type: ignore[arg-type]
        admin.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_until(lambda: in_cluster(admin), "the cluster")
        assert closed_while_frozen(reaching(f"rediss+cluster://localhost:{node.port}", certificates), node) == []


@pytest.fixture
def mute(certificates: Path) -> Iterator[str]:
    """The address of who speaks TLS, and then says nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    done = threading.Event()

    def welcome(door: socket.socket) -> None:
        with contextlib.suppress(OSError):  # nobody came
            near, _ = door.accept()
            with context.wrap_socket(near, server_side=True):
                done.wait()

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=welcome, args=(door,))
        thread.start()
        yield f"rediss://:password@localhost:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)
        done.set()
        thread.join()


@pytest.mark.parametrize("waits_s", [0.2, 5], ids=["cancelled", "too late"])
def test_nobody_answers(waits_s: float, mute: str, certificates: Path) -> None:
    """Who logs in stops waiting."""

    async def use() -> None:
        limiter = RateLimiter(reaching(mute, certificates, fail_mode="open", redis_timeout_ms=500))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(limiter.acheck("a"), waits_s)
        await limiter.aclose()

    assert left_open(use()) == []
