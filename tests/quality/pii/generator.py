"""Makes the corpus: labelled log and chat lines in ten languages, with decoys, from a seed.

For: `test_pii_quality.py` and `python -m tests.quality.pii`. Never: looks at a detector. Tests: `test_pii_corpus.py`.

Five kinds of line, in the shares of `SHARES`:
say     a sentence somebody writes, in one of the languages; wherever the sentence allows, with personal data in it
form    one to four fields, label and value, in one of the languages
record  named fields as programs write them
log     access logs, traces, mails, tool results, with personal data between machine text
clean   machine text, broken values and sentences without personal data
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from .model import Line, Piece, join
from .records import MAKER_OF, record
from .templates import LANGUAGES, MAKERS, Book, read, render

SEEDS = {"tuning": 1, "heldout": 20_270, "fresh": 7}
"""The collections of templates, and the seed each is measured with."""

SHARES = {"say": 30, "form": 18, "record": 10, "log": 17, "clean": 25}

SEPARATORS = {
    "fr": (" : ", " : ", ": ", " ", "\u00a0: ", " = "),
    "zh": ("：", "：", ":", ": ", " ", ""),
    "ja": ("：", "：", ":", ": ", " ", ""),
}
USUAL_SEPARATORS = (": ", ": ", ": ", ": ", ":", " ", " ", " - ", " = ", "=", ":\t", " -> ")
JOINERS = (", ", "; ", "\n", " | ", " / ", "  ", ". ")
USUAL_WRAPS = (("", ""),) * 16 + (('"', '"'), ("'", "'"), ("`", "`"), ("**", "**"), ("(", ")"), ("[", "]"))
WRAPS = {
    "en": (*USUAL_WRAPS, ("“", "”")),
    "de": (*USUAL_WRAPS, ("„", "“")),
    "fr": (*USUAL_WRAPS, ("« ", " »")),
    "es": (*USUAL_WRAPS, ("«", "»")),
    "ru": (*USUAL_WRAPS, ("«", "»")),
    "zh": (*USUAL_WRAPS, ("（", "）"), ("“", "”")),
    "ja": (*USUAL_WRAPS, ("（", "）"), ("「", "」")),
}
ENDS = ("",) * 8 + (".", ",", ";", "!", "?", ")", "\n", " ")
LABEL_TYPES = tuple(MAKER_OF)


def _say(rng: Random, collection: str) -> Line:
    book = read(collection, rng.choice(LANGUAGES))
    section = rng.choice(book.group("say"))
    return _sentence(rng, collection, book, section)


def _sentence(rng: Random, collection: str, book: Book, section: str) -> Line:
    return render(
        rng, rng.choice(book.sections[section]), book, read(collection, "words"), f"{book.language}.{section}"
    )


def _label(rng: Random, label: str) -> str:
    return rng.choice((label,) * 8 + (label.upper(), label.lower()))


def _gap(rng: Random, label: str, separator: str, value: Piece) -> str:
    """What stands between label and value: nothing or a space after `#`; no ambiguous joints."""
    if label.endswith("#"):
        return rng.choice(("", " "))
    if separator == ":" and value.text.startswith(":"):
        return ": "
    if not separator and not value.text[0].isascii():
        return "："
    return separator or (" " if label[-1].isascii() else "")


def _form(rng: Random, collection: str) -> Line:
    """Fields of one language; the label always stands directly before its value."""
    book = read(collection, rng.choice(LANGUAGES))
    types = [t for t in LABEL_TYPES if f"label.{t}" in book.sections]
    between, separator = rng.choice(JOINERS), rng.choice(SEPARATORS.get(book.language, USUAL_SEPARATORS))
    pieces: list[Piece] = []
    for i, kind in enumerate(rng.sample(types, k=rng.choice((1, 1, 2, 2, 3, 4)))):
        left, right = rng.choice(WRAPS.get(book.language, USUAL_WRAPS))
        label = _label(rng, rng.choice(book.sections[f"label.{kind}"]))
        value = MAKERS[MAKER_OF[kind]](rng, book.language)
        pieces += [
            Piece((between if i else "") + label + _gap(rng, label, separator, value) + left),
            value,
            Piece(right),
        ]
    return join([*pieces, Piece(rng.choice(ENDS))], f"{book.language}.form")


def _record(rng: Random, collection: str) -> Line:
    return record(rng, read(collection, "keys"))


def _log(rng: Random, collection: str) -> Line:
    book = read(collection, "logs")
    return _sentence(rng, collection, book, rng.choice(sorted(book.sections)))


def _clean(rng: Random, collection: str) -> Line:
    """Nothing personal: machine text, sentences around values that cannot exist, everyday sentences."""
    roll = rng.random()
    if roll < 0.45:
        return _sentence(rng, collection, read(collection, "machine"), "machine")
    if roll < 0.75:
        return _sentence(rng, collection, read(collection, "broken"), "broken")
    return _sentence(rng, collection, read(collection, rng.choice(LANGUAGES)), "plain")


MAKERS_OF_LINES: dict[str, Callable[[Random, str], Line]] = {
    "say": _say,
    "form": _form,
    "record": _record,
    "log": _log,
    "clean": _clean,
}


def lines(collection: str, seed: int, count: int) -> Iterator[Line]:
    """`count` lines of a collection; the same seed always gives the same lines."""
    rng = Random(f"{collection}:{seed}")
    kinds, weights = list(SHARES), list(SHARES.values())
    for _ in range(count):
        kind = rng.choices(kinds, weights)[0]
        line = MAKERS_OF_LINES[kind](rng, collection)
        yield replace(line, source=f"{kind}:{line.source}")
