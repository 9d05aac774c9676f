"""A stdio server behind a proxy that listens: sessions from their beginning to their end."""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gw_proxy import (
    ACCEPT,
    HAS_PROC,
    MAIL,
    MASK,
    PLAIN,
    START,
    answers,
    ask,
    asked,
    call,
    events,
    listening,
    posted,
    proxy_command,
    resident_kb,
    running,
    until,
    write_chain,
)
from gw_tests import free_port

pytest.importorskip("aiohttp", reason="needs gwplugins[proxy]")


def test_a_session_from_its_beginning_to_its_end(config: Path) -> None:
    with listening(config, "--", *PLAIN) as url:
        status, headers, raw = ask(url, START)
        assert (status, headers["content-type"], events(raw)[0]["id"]) == (200, "text/event-stream", 0)
        session = headers["mcp-session-id"]
        status, _, raw = ask(url, call("a", q=MAIL), Mcp_Session_Id=session)
        told = json.loads(events(raw)[0]["result"]["content"][0]["text"])
        assert told["params"]["arguments"] == {"q": MASK}
        status, headers, raw = ask(url, call(5), Mcp_Session_Id=session, Accept="application/json")
        assert (headers["content-type"].partition(";")[0], json.loads(raw)["id"]) == ("application/json", 5)
        assert ask(url, {"method": "notifications/initialized"}, Mcp_Session_Id=session)[0] == 202
        assert ask(url, call(1), Mcp_Session_Id="guessed")[0] == 404
        status, _, raw = ask(url, call("z"))
        assert (status, json.loads(raw)["id"]) == (400, "z")
        assert ask(url, None, "DELETE", Mcp_Session_Id=session)[0] == 204
        assert ask(url, call(1), Mcp_Session_Id=session)[0] == 404
        assert ask(url, None, "GET", Mcp_Session_Id=session)[0] == 404
        assert ask(url, None, "GET")[0] == 400


def test_a_client_of_2026_is_told_to_fall_back(config: Path) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    message = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}
    with listening(config, "--", *PLAIN) as url:
        status, _, raw = ask(url, message, MCP_Protocol_Version="2026-07-28")
    error = json.loads(raw)["error"]
    assert (status, error["code"], error["data"]["supported"][-1]) == (400, -32022, "2025-11-25")


def test_a_server_that_ends_ends_its_session(config: Path) -> None:
    with listening(config, "--", *PLAIN) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        ask(url, {"method": "notifications/exit", "params": {"code": 3}}, Mcp_Session_Id=session)
        until = time.monotonic() + 10
        while ask(url, call(), Mcp_Session_Id=session)[0] != 404:
            assert time.monotonic() < until


def test_a_request_whose_server_ends_is_answered(config: Path) -> None:
    script = "import sys\nfor n, line in enumerate(sys.stdin):\n if n: sys.exit(1)\n"
    script += ' print(\'{"id":0,"result":{}}\', flush=True)'
    with listening(config, "--", sys.executable, "-c", script) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        _, _, raw = ask(url, call("w"), Mcp_Session_Id=session)
    (answer,) = events(raw)
    assert (answer["id"], answer["error"]["message"]) == ("w", "the server has ended")


def test_a_batch_of_refusals_is_one_document(tmp_path: Path) -> None:
    config = write_chain(tmp_path / "chain.yaml", block_on_detection=True)
    with listening(config, "--", *PLAIN) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        refused = [call(f"bad{n}", q=MAIL) for n in range(100)]
        status, _, raw = ask(url, refused, Mcp_Session_Id=session)
        assert (status, [answer["id"] for answer in json.loads(raw)]) == (200, [one["id"] for one in refused])


@pytest.mark.parametrize("accept", [ACCEPT, "application/json"])
def test_refusals_beside_an_answer(tmp_path: Path, accept: str) -> None:
    script = (
        "import sys,json\nfor line in sys.stdin:\n asked=json.loads(line)\n"
        " one=isinstance(asked,dict)\n told=[{'id':m['id'],'result':{}} for m in ([asked] if one else asked)]\n"
        " print(json.dumps(told[0] if one else told),flush=True)"
    )
    config = write_chain(tmp_path / "chain.yaml", block_on_detection=True)
    with listening(config, "--", sys.executable, "-c", script) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        both = [call("bad0", q=MAIL), ping, call("bad1", q=MAIL)]
        _, _, raw = ask(url, both, Mcp_Session_Id=session, Accept=accept)
        if accept == ACCEPT:
            *refused, answers = events(raw)
        else:
            *refused, answer = json.loads(raw)
            answers = [answer]
        assert [one["id"] for one in refused] == ["bad0", "bad1"]
        assert [one["id"] for one in answers] == [1]


