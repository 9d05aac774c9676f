"""Mistakes in what stands between the brackets and around them: constants, calls, strings, fences, prose, lines.

For: `corpus.py`. Never: makes a mistake that a careful reader could mend in two ways. Tests: `test_json_quality.py`.
"""

from __future__ import annotations

import json
from typing import Any

from . import tokens
from .making import REGISTERED, UNDEFINED, Case, Maker, mistake, strings
from .tokens import places, text

#: Names of types by what stands in them; the tuning collection has the first two of each.
MONGODB = {
    "str": ("ObjectId", "ISODate", "UUID", "Timestamp"),
    "int": ("NumberLong", "NumberInt", "Long", "Int32"),
    "float": ("NumberDecimal", "Double", "Decimal128"),
}


def _grown(maker: Maker, value: Any, key: str, item: Any) -> dict[str, Any] | None:
    """The object with one more member at its start or end."""
    if not isinstance(value, dict) or key in value:
        return None
    return {**value, key: item} if maker.rng.random() < 0.5 else {key: item, **value}


def _constants(maker: Maker, value: Any, spelling: dict[Any, list[str]]) -> Case | None:
    made = maker.tokens(value)
    found = [at for at in places(made, "const") if made[at].value in spelling]
    if not found:
        grown = _grown(maker, value, "flag", maker.rng.choice(list(spelling)))
        return _constants(maker, grown, spelling) if grown else None
    for at in found:
        made[at] = made[at].spelled(maker.rng.choice(spelling[made[at].value]))
    return Case(text(made), value)


@mistake("constant.python")
def _python(maker: Maker, value: Any) -> Case | None:
    return _constants(maker, value, {True: ["True"], False: ["False"], None: ["None"]})


@mistake("constant.js")
def _js(maker: Maker, value: Any) -> Case | None:
    """NaN and undefined have no value in JSON: null."""
    return _constants(maker, value, {None: ["undefined", "NaN"]})


@mistake("constant.case")
def _case(maker: Maker, value: Any) -> Case | None:
    """In any letter case: documented by PyPI json_repair only, so the other dialect is not asked."""
    made = _constants(maker, value, {True: ["TRUE"], False: ["FALSE"], None: ["NULL", "Null"]})
    return made._replace(js=UNDEFINED) if made else None


@mistake("tuple")
def _tuple(maker: Maker, value: Any) -> Case | None:
    """A Python tuple: documented by PyPI json_repair only."""
    made = maker.tokens(value, tokens.FLAT)
    found = [at for at in places(made, "[") if len(made[at].value) > 1]
    if not found:
        return None
    at = maker.rng.choice(found)
    end = next(i for i in range(at, len(made)) if made[i].kind == "]" and made[i].depth == made[at].depth)
    made[at], made[end] = made[at].spelled("("), made[end].spelled(")")
    return Case(text(made), value, UNDEFINED)


@mistake("string.concatenated")
def _concatenated(maker: Maker, value: Any) -> Case | None:
    made = maker.tokens(value)
    found = strings(made, lambda s: len(s) > 3 and s.isprintable() and not set(s) & set('"\\'), "str")
    if not found:
        return None
    at = maker.rng.choice(found)
    whole, plus = made[at].value, maker.rng.choice((" + ", "+", " +\n    "))
    cut = maker.rng.randint(1, len(whole) - 1)
    parts = [whole[:cut], whole[cut:]]
    if maker.heldout and len(parts[1]) > 1:
        parts[1:] = [parts[1][:1], parts[1][1:]]
    made[at] = made[at].spelled(plus.join(json.dumps(part, ensure_ascii=False) for part in parts))
    return Case(text(made), value)


@mistake("escaped.stringified")
def _stringified(maker: Maker, value: Any) -> Case | None:
    """A document as it stands inside a string, without the quotes of that string."""
    return Case(json.dumps(text(maker.tokens(value)), ensure_ascii=False)[1:-1], value)


