"""The library and pure Python make the same commands, byte for byte, and read the same decisions in a reply."""

from __future__ import annotations

import ctypes
import json
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any

import pytest
import redis
from gw_tests import need_binding
from redis.crc import key_slot
from redis_servers import Server

from pyplugins.core.limiter import Decision, told
from pyplugins.errors import ConfigError, UsageError, error_for
from pyplugins.native import _decls, status
from pyplugins.rate_limiter import RateLimiter
from pyplugins.rate_limiter._redis_command import Command, Commands
from pyplugins.rate_limiter._settings import Settings

CHECK, SETTLE, RELEASE, RESET = range(4)
Config = Callable[..., dict[str, Any]]


class Library:
    """The calls of the C ABI that a host with its own Redis client makes."""

    def __init__(self, config: str) -> None:
        self.lib = ctypes.CDLL(status()["library"])
        for name, (result, arguments) in _decls.FUNCTIONS.items():
            function = getattr(self.lib, name)
            function.restype, function.argtypes = result, arguments
        self.limiter, self.result = ctypes.c_void_p(), ctypes.c_void_p()
        text = config.encode()
        self._call("gwp_limiter_new", text, len(text), ctypes.byref(self.limiter))
        self._call("gwp_result_new", ctypes.byref(self.result))

    def close(self) -> None:
        self.lib.gwp_limiter_free(self.limiter)
        self.lib.gwp_result_free(self.result)

    def command(self, values: Sequence[bytes], request: bytes) -> list[tuple[int, bytes]]:
        """The parts: what each is, and its bytes."""
        self._call("gwp_limiter_command", self.limiter, *joined(values), request, self.result)
        output = self._view("gwp_result_output", 1)
        found = struct.iter_unpack(_decls.RECORDS["gwp_finding"], self._view("gwp_result_findings", 32))
        return [(rule, output[start:end]) for start, end, _, rule, _, _ in found]

    def script(self, operation: int) -> str:
        start, size = ctypes.c_void_p(), ctypes.c_size_t()
        self._call("gwp_limiter_script", self.limiter, operation, ctypes.byref(start), ctypes.byref(size))
        return ctypes.string_at(start.value or 0, size.value).decode()

    def decision(self, values: Sequence[bytes], request: bytes, reply: Sequence[int]) -> Decision:
        out, numbers = ctypes.create_string_buffer(56), (ctypes.c_int64 * len(reply))(*reply)
        self._call("gwp_limiter_read_reply", self.limiter, *joined(values), request, numbers, len(reply), out, None, 0)
        return told(struct.unpack(_decls.RECORDS["gwp_decision"], out.raw), NAMES)

    def _view(self, name: str, size: int) -> bytes:
        start, count = ctypes.c_void_p(), ctypes.c_size_t()
        self._call(name, self.result, ctypes.byref(start), ctypes.byref(count))
        return ctypes.string_at(start.value, count.value * size) if start.value else b""

    def _call(self, name: str, *arguments: Any) -> None:
        code = getattr(self.lib, name)(*arguments, None)
        if code:
            raise error_for(code, name)


def joined(values: Sequence[bytes]) -> tuple[bytes, int, Any, int]:
    data = b"".join(values)
    offsets = list(accumulate(map(len, values), initial=0))
    return data, len(data), (ctypes.c_uint64 * len(offsets))(*offsets), len(values)


def asked(operation: int, *, flags: int = 0, cost: int = 0, now_us: int = 0, lease: int = 0, **more: int) -> bytes:
    """A `gwp_limiter_request`."""
    numbers = cost, now_us * 1000, lease, more.get("at_us", 0) * 1000, more.get("actual", 0)
    return struct.pack(_decls.RECORDS["gwp_limiter_request"], operation, flags, *numbers)