def test_what_is_no_message_is_a_bad_request_within_a_session_too(config: Path) -> None:
    with listening(config, "--", *PLAIN) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        status, _, raw = ask(url, b"{no json", Mcp_Session_Id=session)
        assert (status, json.loads(raw)["error"]["code"]) == (400, -32700)


def test_refusals_over_http(tmp_path: Path) -> None:
    config = write_chain(tmp_path / "chain.yaml", block_on_detection=True)
    with listening(config, "--", *PLAIN) as url:
        session = ask(url, START)[1]["mcp-session-id"]
        status, _, raw = ask(url, call("x", q=MAIL), Mcp_Session_Id=session)
        assert (status, json.loads(raw)["result"]["isError"]) == (200, True)
        assert MAIL not in raw.decode()


def test_sigterm_ends_the_listener_and_its_servers(config: Path) -> None:
    port = free_port()
    command = proxy_command(config, "--listen", f"127.0.0.1:{port}", "--", *PLAIN)
    with running(command, port) as process:
        ask(f"http://127.0.0.1:{port}/mcp", START)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert b"plain server is done" in process.stderr.read()


#: Notes each start, and when standard input has ended; then ends when it is told.
SLOW_TO_END = """
import json, pathlib, sys, time
place = pathlib.Path(sys.argv[1])
with (place / "starts").open("a") as starts:
    starts.write("x")
for line in sys.stdin:
    print(json.dumps({"id": json.loads(line)["id"], "result": {}}), flush=True)
(place / "ending").touch()
while not (place / "go").exists():
    time.sleep(0.02)
"""


def test_a_listener_that_ends_starts_no_server(config: Path, tmp_path: Path) -> None:
    port = free_port()
    server = (sys.executable, "-c", SLOW_TO_END, str(tmp_path))
    command = proxy_command(config, "--listen", f"127.0.0.1:{port}", "--", *server)
    with running(command, port) as process:
        url = f"http://127.0.0.1:{port}/mcp"
        assert ask(url, START)[0] == 200
        with closing(begun(port, START)) as late:
            process.send_signal(signal.SIGTERM)
            asyncio.run(until((tmp_path / "ending").exists))
            late.send(json.dumps(START).encode())
            assert late.getresponse().status == 503
        status, _, raw = ask(url, START)
        assert (status, json.loads(raw)["error"]["code"]) == (503, -32603)
        (tmp_path / "go").touch()
        assert process.wait(20) == 0
    assert (tmp_path / "starts").read_text() == "x"