@mistake("escaped.apostrophe")
def _escaped_apostrophe(maker: Maker, value: Any) -> Case | None:
    """`\\'` inside double quotes, as JavaScript and Python allow it."""
    spoken = f"{maker.say('first')}'s {maker.say('word')} and {maker.say('first')}'s"
    grown = _grown(maker, value, "whose", spoken)
    if grown is None:
        return None
    made = maker.tokens(grown)
    at = next(i for i in places(made, "str") if made[i].value == spoken)
    made[at] = made[at].spelled(made[at].text.replace("'", "\\'"))
    return Case(text(made), grown)


@mistake("string.inner_quotes")
def _inner_quotes(maker: Maker, value: Any) -> Case | None:
    spoken = maker.say("spoken")
    grown = _grown(maker, value, "said", spoken)
    if grown is None:
        return None
    made = maker.tokens(grown)
    at = next(i for i in places(made, "str") if made[i].value == spoken)
    made[at] = made[at].spelled(f'"{spoken}"')
    return Case(text(made), grown)


@mistake("string.line_breaks")
def _line_breaks(maker: Maker, value: Any) -> Case | None:
    joint = maker.rng.choice(("\n", "\n\n", "\t", "\r\n", "\n  - ", "\f"))
    spoken = joint.join([maker.say("spoken").replace('"', ""), maker.say("word"), maker.say("first")])
    grown = _grown(maker, value, "body", spoken)
    if grown is None:
        return None
    made = maker.tokens(grown)
    at = next(i for i in places(made, "str") if made[i].value == spoken)
    made[at] = made[at].spelled(f'"{spoken}"')
    return Case(text(made), grown)


@mistake("call.jsonp")
def _jsonp(maker: Maker, value: Any) -> Case | None:
    end = maker.rng.choice((");", ")", ");\n", " );"))
    before = "/**/ " if maker.heldout and maker.rng.random() < 0.3 else ""
    return Case(f"{before}{maker.say('callback')}({text(maker.tokens(value))}{end}", value)


@mistake("call.mongodb")
def _mongodb(maker: Maker, value: Any) -> Case | None:
    """A type around a string or a number is the string or the number."""
    made = maker.tokens(value)
    found = strings(made, lambda s: s.isprintable(), "str") + places(made, "num")
    if not found:
        return None
    for at in maker.some(found):
        sort = "str" if made[at].kind == "str" else "int" if isinstance(made[at].value, int) else "float"
        name = maker.rng.choice(MONGODB[sort][: None if maker.heldout else 2])
        made[at] = made[at].spelled(f"{name}({made[at].text})")
    return Case(text(made), value)


def _mark(fence: str) -> str:
    """What closes a fence: as many of its signs as opened it."""
    return fence[: len(fence) - len(fence.lstrip(fence[0]))]


@mistake("around.fence")
def _fence(maker: Maker, value: Any) -> Case | None:
    fence = maker.say("fence")
    mark = _mark(fence)
    end = "" if maker.rng.random() < 0.15 else f"\n{mark}"
    return Case(f"{fence}\n{text(maker.tokens(value))}{end}", value)


@mistake("around.fence_and_prose")
def _fence_and_prose(maker: Maker, value: Any) -> Case | None:
    fence = maker.say("fence")
    body = f"{fence}\n{text(maker.tokens(value))}\n{_mark(fence)}"
    before = maker.say("before").rstrip() + "\n\n" if maker.rng.random() < 0.8 else ""
    return Case(before + body + (maker.say("after") if not before or maker.rng.random() < 0.6 else ""), value)


@mistake("around.prose")
def _prose(maker: Maker, value: Any) -> Case | None:
    before = maker.say("before") if maker.rng.random() < 0.75 else ""
    after = maker.say("after") if not before or maker.rng.random() < 0.5 else ""
    return Case(before + text(maker.tokens(value)) + after, value)


@mistake("around.assignment")
def _assignment(maker: Maker, value: Any) -> Case | None:
    return Case(maker.say("assign") + text(maker.tokens(value)) + maker.rng.choice((";", "", ";\n")), value)


