"""Texts that are no JSON, most of them without a value that anybody could name.

For: `test_json_quality.py`: a repairer must answer each with valid JSON or refuse it, quickly. Never: says what
the answer is. Tests: `test_json_quality.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

FILE = Path(__file__).with_name("malformed.txt")
#: One text each, written by hand, by kind; the file holds them as JSON strings.
HAND_WRITTEN = tuple(
    json.loads(line) for line in FILE.read_text(encoding="utf-8").split("\n") if line and not line.startswith("# ")
)

#: Bytes that are no UTF-8, alone and inside otherwise good JSON.
BYTES = tuple(
    around[0] + odd + around[1]
    for odd in (
        b"\xff", b"\xfe\xff", b"\xc3", b"\xc3(", b"\xc0\x80", b"\xe2\x82", b"\xed\xa0\x80", b"\xf0\x9f\x98",
        b"\xf8\x88\x80\x80\x80",
        b"\x80", b"\xbf\xbf", b"\xf4\x90\x80\x80", b"\xef\xbb", b"\x00\x00", b"\xff\xfe{\x00}\x00",
    )
    for around in ((b"", b""), (b'{"a": "', b'"}'), (b'{"', b'": 1,}'), (b"[1, ", b"]"), (b'{"a": "', b""))
)  # fmt: skip

_DOCUMENT = (
    '{"a": "x \\"y\\" \\u00e9", \'b\': [1, -2.5e3, {c: None}, /* d */ "e" + "f"], "g": f({"h": true,}), …: "\\\\"}'
)


def deep(levels: int) -> Iterator[str]:
    """Nests of brackets: closed, open, wrong, mixed."""
    yield "[" * levels
    yield "{" * levels
    yield '{"a":' * levels
    yield "[{" * (levels // 2)
    yield "(" * levels
    yield "[" * levels + "1" + "]" * (levels - 1)
    yield '{"a":' * levels + "1" + "}" * (levels // 2)
    yield "]" * levels
    yield "[" * levels + "}" * levels
    yield "f(" * levels
    yield "```" * levels
    yield '[{"a":' * (levels // 2) + "1" + "]}" * (levels // 2)


def long() -> Iterator[str]:
    """Texts that make an ambitious reader look back again and again."""
    yield '"' * 20_000
    yield "'" * 20_001
    yield '{"a' * 10_000
    yield '{"a":"' + '"x" ' * 10_000
    yield '["' + "\\" * 20_001
    yield "/*" * 10_000
    yield "[" + "1 " * 10_000
    yield "[" + '"a" ' * 10_000
    yield '"a"+' * 10_000
    yield "," * 20_000
    yield ":" * 20_000
    yield "{a" * 10_000
    yield "...," * 10_000
    yield "`" * 20_000
    yield "a(" * 10_000
    yield "{}\n" * 10_000
    yield '{"a": "' + "b, c: d " * 5_000
    yield '{"a": ' + '"b": ' * 5_000
    yield "\\" * 20_000
    yield '\\"' * 10_000
    yield "“" * 10_000
    yield "{'a': 'it's " * 3_000


def generated() -> Iterator[str]:
    """Every text of one to three signs, a document cut at every place, and with every place changed."""
    signs = "{}[]:,\"'\\/1a- \n`("
    for length in (1, 2, 3):
        yield from map("".join, product(signs, repeat=length))
    for at in range(len(_DOCUMENT)):
        yield _DOCUMENT[:at]
        yield _DOCUMENT[at:]
        yield _DOCUMENT[:at] + _DOCUMENT[at + 1 :]
    rng = Random(4)
    for _ in range(2_000):
        text = _DOCUMENT
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice(signs) + text[at + rng.randint(0, 3) :]
        yield text
