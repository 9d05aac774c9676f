"""TLS, a socket file, Sentinel and Cluster, with real servers; a failing master, and a failing node."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis_servers import Server, in_cluster, running, wait_until
from redis_tls import of_client

from pyplugins.errors import ConfigError, ResourceError
from pyplugins.rate_limiter import RateLimiter

Config = Callable[..., dict[str, Any]]


def both_kinds(config: dict[str, Any], *keys: str) -> list[int | None]:
    """What is left after a blocking and an awaited check of each key."""
    limiter = RateLimiter(config)

    async def ask() -> list[int | None]:
        left = []
        for key in keys:
            left.append(limiter.check(key).remaining)
            left.append((await limiter.acheck(key)).remaining)
        await limiter.aclose()
        return left

    return asyncio.run(ask())


def test_tls(tls_server: Server, certificates: Path, config: Config) -> None:
    url = f"rediss://localhost:{tls_server.port}"
    made = config(tls_server, by_user="10/h", fail_mode="closed", redis_timeout_ms=2000, **of_client(certificates))
    assert both_kinds(made | {"redis_url": url}, "a") == [9, 8]


def test_tls_checks_the_name(tls_server: Server, certificates: Path, config: Config) -> None:
    """The certificate is for localhost; the address says 127.0.0.1."""
    url = f"rediss://127.0.0.1:{tls_server.port}"
    made = config(tls_server, by_user="10/h", fail_mode="closed", redis_timeout_ms=2000, **of_client(certificates))
    with pytest.raises(ResourceError):
        both_kinds(made | {"redis_url": url}, "a")
    assert both_kinds(made | {"redis_url": url, "redis_ssl_check_hostname": False}, "a") == [9, 8]


def test_tls_refuses_unknown_servers(tls_server: Server, certificates: Path, config: Config) -> None:
    url = f"rediss://localhost:{tls_server.port}"
    strangers = of_client(certificates) | {"redis_ssl_ca_certs": str(certificates / "client.crt")}
    with pytest.raises(ResourceError):
        both_kinds(config(tls_server, by_user="10/h", fail_mode="closed", **strangers) | {"redis_url": url}, "a")


def test_tls_server_refuses_unknown_clients(tls_server: Server, certificates: Path, config: Config) -> None:
    url = f"rediss://localhost:{tls_server.port}"
    made = config(tls_server, by_user="10/h", fail_mode="closed", redis_ssl_ca_certs=str(certificates / "ca.crt"))
    with pytest.raises(ResourceError):
        both_kinds(made | {"redis_url": url}, "a")


@pytest.mark.parametrize(
    ("name", "content"),
    [("redis_ssl_ca_certs", None), ("redis_ssl_ca_certs", "no certificate"), ("redis_ssl_certfile", None)],
)
def test_tls_files_are_read_at_once(name: str, content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "file.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError) as caught:
        RateLimiter({"by_user": "1/s", "backend": "redis", "redis_url": "rediss://localhost", name: str(file)})
    assert caught.value.path == f"$.{name}"


def test_tls_options_need_tls(certificates: Path) -> None:
    """Else the connection would be readable, and nobody told."""
    for name, value in (*of_client(certificates).items(), ("redis_ssl_check_hostname", False)):
        with pytest.raises(ConfigError) as caught:
            RateLimiter({"by_user": "1/s", "backend": "redis", "redis_url": "redis://localhost", name: value})
        assert caught.value.path == f"$.{name}"


def test_socket_file(tmp_path: Path, config: Config) -> None:
    server = Server(tmp_path, "--unixsocket", "redis.sock")
    with running(server):
        made = config(server, by_user="10/h", fail_mode="closed")
        assert both_kinds(made | {"redis_url": f"unix://{server.folder}/redis.sock"}, "a") == [9, 8]


def test_database(own_server: Server, config: Config) -> None:
    made = config(own_server, by_user="10/h", fail_mode="closed")
    assert both_kinds(made | {"redis_url": f"{own_server.url}/3"}, "a") == [9, 8]
    with redis.Redis(port=own_server.port) as admin:
        assert set(admin.info("keyspace")) == {"db3"}


@pytest.mark.parametrize(
    "url",
    [
        "", "localhost", "http://localhost", "redis://localhost:x", "redis://localhost/x", "redis://localhost/1/2",
        "redis+sentinel://localhost", "redis+sentinel://localhost/name/1/2", "redis+cluster://localhost/1", "redis://h:99999",
    ],
)  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        RateLimiter({"by_user": "1/s", "backend": "redis", "redis_url": url})
    assert caught.value.path == "$.redis_url"


class Sentinels:
    """A master, its replica, and three sentinels that watch them."""

    def __init__(self, folder: Path) -> None:
        self.master = Server(folder)
        self.replica = Server(folder, "--replicaof", "127.0.0.1", str(self.master.port))
        watch = "\n".join(
            [
                f"sentinel monitor main 127.0.0.1 {self.master.port} 2",
                "sentinel down-after-milliseconds main 300",
                "sentinel failover-timeout main 2000",
                "sentinel parallel-syncs main 1",
            ]
        )
        self.sentinels = [Server(folder, sentinel=watch) for _ in range(3)]
        self.all = (self.master, self.replica, *self.sentinels)

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{one.port}' for one in self.sentinels)}/main"

    def ready(self) -> bool:
        """The sentinels know each other and the replica."""
        return all(self._knows(one) for one in self.sentinels)

    def _knows(self, one: Server) -> bool:
        with redis.Redis(port=one.port) as admin:
            state = admin.sentinel_master("main")
            return bool(state["num-slaves"] >= 1 and state["num-other-sentinels"] >= 2)

    def synced(self) -> bool:
        with redis.Redis(port=self.replica.port) as admin:
            return bool(admin.info("replication")["master_link_status"] == "up")


def test_sentinel_failover(tmp_path: Path, config: Config) -> None:
    """The master dies; limiters of every fail mode go on with the replica, and its counts, by themselves."""
    group = Sentinels(tmp_path)
    with running(*group.all):
        wait_until(group.ready, "a group of sentinels")
        wait_until(group.synced, "the replica")
        made = config(group.master, by_user="10/h", local_share_percent=10, redis_timeout_ms=500)
        limiters = {
            mode: RateLimiter(made | {"redis_url": group.url, "fail_mode": mode, "redis_key_prefix": mode})
            for mode in ("open", "closed", "local")
        }
        for limiter in limiters.values():
            assert [limiter.check("a").remaining for _ in range(3)] == [9, 8, 7]
        with redis.Redis(port=group.master.port) as admin:
            admin.wait(1, 5000)
        group.master.stop()
        seen: dict[str, set[int | None]] = {mode: set() for mode in limiters}
        wait_until(lambda: {answered(limiters[mode], seen[mode]) for mode in limiters} == {True}, "the new master")
        assert {mode: limits - {10} for mode, limits in seen.items()} == {"open": {None}, "closed": {-1}, "local": {1}}
        for limiter in limiters.values():
            assert limiter.check("a").remaining == 6
            assert asyncio.run(last(limiter, "a")) == 5


def answered(limiter: RateLimiter, limits: set[int | None]) -> bool:
    """Asks once, and notes the limit, -1 for an error."""
    try:
        limits.add(limiter.check("b", 0).limit)
    except ResourceError:
        limits.add(-1)
    return not limiter.away


async def last(limiter: RateLimiter, key: str) -> int | None:
    """An awaited check, and the end."""
    left = (await limiter.acheck(key)).remaining
    await limiter.aclose()
    return left


class Cluster:
    """Three nodes, each with a third of the slots."""

    def __init__(self, folder: Path) -> None:
        options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"]
        options += ["--cluster-require-full-coverage", "no"]
        self.nodes = [Server(folder, *options) for _ in range(3)]

    def form(self) -> None:
        program = shutil.which("redis-cli") or shutil.which("valkey-cli")
        assert program is not None
        addresses = [f"127.0.0.1:{node.port}" for node in self.nodes]
        words = [program, "--cluster", "create", *addresses, "--cluster-replicas", "0", "--cluster-yes"]
        subprocess.run(words, check=True, capture_output=True, timeout=60)
        wait_until(lambda: all(self._ok(node) for node in self.nodes), "the cluster")

    def _ok(self, node: Server) -> bool:
        with redis.Redis(port=node.port) as admin:
            return in_cluster(admin)

    def keys(self) -> list[int]:
        """How many keys each node holds."""
        counts = []
        for node in self.nodes:
            with redis.Redis(port=node.port) as admin:
                counts.append(admin.dbsize())
        return counts

    @property
    def url(self) -> str:
        return f"redis+cluster://127.0.0.1:{self.nodes[1].port}"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    with running(*made.nodes):
        made.form()
        yield made


def test_cluster_spreads_one_dimension(cluster: Cluster, config: Config) -> None:
    made = config(cluster.nodes[0], by_user="10/h", fail_mode="closed", redis_timeout_ms=2000)
    before = cluster.keys()
    names = [f"user-{number}" for number in range(30)]
    assert both_kinds(made | {"redis_url": cluster.url}, *names) == [9, 8] * 30
    grown = [after - then for after, then in zip(cluster.keys(), before, strict=True)]
    assert sum(grown) == 30
    assert min(grown) > 0


@pytest.mark.parametrize("tag", [None, "tenant"])
def test_cluster_keeps_a_check_in_one_slot(tag: str | None, cluster: Cluster, config: Config) -> None:
    """Several dimensions, an algorithm with two keys, leases, and values that look like hash tags."""
    dimensions = [
        {"name": "tenant", "limits": "100/h, 1000/d", "algorithm": "sliding_window_log"},
        {"name": "user", "limits": "10/h", "concurrency": 3},
        {"name": "{tool}", "limits": "50/h"},
    ]
    more = {"dimensions": dimensions, "redis_hash_tag": tag, "fail_mode": "closed", "redis_timeout_ms": 2000}
    before = cluster.keys()
    with RateLimiter(config(cluster.nodes[0], **more) | {"redis_url": cluster.url}) as limiter:
        for tenant in ("}", "{", "{}", "a}b", "{x}", "", "plain", *(f"t{number}" for number in range(9))):
            for name in ("{u}", "}u{"):
                key = {"tenant": tenant, "user": f"{name}{tenant}", "{tool}": f"{{{tenant}"}
                decision = limiter.decide(key)
                assert decision.allowed
                with limiter.acquire(key) as lease:
                    assert lease.number
                assert limiter.settle(key, 1, decision.now_ns, 0).allowed
                assert limiter.reset({"user": f"{name}{tenant}", "tenant": tenant if tag else None}) >= 1
    assert not limiter.away
    grown = [after > then for after, then in zip(cluster.keys(), before, strict=True)]
    assert grown.count(True) == (1 if tag is None else 3)


def test_cluster_goes_on_without_a_node(tmp_path: Path, config: Config) -> None:
    """What the node that is gone counts is decided by fail_mode; the others' keys are still counted."""
    own = Cluster(tmp_path)
    with running(*own.nodes):
        own.form()
        made = config(own.nodes[0], by_user="10/h", fail_mode="open", redis_timeout_ms=1000, redis_pause_ms=0)
        limiter = RateLimiter(made | {"redis_url": f"redis+cluster://127.0.0.1:{own.nodes[0].port}"})
        names = [f"user-{number}" for number in range(12)]
        assert {limiter.check(name).remaining for name in names} == {9}
        own.nodes[2].stop()
        left = [limiter.check(name).remaining for name in names]
        assert set(left) == {8, None}
        own.nodes[2].start()
        wait_until(lambda: all(limiter.check(name).limit == 10 for name in names[:3]), "recovery")
        limiter.close()


