"""The corpus tells the truth: values are valid, broken values are not, spans fit, and nothing is missing.

For: trust in `test_pii_quality.py`. Never: asks the product; each check computes what it checks in its own way, or
asks the standard library.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections import Counter
from datetime import date
from random import Random

import pytest

from . import broken, decoys, measure
from .check_digits import bsn_digit, iban_digits, luhn_digit
from .generator import SEEDS, lines
from .model import TYPES, Line, Span
from .templates import FOLDER, LANGUAGES, MAKERS, VALUES, read, render
from .values_money import BBAN

SAMPLES = 2_000


@pytest.fixture(scope="module", params=sorted(SEEDS))
def corpus(request: pytest.FixtureRequest) -> list[Line]:
    """Lines of each collection."""
    return list(lines(request.param, 1, 12_000))


def made(slot: str, language: str = "en") -> list[str]:
    """Values of one slot, without what the maker puts around them."""
    rng, values = Random(7), []
    for _ in range(SAMPLES):
        piece = MAKERS[slot](rng, language)
        start, end = piece.span(0)
        values.append(piece.text[start:end])
    return values


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def luhn(number: str) -> bool:
    """The textbook way: double every second digit from the right, add the digits of the products."""
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(number[::-1])]
    return sum(sum(map(int, str(n))) for n in doubled) % 10 == 0


def mod97(number: str) -> bool:
    """The whole account as one integer."""
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def eleven(number: str) -> bool:
    """The 11-test with its negative last weight."""
    return sum(int(d) * w for d, w in zip(number, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0


def exists(text: str) -> bool:
    """Whether mm/dd/yyyy, or dd/mm/yyyy, is a day."""
    a, b, year = map(int, text.split("/"))
    for month, day in ((a, b), (b, a)):
        try:
            date(year, month, day)
        except ValueError:
            continue
        return True
    return False


def iban_length(country: str) -> int:
    return 4 + sum(int(n) for n in re.findall(r"\d+", BBAN[country]))


# --- spans -----------------------------------------------------------------------------------------------


def test_spans_are_the_values_and_never_overlap(corpus: list[Line]) -> None:
    for line in corpus:
        last = 0
        for span in line.spans:
            assert line.text[span.start : span.end] == span.value
            assert span.value
            assert span.value == span.value.strip()
            assert span.start >= last
            last = span.end
            assert not any(measure.overlaps((span.start, span.end), (d.start, d.end)) for d in line.decoys)


def test_corpus_is_wide(corpus: list[Line]) -> None:
    values = Counter(span.type for line in corpus for span in line.spans)
    assert all(values[name] >= 200 for name in TYPES), values
    kinds = Counter(decoy.kind for line in corpus for decoy in line.decoys)
    assert sum(count >= 5 for count in kinds.values()) >= 50, kinds
    assert set(broken.KINDS) <= set(kinds)
    languages = Counter(line.source.split(":")[1].split(".")[0] for line in corpus)
    assert all(languages[name] >= 200 for name in LANGUAGES), languages
    assert sum(not line.spans for line in corpus) >= len(corpus) / 5
    assert len({line.text for line in corpus}) >= 0.9 * len(corpus)


def test_same_seed_same_lines() -> None:
    assert list(lines("tuning", 3, 500)) == list(lines("tuning", 3, 500))
    assert list(lines("tuning", 3, 500)) != list(lines("tuning", 4, 500))


# --- templates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.txt")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_template_renders(path: object) -> None:
    collection, name = path.parent.name, path.stem  # type: ignore[attr-defined]
    book, words = read(collection, name), read(collection, "words")
    for section, templates in book.sections.items():
        assert len(set(templates)) == len(templates) or section.startswith("label."), section
        for template in templates:
            line = render(Random(1), template, book, words, name)
            assert "${" not in line.text
            assert line.spans == () or section not in ("machine", "broken", "plain")


def test_collections_share_no_sentences() -> None:
    def sentences(collection: str) -> set[str]:
        books = [read(collection, name).sections for name in (*LANGUAGES, "logs", "machine", "broken")]
        kept = [rows for book in books for name, rows in book.items() if not name.startswith(("label.", "name"))]
        return {row for rows in kept for row in rows if len(row) > 24}

    for one, other in itertools.combinations(SEEDS, 2):
        assert not sentences(one) & sentences(other)


# --- values ----------------------------------------------------------------------------------------------


def test_known_check_digits() -> None:
    assert luhn_digit("411111111111111") == "1"
    assert iban_digits("DE", "370400440532013000") == "89"
    assert iban_digits("GB", "NWBK60161331926819") == "29"
    assert bsn_digit("12345678") == "2"


def test_cards_pass_luhn() -> None:
    for value in made("card") + made("card_bare"):
        assert luhn(digits(value))
        assert 13 <= len(digits(value)) <= 19


def test_ibans_pass_mod97_and_have_the_length() -> None:
    for value in made("iban"):
        number = value.replace(" ", "")
        assert mod97(number)
        assert len(number) == iban_length(number[:2])


def test_bsns_pass_the_11_test() -> None:
    assert all(eleven(digits(value)) for value in made("bsn"))


def test_ssns_are_assignable() -> None:
    for value in made("ssn") + made("ssn_l"):
        assert re.fullmatch(r"(?!000|666|9)\d{9}", digits(value))
        assert digits(value)[3:5] != "00"
        assert digits(value)[5:] != "0000"


def test_addresses_parse_and_are_hosts() -> None:
    for value in made("ip"):
        address = ipaddress.ip_address(value)
        assert not any((address.is_loopback, address.is_unspecified, address.is_multicast))
        assert address.version == 6 or int(address) >> 24 not in (0, 255)


def test_dates_exist() -> None:
    assert all(exists(value) for value in made("dob_bare"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_labelled_values_have_the_sizes_of_their_kind(language: str) -> None:
    sizes = {"phone_l": (7, 16), "account": (7, 20), "passport": (6, 10), "licence": (5, 20), "mrn": (6, 12)}
    for slot, (least, most) in sizes.items():
        for value in made(slot, language):
            assert least <= sum(c.isalnum() for c in value) <= most
            assert any(c.isdigit() for c in value)


def test_addresses_of_mail_lie_in_reserved_domains() -> None:
    reserved = (
        "example",
        "test",
        "example.com",
        "example.org",
        "example.net",
        "испытание",
        "δοκιμή",
        "xn--80akhbyknj4f",
        "测试",
        "テスト",
    )
    for value in made("email"):
        local, _, domain = value.rpartition("@")
        assert local
        assert "@" not in local
        assert domain.lower().endswith(tuple(f".{r}" for r in reserved)) or domain.lower() in reserved


def test_phones_are_possible_numbers() -> None:
    phonenumbers = pytest.importorskip(
        "phonenumbers", reason="phonenumbers, an independent check of the phone shapes, is not installed"
    )
    for value in made("phone") + made("phone_e164"):
        number = phonenumbers.parse(value, "US")
        assert phonenumbers.is_possible_number(number), value


# --- what cannot be --------------------------------------------------------------------------------------


def test_broken_values_are_broken() -> None:
    assert not any(luhn(digits(v)) for v in made("broken_card"))
    assert all(luhn(digits(v)) for v in made("unissued_card"))
    assert not any(mod97(v.replace(" ", "")) for v in made("broken_iban"))
    assert not any(len(n := v.replace(" ", "")) == iban_length(n[:2]) for v in made("cut_iban"))
    assert not any(eleven(v) for v in made("broken_bsn"))
    assert not any(exists(v) for v in made("broken_date"))
    assert all(re.match(r"000|666|9|.{4}00|.{7}0000", v) for v in made("broken_ssn"))
    assert all(re.match(r"[01]|.11|.{4}[01]", v) for v in made("broken_nanp"))
    for value in made("broken_ipv4") + made("broken_ipv6"):
        with pytest.raises(ValueError, match="does not appear"):
            ipaddress.ip_address(value)


def test_bare_ids_are_no_cards() -> None:
    for slot in ("id16_bare", "snowflake", "epoch_us", "ean"):
        assert not any(luhn(value) for value in made(slot))


def test_values_and_decoys_share_no_slot() -> None:
    assert len(MAKERS) == len(VALUES) + len(decoys.MAKERS) + len(broken.MAKERS)


# --- measuring -------------------------------------------------------------------------------------------


def test_counting() -> None:
    line = Line("a 1 b 22 c 3", (Span("ssn", 2, 3, "1"), Span("bsn", 6, 8, "22"), Span("phone", 11, 12, "3")), (), "x")
    result = measure.score([line], lambda text: [("ssn", 2, 3), ("bsn", 6, 7), ("email", 11, 12), ("email", 0, 1)])
    assert (result.types["ssn"].hits, result.types["ssn"].alarms) == (1, 0)
    assert (result.types["bsn"].hits, result.types["bsn"].partial, result.types["bsn"].alarms) == (0, 1, 1)
    assert (result.types["phone"].wrong_type, result.types["email"].alarms) == (1, 2)
    assert result.alarms_on == {"a true value, wrong span or type": 2, "other text": 1}
    assert (result.total.precision, result.total.recall) == (0.25, 1 / 3)
    assert measure.score([line], lambda text: [("bsn", 5, 7)], lenient=True).types["bsn"].hits == 1