def begun(port: int, message: Any) -> http.client.HTTPConnection:
    """A request whose body is still to be sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("POST", "/mcp")
    for name, value in {"Content-Type": "application/json", "Accept": ACCEPT}.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(json.dumps(message))))
    connection.endheaders()
    return connection


@HAS_PROC
def test_ten_thousand_calls_without_growth(config: Path) -> None:
    port = free_port()
    command = proxy_command(config, "--listen", f"127.0.0.1:{port}", "--", *PLAIN)
    seen = []
    with running(command, port) as process:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Content-Type": "application/json", "Accept": ACCEPT}
        for number in range(10_001):
            message = call(number, q=f"{MAIL} {'x' * 500}") if number else START
            connection.request("POST", "/mcp", json.dumps(message), headers)
            response = connection.getresponse()
            headers["Mcp-Session-Id"] = response.headers["Mcp-Session-Id"]
            assert (MASK in response.read().decode()) is (number > 0)
            if number in (2_000, 10_000):
                seen.append(resident_kb(process.pid))
        connection.close()
    assert seen[1] - seen[0] < 2_000, f"grew from {seen[0]} to {seen[1]} KB"


def in_process(config: Path, then: Callable[[str, Any], Awaitable[None]], command: tuple[str, ...] = PLAIN) -> None:
    """Runs `then` with a listener before a stdio server in this process, so that a limit can be made small."""
    from pyplugins.mcp import Chain
    from pyplugins.proxy.guarded import Guarded
    from pyplugins.proxy.listener import Listener
    from pyplugins.proxy.sessions import Sessions

    async def scenario() -> None:
        port = free_port()
        async with Chain(config) as chain, asyncio.timeout(60):
            sessions = Sessions(Guarded(chain), command)
            serving = asyncio.create_task(Listener(sessions, ("127.0.0.1", port), (), (), 100_000).serve())
            try:
                await until(lambda: answers(port))
                await then(f"http://127.0.0.1:{port}/mcp", sessions)
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(scenario())


def test_sessions_are_bounded(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyplugins.proxy.sessions._MOST_SESSIONS", 2)

    async def then(url: str, _: Any) -> None:
        first = (await asked(url, START))[1]["mcp-session-id"]
        assert (await asked(url, START))[0] == 200
        assert (await asked(url, START))[0] == 503
        assert (await asked(url, None, "DELETE", Mcp_Session_Id=first))[0] == 204
        assert (await asked(url, START))[0] == 200

    in_process(config, then)


def test_a_session_that_nobody_uses_ends(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyplugins.proxy.sessions._IDLE_SECONDS", 1.0)

    async def then(url: str, sessions: Any) -> None:
        session = (await asked(url, START))[1]["mcp-session-id"]
        await until(lambda: not sessions._sessions)
        assert (await asked(url, call(), Mcp_Session_Id=session))[0] == 404

    in_process(config, then)


FIRST = """
import json, subprocess, sys, time
print(json.dumps({"id": json.loads(sys.stdin.readline())["id"], "result": {}}), flush=True)
"""
#: Servers that do not end, or not as one would think, when standard input does.
STUBBORN = {
    "says more than is read": "while True: print(json.dumps({'method': 'x', 'params': {'a': 'y' * 10_000}}))",
    "ignores the end": "time.sleep(60)",
    "ignores the end and SIGTERM": "import signal; signal.signal(15, signal.SIG_IGN)\nwhile True: time.sleep(60)",
    "leaves its output to another": "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(20)'])",
}


@pytest.fixture
def little_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("process", "sessions"):
        monkeypatch.setattr(f"pyplugins.proxy.{module}.GRACE", 0.3)


@pytest.mark.usefixtures("little_grace")
@pytest.mark.parametrize("rest", STUBBORN.values(), ids=STUBBORN)
def test_a_session_ends_whatever_its_server_and_its_streams_do(config: Path, rest: str) -> None:
    async def then(url: str, sessions: Any) -> None:
        id_ = (await asked(url, START))[1]["mcp-session-id"]
        (session,) = sessions._sessions.values()
        _, writer = await posted(url, None, f"Mcp-Session-Id: {id_}", method="GET")
        if "print" in rest:
            await until(lambda: session.routes.busy and any(route._queue.full() for route in session.routes._unasked))
        assert (await asked(url, None, "DELETE", Mcp_Session_Id=id_))[0] == 204
        assert not sessions._sessions
        assert session.reading.done()
        writer.close()

    in_process(config, then, (sys.executable, "-c", FIRST + rest))


@pytest.mark.usefixtures("little_grace")
def test_a_session_ends_though_who_ends_it_leaves(config: Path) -> None:
    async def then(url: str, sessions: Any) -> None:
        id_ = (await asked(url, START))[1]["mcp-session-id"]
        (session,) = sessions._sessions.values()
        _, writer = await posted(url, None, f"Mcp-Session-Id: {id_}", method="DELETE")
        await until(lambda: session.ends)
        writer.close()
        assert (await asked(url, call(), Mcp_Session_Id=id_))[0] == 404
        await until(session.reading.done)
        assert not sessions._sessions

    in_process(config, then, (sys.executable, "-c", FIRST + "time.sleep(60)"))


@pytest.mark.usefixtures("little_grace")
def test_a_session_that_never_began_ends(config: Path) -> None:
    async def then(url: str, sessions: Any) -> None:
        _, writer = await posted(url, START)
        await until(lambda: bool(sessions._sessions))
        writer.close()
        await until(lambda: not sessions._sessions)

    in_process(config, then, (sys.executable, "-c", "import time; time.sleep(60)"))


def test_sessions_that_begin_are_counted(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyplugins.proxy.process import ServerProcess

    start, began, may_start = ServerProcess.start, asyncio.Event(), asyncio.Event()

    async def slow(command: Any) -> ServerProcess:
        began.set()
        await may_start.wait()
        return await start(command)

    async def then(url: str, _: Any) -> None:
        first = asyncio.create_task(asked(url, START))
        await began.wait()
        assert (await asked(url, START))[0] == 503
        may_start.set()
        assert (await first)[0] == 200

    monkeypatch.setattr("pyplugins.proxy.sessions._MOST_SESSIONS", 1)
    monkeypatch.setattr(ServerProcess, "start", slow)
    in_process(config, then)


def test_the_end_waits_for_a_session_that_begins(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyplugins.proxy.process import ServerProcess

    start, began, may_start = ServerProcess.start, asyncio.Event(), asyncio.Event()

    async def slow(command: Any) -> ServerProcess:
        began.set()
        await may_start.wait()
        return await start(command)

    async def then(url: str, sessions: Any) -> None:
        first = asyncio.create_task(asked(url, START))
        await began.wait()
        ending = asyncio.create_task(sessions.close())
        await asyncio.sleep(0)
        may_start.set()
        await ending
        await first
        assert not sessions._sessions

    monkeypatch.setattr(ServerProcess, "start", slow)
    in_process(config, then)
