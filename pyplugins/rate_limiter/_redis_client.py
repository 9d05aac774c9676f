"""Clients of redis-py for an address: plain, TLS, a socket file, Sentinel and Cluster, blocking and asyncio.

| address (`rediss`: with TLS) | server |
|---|---|
| `redis://[user:password@]host[:port][/db]`, `unix://path` | one server |
| `redis+sentinel://[user:password@]host[:port][,host[:port]...]/name[/db]` | the master that the sentinels name |
| `redis+cluster://[user:password@]host[:port][,host[:port]...]` | a cluster, found by any of its nodes |

No address, and so no password, is ever in a message. Tests: tests/redis/.
"""

from __future__ import annotations

import importlib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from pyplugins.core.faults import fault
from pyplugins.rate_limiter._redis_leave import leave_cluster, leave_pool
from pyplugins.rate_limiter._redis_once import sparing

#: Most connections of one client; who finds none free waits, at most for the timeout.
CONNECTIONS = 64
_PORT, _SENTINEL_PORT = 6379, 26379
_FILES: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_KINDS = {
    "redis": ("single", False),
    "rediss": ("single", True),
    "unix": ("single", False),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is, and how to talk to it."""

    kind: str
    hosts: tuple[tuple[str, int], ...] = ()
    service: str = ""
    #: Arguments of each connection.
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


def address(settings: Mapping[str, Any]) -> Address:
    """Reads `redis_url`, `redis_ssl_*` and `redis_timeout_ms` of a configuration.

    Raises:
        ConfigError: the address has another form than one of those above, TLS is configured for one without it, or a
            file cannot be used.
    """
    try:
        parts = urlsplit(settings["redis_url"] or "")
        kind, tls = _KINDS[parts.scheme]
        options = _login(parts)
        timeout = settings["redis_timeout_ms"] / 1000
        # Version 2 of the protocol: every server speaks it, and nothing comes unasked.
        options |= {"protocol": 2, "socket_timeout": timeout, "socket_connect_timeout": timeout}
        if parts.scheme == "unix":
            at = Address("single", options=options | {"path": unquote(parts.path)})
        else:
            at = _by_hosts(kind, parts, options)
    except (KeyError, ValueError):
        raise fault("config_url", "$.redis_url") from None
    return replace(at, options={**at.options, **_tls(settings, tls)})


def _by_hosts(kind: str, parts: SplitResult, options: dict[str, Any]) -> Address:
    path = parts.path.strip("/").split("/")
    if kind == "cluster":
        if path != [""]:
            raise ValueError  # a cluster has no databases
        return Address(kind, _hosts(parts, _PORT), options=options)
    if kind == "single":
        return Address(kind, _hosts(parts, _PORT)[:1], options=options | _database(path))
    if not path[0]:
        raise ValueError
    return Address(kind, _hosts(parts, _SENTINEL_PORT), unquote(path[0]), options | _database(path[1:] or [""]))


def _login(parts: SplitResult) -> dict[str, Any]:
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    return {"username": unquote(user) or None, "password": unquote(password) or None}


def _tls(settings: Mapping[str, Any], tls: bool) -> dict[str, Any]:
    """What TLS needs; that its files can be used is found out now, not when a request is waiting."""
    given = {name: settings[f"redis_{name}"] for name in (*_FILES, "ssl_check_hostname")}
    if not tls:
        for name, value in given.items():
            if value not in (None, True):
                raise fault("config_plain", f"$.redis_{name}")
        return {}
    for name in _FILES:
        if given[name] is not None and not _usable(name, given):
            raise fault("config_file", f"$.redis_{name}")
    return {"ssl": True, "ssl_cert_reqs": "required"} | given


def _usable(name: str, given: Mapping[str, Any]) -> bool:
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if name == "ssl_ca_certs":
            context.load_verify_locations(given[name])
        elif name == "ssl_certfile":
            context.load_cert_chain(given[name], given["ssl_keyfile"])
        else:
            with open(given[name], "rb"):
                pass
    except OSError:  # of the file system, or of ssl
        return False
    return True


def _hosts(parts: SplitResult, port: int) -> tuple[tuple[str, int], ...]:
    found = []
    for host in parts.netloc.rpartition("@")[2].split(","):
        one = urlsplit(f"//{host}")
        found.append((one.hostname or "localhost", one.port or port))
    return tuple(found)


def _database(path: list[str]) -> dict[str, int]:
    if len(path) > 1:
        raise ValueError
    return {"db": int(path[0] or 0)}


class Clients(NamedTuple):
    """Clients of redis-py."""

    #: Takes commands.
    first: Any
    #: To be closed when it is.
    others: Sequence[Any] = ()


def need_library() -> None:
    """Finds out early whether there is a client at all.

    Raises:
        ImportError: redis-py or hiredis is not installed.
    """
    try:
        for library in ("redis", "hiredis"):
            importlib.import_module(library)
    except ImportError as why:
        raise ImportError(f"the backend redis needs redis and hiredis: pip install gwplugins[redis] ({why})") from None


def connect(at: Address, asynchronous: bool) -> Clients:
    """Clients for one address; with asyncio all tasks share one connection to a server (`_redis_line`).

    To one server threads send over connections of their own (`_redis_hands`); where the server may change, redis-py's
    client does.

    A command that timed out is not sent again: the server may have counted it. One whose connection broke is, once: a
    server that was restarted leaves broken connections behind. A settlement that gives back never is (`_redis_once`).
    """
    library = importlib.import_module("redis.asyncio" if asynchronous else "redis")
    retry = importlib.import_module("redis.asyncio.retry" if asynchronous else "redis.retry").Retry
    retry = sparing(retry)
    none = importlib.import_module("redis.backoff").NoBackoff
    broken = importlib.import_module("redis.exceptions").ConnectionError
    made = _MAKERS[at.kind](library, at, lambda: retry(none(), 1, supported_errors=(broken,)))
    if asynchronous:
        leave = leave_cluster if at.kind == "cluster" else leave_pool
        for client in (made.first, *made.others):
            leave(client)
    sender: Callable[[Any, float], Any]
    if asynchronous and at.kind != "cluster":
        sender = importlib.import_module("pyplugins.rate_limiter._redis_line").Line
    elif at.kind == "single":
        sender = importlib.import_module("pyplugins.rate_limiter._redis_hands").Hands
    else:
        return made
    return Clients(sender(made.first.connection_pool, at.options["socket_timeout"]), (made.first, *made.others))


def _single(library: Any, at: Address, retry: Callable[[], Any]) -> Clients:
    options = dict(at.options)
    tls = options.pop("ssl", False)
    if "path" in options:
        connection = library.UnixDomainSocketConnection
    else:
        connection = library.SSLConnection if tls else library.Connection
        options["host"], options["port"] = at.hosts[0]
    pool = library.ConnectionPool(connection_class=connection, retry=retry(), **options)
    client = library.Redis(connection_pool=pool)
    # What `from_pool` does, which redis-py 5.0 has not everywhere.
    client.auto_close_connection_pool = True
    return Clients(client)


def _sentinel(library: Any, at: Address, retry: Callable[[], Any]) -> Clients:
    timeouts = {name: at.options[name] for name in ("socket_timeout", "socket_connect_timeout")}
    own = {name: value for name, value in at.options.items() if name.startswith("ssl")} | timeouts
    asked = library.Sentinel(list(at.hosts), sentinel_kwargs=own, retry=retry(), **at.options)
    return Clients(asked.master_for(at.service, max_connections=CONNECTIONS), asked.sentinels)


def _cluster(library: Any, at: Address, retry: Callable[[], Any]) -> Clients:
    node = library.cluster.ClusterNode
    nodes = [node(*host) for host in at.hosts]
    return Clients(library.RedisCluster(startup_nodes=nodes, retry=retry(), **at.options))


_MAKERS = {"single": _single, "sentinel": _sentinel, "cluster": _cluster}
