"""A text while rules go over it: folded views for literals, and bytes that are no UTF-8.

It must never lose a byte of the caller's. Tests: tests/unit/test_regex_filter_parts.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from pyplugins.core import data, units
from pyplugins.core.guard import Answer
from pyplugins.core.pattern import unicode

EXACT, ASCII, UNICODE = range(3)

_TOKEN = re.compile("[0-9A-Za-z_]+")
_UPPER = {code: code - 32 for code in range(0x61, 0x7B)}


@cache
def _folds() -> dict[int, int]:
    """Every character to the least that is the same but for case; ASCII letters to capitals."""
    folds = data.load("core", "unicode_patterns.json")["folds"]
    return {code: min(orbit) for orbit in folds for code in orbit if code != min(orbit)} | _UPPER


def fold(text: str, case: int) -> str:
    """The text with letters that are the same made one; characters stay where they are.

    >>> fold("k\\u212aK\\u00e9", UNICODE) == "KKK\\u00c9"
    True
    """
    if case == EXACT:
        return text
    if text.isascii():
        return text.upper()
    return text.translate(_UPPER if case == ASCII else _folds())


def is_word(char: str, scripts: bool) -> bool:
    """Whether it is a word character, of ASCII or of all scripts."""
    if char.isascii() or not scripts:
        return char.isascii() and (char.isalnum() or char == "_")
    return ord(char) in unicode.table("word")


class Views:
    """One text and its folded views, each made when it is first asked for."""

    __slots__ = ("_tokens", "_views", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._views: list[str | None] = [text, None, None]
        self._tokens: dict[int, frozenset[str]] = {}

    def of(self, case: int) -> str:
        """The view."""
        view = self._views[case]
        if view is None:
            view = self._views[case] = fold(self.text, case)
        return view

    def tokens(self, case: int) -> frozenset[str]:
        """The words of the view, by ASCII's word characters."""
        found = self._tokens.get(case)
        if found is None:
            found = self._tokens[case] = frozenset(_TOKEN.findall(self.of(case)))
        return found


class Coding:
    """How a text goes back into the caller's bytes, and how many they are; this one is for `str`."""

    #: Whether characters stand for what is no UTF-8.
    stands_in = False

    def size(self, text: str) -> int:
        """UTF-8 bytes, a lone surrogate counting three."""
        return units.utf8_length(text)

    def encode(self, text: str) -> bytes:
        """The bytes."""
        return text.encode("utf-8", units.STR_ERRORS)

    def answered(self, answer: Answer) -> Answer:
        """An answer about the text, in the caller's units."""
        return answer


STR = Coding()

_ENCODED = re.compile("\udced[\udca0-\udcbf][\udc80-\udcbf]")
#: Stand for single bytes.
_BYTES = range(0xDC80, 0xDD00)


class BytesCoding(Coding):
    """For bytes: what is no UTF-8 is one surrogate for each byte, or for a surrogate that was encoded in three.

    The second kind stands for itself unless it would look like the first: then for one that the text does not hold.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self.text = data.decode()
            self.stands_in = False
            self._encoded: dict[str, bytes] = {}
        except UnicodeDecodeError:
            self.stands_in = True
            escaped = data.decode("utf-8", units.BYTES_ERRORS)
            self._encoded = self._stand_ins(set(_ENCODED.findall(escaped)), escaped)
            self._parts = re.compile(f"([\ud800-\udfff{''.join(self._encoded)}])")
            back = {raw: char for char, raw in self._encoded.items()}
            self.text = _ENCODED.sub(lambda found: back[_raw(found[0])], escaped)

    @staticmethod
    def _stand_ins(found: set[str], text: str) -> dict[str, bytes]:
        codes = {(ord(one[1]) & 0x3F) << 6 | ord(one[2]) & 0x3F | 0xD000: _raw(one) for one in sorted(found)}
        made = {chr(code): raw for code, raw in codes.items() if code not in _BYTES}
        # With nearly all of the 2,048 in one text none may be left; private characters that it has not then serve.
        pool = map(chr, (*range(0xD800, 0xDC80), *range(0xDD00, 0xE000), *range(0x100000, 0x10FFFE)))
        free = (char for char in pool if char not in made and (char < "\U00100000" or char not in text))
        made.update((next(free), raw) for code, raw in codes.items() if code in _BYTES)
        return made

    def size(self, text: str) -> int:
        return len(self.encode(text))

    def encode(self, text: str) -> bytes:
        if not self.stands_in:
            return text.encode()
        return b"".join(map(self._part, self._parts.split(text)))

    def places(self, text: str, offsets: Iterable[int]) -> dict[int, int]:
        """Byte offset of each given offset in the text."""
        places = {0: 0}
        last = 0
        for at in sorted(set(offsets)):
            places[at] = places[last] + self.size(text[last:at])
            last = at
        return places

    def answered(self, answer: Answer) -> Answer:
        """An answer about the text, about the bytes."""
        places = self.places(self.text, (at for candidate in answer.found for at in candidate[:2]))
        found = [one._replace(start=places[one.start], end=places[one.end]) for one in answer.found]
        return Answer(found, None if answer.output is None else self.encode(answer.output))

    def _part(self, part: str) -> bytes:
        if len(part) == 1 and part in self._encoded:
            return self._encoded[part]
        return bytes([ord(part) - 0xDC00]) if len(part) == 1 and ord(part) in _BYTES else part.encode()


def _raw(escaped: str) -> bytes:
    return escaped.encode("utf-8", units.BYTES_ERRORS)
