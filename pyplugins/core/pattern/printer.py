"""Prints a tree as source for Python's `re`, with nothing left to its flags or its Unicode data.

It must never be handed a tree that `linear.is_linear` refuses. Tests: tests/unit/test_patterns.py.
"""

from __future__ import annotations

from pyplugins.core.pattern.charset import CharSet
from pyplugins.core.pattern.tree import (
    Alternation,
    Assertion,
    Capture,
    Chars,
    Concat,
    Empty,
    Look,
    Node,
    Repeat,
)
from pyplugins.core.pattern.unicode import table

# For re.ASCII. "(?!\b)" and not "\B", because before Python 3.14 \B fails on the empty text.
_LOOKS = {
    Look.TEXT_START: r"\A",
    Look.TEXT_END: r"\Z",
    Look.LINE_START: "(?m:^)",
    Look.LINE_END: "(?m:$)",
    Look.WORD_BOUNDARY: r"\b",
    Look.NOT_WORD_BOUNDARY: r"(?!\b)",
    Look.NO_WORD_BEFORE: r"(?<!\w)",
    Look.NO_WORD_BEHIND: r"(?!\w)",
}


def to_re(node: Node) -> str:
    """Source for ``re.compile(source, re.ASCII)``; the tree's capturing groups keep their numbers."""
    match node:
        case Empty():
            return ""
        case Chars(chars):
            return char_class(chars)
        case Assertion(look):
            return _LOOKS.get(look) or _unicode_look(look)
        case Concat(items):
            return "".join(to_re(item) if not isinstance(item, Alternation) else f"(?:{to_re(item)})" for item in items)
        case Alternation(branches):
            return "|".join(map(to_re, branches))
        case Capture(body):
            return f"({to_re(body)})"
        case Repeat(body, least, most, greedy):
            bounds = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get(
                (least, most), f"{{{least},{'' if most is None else most}}}"
            )
            return f"(?:{to_re(body)}){bounds}{'' if greedy else '?'}"


def _unicode_look(look: Look) -> str:
    word = char_class(table("word"))
    if look is Look.NO_UNICODE_WORD_BEFORE:
        return f"(?<!{word})"
    if look is Look.NO_UNICODE_WORD_BEHIND:
        return f"(?!{word})"
    wanted = look is Look.UNICODE_BOUNDARY
    here, there = (f"(?!{word})", f"(?={word})") if wanted else (f"(?={word})", f"(?!{word})")
    return f"(?:(?<={word}){here}|(?<!{word}){there})"


def char_class(chars: CharSet) -> str:
    """One character of the set, as `re` source."""
    if chars.is_single:
        return _char(chars.ranges[0][0])
    shown = chars.negate() if chars.invalid else chars
    if not shown.ranges:
        return "(?s:.)"
    inside = "".join(_char(low) + (f"-{_char(high)}" if high > low else "") for low, high in shown.ranges)
    return f"[{'^' if chars.invalid else ''}{inside}]"


def _char(code: int) -> str:
    char = chr(code)
    if char.isascii() and char.isalnum():
        return char
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