CONFIG = {
    "redis_key_prefix": "a{b}%c",
    "warm_up_percent": 40,
    "dimensions": [
        {"name": "{a:b}", "limits": "10/s burst 30, 1000/h", "overrides": [{"match": "v*", "limits": "unlimited"}]},
        {"name": "log", "limits": "5/s, 7/2s", "algorithm": "sliding_window", "cost": "one", "concurrency": 4},
        {"name": "grüße", "limits": "9/min", "algorithm": "sliding_window_counter"},
        {"name": "jobs", "concurrency": 2, "blocked": ["evil*"]},
        {"name": "fixed", "limits": "3/d", "algorithm": "fixed_window"},
    ],
}
NAMES = tuple(row["name"] for row in CONFIG["dimensions"])  # type: ignore[attr-defined]
VALUES = (b"", b"a", b"vip", b"}", b"{x}", b"a:b", b"\xff\x00", "grüße".encode(), b"long" * 50)


@pytest.fixture(params=[None, "log"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Library, Commands]]:
    """Both sides, without and with a hash tag."""
    need_binding("ctypes")
    text = json.dumps(CONFIG | {"redis_hash_tag": request.param})
    library = Library(text)
    yield library, Commands(Settings(text), "a{b}%c", request.param)
    library.close()


def parts(command: Command | None) -> list[tuple[int, bytes]]:
    if command is None:
        return []
    head = [(0, command.script.sha.encode()), (1, b"%d" % len(command.keys))]
    return head + [(2, key) for key in command.keys] + [(3, arg) for arg in command.args]


def test_same_commands(pair: tuple[Library, Commands]) -> None:
    library, commands = pair
    chance = random.Random(3)
    for _ in range(500):
        values = [chance.choice(VALUES) for _ in NAMES]
        now, lease = chance.choice([0, 1, 1_700_000_000_000_000]), chance.choice([0, 1, 2**63])
        cost, peek = chance.randrange(9), chance.random() < 0.5
        request = asked(CHECK, flags=int(peek), cost=cost, now_us=now, lease=lease)
        assert library.command(values, request) == parts(commands.check(values, cost, now, peek, lease))
        request = asked(SETTLE, cost=cost, now_us=now, at_us=5, actual=7)
        assert library.command(values, request) == parts(commands.settle(values, (cost, 5), 7, now))
        request = asked(RELEASE, lease=lease, now_us=now)
        assert library.command(values, request) == parts(commands.release(values, lease, now))
        assert library.command(values, asked(RESET, now_us=now)) == parts(commands.reset(values, now))


def test_same_scripts(pair: tuple[Library, Commands]) -> None:
    library, commands = pair
    values = [b"x"] * len(NAMES)
    made = (
        commands.check(values, 1, 0, False, 0), commands.settle(values, (1, 1), 1, 0),
        commands.release(values, 1, 0), commands.reset(values, 0),
    )  # fmt: skip
    for operation, command in enumerate(made):
        assert command is not None
        assert library.script(operation) == command.script.text


def test_same_decisions_of_replies(pair: tuple[Library, Commands]) -> None:
    library, commands = pair
    chance = random.Random(4)
    for _ in range(300):
        values = [chance.choice(VALUES) for _ in NAMES]
        request = asked(CHECK, cost=1)
        command = commands.check(values, 1, 0, False, 0)
        reply = [0, 5_000_000] if command else []
        for _ in command.windows if command else ():
            reply += [chance.randrange(2), chance.randrange(4), chance.randrange(9), chance.choice([-1, 0, 7, 8])]
        rows = command.rows(reply) if command else []
        found = library.decision(values, request, reply)
        assert found.allowed == all(row[0] for row in rows)
        if rows:
            telling = min(rows, key=lambda row: (row[0], row[5] if row[0] else -row[7]))
            assert (found.limit, found.remaining, found.reset_ns) == (*telling[4:6], telling[6] * 1000)


