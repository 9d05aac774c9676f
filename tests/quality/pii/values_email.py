"""E-mail addresses under reserved domains: ASCII, non-ASCII and internationalised ones.

For: the generator. Never: a domain somebody can own; only RFC 2606, RFC 6761 and the IDN test names of IANA occur.
Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

from random import Random

from .model import Piece, fill

# fmt: off
DOMAINS = (
    "example.com", "example.org", "example.net", "mail.example.com", "eu-west.example.org", "sub.domain.example.net",
        "firma.example", "uni-nord.example",
    "3com.example", "shop24.test", "corp.test", "a.b.c.example.com", "EXAMPLE.COM", "Example.org",
)
# fmt: on
# fmt: off
WIDE_DOMAINS = (
    "bücher.example", "münchen.example.org", "société.example", "correo.españa.example", "пример.испытание",
        "почта.пример.испытание",
    "παράδειγμα.δοκιμή", "xn--bcher-kva.example", "xn--e1afmkfd.xn--80akhbyknj4f",
)
# fmt: on
CJK_DOMAINS = ("例子.测试", "例え.テスト", "邮件.例子.测试")

# fmt: off
FIRST = ("anna", "john", "marie", "lucas", "sofia", "peter", "julia", "m", "k", "wei", "yuki", "ivan", "carla", "tom",
    "o'brien", "d'angelo")
# fmt: on
# fmt: off
LAST = ("smith", "mueller", "rossi", "garcia", "dupont", "silva", "devries", "ivanov", "zhang", "tanaka", "jones",
    "weber")
# fmt: on
# fmt: off
WIDE_LOCAL = ("jürgen.groß", "josé", "françois.léger", "günther", "søren", "üser", "zoë.müller", "añorve", "пётр",
    "анна.иванова", "δημήτρης")
# fmt: on
CJK_LOCAL = ("张伟", "李雷", "用户", "山田", "田中太郎")


def _local(rng: Random) -> str:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    shapes = (
        f"{first}.{last}",
        f"{first}.{last}",
        f"{first[0]}{last}",
        f"{first}_{last}",
        f"{first}{fill(rng, '##')}",
        f"{first}-{last}",
        f"{first}.{last}+news",
        f"{first}+{fill(rng, '####')}",
        f"{first.title()}.{last.title()}",
        f"{last}",
        f"{fill(rng, '%###')}.{last}",
        f"x{fill(rng, '######')}",
    )
    return rng.choice(shapes)


def email_ascii(rng: Random, language: str) -> Piece:
    """An address of ASCII characters."""
    return Piece(f"{_local(rng)}@{rng.choice(DOMAINS)}", "email")


def email_wide(rng: Random, language: str) -> Piece:
    """An address with letters beyond ASCII before the `@`, behind it, or both (RFC 6531)."""
    if rng.random() < 0.25:
        return Piece(f"{rng.choice((*CJK_LOCAL, _local(rng)))}@{rng.choice(CJK_DOMAINS)}", "email")
    local = rng.choice(WIDE_LOCAL) if rng.random() < 0.6 else _local(rng)
    return Piece(f"{local}@{rng.choice(WIDE_DOMAINS if rng.random() < 0.6 else DOMAINS)}", "email")


def email(rng: Random, language: str) -> Piece:
    """An address; one in eight is not plain ASCII."""
    return email_wide(rng, language) if rng.random() < 0.12 else email_ascii(rng, language)
