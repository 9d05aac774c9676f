"""Reads the template files and turns a template into a line.

For: `generator.py`. Never: knows a value; slots are filled by the makers below.
Tests: `test_pii_corpus.py`.

A file is made of sections, `[name]` or `[say.phone]`, with one template on each line; `#` at the start of a line
is a comment.
`${slot}` stands for a value, `${int:3-9}` for a number in a range; `\\n`, `\\t` and `\\\\` are a line feed, a tab
and a backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from . import broken, decoys, values_dates, values_email, values_identity, values_money, values_net, values_phone
from .model import Line, Maker, Piece, fill, join

FOLDER = Path(__file__).parent / "templates"
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "ru", "zh", "ja")

_SLOT = re.compile(r"\$\{([^}]+)\}")
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\\\": "\\"}


def _paren(rng: Random, language: str) -> Piece:
    return Piece(fill(rng, "(555)%##-####"), "phone")


def _cjk_date(rng: Random, language: str) -> Piece:
    return Piece(values_dates.write(values_dates.birthday(rng), "{y}年{m}月{d}日", language), "date_of_birth")


def _russian_date(rng: Random, language: str) -> Piece:
    return Piece(values_dates.write(values_dates.birthday(rng), "{d:02}.{m:02}.{y}", language), "date_of_birth")


VALUES: dict[str, Maker] = {
    "ssn": values_identity.ssn,
    "ssn_l": values_identity.ssn_labelled,
    "bsn": values_identity.bsn,
    "card": values_money.card,
    "card_bare": values_money.card_bare,
    "iban": values_money.iban,
    "iban_c": values_money.iban_compact,
    "account": values_money.account,
    "phone": values_phone.phone,
    "phone_us": values_phone.phone_us,
    "phone_w": values_phone.phone_world,
    "phone_e164": values_phone.phone_e164,
    "phone_l": values_phone.phone_labelled,
    "phone_paren": _paren,
    "email": values_email.email,
    "email_a": values_email.email_ascii,
    "ip": values_net.ip,
    "ipv4": values_net.ipv4,
    "ipv6": values_net.ipv6,
    "dob": values_dates.date_of_birth,
    "dob_s": values_dates.date_stored,
    "dob_bare": values_dates.date_bare,
    "dob_cjk": _cjk_date,
    "dob_ru": _russian_date,
    "passport": values_identity.passport,
    "licence": values_identity.driver_license,
    "mrn": values_identity.medical_record,
}
MAKERS: dict[str, Maker] = VALUES | decoys.MAKERS | broken.MAKERS


@dataclass(frozen=True)
class Book:
    """The sections of one template file."""

    language: str
    sections: dict[str, tuple[str, ...]]

    def group(self, prefix: str) -> list[str]:
        """The names of the sections `prefix.*`."""
        return [name for name in self.sections if name.startswith(prefix + ".")]


@cache
def read(collection: str, name: str) -> Book:
    """The file `name` of a collection (a folder of `templates`); a section that occurs twice is an error."""
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in (FOLDER / collection / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if header := re.fullmatch(r"\[([a-z_.:0-9]+)\]", line):
            if header[1] in sections:
                raise ValueError(f"{collection}/{name}.txt: section {header[1]} occurs twice")
            current = sections[header[1]] = []
        elif line and not line.startswith("# ") and current is not None:
            current.append(line)
    return Book(name if name in LANGUAGES else "en", {k: tuple(v) for k, v in sections.items()})


def unescape(text: str) -> str:
    """`text` with the escapes of template files resolved."""
    return re.sub(r"\\[nt\\]", lambda m: _ESCAPES[m[0]], text)


def _number(rng: Random, bounds: str) -> str:
    low, high = bounds.split("-")
    return str(rng.randint(int(low), int(high)))


def render(rng: Random, template: str, book: Book, words: Book, source: str) -> Line:
    """The line that `template` makes in the language of `book`."""
    pieces: list[Piece] = []
    for i, part in enumerate(_SLOT.split(template)):
        if i % 2 == 0:
            pieces.append(Piece(unescape(part)))
        elif part.startswith("int:"):
            pieces.append(Piece(_number(rng, part[4:])))
        elif part == "name":
            pieces.append(Piece(rng.choice(book.sections.get("name", words.sections["name"]))))
        elif part == "word":
            pieces.append(Piece(rng.choice(words.sections["word"])))
        else:
            pieces.append(MAKERS[part](rng, book.language))
    return join(pieces, source)
