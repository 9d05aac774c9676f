"""Texts and configurations for the regex filter: few letters, so that rules meet each other's matches and results.

`text(rng)` and `config(rng)` are fast and serve millions of cases; `texts()` and `configs()` are the same for
Hypothesis. Nothing here may know what an engine would find.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

#: What words, patterns and texts are made of.
LETTERS = ("a", "b", "c", "A", "B", "ab", "ba", "aa", "k", "K", "é", "É", "1", "2", "_")
OTHERS = (" ", " ", "-", ".", "\n", "", "\u212a", "\u017f", "д", "Д", "日", "\U0001f600", "\ud800", "\udc80", "\u0301")
#: Nothing in a rule matches these, so that windows of rules lie apart.
GAPS = ("=" * 13, "~" * 40, "= " * 30, "~" * 150, "ж" * 20, "=" * 700)

SETS = ("a", "b", "[ab]", "[^a]", r"\w", r"\d", r"\W", ".", r"\s", "k", "é", "[a-c]", "[^\\s=~]", r"\D")
QUANTIFIERS = ("", "", "", "+", "*", "?", "{2}", "{1,3}", "+?", "*?", "{2,}")
LOOKS = ("", "", "", r"\b", r"\B", "^", "$", r"\A", r"\z")
PATTERNS = (
    r"(a)(b)?",
    r"(?P<x>a+)(?P<y>b*)",
    r"(a|ab)(c|bcd)?",
    r"(?:a|b)+",
    r"a.{0,3}b",
    r"\bab\b",
    r"(\w)(\w)",
    r"\w+",
    r"a*",
    r"^",
    r"$",
    r"\b",
    r"(?m)^a",
    r"b$|a",
    r"(a+)+$",
    r"x*",
    r"ab|ba|c",
    r"(?i)aB",
    r"\d\d",
    r"[^\x00-\x7f]",
    r"(.)(.)",
    r".",
    r"\w{2,4}",
    # Refused.
    r"(?=a)",
    r"(a",
    r"(a)\1",
)
TEMPLATES = (
    "",
    "x",
    "a",
    "b",
    "ab",
    "ba",
    "-",
    " ",
    "é",
    "[X]",
    r"\g<0>",
    r"\g<0>\g<0>",
    r"<\1>",
    r"\2\1",
    r"\g<x>",
    r"\g<y>-\g<x>",
    r"\n",
    r"\\",
    r"\101",
    r"a\.b",
    # Refused.
    r"\q",
    "\\",
    r"\g<x",
    r"\7",
)
ALLOWS = ("a", "^a", "b$", r"\d", "k", "é", ".", "aa", "^$")
FLAGS = ("", "", "", "", "i", "m", "s", "ims")


def _maybe(rng: Random, row: dict[str, Any], key: str, value: Any, chance: float) -> None:
    if rng.random() < chance:
        row[key] = value


def _word(rng: Random) -> str:
    letters = LETTERS if rng.random() < 0.8 else LETTERS + tuple(one for one in OTHERS if one and not _lone(one))
    return "".join(rng.choices(letters, k=rng.choice((1, 1, 2, 2, 3, 4))))


def _lone(char: str) -> bool:
    return 0xD800 <= ord(char) < 0xE000


def _pattern(rng: Random) -> str:
    if rng.random() < 0.4:
        return rng.choice(PATTERNS[:-3] if rng.random() < 0.98 else PATTERNS)
    parts = (rng.choice(SETS) + rng.choice(QUANTIFIERS) for _ in range(rng.randint(1, 3)))
    inner = "".join(parts)
    if rng.random() < 0.3:
        inner = f"({inner})"
    return rng.choice(LOOKS) + inner + rng.choice(LOOKS)


def _template(rng: Random) -> str:
    return rng.choice(TEMPLATES[:13] if rng.random() < 0.93 else TEMPLATES)


def _rule(rng: Random, literal_chance: float) -> dict[str, Any]:
    literal = rng.random() < literal_chance
    row: dict[str, Any] = {"search": _word(rng) if literal else _pattern(rng)}
    if literal:
        row["literal"] = True
    _maybe(rng, row, "replace", rng.choice(TEMPLATES) if literal else _template(rng), 0.9)
    _maybe(rng, row, "action", rng.choice(("replace", "block", "audit", None)), 0.3)
    _maybe(rng, row, "whole_word", rng.random() < 0.7, 0.25)
    _maybe(rng, row, "ignore_case", rng.random() < 0.8, 0.3)
    _maybe(rng, row, "unicode", rng.random() < 0.6, 0.3)
    _maybe(rng, row, "preserve_case", True, 0.1)
    _maybe(rng, row, "flags", rng.choice(FLAGS), 0.2)
    _maybe(rng, row, "allow", rng.sample(ALLOWS, rng.randint(1, 2)), 0.12)
    _maybe(rng, row, "enabled", False, 0.04)
    _maybe(rng, row, "name", rng.choice(("n", "name")), 0.1)
    _maybe(rng, row, "syntax", "python", 0.003)
    return row


def config(rng: Random) -> dict[str, Any]:
    """A configuration; most are accepted."""
    literal_chance = rng.choice((0.0, 0.3, 0.6, 1.0))
    made: dict[str, Any] = {"rules": [_rule(rng, literal_chance) for _ in range(rng.choice((0, 1, 2, 2, 3, 3, 4, 8)))]}
    if rng.random() < 0.3:
        made["words"] = [{"search": _pattern(rng), "replace": _template(rng)} for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.03:
        made["rules"] += [{"search": _word(rng), "replace": _word(rng), "literal": True} for _ in range(40)]
    _maybe(rng, made, "allow", [rng.choice(ALLOWS)], 0.05)
    _maybe(rng, made, "ignore_case", True, 0.1)
    _maybe(rng, made, "unicode", True, 0.15)
    _maybe(rng, made, "whole_word", True, 0.1)
    _maybe(rng, made, "action", rng.choice(("replace", "block", "audit")), 0.05)
    _maybe(rng, made, "redaction_text", rng.choice(("", "a", "***")), 0.1)
    _maybe(rng, made, "max_findings", rng.choice((1, 3, 10)), 0.05)
    _maybe(rng, made, "max_output_bytes", rng.choice((8, 20, 60, 800)), 0.08)
    _maybe(rng, made, "max_text_bytes", rng.choice((5, 50)), 0.01)
    return made


def text(rng: Random) -> str:
    """A text; some have long stretches that nothing matches."""
    pieces: list[str] = []
    for _ in range(rng.choice((0, 1, 2, 3, 5, 8, 13))):
        pieces += rng.choices(LETTERS if rng.random() < 0.7 else LETTERS + OTHERS, k=rng.randint(0, 5))
        pieces.append(rng.choice(OTHERS) if rng.random() < 0.8 else rng.choice(GAPS))
    return "".join(pieces)


def texts() -> st.SearchStrategy[str]:
    """`text`, for Hypothesis."""
    pieces = st.sampled_from(LETTERS * 2 + OTHERS + GAPS[:3])
    return st.lists(pieces, max_size=20).map("".join)


def configs() -> st.SearchStrategy[dict[str, Any]]:
    """`config`, for Hypothesis."""
    return st.integers(0, 2**32).map(lambda seed: config(Random(seed)))
