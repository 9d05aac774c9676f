"""What attackers do to a value so that a filter does not know it: letter case, white space, encodings.

For: `corpus.py`. Never: makes a benign value an attack or the other way round. Tests: `test_sql_quality.py`.
The two collections dress differently: what is in `TUNING` is not in `HELDOUT`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Dress = Callable[[Random, str], str]
_WORD = re.compile(
    r"\b(?:or|and|union|all|select|from|where|drop|table|delete|update|set|insert|into|sleep|waitfor|delay|having|like"
    r"|exec|null|order|group|by|limit|exists|substring|case|when|then|else|end)\b",
    re.IGNORECASE,
)


def _percent(text: str, chosen: Callable[[str], bool], form: str = "%{:02X}") -> str:
    return "".join("".join(form.format(byte) for byte in char.encode()) if chosen(char) else char for char in text)


def _special(char: str) -> bool:
    return not (char.isalnum() or char in "-_.~")


def as_it_is(rng: Random, text: str) -> str:
    """Nothing."""
    return text


def mixed_case(rng: Random, text: str) -> str:
    """Keywords in random case."""
    return _WORD.sub(lambda m: "".join(rng.choice((c.upper(), c.lower())) for c in m[0]), text)


def upper_case(rng: Random, text: str) -> str:
    """Keywords in capitals."""
    return _WORD.sub(lambda m: m[0].upper(), text)


def first_capital(rng: Random, text: str) -> str:
    """Keywords as at the start of a sentence."""
    return _WORD.sub(lambda m: m[0].capitalize(), text)


def url(rng: Random, text: str) -> str:
    """All that is not unreserved, percent-encoded."""
    return _percent(text, _special)


def url_plus(rng: Random, text: str) -> str:
    """The same in small letters, with plus signs for spaces."""
    return _percent(text, lambda c: _special(c) and c != " ", "%{:02x}").replace(" ", "+")


def url_all(rng: Random, text: str) -> str:
    """Every character percent-encoded."""
    return _percent(text, lambda c: True)


def url_some(rng: Random, text: str) -> str:
    """Quotes, spaces and signs encoded, and one letter in three."""
    return _percent(text, lambda c: _special(c) or rng.random() < 0.33, rng.choice(("%{:02X}", "%{:02x}")))


def url_quotes(rng: Random, text: str) -> str:
    """Only quotes, hashes and spaces encoded."""
    return _percent(text, lambda c: c in "'\"# ")


def twice(rng: Random, text: str) -> str:
    """Percent-encoded twice."""
    return url(rng, text).replace("%", "%25")


def twice_plus(rng: Random, text: str) -> str:
    """Percent-encoded twice, with plus signs."""
    return url_plus(rng, text).replace("%", "%25")


def _percent_u(rng: Random, text: str) -> str:
    return "".join(f"%u{ord(c):04x}" if _special(c) and c != " " else c for c in text).replace(" ", "%20")


def _comments(rng: Random, text: str) -> str:
    return text.replace(" ", "/**/")


def _comments_named(rng: Random, text: str) -> str:
    return re.sub(" +", lambda m: f"/*{rng.choice(('', 'x', '!', ' ', 'foo', '1'))}*/".replace("/*!*/", "/**/"), text)


def _comment_in_word(rng: Random, text: str) -> str:
    def cut(word: re.Match[str]) -> str:
        at = rng.randint(1, len(word[0]) - 1)
        return f"{word[0][:at]}/**/{word[0][at:]}"

    return _WORD.sub(cut, text)


def _versioned(rng: Random, text: str) -> str:
    return _WORD.sub(lambda m: f"/*!{rng.choice(('', '50000', '12345'))}{m[0]}*/", text)


def _white_space(rng: Random, text: str) -> str:
    return re.sub(" +", lambda m: rng.choice(("\t", "\n", "\r\n", "  ", "\x0b", "\x0c")), text)


def _white_space_odd(rng: Random, text: str) -> str:
    return re.sub(" +", lambda m: rng.choice(("\xa0", " \t ", "\n\n", " -- \n", "\x0c", "/*\n*/")), text)


def _full_width(rng: Random, text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _full_width_signs(rng: Random, text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c in "'\"=;()" else c for c in text)


def _mixed_url(rng: Random, text: str) -> str:
    return url_quotes(rng, text).replace("%", "%25").replace("=", "%3D")


def _comments_many(rng: Random, text: str) -> str:
    return re.sub(" +", lambda m: rng.choice(("/**/", "/*a b*/", "/**//**/", "/*\n*/")), text)


def _white_space_mixed(rng: Random, text: str) -> str:
    return re.sub(" +", lambda m: "".join(rng.choices(" \t\n\r\f\v", k=rng.randint(1, 3))), text)


def _full_width_letters(rng: Random, text: str) -> str:
    return _WORD.sub(lambda m: _full_width(rng, m[0]), text)


def _escapes(form: str) -> Dress:
    return lambda rng, text: "".join(form.format(ord(c)) if c in "'\"=;" else c for c in text)


def _entities(rng: Random, text: str) -> str:
    return text.replace("'", "&#39;").replace('"', "&quot;").replace("=", "&#x3d;")


#: For a share of all plain attacks.
CASES: dict[str, tuple[Dress, ...]] = {
    "tuning": (mixed_case, upper_case),
    "heldout": (mixed_case, upper_case, first_capital),
    "fresh": (mixed_case, upper_case, first_capital),
    "hand": (as_it_is,),
}
#: Classes made of others: name, number of rows, how it is dressed.
ENCODED: dict[str, tuple[tuple[str, int, Dress], ...]] = {
    "tuning": (
        ("encoded.url", 90, url),
        ("encoded.url", 60, url_plus),
        ("encoded.double_url", 60, twice),
        ("encoded.comments", 60, _comments),
        ("encoded.comment_in_word", 60, _comment_in_word),
        ("encoded.white_space", 60, _white_space),
        ("encoded.full_width", 40, _full_width),
        ("encoded.escapes", 30, _escapes("\\x{:02x}")),
        ("encoded.url", 30, url_all),
    ),
    "heldout": (
        ("encoded.url", 90, url_some),
        ("encoded.url", 60, url_quotes),
        ("encoded.url", 30, _percent_u),
        ("encoded.double_url", 60, twice_plus),
        ("encoded.comments", 60, _comments_named),
        ("encoded.comment_in_word", 40, _comment_in_word),
        ("encoded.comment_in_word", 40, _versioned),
        ("encoded.white_space", 60, _white_space_odd),
        ("encoded.full_width", 40, _full_width_signs),
        ("encoded.escapes", 30, _escapes("\\u{:04x}")),
        ("encoded.entities", 20, _entities),
    ),
    "fresh": (
        ("encoded.url", 50, url),
        ("encoded.url", 50, url_some),
        ("encoded.double_url", 40, _mixed_url),
        ("encoded.comments", 40, _comments_many),
        ("encoded.comment_in_word", 40, _comment_in_word),
        ("encoded.white_space", 40, _white_space_mixed),
        ("encoded.full_width", 30, _full_width_letters),
        ("encoded.escapes", 30, _escapes("&#{};")),
    ),
    "hand": (),
}
