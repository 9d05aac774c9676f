"""Dates of birth in the forms each language writes, and the bare form MM/DD/YYYY.

For: the generator. Never: a date that does not exist, or one of birth in the future. Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from .model import Piece

# fmt: off
MONTHS: dict[str, tuple[str, ...]] = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December"),
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
        "novembre", "décembre"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre", "diciembre"),
    "it": ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
        "novembre", "dicembre"),
    "pt": ("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
        "novembro", "dezembro"),
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
        "november", "december"),
    "ru": ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
        "декабря"),
}
# fmt: on
# fmt: off
SHORT: dict[str, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "de": ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"),
    "it": ("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"),
    "pt": ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"),
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
}
# fmt: on
# fmt: off
FORMS: dict[str, tuple[str, ...]] = {
    "en": (
        "{m:02}/{d:02}/{y}", "{m:02}/{d:02}/{y}", "{m}/{d}/{y}", "{y}-{m:02}-{d:02}", "{y}-{m:02}-{d:02}",
            "{M} {d}, {y}", "{S} {d}, {y}", "{d} {M} {y}",
        "{d} {S} {y}", "{M} {d}{th}, {y}", "{d}{th} {M} {y}", "{d:02}-{S}-{y}", "{m:02}-{d:02}-{y}",
            "{d:02}.{m:02}.{y}", "{m}/{d}/{yy:02}", "{d:02}/{m:02}/{y}",
        "{d}{th} of {M} {y}", "{y}/{m:02}/{d:02}", "{M} {d} {y}", "{S}. {d}, {y}", "{y}{m:02}{d:02}",
            "{m:02}/{d:02}/{yy:02}",
    ),
    "de": ("{d:02}.{m:02}.{y}", "{d:02}.{m:02}.{y}", "{d}.{m}.{y}", "{d}. {M} {y}", "{d:02}.{m:02}.{yy:02}",
        "{y}-{m:02}-{d:02}", "{d}. {S} {y}"),
    "fr": ("{d:02}/{m:02}/{y}", "{d:02}/{m:02}/{y}", "{d}{er} {M} {y}", "{d}{er} {M} {y}", "{d:02}-{m:02}-{y}",
        "{d:02}.{m:02}.{y}", "{d} {S} {y}", "{y}-{m:02}-{d:02}"),
    "es": ("{d:02}/{m:02}/{y}", "{d:02}/{m:02}/{y}", "{d} de {M} de {y}", "{d} de {M} de {y}", "{d:02}-{m:02}-{y}",
        "{d} {S} {y}", "{d} de {M} del {y}", "{y}-{m:02}-{d:02}"),
    "it": ("{d:02}/{m:02}/{y}", "{d:02}/{m:02}/{y}", "{d} {M} {y}", "{d:02}-{m:02}-{y}", "{d:02}.{m:02}.{y}",
        "{d} {S} {y}", "{y}-{m:02}-{d:02}"),
    "pt": ("{d:02}/{m:02}/{y}", "{d:02}/{m:02}/{y}", "{d} de {M} de {y}", "{d}{o} de {M} de {y}", "{d:02}-{m:02}-{y}",
        "{d:02}.{m:02}.{y}", "{y}-{m:02}-{d:02}"),
    "nl": ("{d:02}-{m:02}-{y}", "{d:02}-{m:02}-{y}", "{d} {M} {y}", "{d:02}/{m:02}/{y}", "{d} {S} {y}", "{d}-{m}-{y}",
        "{y}-{m:02}-{d:02}"),
    "ru": ("{d:02}.{m:02}.{y}", "{d:02}.{m:02}.{y}", "{d} {M} {y}", "{d:02}.{m:02}.{yy:02}", "{d:02}/{m:02}/{y}",
        "{y}-{m:02}-{d:02}"),
    "zh": ("{y}年{m}月{d}日", "{y}年{m:02}月{d:02}日", "{y}-{m:02}-{d:02}", "{y}/{m:02}/{d:02}", "{y}.{m:02}.{d:02}",
        "{y} 年 {m} 月 {d} 日"),
    "ja": ("{y}年{m}月{d}日", "{y}年{m}月{d}日", "{y}年{m:02}月{d:02}日", "{y}/{m:02}/{d:02}", "{y}-{m:02}-{d:02}",
        "{y}.{m}.{d}", "昭和{era}年{m}月{d}日"),
}
# fmt: on
"""How each language writes a date of birth in forms, mails and records."""

# fmt: off
STORED = ("{y}-{m:02}-{d:02}", "{y}-{m:02}-{d:02}", "{y}-{m:02}-{d:02}", "{m:02}/{d:02}/{y}", "{d:02}.{m:02}.{y}",
    "{d:02}/{m:02}/{y}", "{y}/{m:02}/{d:02}")
# fmt: on
"""How machines store it."""


def birthday(rng: Random) -> date:
    """A day on which somebody alive may have been born."""
    return date(1930, 1, 1) + timedelta(days=rng.randrange((date(2012, 12, 31) - date(1930, 1, 1)).days))


def write(day: date, form: str, language: str) -> str:
    """`day` in one of the forms above."""
    n = day.day
    ordinal = "th" if n in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return form.format(
        d=n,
        m=day.month,
        y=day.year,
        yy=day.year % 100,
        th=ordinal,
        er="er" if n == 1 else "",
        o="º" if n == 1 else "",
        era=day.year - 1925,
        M=MONTHS.get(language, MONTHS["en"])[day.month - 1],
        S=SHORT.get(language, SHORT["en"])[day.month - 1],
    )


def date_of_birth(rng: Random, language: str) -> Piece:
    """A date of birth that a label introduces."""
    form, day = rng.choice(FORMS[language]), birthday(rng)
    while "{era}" in form and not 1927 <= day.year <= 1988:  # the years that are Showa from January to December
        day = birthday(rng)
    return Piece(write(day, form, language), "date_of_birth")


def date_stored(rng: Random, language: str) -> Piece:
    """A date of birth as machines store it; a date-time now and then, of which the date is the value."""
    day = birthday(rng)
    if rng.random() < 0.06:
        return Piece(f"{day.isoformat()}T00:00:00{rng.choice(('', 'Z', '.000Z'))}", "date_of_birth", end=10)
    return Piece(write(day, rng.choice(STORED), language), "date_of_birth")


def date_bare(rng: Random, language: str) -> Piece:
    """MM/DD/YYYY, which counts without a label."""
    return Piece(
        write(birthday(rng), rng.choice(("{m:02}/{d:02}/{y}", "{m:02}/{d:02}/{y}", "{m}/{d}/{y}")), "en"),
        "date_of_birth",
    )
