"""One connection for all tasks: answers go to who asked, what breaks is told to all, nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import redis
from redis.asyncio import ConnectionPool
from redis.exceptions import ConnectionError as Broken
from redis.exceptions import ResponseError
from redis_servers import Server

from pyplugins.rate_limiter._redis_line import MOST, Line


def on_a_line(server: Server, use: Callable[[Line], Awaitable[Any]], longest_s: float = 5) -> Any:
    """Runs `use` with a line to the server."""

    async def run() -> Any:
        line = Line(ConnectionPool.from_url(server.url), longest_s)
        try:
            return await asyncio.wait_for(use(line), 20)
        finally:
            await line.aclose()

    return asyncio.run(run())


def test_answers_go_to_who_asked(own_server: Server) -> None:
    """More at once than go out together, errors among them, and one connection for all."""

    async def ask(line: Line, number: int) -> Any:
        if number % 7 == 0:
            with pytest.raises(ResponseError):
                await line.execute_command("HGET", "text", number)
            return number
        return int(await line.execute_command("ECHO", number))

    async def use(line: Line) -> list[int]:
        await line.execute_command("SET", "text", b"\r\n\x00")
        assert await line.execute_command("GET", b"text") == b"\r\n\x00"
        return await asyncio.gather(*(ask(line, number) for number in range(3 * MOST)))

    assert on_a_line(own_server, use) == list(range(3 * MOST))
    with redis.Redis(port=own_server.port) as admin:
        assert admin.info("stats")["total_connections_received"] <= 4


def test_a_broken_connection_is_replaced(own_server: Server) -> None:
    async def use(line: Line) -> None:
        for _ in range(3):
            assert await line.execute_command("PING") in (b"PONG", "PONG")
            with redis.Redis(port=own_server.port) as admin:
                admin.client_kill_filter(_type="normal", skipme=True)

    on_a_line(own_server, use)


def test_no_server(own_server: Server) -> None:
    own_server.stop()

    async def use(line: Line) -> list[Any]:
        return await asyncio.gather(*(line.execute_command("PING") for _ in range(2 * MOST)), return_exceptions=True)

    outcomes = on_a_line(own_server, use)
    assert {type(outcome) for outcome in outcomes} == {Broken}


def test_no_answer_is_an_error_for_all(own_server: Server) -> None:
    """One deadline, however many wait; then it works again."""

    async def use(line: Line) -> None:
        await line.execute_command("PING")
        own_server.freeze()
        start = asyncio.get_running_loop().time()
        asked = (line.execute_command("INCR", "n") for _ in range(2 * MOST))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert asyncio.get_running_loop().time() - start < 2
        assert {type(outcome) for outcome in outcomes} == {TimeoutError}
        own_server.thaw()
        assert await line.execute_command("ECHO", "again") == b"again"
        assert int(await line.execute_command("GET", "n")) <= MOST

    on_a_line(own_server, use, longest_s=0.2)


def test_cancelled_tasks_disturb_nobody(own_server: Server) -> None:
    async def use(line: Line) -> None:
        tasks = [asyncio.create_task(line.execute_command("ECHO", number)) for number in range(40)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [int(outcome) for outcome in outcomes[1::2]] == list(range(1, 40, 2))
        assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes[::2])
        assert int(await line.execute_command("ECHO", 99)) == 99

    on_a_line(own_server, use)


def test_closing_fails_who_waits(own_server: Server) -> None:
    async def use(line: Line) -> None:
        await line.execute_command("PING")
        own_server.freeze()
        task = asyncio.create_task(line.execute_command("PING"))
        await asyncio.sleep(0.01)
        await line.aclose()
        with pytest.raises(Broken):
            await task
        own_server.thaw()

    on_a_line(own_server, use)