def test_replies_of_another_length_are_refused(pair: tuple[Library, Commands]) -> None:
    library, commands = pair
    values = [b"x"] * len(NAMES)
    command = commands.check(values, 1, 0, False, 0)
    assert command is not None
    reply = [1, 0, *([1, 0, 0, 0] * len(command.windows))]
    for wrong in (reply[:-1], [*reply, 0], []):
        with pytest.raises(UsageError):
            command.rows(wrong)
        with pytest.raises(UsageError):
            library.decision(values, asked(CHECK, cost=1), wrong)


def test_blocked_values_are_not_asked_for(pair: tuple[Library, Commands]) -> None:
    library, _ = pair
    values = [b"a", b"b", b"c", b"evil-1", b"d"]
    request = asked(CHECK, cost=1)
    assert library.command(values, request) == []
    decision = library.decision(values, request, [])
    assert (decision.allowed, decision.blocked, decision.dimension) == (False, True, "jobs")


@pytest.mark.parametrize("tag", [None, "log"])
def test_keys_of_a_command_are_in_one_slot(tag: str | None) -> None:
    """By redis-py's reckoning, whatever the values look like."""
    commands = Commands(Settings(json.dumps(CONFIG)), "a{b}%c", tag)
    chance = random.Random(5)
    slots = set()
    for _ in range(200):
        command = commands.check([chance.choice(VALUES) for _ in NAMES], 1, 0, False, 1)
        if command is not None:
            own = {key_slot(key) for key in command.keys}
            assert len(own) == 1
            slots |= own
    assert len(slots) == 1 if tag is None else len(slots) > 5


def test_distinct_values_have_distinct_keys() -> None:
    """Names and values are joined so that no two pairs make one key."""
    dimensions = [{"name": name, "limits": "1/s"} for name in ("a", "a:b", "a%3Ab", "")[:3]]
    settings = Settings(json.dumps({"dimensions": dimensions}))
    commands = Commands(settings, "rl", None)
    seen = set()
    for place in range(3):
        for value in (b"x", b"b:x", b":x", b"%3Ab:x", b"x:x"):
            values = [b""] * 3
            values[place] = value
            command = commands.check(values, 1, 0, False, 0)
            assert command is not None
            seen.add(command.keys[0])
    assert len(seen) == 15


def test_changed_limits_begin_anew(server: Server, config: Config) -> None:
    """A key holds counts of one form of limits; what has another form keeps its own."""
    first = config(server, by_user="10/h", fail_mode="closed")
    with RateLimiter(first) as one, RateLimiter(first | {"by_user": "20/h"}) as two, RateLimiter(first) as three:
        assert one.check("a").remaining == 9
        assert two.check("a").remaining == 19
        assert three.check("a").remaining == 8


def test_keys_expire(server: Server, config: Config) -> None:
    """After what they can say, and a second; with the host's clock a minute."""
    log = {"by_user": "10/2s", "algorithm": "sliding_window_log"}
    made = config(server, fail_mode="closed", **log)
    with RateLimiter(made) as limiter, redis.Redis(port=server.port) as admin:
        limiter.check("a")
        mine = list(admin.scan_iter(f"{made['redis_key_prefix']}:*"))
        assert len(mine) == 2
        assert all(2000 < admin.pttl(key) <= 3000 for key in mine)
        limiter.check("a", now_ns=4 * 10**18)
        assert all(61_000 < admin.pttl(key) <= 62_000 for key in mine)


def test_unknown_hash_tag() -> None:
    with pytest.raises(ConfigError) as caught:
        RateLimiter({"by_user": "1/s", "backend": "redis", "redis_url": "redis://h", "redis_hash_tag": "tool"})
    assert caught.value.path == "$.redis_hash_tag"


def test_commands_show_no_value() -> None:
    commands = Commands(Settings('{"by_user": "1/s"}'), "rl", None)
    assert "secret" not in repr(commands.check([b"secret"], 1, 0, False, 0))
