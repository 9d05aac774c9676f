"""Vectors for programs that read no JSON: a row is a line of words, and so is the answer.

Question: KIND UNIT CONFIG TEXT, where UNIT is the number of a GWP_UNIT_ flag and the last two are hexadecimal behind an
`x`. Answer: `error CODE xPATH`, or `ok SCORE xOUTPUT xDESCRIPTION` and then for each finding
`RULE,START,END,ACTION,SCORE,GUESS,DERIVED,xDETAIL`, where RULE is `x` and the name in hexadecimal, or `#` and the index
in the description's rules. A program that finds two ways to the same answer apart says `differs: WHAT`. Used by
tests/hosts/test_c.py and test_cpp.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gw_hosts import ROOT
from gw_vectors import config_of, rows

BYTES, CODE_POINTS, UTF16 = 0, 16, 32
ACTIONS = ("audit", "replace", "block")


def encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate is three bytes."""
    return text.encode("utf-8", "surrogatepass")


#: How long a text is in each unit.
LENGTH: dict[int, Callable[[str], int]] = {
    BYTES: lambda text: len(encoded(text)),
    CODE_POINTS: len,
    UTF16: lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
}


@dataclass(frozen=True)
class Case:
    """One row in one unit."""

    kind: str
    row: dict[str, Any]
    unit: int

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.kind}: {self.row['id']} ({self.unit})"

    @property
    def is_bytes(self) -> bool:
        """Whether the row holds bytes instead of a text."""
        return "input_hex" in self.row

    @property
    def text(self) -> bytes:
        """The bytes to scan."""
        return bytes.fromhex(self.row["input_hex"]) if self.is_bytes else encoded(self.row.get("input", ""))

    @property
    def question(self) -> str:
        """The line for the program."""
        return f"{self.kind} {self.unit} x{encoded(config_of(self.row)).hex()} x{self.text.hex()}"

    @property
    def expected(self) -> dict[str, Any]:
        """What the row expects, in this unit."""
        expect = dict(self.row["expect"])
        if "error" in expect:  # the class is Python's
            return {"error": {key: expect["error"][key] for key in ("code", "path")}}
        if "findings" in expect and not self.is_bytes:
            length, text = LENGTH[self.unit], self.row["input"]
            expect["findings"] = [
                [rule, length(text[:start]), length(text[:end]), *rest]
                for rule, start, end, *rest in expect["findings"]
            ]
        return expect


def cases() -> Iterator[Case]:
    """Every row of every guard that the library has, in every unit that its offsets can be told in."""
    for file in sorted((ROOT / "tests/vectors").glob("*.jsonl")):
        if (ROOT / "rustlib/engines" / file.stem).is_dir() and file.stem != "probe":  # which no library holds
            for row in rows(file.stem):
                for unit in (BYTES,) if "input_hex" in row else tuple(LENGTH):
                    yield Case(file.stem, row, unit)


def unhex(word: str) -> str:
    """Text of a word of the answer."""
    return bytes.fromhex(word[1:]).decode("utf-8", "surrogatepass")


def answered(case: Case, line: str) -> dict[str, Any] | str:
    """The answer with the keys of `expect`; the line itself when it is none."""
    word, *words = line.split(" ")
    if word == "error":
        return {"error": {"code": int(words[0]), "path": unhex(words[1])}}
    if word != "ok":
        return line
    rules = json.loads(unhex(words[2]))["rules"] if len(words[2]) > 1 else []
    findings = [found.split(",") for found in words[3:]]
    told: dict[str, Any] = {
        "score": int(words[0]),
        "output_hex": words[1][1:],
        "findings": [finding(found, rules) for found in findings],
        "details": [json.loads(unhex(found[7])) if len(found[7]) > 1 else None for found in findings],
    }
    if not case.is_bytes:
        told["output"] = unhex(words[1])
    return {key: value for key, value in told.items() if key in case.row["expect"]}


def finding(parts: list[str], rules: list[dict[str, Any]]) -> list[Any]:
    """A finding as the rows write it."""
    marks = [name for name, mark in zip(("guess", "derived"), parts[5:7], strict=True) if mark == "1"]
    rule = rules[int(parts[0][1:])]["name"] if parts[0][0] == "#" else unhex(parts[0])
    return [rule, int(parts[1]), int(parts[2]), ACTIONS[int(parts[3])], int(parts[4]), *marks]


def check(run: Callable[[bytes], str]) -> None:
    """Puts every case to a program, its standard input to its standard output, and compares."""
    asked = list(cases())
    guards = {"json_repair", "pii_filter", "regex_filter", "sql_sanitizer", "toon_encoder"}
    assert {case.kind for case in asked} >= guards
    answers = run("".join(f"{case.question}\n" for case in asked).encode()).splitlines()
    assert len(answers) == len(asked)
    wrong = [
        f"{case.name}\n  expected {case.expected}\n  answered {told}"
        for case, line in zip(asked, answers, strict=True)
        if (told := answered(case, line)) != case.expected
    ]
    assert not wrong, f"{len(wrong)} of {len(asked)} differ:\n" + "\n".join(wrong[:10])
