"""Texts and configurations for the JSON repair: documents damaged in every way, and pieces of JSON thrown together.

`text(rng)` is fast and serves millions of cases. Nothing here may know what an engine would do.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

_VECTORS = Path(__file__).parents[1] / "vectors/json_repair.jsonl"

#: Texts of the vectors: what somebody thought worth a row.
SEEDS = [row["input"] for row in map(json.loads, _VECTORS.read_text("utf-8").splitlines()) if row.get("input")]

STRINGS = (
    *(
        "",
        "a",
        "b c",
        "it's",
        'he said "hi"',
        "x, y",
        "a: b",
        "{x}",
        "[1]",
        "C:\\new\\u",
        "line\nend",
        "tab\t",
        "é",
        "日本",
    ),
    *(
        "😀",
        "“q”",
        "http://x.y/z?a=b#c",
        "// no",
        "/* no */",
        "# no",
        "true",
        "null",
        "1",
        "1,000",
        "...",
        "`b`",
        "\x01",
    ),
    *(
        "\ud800",
        "\udc80",
        "\udced\udca0\udc80",
        "\ufeff",
        "\u00a0",
        "\u2028",
        'He said: "Hello, world!" and',
        "}",
        "]",
        ",",
    ),
)
NUMBERS = (
    "0",
    "-0",
    "1",
    "12.5",
    "-3e7",
    "1E+2",
    "007",
    "+1",
    ".5",
    "1.",
    "1e",
    "-",
    "0x1F",
    "1_000",
    "1.2.3",
    "12abc",
)
WORDS = (
    "true",
    "false",
    "null",
    "True",
    "None",
    "undefined",
    "NaN",
    "Infinity",
    "-Infinity",
    "tru",
    "TRUE",
    "hello",
    "a b",
)
PIECES = (
    *(
        '"',
        '"',
        "'",
        "“",
        "”",
        "‘",
        "’",
        "`",
        "```",
        "```json\n",
        '\\"',
        "\\",
        "\\\\",
        "\\n",
        "\\u00",
        "\\x41",
        "\\'",
        "\\\n",
    ),
    *(
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ":",
        ",",
        ", ",
        ": ",
        "=",
        "=>",
        ";",
        "+",
        " + ",
        "-",
        ".",
        "...",
        "…",
        "，",
        "：",
        "/",
        "//",
    ),
    *(
        "/*",
        "*/",
        "#",
        "# c",
        "// c",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "\x00",
        "\x7f",
        "\u00a0",
        "\ufeff",
        "\u2029",
        "<",
        "|",
        "$",
    ),
    *(
        "a",
        "b",
        "key",
        '"a"',
        '"b":',
        "'c':",
        "d:",
        "1",
        "ObjectId(",
        "new Date(",
        "callback(",
        "u'",
        'b"',
        "e",
        "ü",
        "\ud83d",
    ),
    *(
        "\udcff",
        "\udced",
        "\udca0",
        "Here is the JSON: ",
        "[link](x)",
        '"x",',
        '"y"}',
        "\n\n",
        '""',
        "''",
        "{}",
        "[]",
        '"": ',
    ),
)
SPACES = ("", "", "", " ", "\n", "\n  ", "\t", " \r\n")


def _string(rng: Random) -> str:
    quoted = json.dumps(rng.choice(STRINGS), ensure_ascii=rng.random() < 0.3)
    kind = rng.random()
    if kind < 0.7:
        return quoted
    if kind < 0.85:
        return "'" + rng.choice(STRINGS) + "'"
    if kind < 0.93:
        return '"' + rng.choice(STRINGS) + '"'
    return "“" + rng.choice(STRINGS) + "”"


def _value(rng: Random, depth: int) -> str:
    kind = rng.random()
    space = rng.choice(SPACES)
    if depth < 4 and kind < 0.25:
        members = (
            f"{space}{_string(rng)}{rng.choice((':', ': ', ' : '))}{_value(rng, depth + 1)}"
            for _ in range(rng.randrange(4))
        )
        return "{" + ",".join(members) + space + "}"
    if depth < 4 and kind < 0.45:
        return "[" + ",".join(space + _value(rng, depth + 1) for _ in range(rng.randrange(4))) + space + "]"
    if kind < 0.75:
        return _string(rng)
    return rng.choice(NUMBERS) if kind < 0.9 else rng.choice(WORDS)


def _damaged(rng: Random, text: str) -> str:
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(text) + 1)
        kind = rng.random()
        if kind < 0.35:
            text = text[:at] + rng.choice(PIECES) + text[at:]
        elif kind < 0.7:
            text = text[:at] + text[at + rng.randrange(1, 3) :]
        elif kind < 0.8:
            text = text[:at]
        elif kind < 0.9:
            text = text[:at] + rng.choice(PIECES) + text[at + 1 :]
        elif kind < 0.95:
            text = text.replace('"', rng.choice(("'", '\\"', "“", "")), rng.choice((1, 2, -1)))
        else:
            text = text.replace(rng.choice((",", ":", "\n", "}")), rng.choice(("", " ", ";", "\n")))
    return text


def _glued(rng: Random) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 24)))


def text(rng: Random) -> str:
    """A text."""
    kind = rng.random()
    if kind < 0.55:
        made = _damaged(rng, _value(rng, 0))
    elif kind < 0.75:
        made = _glued(rng)
    elif kind < 0.9:
        made = _damaged(rng, rng.choice(SEEDS))
    else:
        made = _damaged(rng, _value(rng, 0)) + rng.choice(("\n", ",", " ", "", "\n```\n", " and ")) + _value(rng, 0)
    if rng.random() < 0.1:
        made = rng.choice(("```json\n", "Here it is:\n", "\ufeff", "x = ", "callback(", "# T\n", " ")) + made
    if rng.random() < 0.1:
        made += rng.choice(("\n```", "\nHope it helps!", ");", "}", "]", ",", "..."))
    return made


def config(rng: Random) -> dict[str, Any]:
    """A configuration that the schema accepts."""
    chosen: dict[str, Any] = {}
    if rng.random() < 0.5:
        chosen["dialect"] = rng.choice(("python", "js"))
    if rng.random() < 0.1:
        chosen["strict"] = True
    if rng.random() < 0.2:
        chosen["ensure_ascii"] = True
    if rng.random() < 0.2:
        chosen["max_depth"] = rng.choice((1, 2, 3, 5))
    if rng.random() < 0.1:
        chosen["max_text_bytes"] = rng.choice((1, 10, 40))
    if rng.random() < 0.1:
        chosen["max_output_bytes"] = rng.choice((1, 10, 40))
    if rng.random() < 0.1:
        chosen["max_findings"] = rng.choice((1, 2, 5))
    return chosen


def texts() -> st.SearchStrategy[str]:
    """Texts for Hypothesis."""
    pieces = st.sampled_from((*PIECES, *SEEDS, *NUMBERS, *WORDS)) | st.text(max_size=3)
    return st.lists(pieces, max_size=12).map("".join)
