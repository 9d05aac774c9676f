"""Large non-ASCII str: how the C edge makes UTF-8 of it (transcode.c) and puts the answer together (splice.c).

Python's own encoder and the same scan of bytes are what it is compared with.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from pyplugins.native import open_guard

MAIL = "ann@example.com"
#: Characters from which a str is transcoded (CACHE_CHARS of edge.h).
LARGE = 16384


def guard(binding: str, **config: Any) -> Any:
    opened = open_guard("pii_filter", json.dumps(config), binding)
    assert opened is not None
    return opened


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def agrees_with_bytes(opened: Any, text: str) -> str:
    """The output for `text`, once it is what the same text as bytes gives, by every method."""
    expected: str = opened.process(encoded(text)).decode("utf-8", "surrogatepass")
    result = opened.scan(text)
    assert opened.process(text) == result.output == expected
    assert opened.process_many([text, "ü"]) == [expected, "ü"]
    assert opened.process_nested({"text": text})[1] == {"text": expected}
    for entry in (entry for entries in opened.detect(text).values() for entry in entries):
        assert text[entry["start"] : entry["end"]] == entry["value"]
    return expected


#: Around every change of length, and what stands at the ends of Unicode; surrogates alone too.
EDGES = [0, 0x7F, 0x80, 0xFF, 0x100, 0x7FF, 0x800, 0xFFF, 0x1000, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF]
EDGES += [0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x1FFFF, 0x20000, 0xFFFFF, 0x100000, 0x10FFFF]


def test_every_code_point_is_encoded_as_python_does(cffi_only: str) -> None:
    """No gap here is long enough for a slice, so the output is what was made of the engine's bytes."""
    opened = guard(cffi_only, custom_patterns=[{"pattern": "QQQ", "mask_strategy": "remove"}])
    for first in range(0x80, 0x110000, LARGE):
        block = "".join(map(chr, range(first, min(first + LARGE, 0x110000))))
        pieces = [block[i : i + 50] for i in range(0, len(block), 50)]
        assert opened.process("QQQ".join(pieces) + "QQQ") == block


@pytest.mark.parametrize("tail", range(9))
def test_lengths_around_a_block(cffi_only: str, tail: int) -> None:
    opened = guard(cffi_only)
    for last in EDGES:
        text = "ж" * LARGE + chr(last) * tail + " " + MAIL
        assert opened.process(text) == text.replace(MAIL, "[REDACTED]")


@pytest.mark.parametrize("seed", range(6))
def test_random_mixtures(binding: str, seed: int) -> None:
    source = random.Random(seed)
    opened = guard(binding)
    limits = source.choice([(0x80, 0x100), (0x80, 0x800), (0x80, 0x800, 0x10000), (0x80, 0x110000)])
    parts = []
    for _ in range(300):
        limit = source.choice(limits)
        parts.append("".join(chr(source.randrange(0x20, limit)) for _ in range(source.randrange(120))))
        parts.append(source.choice(["", " ", chr(source.choice(EDGES))]))
    agrees_with_bytes(opened, "".join(parts))


@pytest.mark.parametrize("letters", ["Grüße ", "привет ", "漢字、", "\N{GRINNING FACE} ", "\ud800 ", "ü"])
@pytest.mark.parametrize("distance", [1, 40, 300, 5000])
@pytest.mark.parametrize("strategy", ["redact", "partial", "hash", "remove"])
def test_findings_near_and_far(binding: str, letters: str, distance: int, strategy: str) -> None:
    opened = guard(binding, default_mask_strategy=strategy, hash_key="k")
    gap = letters * (distance // len(letters) + 1)
    for text in (f" {MAIL} ".join([gap] * 9), f"{MAIL} {gap}", f"{gap} {MAIL}", f"{gap} {MAIL} {MAIL} {gap}"):
        assert MAIL not in agrees_with_bytes(opened, text)


@pytest.mark.parametrize("replacement", ["ü", "*", "ü" * 500, "\N{GRINNING FACE}", "ü " * 300, ""])
def test_replacements_that_look_like_the_text_around(binding: str, replacement: str) -> None:
    opened = guard(binding, redaction_text=replacement)
    for unchanged in ("ü", "*" * 40 + "ü", replacement or "ü"):
        gap = unchanged * (3000 // len(unchanged))
        text = f"{gap} {MAIL} {gap} {MAIL} {gap}"
        assert agrees_with_bytes(opened, text) == text.replace(MAIL, replacement)
        text = f"{gap}\n{MAIL}\n{gap}"
        assert agrees_with_bytes(opened, text) == text.replace(MAIL, replacement)
