"""Vectors of codecs and limiters for programs that read no JSON: a row is a line of words, and so is the answer.

Questions: `codec NAME xCONFIG xDATA`, and `limiter xCONFIG STEP...` with the steps
`OP,NOW,COST,AT,ACTUAL,LEASE,xVALUE,xVALUE...`, times in nanoseconds; bytes are hexadecimal behind an `x`.
Answers: `error CODE xPATH` when the configuration or the data is refused; `ok xOUTPUT` of a codec; `ok xDESCRIPTION` of
a limiter and then, for each step, `ALLOWED,FLAGS,DIMENSION,WINDOW,LIMIT,REMAINING,RESET,RETRY,LEASE` as in
gwp_decision, where DIMENSION is `#` and the index or `x` and the name, or `=NUMBER` of a release or a reset, or
`!CODE`. A program that finds two ways to the same answer apart says `differs: WHAT`. Used by tests/hosts/test_c.py and
test_cpp.py.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedRWPair
from pathlib import Path
from typing import Any

from gw_hosts import ROOT, missing
from gw_lines import encoded, unhex
from gw_vectors import rows

CODES = {row["name"]: row["code"] for row in json.loads((ROOT / "rustlib/core/rules/messages.json").read_text("utf-8"))}
NO_INDEX, ALL_BITS = 2**32 - 1, 2**64 - 1


def check_codecs(run: Callable[[bytes], str]) -> None:
    """Puts every row of the codecs to a program, its standard input to its standard output, and compares."""
    asked = rows("codec/compression")
    assert len(asked) > 200
    lines = [f"codec {row['codec']} {hexed(json.dumps(row['config']))} x{row['input_hex']}" for row in asked]
    answers = [_codec_answer(line) for line in told_lines(run, lines)]
    wanted = [{"error": CODES[e["error"]]} if "error" in (e := row["expect"]) else e for row in asked]
    _compare([row["id"] for row in asked], wanted, answers)


def check_limiters(run: Callable[[bytes], str]) -> None:
    """The same for the traces of limiters."""
    asked = rows("limiter/rate_limiter")
    assert len(asked) > 40
    lines = told_lines(run, [question(row) for row in asked])
    answers = [limiter_answer(row, line) for row, line in zip(asked, lines, strict=True)]
    _compare([row["id"] for row in asked], [limiter_wanted(row) for row in asked], answers)


def told_lines(run: Callable[[bytes], str], lines: list[str]) -> list[str]:
    """The answers to lines."""
    answers = run("".join(f"{line}\n" for line in lines).encode()).splitlines()
    assert len(answers) == len(lines)
    return answers


def hexed(text: str) -> str:
    """A word that stands for a text."""
    return f"x{encoded(text).hex()}"


def question(row: dict[str, Any]) -> str:
    """The line for a trace."""
    return " ".join(["limiter", hexed(json.dumps(row["config"])), *map(_step, row.get("steps", []))])


def _step(step: dict[str, Any]) -> str:
    numbers = (
        step["now"] * 1000,
        step.get("cost", step.get("reserved", 0)),
        step.get("reserved_at", 0) * 1000,
        step.get("actual", 0),
        step.get("lease", 0),
    )
    return ",".join([step["op"], *map(str, numbers), *(hexed(value or "") for value in step["key"])])


def limiter_wanted(row: dict[str, Any]) -> Any:
    """What a trace expects, without what only Python has."""
    if "steps" not in row:
        return {key: row["expect"]["error"][key] for key in ("code", "path")}
    steps = [step["expect"] for step in row["steps"]]
    return [{"error": one["error"]["code"]} if isinstance(one, dict) and "error" in one else one for one in steps]


def limiter_answer(row: dict[str, Any], line: str) -> Any:
    """The answer with the keys of `expect`; the line itself when it is none."""
    word, *words = line.split(" ")
    if word == "error":
        return {"code": int(words[0]), "path": unhex(words[1])}
    if word != "ok" or "steps" not in row:
        return line
    names = [one["name"] for one in json.loads(unhex(words[0]))["dimensions"]] if len(words[0]) > 1 else []
    told = [_decision(word, names) for word in words[1:]]
    for step, one in zip(row["steps"], told, strict=True):
        if isinstance(one, dict) and isinstance(step["expect"], dict) and "error" not in one:
            for key in one.keys() - step["expect"].keys():
                del one[key]
    return told


def _decision(word: str, names: list[str]) -> Any:
    if word[0] == "=":
        return int(word[1:])
    if word[0] == "!":
        return {"error": int(word[1:])}
    allowed, flags, dimension, *numbers = word.split(",")
    window, limit, remaining, reset, retry, lease = map(int, numbers)
    return {
        "allowed": allowed == "1",
        "would_refuse": bool(int(flags) & 1),
        "blocked": bool(int(flags) & 2),
        "dimension": _name(dimension, names),
        "window": None if window == NO_INDEX else window,
        "limit": None if limit == ALL_BITS else limit,
        "remaining": None if remaining == ALL_BITS else remaining,
        "reset": reset // 1000 if reset % 1000 == 0 else reset / 1000,
        "retry": None if retry == ALL_BITS else retry // 1000,
        "lease": lease,
    }


def _name(word: str, names: list[str]) -> str | None:
    if word[0] == "x":
        return unhex(word) or None
    return None if int(word[1:]) == NO_INDEX else names[int(word[1:])]


def _codec_answer(line: str) -> Any:
    match line.split(" "):
        case ["error", code, _]:
            return {"error": int(code)}
        case ["ok", output]:
            return {"output_hex": output[1:]}
        case _:
            return line


def _compare(names: list[str], wanted: list[Any], answers: list[Any]) -> None:
    asked = zip(names, wanted, answers, strict=True)
    wrong = [f"{name}\n  expected {expected}\n  answered {told}" for name, expected, told in asked if expected != told]
    assert not wrong, f"{len(wrong)} of {len(names)} differ:\n" + "\n".join(wrong[:10])


def asking_redis(program: Path, folder: Path) -> Callable[[bytes], str]:
    """How to run a program that keeps counts in Redis: it writes `redis xWORD...`, and the reply is its next line."""

    def run(questions: bytes) -> str:
        answers = []
        with (
            redis(folder) as server,
            subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as ran,
        ):
            for question in questions.splitlines(keepends=True):
                line = _say(ran, question)
                while line.startswith("redis "):
                    reply = command(server, [bytes.fromhex(word[1:]) for word in line.split(" ")[1:]])
                    line = _say(ran, f"{reply}\n".encode())
                answers.append(line)
        return "".join(f"{line}\n" for line in answers)

    return run


def _say(ran: subprocess.Popen[bytes], line: bytes) -> str:
    assert ran.stdin is not None
    assert ran.stdout is not None
    ran.stdin.write(line)
    ran.stdin.flush()
    said = ran.stdout.readline().decode()
    assert said.endswith("\n"), "the program has ended"
    return said[:-1]


@contextmanager
def redis(folder: Path) -> Iterator[BufferedRWPair]:
    """A connection to a Redis server of our own, on a socket file; it ends with the block."""
    program = shutil.which("redis-server") or missing("redis-server is not installed")
    place = folder / "redis.socket"
    options = ["--port", "0", "--unixsocket", str(place), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 15
        while not place.exists():
            assert server.poll() is None, "redis-server has ended"
            assert time.monotonic() < end, "redis-server has not come"
            time.sleep(0.02)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(place))
            with connection.makefile("rwb") as stream:
                yield stream
    finally:
        server.terminate()
        server.wait(15)


def command(server: BufferedRWPair, words: list[bytes]) -> str:
    """Sends a command; the numbers of its reply, or its text."""
    server.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
    server.flush()
    line = server.readline().decode().strip()
    assert line[:1] in ("+", "$", ":", "*"), line
    if line[0] == "$":
        return server.read(int(line[1:]) + 2).decode().strip()
    if line[0] != "*":
        return line[1:]
    return " ".join(server.readline().decode().strip()[1:] for _ in range(int(line[1:])))