def test_cluster_that_comes_later(tmp_path: Path, config: Config) -> None:
    """Making a limiter opens no connection: a cluster that is away is met like any server that is."""
    own = Cluster(tmp_path)
    made = config(own.nodes[0], by_user="10/h", fail_mode="open") | {"redis_url": own.url}
    limiter = RateLimiter(made)
    assert limiter.check("a").limit is None
    with running(*own.nodes):
        own.form()
        wait_until(lambda: limiter.check("a", 0).limit == 10, "the cluster")
        assert asyncio.run(last(limiter, "a")) == 9


def test_threads_over_a_failing_connection_count(own_server: Server, config: Config) -> None:
    """More threads than connections: they wait their turn, and nobody is let through uncounted."""
    made = config(own_server, by_user="100/h", fail_mode="closed", redis_timeout_ms=5000)
    limiter = RateLimiter(made)
    granted: list[bool] = []

    def work() -> None:
        granted.extend(limiter.check("a").allowed for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(96)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(granted), sum(granted)) == (480, 100)
    limiter.close()


def test_a_port_that_is_no_server(config: Config, own_server: Server) -> None:
    """Something listens and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ResourceError):
            both_kinds(config(own_server, by_user="1/s", fail_mode="closed") | {"redis_url": url}, "a")
