"""Telephone numbers: North American shapes, E.164 with the usual national spacing, and national forms that need a
label.

For: the generator. Never: reads the product's table of country codes; the shapes come from ITU-T E.123 and
national numbering plans.
Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

from random import Random

from .model import Piece, fill

# fmt: off
WORLD = (
    "+49 30 ########", "+49 171 #######", "+49 (0)30 ######", "+49 (0)171 #######", "+49-89-########",
        "+49 69/########", "+49 171 ### ## ##",
    "+44 20 7### ####", "+44 7700 900###", "+44 (0)20 7### ####", "+44 161 496 0###", "+44 (0) 7700 900###",
    "+33 1 ## ## ## ##", "+33 6 ## ## ## ##", "+33 (0)6 ## ## ## ##", "+33.6.##.##.##.##",
    "+34 6## ### ###", "+34 91# ## ## ##", "+34 6## ## ## ##", "+39 06 #### ####", "+39 347 ### ####",
        "+39 02 ########", "+39 347 #######",
    "+351 91# ### ###", "+351 21# ### ###", "+31 6 ########", "+31 20 ### ####", "+31 (0)6 ########",
        "+31 6 ## ## ## ##",
    "+32 2 ### ## ##", "+32 47# ## ## ##", "+41 44 ### ## ##", "+41 79 ### ## ##", "+43 1 #######", "+43 664 #######",
        "+43 664 ### ####",
    "+7 (9##) ###-##-##", "+7 9## ### ## ##", "+7 (495) ###-##-##", "+7-9##-###-##-##", "+86 13# #### ####",
        "+86 10 #### ####", "+86-138-####-####",
    "+81 90-####-####", "+81-3-####-####", "+81 3 #### ####", "+82 10-####-####", "+82 2 #### ####",
        "+55 11 9####-####", "+55 (11) 9####-####",
    "+52 55 #### ####", "+54 9 11 ####-####", "+54 11 ####-####", "+56 9 #### ####", "+57 3## ### ####",
        "+61 4## ### ###", "+61 2 #### ####",
    "+64 21 ### ####", "+91 98### #####", "+91 22 #### ####", "+91-98########", "+92 300 #######", "+880 1712-######",
        "+62 812-####-####",
    "+60 12-### ####", "+65 9### ####", "+66 81 ### ####", "+84 91 ### ## ##", "+63 917 ### ####", "+852 9### ####",
        "+886 912 ### ###",
    "+90 532 ### ## ##", "+972 50-###-####", "+971 50 ### ####", "+966 50 ### ####", "+20 100 ### ####",
        "+27 82 ### ####", "+234 803 ### ####",
    "+254 712 ######", "+212 6 ## ## ## ##", "+30 21# ### ####", "+36 30 ### ####", "+36 1 ### ####",
        "+40 72# ### ###", "+420 60# ### ###",
    "+421 90# ### ###", "+48 60# ### ###", "+48 22 ### ## ##", "+380 44 ### ####", "+380 67 ### ## ##",
        "+45 ## ## ## ##", "+46 70-### ## ##",
    "+46 8-### ### ##", "+47 9## ## ###", "+358 40 ### ####", "+353 87 ### ####", "+352 621 ### ###", "+354 6## ####",
        "+371 2# ### ###",
    "+372 5### ####", "+385 91 ### ####", "+359 88 ### ####", "+381 64 ### ####",
)
# fmt: on
"""International numbers as people of those countries write them."""

# fmt: off
NATIONAL: dict[str, tuple[str, ...]] = {
    "en": ("020 7946 0###", "07700 900###", "07700 900 ###", "(020) 7946 0###", "0161 496 0###", "04## ### ###",
        "(02) 9### ####"),
    "de": ("030 #######", "030/########", "(030) #######", "0171 #######", "0171/#######", "0171-#######",
        "089 ## ## ## ##", "0171 ### ## ##", "069 / ########"),
    "fr": ("01 ## ## ## ##", "06 ## ## ## ##", "06.##.##.##.##", "06########", "06-##-##-##-##"),
    "es": ("6## ### ###", "6########", "91# ## ## ##", "6## ## ## ##", "(91) ### ####"),
    "it": ("06 ########", "347 #######", "347 ### ####", "347#######", "02/########", "06-#######"),
    "pt": ("91# ### ###", "21# ### ###", "(11) 9####-####", "11 9####-####", "9########", "(21) ####-####"),
    "nl": ("06-########", "06 ########", "06 ## ## ## ##", "020-#######", "020 ### ####", "06########"),
    "ru": ("8 (9##) ###-##-##", "8 9## ### ## ##", "89#########", "8-9##-###-##-##", "8 (495) ###-##-##"),
    "zh": ("13# #### ####", "13#########", "010-########", "(010) ########", "138-####-####", "0755-########"),
    "ja": ("03-####-####", "090-####-####", "090########", "(03) ####-####", "03(####)####", "06-####-####"),
}
# fmt: on
"""Domestic numbers by language; only a label tells what they are."""


def _nanp(rng: Random) -> tuple[str, str, str]:
    """Area, exchange and line by the North American rules: area and exchange begin with 2-9 and are not N11."""
    area, exchange = (fill(rng, f"{rng.choice('23456789')}{rng.choice('02345678')}#") for _ in range(2))
    if rng.random() < 0.2:
        area = "555"  # the number everybody makes up
    return area, exchange, fill(rng, "####")


def _us_shape(rng: Random, shapes: tuple[str, ...]) -> str:
    area, exchange, line = _nanp(rng)
    return rng.choice(shapes).format(a=area, x=exchange, l=line)


# fmt: off
US = (
    "{a}-{x}-{l}", "{a}-{x}-{l}", "({a}) {x}-{l}", "({a}) {x}-{l}", "({a}){x}-{l}", "{a}.{x}.{l}", "{a} {x} {l}",
        "1-{a}-{x}-{l}",
    "1 ({a}) {x}-{l}", "+1 {a}-{x}-{l}", "+1-{a}-{x}-{l}", "+1 ({a}) {x}-{l}", "+1 {a} {x} {l}", "+1.{a}.{x}.{l}",
        "+1{a}{x}{l}",
)
# fmt: on
EXTENSIONS = (" x###", " ext. ##", "x###", " ext ####", ", ext. ###")


def phone_us(rng: Random, language: str) -> Piece:
    """A North American number; some have an extension, which is no part of the number."""
    number = _us_shape(rng, US)
    tail = fill(rng, rng.choice(EXTENSIONS)) if rng.random() < 0.06 else ""
    return Piece(number + tail, "phone", end=len(number))


def phone_world(rng: Random, language: str) -> Piece:
    """A number with its country code, spaced as at home or not at all."""
    number = fill(rng, rng.choice(WORLD))
    if rng.random() < 0.3:
        number = "+" + "".join(c for c in number.replace("(0)", "") if c.isdigit())
    return Piece(number, "phone")


def phone_e164(rng: Random, language: str) -> Piece:
    """A number as machines store it: plus sign and digits."""
    if rng.random() < 0.3:
        return Piece("+1" + "".join(_nanp(rng)), "phone")
    return Piece("+" + "".join(c for c in fill(rng, rng.choice(WORLD)).replace("(0)", "") if c.isdigit()), "phone")


def phone(rng: Random, language: str) -> Piece:
    """A number that needs no label."""
    return phone_us(rng, language) if rng.random() < (0.7 if language == "en" else 0.2) else phone_world(rng, language)


def phone_labelled(rng: Random, language: str) -> Piece:
    """A number after a label: also the domestic forms, ten bare digits, and 00 for the plus sign."""
    roll = rng.random()
    if roll < 0.55:
        number = fill(rng, rng.choice(NATIONAL[language]))
        if language == "en" and rng.random() < 0.6:
            number = "".join(_nanp(rng))
        return Piece(number, "phone")
    if roll < 0.62:
        return Piece(
            "00" + phone_world(rng, language).text.removeprefix("+").replace("(0)", "").replace("  ", " "), "phone"
        )
    return phone(rng, language)
