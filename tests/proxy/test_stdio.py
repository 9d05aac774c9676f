"""The command between a stdio client and a stdio server, as processes."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from gw_proxy import HAS_PROC, MAIL, MASK, NOT_CPEX, PLAIN, Proxy, call, proxy, proxy_command, resident_kb, write_chain


def text_of(answer: Any) -> str:
    return str(answer["result"]["content"][0]["text"])


def wait_for(condition: Any, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def test_arguments_are_masked_before_the_server_sees_them(config: Path) -> None:
    with proxy(config) as one:
        one.send(call(q=f"to {MAIL}"))
        assert json.loads(text_of(one.message()))["params"]["arguments"] == {"q": f"to {MASK}"}


def test_results_are_masked_before_the_client_sees_them(config: Path) -> None:
    said = {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": MAIL}]}}
    with proxy(config) as one:
        one.send(call(1))
        one.line()
        # Said without being asked: an answer of unknown kind is read as well.
        one.send({"method": "x", "params": {"say": json.dumps(said)}})
        assert text_of(one.message()) == MASK


def test_what_is_clean_passes_byte_for_byte(config: Path) -> None:
    said = '{ "result" : {"a":1.50,"b":[ ]},"id":"\\u0041", "jsonrpc":"2.0"}'
    with proxy(config) as one:
        line = json.dumps({"id": "A", "method": "tools/call", "params": {"name": "t", "say": said}}).encode()
        one.send(line + b" ")
        assert one.line().decode() == said


def test_exit_code_and_standard_error_are_the_servers(config: Path) -> None:
    with proxy(config) as one:
        one.send(call(1))
        code, out, err = one.end()
    assert code == 7
    assert json.loads(out)["id"] == 1
    assert "plain server is up" in err
    assert "plain server is done" in err


def test_a_server_that_ends_ends_the_proxy(config: Path) -> None:
    with proxy(config) as one:
        one.send({"method": "notifications/exit", "params": {"code": 11}})
        assert one.process.wait(timeout=20) == 11


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_signals_pass_on(config: Path, name: str) -> None:
    script = "import signal,sys,time\nfor n in (15,2): signal.signal(n, lambda n,f: sys.exit(40+n))\n"
    script += 'print(\'{"id":null,"result":1}\',flush=True)\nwhile True: time.sleep(0.05)'
    with proxy(config, command=(sys.executable, "-c", script)) as one:
        one.line()
        number = getattr(signal, name)
        one.process.send_signal(number)
        assert one.process.wait(timeout=20) == 40 + number


def test_a_signal_that_ends_the_server_is_told_as_shells_do(config: Path) -> None:
    with proxy(config) as one:
        one.ask("ping")
        one.process.terminate()
        assert one.process.wait(timeout=20) == 128 + signal.SIGTERM


def test_order_is_kept(config: Path) -> None:
    with proxy(config) as one:
        for start in range(0, 400, 50):
            ids = range(start, start + 50)
            one.send(*(call(id_, q=MAIL if id_ % 3 else "x" * 3000) for id_ in ids))
            assert [one.message()["id"] for _ in ids] == list(ids)


def test_lines_that_are_no_messages_go_nowhere(config: Path) -> None:
    with proxy(config) as one:
        one.send(b"hello", b"", b'{"id":1,"method":"ping"}')
        assert one.message()["error"]["code"] == -32700
        assert one.message()["id"] == 1
        one.send({"method": "x", "params": {"say": f"a stray print of {MAIL}"}})
        one.send({"method": "x", "params": {"raw": b"\xff\xfe\n".hex()}})
        one.send({"id": 2, "method": "ping"})
        assert one.message()["id"] == 2
        _, _, err = one.end()
    assert MAIL not in err
    assert "a line of the server is no message" in err


def test_a_message_that_is_too_large_is_refused_and_the_next_passes(config: Path) -> None:
    with proxy(config, "--max-message-bytes", "5000") as one:
        one.send(call(1, q="x" * 10_000), call(2, q="small"))
        refused, passed = one.message(), one.message()
        assert (refused["id"], refused["error"]["code"]) == (1, -32600)
        assert passed["id"] == 2


def test_a_large_answer_becomes_an_error(config: Path) -> None:
    script = (
        "import sys,json\nfor line in sys.stdin:\n m=json.loads(line)\n"
        " print(json.dumps({'result':{'x':'y'*m['params']['n']},'jsonrpc':'2.0','id':m['id']}),flush=True)"
    )
    with proxy(config, "--max-message-bytes", "5000", command=(sys.executable, "-c", script)) as one:
        answer = one.ask("x", {"n": 100_000}, "big")
        assert (answer["id"], answer["error"]["code"]) == ("big", -32600)
        assert one.ask("x", {"n": 10}, 5)["result"] == {"x": "y" * 10}


def accepted_bytes(one: Proxy, piece: bytes) -> int:
    """How much the proxy takes before it makes us wait."""
    assert one.process.stdin is not None
    fd = one.process.stdin.fileno()
    os.set_blocking(fd, False)
    total = 0
    while select.select([], [fd], [], 1.0)[1]:
        try:
            total += os.write(fd, piece)
        except BlockingIOError:
            continue
        assert total < 50_000_000, "nothing made us wait"
    return total


def test_a_server_that_does_not_read_makes_the_client_wait(config: Path) -> None:
    script = 'import time\nprint(\'{"id":null,"result":1}\',flush=True)\ntime.sleep(60)'
    with proxy(config, command=(sys.executable, "-c", script)) as one:
        one.line()
        assert accepted_bytes(one, json.dumps(call(None, q="x" * 4000)).encode() + b"\n") < 2_000_000


def test_a_client_that_does_not_read_makes_the_server_wait(config: Path, tmp_path: Path) -> None:
    progress = tmp_path / "progress"
    script = (
        f'n=0\nwhile True:\n print(\'{{"method":"x","params":"\' + \'y\'*4000 + \'"}}\',flush=True)\n n+=4000\n'
        f" open({str(progress)!r},'w').write(str(n))"
    )
    with proxy(config, command=(sys.executable, "-c", script)) as one:
        one.line()
        sizes = [0, -1]
        while sizes[-1] != sizes[-2]:
            time.sleep(0.5)
            sizes.append(int(progress.read_text() or 0))
        assert 0 < sizes[-1] < 2_000_000


def test_files_as_standard_input_and_output(config: Path, tmp_path: Path) -> None:
    given, taken = tmp_path / "in", tmp_path / "out"
    given.write_text("".join(json.dumps(call(id_, q=MAIL)) + "\n" for id_ in range(50)))
    with given.open("rb") as source, taken.open("wb") as sink:
        done = subprocess.run(
            proxy_command(config, "--", *PLAIN), stdin=source, stdout=sink, stderr=subprocess.PIPE, timeout=60
        )
    assert done.returncode == 7
    answers = [json.loads(line) for line in taken.read_text().splitlines()]
    assert [answer["id"] for answer in answers] == list(range(50))
    assert MAIL not in taken.read_text()


def test_output_and_errors_in_one_pipe(config: Path) -> None:
    """What is shared with standard error must not be made non-blocking: the server writes there."""
    given = "".join(json.dumps(call(id_, q=MAIL)) + "\n" for id_ in range(50)).encode()
    done = subprocess.run(
        proxy_command(config, "--", *PLAIN), input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60
    )
    assert done.stdout.count(b'"result"') == 50


def test_input_and_output_on_one_socket(config: Path) -> None:
    """So do inetd, systemd and socat start a server."""
    ours, theirs = socket.socketpair()
    command = proxy_command(config, "--", *PLAIN)
    with ours, subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE) as process:
        theirs.close()
        ours.settimeout(20)
        with ours.makefile("rwb") as stream:
            for id_ in range(50):
                stream.write(json.dumps(call(id_, q=MAIL)).encode() + b"\n")
                stream.flush()
                answer = json.loads(stream.readline())
                assert (answer["id"], MASK in text_of(answer)) == (id_, True)
            ours.shutdown(socket.SHUT_WR)
            assert process.wait(20) == 7


def test_descriptors_block_again_afterwards(config: Path) -> None:
    """A shell that goes on with the same pipes must find them as they were."""
    ours, theirs = os.pipe()
    back, out = os.pipe()
    os.write(theirs, json.dumps({"method": "notifications/exit", "params": {"code": 5}}).encode() + b"\n")
    done = subprocess.run(
        proxy_command(config, "--", *PLAIN), stdin=ours, stdout=out, stderr=subprocess.PIPE, timeout=60
    )
    assert done.returncode == 5
    assert os.get_blocking(ours)
    assert os.get_blocking(out)
    for fd in (ours, theirs, back, out):
        os.close(fd)


def test_a_client_that_has_gone_ends_the_server(config: Path) -> None:
    script = 'import sys,time\nwhile True: print(\'{"method":"x"}\',flush=True); time.sleep(0.01)'
    with proxy(config, command=(sys.executable, "-c", script)) as one:
        one.line()
        assert one.process.stdout is not None
        assert one.process.stdin is not None
        one.process.stdout.close()
        one.process.stdin.close()
        # It does not mind its standard input, so it is told by SIGTERM, after the grace that it has.
        assert one.process.wait(timeout=30) == 128 + signal.SIGTERM


@pytest.mark.parametrize("rest", ["", "\nimport os; os.close(1)"], ids=["silent", "closes its output"])
def test_a_client_that_has_gone_ends_a_server_that_says_nothing(config: Path, rest: str) -> None:
    script = f'import time\nprint(\'{{"id":null,"result":1}}\', flush=True){rest}\nwhile True: time.sleep(0.1)'
    with proxy(config, command=(sys.executable, "-c", script)) as one:
        one.line()
        assert one.process.stdout is not None
        assert one.process.stdin is not None
        one.process.stdout.close()
        one.process.stdin.close()
        assert one.process.wait(timeout=30) == 128 + signal.SIGTERM


def test_a_server_may_finish_while_its_client_listens(config: Path) -> None:
    script = (
        'import sys,time\nfor line in sys.stdin: pass\ntime.sleep(7)\nprint(\'{"id":null,"result":1}\', flush=True)'
    )
    with proxy(config, command=(sys.executable, "-c", script)) as one:
        code, out, _ = one.end()
    assert (code, json.loads(out)["result"]) == (0, 1)


def test_an_output_that_a_grandchild_keeps_does_not_keep_the_proxy(config: Path) -> None:
    script = (
        'import subprocess,sys\nprint(\'{"id":null,"result":1}\', flush=True)\n'
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'], stderr=subprocess.DEVNULL)\n"
        "for line in sys.stdin: pass\nsys.exit(3)"
    )
    with proxy(config, command=(sys.executable, "-c", script)) as one:
        one.line()
        assert one.process.stdout is not None
        assert one.process.stdin is not None
        one.process.stdout.close()
        one.process.stdin.close()
        assert one.process.wait(timeout=20) == 3


# --- the operator ---------------------------------------------------------------------------------------------------


def test_sighup_reads_the_configuration_again(config: Path) -> None:
    with proxy(config) as one:
        assert MASK in text_of(one.ask("tools/call", {"name": "t", "arguments": {"q": MAIL}}))
        write_chain(config, block_on_detection=True)
        one.process.send_signal(signal.SIGHUP)
        refused = {"isError": True}
        id_ = iter(range(10, 1000))

        def blocks() -> bool:
            answer = one.ask("tools/call", {"name": "t", "arguments": {"q": MAIL}}, next(id_))
            return refused.items() <= answer["result"].items()

        wait_for(blocks)
        config.write_text("plugins: [")
        one.process.send_signal(signal.SIGHUP)
        assert one.process.stderr is not None
        told = b""
        while b"was not reloaded, the old one stays" not in told:
            told = one.process.stderr.readline()
            assert told
        assert str(config).encode() in told
        assert blocks()
        write_chain(config)
        one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: not blocks())


def test_counts(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "counts.json"
    with proxy(config, "--counts", str(file)) as one:
        one.ask("tools/call", {"name": "t", "arguments": {"q": MAIL}})
        one.process.send_signal(signal.SIGUSR1)
        wait_for(file.exists)
        assert json.loads(file.read_text())["plugins"]["Guard"]["found"] == {"email": 1}
        one.ask("tools/call", {"name": "t", "arguments": {"q": MAIL}})
        one.end()
    assert json.loads(file.read_text())["messages"]["from_client"] == 2
    assert MAIL not in file.read_text()


def test_counts_without_a_file_are_logged(config: Path) -> None:
    with proxy(config) as one:
        one.ask("tools/call", {"name": "t", "arguments": {"q": MAIL}})
        one.process.send_signal(signal.SIGUSR1)
        one.ask("ping", id_=2)
        _, _, err = one.end()
    assert '"email": 1' in err
    assert MAIL not in err


@NOT_CPEX
def test_audit_passes_and_counts(tmp_path: Path) -> None:
    config = write_chain(tmp_path / "chain.yaml", mode="audit", block_on_detection=True)
    file = tmp_path / "counts.json"
    with proxy(config, "--counts", str(file)) as one:
        assert MAIL in text_of(one.ask("tools/call", {"name": "t", "arguments": {"q": MAIL}}))
        one.end()
    would = json.loads(file.read_text())["plugins"]["Guard"]["would_block"]
    assert would["PII_DETECTED_IN_TOOL_ARGS"] == {"messages": 1, "rules": {"email": 1}}


def test_a_refusal_is_logged_without_its_value(tmp_path: Path) -> None:
    config = write_chain(tmp_path / "chain.yaml", block_on_detection=True)
    with proxy(config) as one:
        assert one.ask("tools/call", {"name": "t", "arguments": {"q": MAIL}})["result"]["isError"]
        one.send({"id": 2, "method": f"x/{MAIL}", "params": {"name": 1}})
        one.message()
        _, _, err = one.end()
    assert "tools/call: refused by plugin Guard: PII_DETECTED_IN_TOOL_ARGS" in err
    assert MAIL not in err.replace("plain server", "")


FAILS: dict[str, tuple[list[str], str]] = {
    "no such command": (["--", "/no/such/command"], "/no/such/command: No such file"),
    "neither": ([], "give either --url URL or -- COMMAND"),
    "both": (["--url", "http://127.0.0.1:1/", "--", "x"], "give either --url URL or -- COMMAND"),
    "no URL": (["--url", "ftp://x"], "must begin with http"),
    "no address": (["--listen", "9000", "--", "x"], "must be HOST:PORT"),
    "reachable by others": (["--listen", "0.0.0.0:9000", "--", "x"], "--allow-remote"),
}


@pytest.mark.parametrize(("arguments", "told"), FAILS.values(), ids=FAILS)
def test_what_cannot_start_is_one_clear_error(config: Path, arguments: list[str], told: str) -> None:
    done = subprocess.run(proxy_command(config, *arguments), capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_configuration_starts_nothing(config: Path, tmp_path: Path) -> None:
    flag = tmp_path / "started"
    write_chain(config, detect_email="perhaps")
    command = (sys.executable, "-c", f"open({str(flag)!r}, 'w')")
    done = subprocess.run(proxy_command(config, "--", *command), capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "detect_email" in done.stderr
    assert not flag.exists()


@HAS_PROC
def test_ten_thousand_calls_without_growth(config: Path) -> None:
    seen = []
    with proxy(config) as one:
        for start in range(0, 10_000, 100):
            one.send(*(call(id_, q=f"{MAIL} {'x' * 500}") for id_ in range(start, start + 100)))
            for _ in range(100):
                assert MASK in text_of(one.message())
            if start + 100 in (2_000, 10_000):
                seen.append(resident_kb(one.process.pid))
    assert seen[1] - seen[0] < 2_000, f"grew from {seen[0]} to {seen[1]} KB"
