"""Real servers, and configurations whose keys no other test uses."""

from __future__ import annotations

import contextlib
import gc
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gw_tests import missing
from redis_servers import Server, running
from redis_tls import sign, speaks_tls

pytest.importorskip("redis", reason="redis-py is not installed: pip install gwplugins[redis]")
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """What a test leaves open is found while that test ends, not in whichever runs later."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that all tests share; none may harm it."""
    made = Server(tmp_path_factory.mktemp("redis"))
    with running(made):
        yield made


@pytest.fixture
def own_server(tmp_path: Any) -> Iterator[Server]:
    """A server that a test may stop, freeze and fill."""
    made = Server(tmp_path, "--maxmemory-policy", "noeviction")
    with running(made):
        yield made


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with certificates of a server and a client, and of who signed them."""
    folder = tmp_path_factory.mktemp("certificates")
    sign(folder)
    return folder


@pytest.fixture
def tls_server(tmp_path: Path, certificates: Path) -> Iterator[Server]:
    """A server that speaks TLS only, and wants a certificate of its clients."""
    server = speaks_tls(Server(tmp_path), certificates)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(running(server))
        except AssertionError as why:
            if "TLS support" not in str(why):
                raise
            missing("this server was built without TLS")
        yield server


@pytest.fixture
def config() -> Callable[..., dict[str, Any]]:
    """A configuration for a server: short waits, a prefix of its own, and what the test asks for."""

    def make(server: Server, **more: Any) -> dict[str, Any]:
        waits = {"redis_timeout_ms": 500, "redis_pause_ms": 30, "refusal_cache_ms": 0}
        own = {"redis_url": server.url, "redis_key_prefix": f"t{next(_numbers)}"}
        return {"backend": "redis"} | waits | own | more

    return make
