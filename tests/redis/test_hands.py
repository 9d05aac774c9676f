"""Connections for threads: answers go to who asked, broken ones are replaced, none is shared with a forked child."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from redis.exceptions import ConnectionError as Broken
from redis.exceptions import ResponseError
from redis_servers import Server, wait_until

from pyplugins.rate_limiter import _redis_hands
from pyplugins.rate_limiter._redis_hands import Hands


@pytest.fixture
def hands(own_server: Server) -> Iterator[Hands]:
    made = Hands(redis.ConnectionPool.from_url(own_server.url, socket_timeout=1), 1)
    yield made
    made.close()


def received(server: Server) -> int:
    with redis.Redis(port=server.port) as admin:
        return int(admin.info("stats")["total_connections_received"])


def test_answers_go_to_who_asked(own_server: Server, hands: Hands) -> None:
    def ask(number: int) -> Any:
        if number % 7 == 0:
            with pytest.raises(ResponseError):
                hands.execute_command("HGET", "text", number)
            return number
        return int(hands.execute_command("ECHO", number))

    hands.execute_command("SET", "text", b"\r\n\x00")
    assert hands.execute_command("GET", b"text") == b"\r\n\x00"
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(500))) == list(range(500))
    assert received(own_server) <= 12


def test_one_thread_takes_one_connection(own_server: Server, hands: Hands) -> None:
    before = received(own_server)
    for _ in range(20):
        hands.execute_command("PING")
    assert received(own_server) == before + 2  # ours, and who asks


def test_a_broken_connection_is_replaced(own_server: Server, hands: Hands) -> None:
    for _ in range(3):
        assert hands.execute_command("PING") in (b"PONG", "PONG")
        with redis.Redis(port=own_server.port) as admin:
            admin.client_kill_filter(_type="normal", skipme=True)


def test_no_answer_in_time_is_not_sent_again(own_server: Server, hands: Hands) -> None:
    hands.execute_command("SET", "n", 0)
    own_server.freeze()
    with pytest.raises(redis.TimeoutError):
        hands.execute_command("INCR", "n")
    own_server.thaw()
    assert hands.execute_command("ECHO", "again") == b"again"
    assert int(hands.execute_command("GET", "n")) <= 1


def test_who_finds_no_connection_waits_and_is_told(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_redis_hands, "CONNECTIONS", 1)
    hands = Hands(redis.ConnectionPool.from_url(own_server.url, socket_timeout=5), 0.05)
    hands.execute_command("PING")
    own_server.freeze()
    thread = threading.Thread(target=hands.execute_command, args=("PING",))
    thread.start()
    try:
        wait_until(lambda: not hands._free, "the connection is taken")
        with pytest.raises(Broken):
            hands.execute_command("PING")
    finally:
        own_server.thaw()
        thread.join()
    assert hands.execute_command("PING") in (b"PONG", "PONG")
    hands.close()


def test_many_threads_share_few_connections(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in vain: who puts one back wakes who waits."""
    monkeypatch.setattr(_redis_hands, "CONNECTIONS", 2)
    hands = Hands(redis.ConnectionPool.from_url(own_server.url, socket_timeout=5), 5)
    with ThreadPoolExecutor(16) as threads:
        assert sorted(threads.map(lambda _: hands.execute_command("INCR", "n"), range(2000))) == list(range(1, 2001))
    assert len(hands._free) == 2
    hands.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_has_connections_of_its_own(own_server: Server, hands: Hands) -> None:
    hands.execute_command("PING")
    before = received(own_server)
    child = multiprocessing.get_context("fork").Process(target=hands.execute_command, args=("INCR", "child"))
    child.start()
    assert hands.execute_command("ECHO", "parent") == b"parent"
    child.join(10)
    assert child.exitcode == 0
    assert int(hands.execute_command("GET", "child")) == 1
    assert received(own_server) == before + 2
