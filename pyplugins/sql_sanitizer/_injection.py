"""Does a value carry an injection? Its entries into a query, in no quotes, in single and in double ones, are parsed.

Twin of rustlib/engines/sql_sanitizer/src/inject/mod.rs. It must never read a long text more than a fixed number of
times. Tests: tests/unit/test_sql_sanitizer_injection.py, tests/vectors/sql_sanitizer.jsonl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from pyplugins.sql_sanitizer import _tables as t
from pyplugins.sql_sanitizer._decode import Form, decoded, joined
from pyplugins.sql_sanitizer._lexer import Lexer
from pyplugins.sql_sanitizer._parse import Parse

#: Quotes of one text that are tried.
MOST_ENTRIES: Final = 64
#: Tokens that an entry behind a later quote may read.
MOST_LATER: Final = 64

#: Parameters of an address that are tried.
MOST_PARAMETERS: Final = 16
_PARAMETER: Final = re.compile(r"[?&][A-Za-z0-9_.\[\]-]{1,64}=")
_JSON_TEXT: Final = re.compile(r'[:\[,][ \t\r\n]{0,8}"([^"]*)"')

_QUOTES: Final = re.compile("'+|\"+")

#: Weights of each kind of evidence: in no quotes, in quotes, in a value that is a statement itself.
WEIGHTS: Final[dict[str, list[int]]] = {name: weights for name, *weights in t.INJECTION["evidence"]}
_ORDER: Final = {name: place for place, name in enumerate(WEIGHTS)}
#: The evidence that may name a finding.
_MAIN: Final = frozenset(list(WEIGHTS)[: t.INJECTION["main"]])
_CONTEXTS: Final = {"": "none", "'": "single", '"': "double"}


class Injection(NamedTuple):
    """What was found. Offsets are code points of the value."""

    score: int
    start: int
    end: int
    #: It was found in a decoded form.
    derived: bool
    detail: dict[str, Any]


def value_dialect(dialect: t.Dialect) -> t.Dialect:
    """The dialect as it reads a value: nothing that ends far away, and `#` is a comment when nobody says otherwise."""
    return dialect._replace(
        backslash=False,
        e_strings=False,
        raw_strings=False,
        triple=False,
        fence=False,
        hash="comment" if dialect.name == "generic" else dialect.hash,
    )


def find(text: str, dialect: t.Dialect, threshold: int) -> Injection | None:
    """The first injection that reaches the threshold, else the one with the highest score, if there is any evidence."""
    best: Injection | None = None
    for form, marks in _forms(text):
        for parse, first in _entries(form.text, dialect):
            found = _judged(parse, first, form, marks)
            if found is not None and (best is None or found.score > best.score):
                best = found
                if best.score >= threshold:
                    return best
    return best


def _forms(text: str) -> Iterator[tuple[Form, list[str]]]:
    """The value, what it decodes to, and that without comments in words; with the evidence that lies in each."""
    form, marks = Form(text), list[str]()
    for mark in ("decoded", "decoded_twice", "decoded_twice", ""):
        yield form, marks
        other = joined(form)
        if other is not None:
            yield other, [*marks, "split"]
        other = decoded(form) if mark else None
        if other is None:
            return
        form, marks = other, [mark]


def _entries(text: str, dialect: t.Dialect) -> Iterator[tuple[Parse, bool]]:
    """The parsed entries; whether each is the first of its kind."""
    bare = _parsed(text, 0, "", dialect)
    yield bare, True
    for start, end in _inner(text):
        yield _parsed(text[:end], start, "", dialect, MOST_LATER), False
        single = text.find("'", start, end)
        if end < len(text) and single >= 0:
            yield _parsed(text[:end], single + 1, "'", dialect, MOST_LATER), True
    seen: set[str] = set()
    entries = 0
    for run in _QUOTES.finditer(text):
        # Two quotes are one in a string.
        if (run.end() - run.start()) % 2 == 0:
            continue
        quote = text[run.start()]
        first = quote not in seen
        seen.add(quote)
        entries += 1
        if entries > MOST_ENTRIES:
            return
        if first or not bare.statement:
            yield _parsed(text, run.end(), quote, dialect, None if first else MOST_LATER), first


def _parsed(text: str, at: int, quote: str, dialect: t.Dialect, most: int | None = None) -> Parse:
    """The entry at `at`, behind `quote`."""
    lexer = Lexer(text, at, dialect)
    lexer.open_strings = True
    parse = Parse(lexer, quote, len(text) + 1 if most is None else most)
    parse.run()
    return parse


def _inner(text: str) -> Iterator[tuple[int, int]]:
    """Values in the value: parameters of an address, texts of a JSON document."""
    if text[:1] in ("{", "["):
        found = (text_.span(1) for text_ in _JSON_TEXT.finditer(text))
    else:
        found = ((parameter.end(), len(text)) for parameter in _PARAMETER.finditer(text))
    return islice(found, MOST_PARAMETERS)


def _judged(parse: Parse, first: bool, form: Form, marks: list[str]) -> Injection | None:
    names = list(parse.evidence)
    if not _MAIN.intersection(names):
        return None
    names += marks
    if parse.quote and first:
        names.append("breakout")
    names.sort(key=_ORDER.__getitem__)
    column = 1 if parse.quote else 2 if parse.statement else 0
    score = sum(WEIGHTS[name][column] for name in dict.fromkeys(names))
    if score <= 0:
        return None
    main = max((name for name in names if name in _MAIN), key=lambda name: WEIGHTS[name][column])
    start, end = form.span(parse.start, parse.end)
    detail: dict[str, Any] = {
        "issue": "Possible SQL injection detected",
        "class": main,
        "context": _CONTEXTS[parse.quote],
        "reasons": list(dict.fromkeys(names)),
    }
    if parse.product:
        detail["product"] = parse.product
    return Injection(min(score, 1000), start, end, form.places is not None, detail)