@mistake("lines")
def _lines(maker: Maker, value: Any) -> Case | None:
    """Newline-delimited values are a list."""
    if not isinstance(value, dict):
        return None
    more = range(maker.rng.randint(1, 4))
    rows = [value, *({"row": n, "name": maker.say("first"), "word": maker.say("word")} for n in more)]
    maker.rng.shuffle(rows)
    joint = maker.rng.choice(("\n", "\n", "\r\n", "\n\n") if not maker.heldout else ("\n", ",\n", "\n \n"))
    texts = [text(tokens.tokens(row, maker.rng.choice(tokens.FLAT))) for row in rows]
    return Case(joint.join(texts) + maker.rng.choice(("", "\n")), rows)


@mistake("ellipsis")
def _ellipsis(maker: Maker, value: Any) -> Case | None:
    """Three dots for what was left out: nothing."""
    made = maker.tokens(value)
    ends = [at for at in places(made, "]", "}") if made[at].value]
    if not ends:
        return None
    at = maker.rng.choice(ends)
    if made[at].kind == "]" and maker.rng.random() < 0.4:
        start = next(i for i in range(at, -1, -1) if made[i].kind == "[" and made[i].depth == made[at].depth)
        made[start] = made[start].spelled("[..., ")
    elif made[at - 1].kind == "ws":
        made[at - 1] = made[at - 1].spelled(f",{made[at - 1].text}...{made[at - 1].text}")
    else:
        made[at] = made[at].spelled(
            maker.rng.choice((", ...", ",...", ", ...,")[: 3 if maker.heldout else 2]) + made[at].text
        )
    return Case(text(made), value)


@mistake("mixed")
def _mixed(maker: Maker, value: Any) -> Case | None:
    """Two or three mistakes at once, as a model makes them."""
    made = maker.tokens(value)
    for at in places(made, "key", "str"):
        if "'" not in made[at].value and '"' not in made[at].value and "\\" not in made[at].text:
            made[at] = made[at].spelled(f"'{made[at].text[1:-1]}'")
    for at in places(made, "const"):
        made[at] = made[at].spelled({True: "True", False: "False", None: "None"}[made[at].value])
    ends = [at for at in places(made, "}", "]") if made[at].value]
    for at in maker.some(ends, 2):
        made[at] = made[at].spelled("," + made[at].text)
    body = text(made)
    if maker.rng.random() < 0.5:
        body = (
            f"{maker.say('before').rstrip()}\n```json\n{body}\n```" if maker.rng.random() < 0.5 else f"```\n{body}\n```"
        )
    return Case(body, value)


@mistake("mixed")
def _mixed_bare(maker: Maker, value: Any) -> Case | None:
    """A JavaScript object: bare keys, trailing comma, a comment, cut off at the end."""
    made = maker.tokens(value, tokens.LINES)
    for at in strings(made, lambda s: s.isascii() and s.isidentifier(), "key"):
        made[at] = made[at].spelled(made[at].value)
    for at in maker.some(places(made, ","), 1):
        made[at] = made[at].spelled(f", // {maker.say('comment')}")
    while made and made[-1].kind in ("}", "]", "ws") and maker.rng.random() < 0.5:
        made.pop()
    return Case(text(made), value)


@mistake("mixed")
def _mixed_prose(maker: Maker, value: Any) -> Case | None:
    """Prose and a fence around another mistake."""
    name = maker.rng.choice(("comma.trailing", "comma.missing", "quotes.missing_key", "quotes.single", "value.missing"))
    inner = maker.rng.choice(REGISTERED[name])(maker, value)
    if inner is None:
        return None
    return inner._replace(text=f"{maker.say('before').rstrip()}\n```json\n{inner.text}\n```{maker.say('after')}")


@mistake("mixed")
def _mixed_truncated(maker: Maker, value: Any) -> Case | None:
    """Prose, and a fence that nobody closed because the answer was cut off."""
    inner = REGISTERED["truncated.comma" if maker.heldout else "truncated.member"][0](maker, value)
    return inner and inner._replace(text=f"{maker.say('before').rstrip()}\n\n```json\n{inner.text}")


@mistake("valid")
def _valid(maker: Maker, value: Any) -> Case | None:
    """Nothing wrong: the value as it is."""
    return Case(text(maker.tokens(value)), value)


@mistake("valid")
def _valid_string(maker: Maker, value: Any) -> Case | None:
    """A string that holds JSON is a string."""
    inner = text(maker.tokens(value))
    return Case(json.dumps(inner), inner)
