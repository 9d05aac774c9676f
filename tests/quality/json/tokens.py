"""A JSON value as a list of tokens that can be changed one by one.

For: `mutators.py`. Never: writes anything but valid JSON by itself. Tests: `test_json_quality.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from random import Random
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Token:
    """A piece of the text. `kind` is one of `{ } [ ] : ,`, or key, str, num, const, ws."""

    kind: str
    text: str
    value: Any = None
    depth: int = 0

    def spelled(self, text: str) -> Token:
        """The same token in another spelling."""
        return replace(self, text=text)


class Style(NamedTuple):
    """White space of a text: none after commas and colons, one space, or lines."""

    name: str
    indent: str | None
    comma: str
    colon: str


STYLES = (
    Style("compact", None, "", ""),
    Style("spaced", None, " ", " "),
    Style("spaced", None, " ", " "),
    Style("lines", "  ", "", " "),
    Style("lines", "    ", "", " "),
    Style("tabs", "\t", "", " "),
)
LINES = tuple(style for style in STYLES if style.indent)
FLAT = tuple(style for style in STYLES if not style.indent)


def tokens(value: Any, style: Style, depth: int = 0) -> list[Token]:
    """The tokens of `value`; recursion is no concern, the documents are ours."""
    if not isinstance(value, dict | list):
        kind = "str" if isinstance(value, str) else "const" if value is None or isinstance(value, bool) else "num"
        return [Token(kind, json.dumps(value, ensure_ascii=False), value, depth)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    made = [Token(opening, opening, value, depth)]
    items: list[tuple[Any, Any]] = list(value.items()) if isinstance(value, dict) else [(None, v) for v in value]
    for number, (key, item) in enumerate(items):
        if number:
            made.append(Token(",", ",", None, depth + 1))
        gap = "\n" + style.indent * (depth + 1) if style.indent is not None else style.comma if number else ""
        made += _space(gap, depth + 1)
        if isinstance(value, dict):
            made += [Token("key", json.dumps(key, ensure_ascii=False), key, depth + 1)]
            made += [Token(":", ":", None, depth + 1), *_space(style.colon, depth + 1)]
        made += tokens(item, style, depth + 1)
    if items and style.indent is not None:
        made += _space("\n" + style.indent * depth, depth)
    return [*made, Token(closing, closing, value, depth)]


def _space(text: str, depth: int) -> list[Token]:
    return [Token("ws", text, None, depth)] if text else []


def text(made: list[Token]) -> str:
    """The text of tokens."""
    return "".join(token.text for token in made)


def places(made: list[Token], *kinds: str) -> list[int]:
    """Indices of the tokens of these kinds."""
    return [at for at, token in enumerate(made) if token.kind in kinds]


def some(rng: Random, found: list[int], most: int = 3) -> list[int]:
    """One to `most` of `found`, in order; none when it is empty."""
    return sorted(rng.sample(found, min(len(found), rng.randint(1, most)))) if found else []


def following(made: list[Token], at: int) -> int:
    """Index of the next token that is no white space, or the length."""
    at += 1
    while at < len(made) and made[at].kind == "ws":
        at += 1
    return at
