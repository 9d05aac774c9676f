"""Mistakes in the structure: quotes, commas, colons, brackets, comments, white space, truncation.

For: `corpus.py`. Never: makes a mistake that a careful reader could mend in two ways. Tests: `test_json_quality.py`.
Each function gets a maker and a valid value, and gives a broken text and what it stands for, or None when the value has
no place for the mistake.
"""

from __future__ import annotations

import json
from typing import Any

from . import tokens
from .making import Case, Maker, is_word, is_words, mistake, strings
from .tokens import Token, following, places, text


@mistake("quotes.missing_key")
def _bare_keys(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    found = strings(made, is_word, "key")
    if not found:
        return None
    for at in found if maker.rng.random() < 0.6 else maker.some(found):
        made[at] = made[at].spelled(made[at].value)
    return Case(text(made), value)


@mistake("quotes.missing_value")
def _bare_values(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    found = strings(made, is_words, "str")
    if not found or not isinstance(value, dict):
        return None
    for at in maker.some(found, 4):
        made[at] = made[at].spelled(made[at].value)
    return Case(text(made), value)


@mistake("quotes.missing_open")
def _no_opening_quote(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    found = strings(made, is_word, "key") + (strings(made, is_words, "str") if maker.heldout else [])
    if not found:
        return None
    at = maker.rng.choice(found)
    made[at] = made[at].spelled(made[at].text[1:])
    return Case(text(made), value)


@mistake("quotes.missing_close")
def _no_closing_quote(maker: Maker, value: Any) -> Case | None:
    """The end of a key before its colon, or of a value before the next key or at the end of the line."""
    by_line = maker.rng.random() < 0.5
    made = maker.tokens(value, tokens.LINES if by_line else tokens.FLAT)
    if by_line and maker.rng.random() < 0.5:
        found = [at for at in strings(made, is_words, "str") if _member(made, at)]
    else:
        found = strings(made, is_word, "key")
    if not found:
        return None
    at = maker.rng.choice(found)
    made[at] = made[at].spelled(made[at].text[:-1])
    return Case(text(made), value)


def _member(made: list[Token], at: int) -> bool:
    """Whether the string at `at` is the value of a member, and another member follows."""
    before = at - 1
    while before >= 0 and made[before].kind == "ws":
        before -= 1
    comma = following(made, at)
    if made[before].kind != ":" or comma >= len(made) or made[comma].kind != ",":
        return False
    return made[following(made, comma)].kind == "key"


@mistake("comma.missing")
def _no_comma(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value, (*tokens.LINES, tokens.FLAT[1]))
    found = places(made, ",")
    if not found:
        return None
    for at in maker.some(found, 3 if maker.heldout else 2):
        made[at] = made[at].spelled("")
    return Case(text(made), value)


@mistake("comma.trailing")
def _trailing_comma(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    found = [at for at in places(made, "}", "]") if made[at].value]
    if not found:
        return None
    for at in maker.some(found):
        if made[at - 1].kind == "ws" and not maker.heldout:
            made[at - 1] = made[at - 1].spelled("," + made[at - 1].text)
        else:
            made[at] = made[at].spelled(maker.rng.choice((",", ", ", ",\n")) + made[at].text)
    return Case(text(made), value)


@mistake("comma.doubled")
def _doubled_comma(maker: Maker, value: Any) -> Case | None:
    """Between members only: in a list a second comma could be a missing value."""
    made = maker.tokens(value)
    found = [at for at in places(made, ",") if made[following(made, at)].kind == "key"]
    if not found:
        return None
    at = maker.rng.choice(found)
    made[at] = made[at].spelled(maker.rng.choice((",,", ", ,", ",\n,")))
    return Case(text(made), value)


@mistake("comma.leading")
def _leading_comma(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    found = [at for at in places(made, "{", "[") if made[at].value]
    if not found:
        return None
    at = maker.rng.choice(found)
    made[at] = made[at].spelled(made[at].text + maker.rng.choice((",", ", ")))
    return Case(text(made), value)


@mistake("colon.missing")
def _no_colon(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value, tuple(style for style in tokens.STYLES if style.colon))
    found = places(made, ":")
    if not found:
        return None
    for at in maker.some(found, 2):
        made[at] = made[at].spelled("")
    return Case(text(made), value)


@mistake("bracket.missing_end")
def _no_end(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    count = 0
    while made and made[-1].kind in ("}", "]", "ws") and (count == 0 or maker.rng.random() < 0.6):
        count += made.pop().kind != "ws"
    return Case(text(made), value)


@mistake("bracket.missing_middle")
def _no_bracket_inside(maker: Maker, value: Any) -> Case | None:
    """A list of scalars without its end before the next member, or an object in a list before the next object."""
    made = maker.tokens(value)
    found = []
    for at in places(made, "]", "}"):
        comma = following(made, at)
        if comma < len(made) and made[comma].kind == "," and made[at].value:
            after = made[following(made, comma)].kind
            scalars = all(not isinstance(item, dict | list) for item in _items(made[at].value))
            if scalars and ((made[at].kind == "]" and after == "key") or (made[at].kind == "}" and after == "{")):
                found.append(at)
    if not found:
        return None
    at = maker.rng.choice(found)
    made[at] = made[at].spelled("")
    if made[at - 1].kind == "ws":
        made[at - 1] = made[at - 1].spelled("")
    return Case(text(made), value)


def _items(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


@mistake("bracket.missing_start")
def _no_start(maker: Maker, value: Any) -> Case | None:
    if not isinstance(value, dict) or not value:
        return None
    made = maker.tokens(value)[1:]
    if maker.rng.random() < 0.5:
        made.pop()
    return Case(text(made).strip(), value)


@mistake("bracket.extra")
def _extra(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    return Case(text(made) + maker.rng.choice(("}", "]", "}}", "\n}", "]}")), value)


@mistake("bracket.wrong")
def _wrong(maker: Maker, value: Any) -> Case | None:
    """The end of an inner list or object in the wrong shape; what follows shows where it ends."""
    made = maker.tokens(value)
    found = [
        at
        for at in places(made, "}", "]")
        if made[at].value
        and made[at].depth > 0
        and following(made, at) < len(made)
        and made[following(made, at)].kind in (("}",) if made[at].kind == "]" else ("]",))
    ]
    if not found:
        return None
    at = maker.rng.choice(found)
    made[at] = made[at].spelled("")
    return Case(text(made), value)


def _quoted(made: list[Token], left: str, right: str, chosen: list[int]) -> None:
    for at in chosen:
        inner = json.dumps(made[at].value, ensure_ascii=False)[1:-1].replace('\\"', '"')
        if left == right:
            inner = inner.replace(left, "\\" + left)
        made[at] = made[at].spelled(left + inner + right)


@mistake("quotes.single")
def _single(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    found = places(made, "key", "str")
    if not found:
        return None
    _quoted(made, "'", "'", found if maker.rng.random() < 0.7 else maker.some(found, 4))
    return Case(text(made), value)


@mistake("quotes.single")
def _single_with_apostrophe(maker: Maker, value: Any) -> Case | None:
    """An apostrophe between letters that nobody escaped."""
    if not isinstance(value, dict):
        return None
    spoken = f"{maker.say('first')} {maker.rng.choice(('isn', 'won', 'can', 'don'))}'t see the {maker.say('word')}"
    grown = {**value, "note": spoken}
    if maker.rng.random() < 0.5:
        grown = {"note": spoken, **value}
    made = maker.tokens(grown)
    _quoted(made, "'", "'", places(made, "key", "str"))
    return Case(text(made).replace("n\\'t", "n't"), grown)


@mistake("quotes.typographic")
def _typographic(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    found = strings(made, lambda s: not set(s) & set("\"'\\“”‘’„`´"), "key", "str")
    if not found:
        return None
    left, right = maker.rng.choice(
        (("“", "”"), ("‘", "’")) if not maker.heldout else (("“", "”"), ("”", "”"), ("‘", "’"))
    )
    _quoted(made, left, right, found if maker.rng.random() < 0.7 else maker.some(found, 4))
    return Case(text(made), value)


@mistake("quotes.backtick")
def _backtick(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    found = strings(made, lambda s: not set(s) & set("'`\"\\"), "key", "str")
    if not found:
        return None
    left, right = ("`", "`") if not maker.heldout or maker.rng.random() < 0.7 else ("`", "'")
    _quoted(made, left, right, found)
    return Case(text(made), value)


@mistake("comment.block")
def _block_comment(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    gaps = places(made, ",", "{", "[", ":") if maker.heldout else places(made, ",", "{", "[")
    for at in maker.some(gaps):
        made[at] = made[at].spelled(f"{made[at].text} /* {maker.say('comment')} */")
    return Case(text(made), value)


def _line_comments(maker: Maker, value: Any, sign: str) -> Case | None:
    made = maker.tokens(value, tokens.LINES)
    gaps = [at for at in places(made, "ws") if "\n" in made[at].text and at > 1]
    if not gaps:
        return None
    for at in maker.some(gaps):
        made[at] = made[at].spelled(f" {sign} {maker.say('comment')}{made[at].text}")
    if maker.rng.random() < 0.2:
        return Case(f"{sign} {maker.say('comment')}\n{text(made)}", value)
    return Case(text(made), value)


@mistake("comment.line")
def _slashes(maker: Maker, value: Any) -> Case | None:
    return _line_comments(maker, value, "//")


@mistake("comment.hash")
def _hashes(maker: Maker, value: Any) -> Case | None:
    return _line_comments(maker, value, "#")


@mistake("space.odd")
def _odd_space(maker: Maker, value: Any) -> Case | None:
    signs = "\u00a0\u3000\u2003\u202f" if not maker.heldout else "\u00a0\u2009\u205f\u2028\u1680\ufeff"
    made = maker.tokens(value, (tokens.FLAT[1], *tokens.LINES))
    found = places(made, "ws")
    if not found:
        return None
    for at in maker.some(found, 5):
        made[at] = made[at].spelled(maker.rng.choice(signs) * maker.rng.randint(1, 2))
    return Case(text(made), value)


@mistake("space.bom")
def _bom(maker: Maker, value: Any) -> Case | None:
    return Case("\ufeff" + text(maker.tokens(value)), value)


@mistake("space.control")
def _control(maker: Maker, value: Any) -> Case | None:
    """Control characters between tokens."""
    made = maker.tokens(value)
    found = places(made, ",", ":", "{", "[")
    for at in maker.some(found):
        made[at] = made[at].spelled(made[at].text + chr(maker.rng.choice((0, 1, 7, 8, 27, 31))))
    return Case(text(made), value)


def _partial(maker: Maker, value: Any, *, comma: bool) -> tuple[str, Any] | None:
    """A text that ends after a complete member or element, and the value of what is there."""
    made = maker.tokens(value)
    ends = [at for at in places(made, ",") if at > 1]
    if not ends:
        return None
    at = maker.rng.choice(ends)
    kept = made[:at]
    opened: list[str] = []
    for token in kept:
        if token.kind in "{[":
            opened.append("}" if token.kind == "{" else "]")
        elif token.kind in "}]":
            opened.pop()
    known = json.loads(text(kept) + "".join(reversed(opened)))
    return text(kept) + (maker.rng.choice((",", ", ", ",\n  ")) if comma else ""), known


@mistake("truncated.member")
def _truncated(maker: Maker, value: Any) -> Case | None:
    made = _partial(maker, value, comma=False)
    return Case(*made) if made else None


@mistake("truncated.comma")
def _truncated_comma(maker: Maker, value: Any) -> Case | None:
    made = _partial(maker, value, comma=True)
    return Case(*made) if made else None


@mistake("truncated.string")
def _truncated_string(maker: Maker, value: Any) -> Case | None:
    """In a value that is words: what is there of it stays."""
    made = maker.tokens(value)
    found = strings(made, lambda s: is_words(s) and len(s) > 3, "str")
    if not found:
        return None
    at = maker.rng.choice(found)
    whole = made[at].value
    part = whole[: maker.rng.randint(2, len(whole) - 1)].rstrip()
    kept = [*made[:at], made[at].spelled(json.dumps(part, ensure_ascii=False))]
    opened = ""
    for token in kept:
        opened = ("}" if token.kind == "{" else "]") + opened if token.kind in "{[" else opened
        opened = opened[1:] if token.kind in "}]" else opened
    return Case(text(kept)[:-1], json.loads(text(kept) + opened))


@mistake("truncated.colon")
def _truncated_colon(maker: Maker, value: Any) -> Case | None:
    """After a colon: PyPI json_repair gives an empty string, npm jsonrepair null."""
    made = maker.tokens(value)
    found = places(made, ":")
    if not found:
        return None
    kept = made[: maker.rng.choice(found) + 1]
    opened = ""
    for token in kept:
        opened = ("}" if token.kind == "{" else "]") + opened if token.kind in "{[" else opened
        opened = opened[1:] if token.kind in "}]" else opened
    return Case(text(kept), json.loads(text(kept) + '""' + opened), json.loads(text(kept) + "null" + opened))


@mistake("value.missing")
def _no_value(maker: Maker, value: Any) -> Case | None:
    """A member without its value: PyPI json_repair gives an empty string, npm jsonrepair null."""
    if not isinstance(value, dict) or not value:
        return None
    key = maker.rng.choice(list(value))
    if isinstance(value[key], dict | list):
        return None
    made = maker.tokens(value)
    at = next(i for i, t in enumerate(made) if t.kind == "key" and t.value == key and t.depth == 1)
    at = following(made, following(made, at))
    made[at] = made[at].spelled("")
    return Case(text(made), {**value, key: ""}, {**value, key: None})
