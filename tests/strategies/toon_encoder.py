"""Texts and configurations for toon_encoder: JSON of every shape, TOON lines, and near-misses of both.

Nothing here may know what an engine would find.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

import gw_vectors

#: Texts of the vectors: what somebody thought worth a row.
SEEDS = [row["input"] for row in gw_vectors.rows("toon_encoder") if row.get("input")]
#: Strings that mean something to one side or the other, and parts of such.
WORDS = (
    *("", "a", "b c", "true", "null", "-", "-1", "05", "+1", "1e5", "#", " x", "x ", "a,b", "a|b", "a\tb", "a:b"),
    *('"', "\\", "[1]", "{}", "[]", "é", "\u00a0", "\u2028", "\ufeff", "\x00", "\n", "\r", "\x7f", "\U0001f600"),
)
#: Escapes of JSON that Python's own writer does not make.
ESCAPES = ("\\ud800", "\\udfff", "\\ud83d\\ude00", "\\/", "\\b", "\\u0061", "\\u001f", "\\x", "\\u12")
NUMBERS = ("0", "-0", "1", "1.50", "1E+3", "-2.0e-7", "123456789012345678901234567890", "01", "1.", "NaN")
KEYS = ("a", "b", "c", "id", "a b", "x.y", "", "é", "true")
#: What lines of TOON are made of.
PIECES = (
    *(
        "a",
        "a: 1",
        "b:",
        "- ",
        "-",
        "[2]",
        "[1]:",
        "[0]:",
        "[2]{a,b}:",
        "[1|]{a|b}:",
        "{a}",
        ": ",
        ",",
        "|",
        '"',
        '"x"',
    ),
    *(
        "\n",
        "\n  ",
        "\n    ",
        "\n      ",
        "\n ",
        "\n\t",
        "\r\n",
        "\n\n",
        " ",
        "\\n",
        "\\u00e9",
        "1,2",
        "[]",
        "[",
        "]",
        ":",
    ),
    *("é", "\ud800", "\U0001f600", "\0", "#"),
)


def text(rng: Random) -> str:
    """A JSON text, TOON lines, or a seed; now and then a character lost or doubled."""
    kind = rng.random()
    if kind < 0.6:
        whole = _json(rng, rng.choice((1, 2, 4, 6)))
    elif kind < 0.9:
        whole = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 12)))
    else:
        whole = rng.choice(SEEDS)
    while whole and rng.random() < 0.2:
        at = rng.randrange(len(whole))
        whole = whole[:at] + rng.choice(("", whole[at] * 2, rng.choice(PIECES))) + whole[at + 1 :]
    return whole


def _json(rng: Random, depth: int) -> str:
    kind = rng.random()
    blank = rng.choice(("", "", " ", "\n\t"))
    if depth == 0 or kind < 0.3:
        return blank + _scalar(rng) + blank
    if kind < 0.5:
        return f"[{blank}{','.join(_json(rng, depth - 1) for _ in range(rng.randint(0, 4)))}]"
    if kind < 0.7:
        return _rows(rng)
    members = (f"{_key(rng)}{blank}:{_json(rng, depth - 1)}" for _ in range(rng.randint(0, 4)))
    return f"{{{blank}{','.join(members)}}}{blank}"


def _rows(rng: Random) -> str:
    """Objects that have the same keys, or nearly."""
    keys = [_key(rng) for _ in range(rng.randint(1, 4))]
    rows = []
    for _ in range(rng.randint(1, 4)):
        here = list(keys)
        if rng.random() < 0.1:
            rng.shuffle(here)
        if rng.random() < 0.03:
            here.append(_key(rng))
        if rng.random() < 0.03:
            here[0] = _key(rng)
        values = (_scalar(rng) if rng.random() < 0.98 else rng.choice(("{}", "[]", "[1]")) for _ in here)
        rows.append("{" + ",".join(f"{key}: {value}" for key, value in zip(here, values, strict=True)) + "}")
    return f"[{', '.join(rows)}]"


def _key(rng: Random) -> str:
    if rng.random() < 0.05:
        return _string(rng)
    return json.dumps(rng.choice(KEYS), ensure_ascii=rng.random() < 0.5)


def _scalar(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(NUMBERS[:-3] if rng.random() < 0.98 else NUMBERS)
    return rng.choice(("true", "false", "null")) if kind < 0.4 else _string(rng)


def _string(rng: Random) -> str:
    whole = "".join(rng.choice(WORDS) for _ in range(rng.choice((1, 1, 1, 2, 3))))
    spelt = json.dumps(whole, ensure_ascii=rng.random() < 0.3)
    if rng.random() < 0.1:
        spelt = spelt[:-1] + rng.choice(ESCAPES[:-2] if rng.random() < 0.9 else ESCAPES) + '"'
    return spelt


def config(rng: Random) -> dict[str, Any]:
    """Either direction; sizes mostly such that something is converted."""
    chosen: dict[str, Any] = {"direction": rng.choice(("encode", "encode", "decode"))}
    if rng.random() < 0.9:
        chosen["min_size_bytes"] = rng.choice((0, 0, 0, 20))
    if rng.random() < 0.6:
        chosen["only_smaller"] = False
    if rng.random() < 0.4:
        chosen["strict"] = True
    if rng.random() < 0.4:
        chosen["delimiter"] = rng.choice(("tab", "pipe"))
    if rng.random() < 0.2:
        chosen["max_depth"] = rng.randint(1, 4)
    for limit in ("max_size_bytes", "max_text_bytes", "max_output_bytes"):
        if rng.random() < 0.1:
            chosen[limit] = rng.randint(1, 100)
    return chosen
