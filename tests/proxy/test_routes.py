"""Which stream of a session a message goes to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from pyplugins.proxy import messages
from pyplugins.proxy.guarded import Passage
from pyplugins.proxy.routes import Route, Routes


def passage(**members: Any) -> Passage:
    line = json.dumps(members).encode()
    return Passage(line + b"\n", b"", tuple(messages.read(line)[1]))


def run(then: Callable[[Routes], Awaitable[None]]) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(10):
            await then(Routes())

    asyncio.run(scenario())


async def lines(route: Route) -> list[Any]:
    return [json.loads(line) async for line in route.lines(5) if line is not None]


def test_answers_and_progress_go_where_they_were_asked_for() -> None:
    async def then(routes: Routes) -> None:
        with routes.asked() as first, routes.asked() as second:
            meta = {"_meta": {"progressToken": "p"}}
            routes.expect(passage(id=1, method="a", params=meta).passed, first)
            routes.expect(passage(id="1", method="b").passed, second)
            await routes.send(passage(method="notifications/progress", params={"progressToken": "p"}))
            await routes.send(passage(id="1", result={}))
            await routes.send(passage(id=1, error={}))
            assert [one.get("id") for one in await lines(first)] == [None, 1]
            assert [one.get("id") for one in await lines(second)] == ["1"]

    run(then)


def test_what_is_said_unasked_goes_to_its_stream_or_to_one_that_waits_or_waits_itself() -> None:
    async def then(routes: Routes) -> None:
        await routes.send(passage(method="kept"))
        await routes.send(passage(id=9, result="too late"))
        with routes.asked() as asked:
            routes.expect(passage(id=1, method="a").passed, asked)
            await routes.send(passage(method="while asking"))
            with routes.unasked() as stream:
                await routes.send(passage(method="now"))
                routes.close()
                assert [one["method"] for one in await lines(stream)] == ["kept", "now"]
            first, second = await lines(asked)
            assert first["method"] == "while asking"
            assert (second["id"], second["error"]["message"]) == (1, "the server has ended")

    run(then)


def test_the_backlog_is_bounded() -> None:
    async def then(routes: Routes) -> None:
        for number in range(300):
            await routes.send(passage(method=str(number)))
        assert len(routes._backlog) == 256
        assert json.loads(routes._backlog[-1])["method"] == "299"

    run(then)


def test_who_does_not_read_makes_the_server_wait_and_who_has_gone_does_not() -> None:
    async def then(routes: Routes) -> None:
        with routes.unasked():
            sending = asyncio.create_task(_send_many(routes))
            for _ in range(200):
                await asyncio.sleep(0)
            assert not sending.done()
        await sending

    run(then)


async def _send_many(routes: Routes) -> None:
    for number in range(100):
        await routes.send(passage(method=str(number)))


def test_a_silent_stream_tells_that_it_is_there() -> None:
    async def then(routes: Routes) -> None:
        with routes.unasked() as stream:
            assert await anext(stream.lines(0.01)) is None

    run(then)
