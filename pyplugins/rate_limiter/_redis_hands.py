"""Connections for threads: each command takes one that is free, and puts it back.

A pool of redis-py asks each connection whether it is still good before it hands it out, and does more around a command
than the server does for it. Here a command finds out itself, and is then sent once more. Connecting, TLS, logging in,
sending and reading are redis-py's. Tests: tests/redis/test_hands.py, and all tests of the blocking limiter.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from hiredis import pack_command
from redis.exceptions import ConnectionError as Broken

from pyplugins.rate_limiter._redis_client import CONNECTIONS
from pyplugins.rate_limiter._redis_once import ONCE


class Hands:
    """Sends commands to one server, from any number of threads.

    Args:
        pool: a pool of redis-py, which makes the connections.
        longest_s: how long to wait for a free one.
    """

    def __init__(self, pool: Any, longest_s: float) -> None:
        self._pool = pool
        self._longest_s = longest_s
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._free: list[Any] = []
        self._made = 0
        #: How many threads wait for a free one. Who puts one back looks here, after; who waits looks for one, after.
        self._waiting = 0
        self._freed = threading.Condition()

    def execute_command(self, *words: bytes | str | int) -> Any:
        """The answer.

        Raises:
            RedisError: there is none, or it is an error. A command whose connection broke was sent once more before
                that, unless it is to be sent `ONCE`; one that was not answered in time was not.
        """
        if self._process != os.getpid():  # after a fork the connections are the parent's
            self._pool.reset()
            self._begin()
        data = pack_command(words)  # type: ignore[arg-type]  # hiredis says: of one word
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._another()
        try:
            if ONCE.get():
                _renew(connection)
            return _ask(connection, data)
        except Broken:
            connection.disconnect()
            if ONCE.get():
                raise
            return _ask(connection, data)
        finally:
            self._free.append(connection)
            if self._waiting:
                with self._freed:
                    self._freed.notify()

    def _another(self) -> Any:
        """A new connection, or one that becomes free."""
        end = time.monotonic() + self._longest_s
        with self._freed:
            if self._made < CONNECTIONS:
                self._made += 1
                return self._pool.make_connection()
            self._waiting += 1
            try:
                while True:
                    try:
                        return self._free.pop()
                    except IndexError:
                        if not self._freed.wait(end - time.monotonic()):
                            raise Broken("no connection available") from None
            finally:
                self._waiting -= 1

    def close(self) -> None:
        """Closes the connections that nobody uses; the others close when they are put back and forgotten."""
        free, self._free = self._free, []
        for connection in free:
            connection.disconnect()


def _renew(connection: Any) -> None:
    """Leaves a connection that broke while nobody used it."""
    try:
        is_broken = connection.can_read()
    except Broken:
        is_broken = True
    if is_broken:
        connection.disconnect()


def _ask(connection: Any, data: bytes) -> Any:
    connection.send_packed_command([data], check_health=False)
    return connection.read_response()
