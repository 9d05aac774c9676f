"""Words without quotes: numbers, constants, calls, keys, and strings that lost their quotes.

Twin of `rustlib/engines/json_repair/src/bare.rs`, step by step under the same names. Where a word ends depends on where
it stands: in an object a comma belongs to it when no member follows.
Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

import re
from typing import Final

from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._constants import COMPLETE, CONSTANTS, EXACT, NO_NUMBERS, is_constant
from pyplugins.json_repair._state import ITEM, MEMBER
from pyplugins.json_repair._string import Strings
from pyplugins.json_repair._text import APOSTROPHE, DOUBLES, SINGLE, SINGLES

#: A number and its parts: sign, digits, point, digits, exponent with its sign, digits. `_` is a digit behind one.
_NUMBER: Final = re.compile(
    r"([-+]?)((?:[0-9][0-9_]*)?)(?:(\.)((?:[0-9][0-9_]*)?))?(?:([eE][-+]?)((?:[0-9][0-9_]*)?))?"
)
_PLAIN_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+(?![0-9_.eE])")
_PLAIN_NUMBER_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORD: Final = re.compile(r"[A-Za-z0-9_.+-]*")
_NAME: Final = re.compile(r"(?:[A-Za-z_$][A-Za-z0-9_$.]*)?")
_LITERALS: Final = ("true", "false", "null")
_SPACED: Final = frozenset(" \t\r")
#: What may end a bare word or key, and what stands before it.
_STOP: Final = re.compile(f"[,;\\uff0c\"'`\\\\{DOUBLES}{SINGLES}}}{{\\]\\)\\[(\\n/#]")
_KEY_STOP: Final = re.compile(f"[:=\\uff1a,;\\uff0c\"'`\\\\{DOUBLES}{SINGLES}}}{{\\]\\[\\n/#]")

# What a word is, if it is no constant or cut-off constant.
PLAIN, NUMBER, TEXT = range(3)


def _is_plain(parts: re.Match[str], word: str) -> bool:
    """It is spelt as JSON spells it."""
    sign, whole, point, part, exponent, power = parts.groups("")
    return (
        bool(whole)
        and bool(point) == bool(part)
        and bool(exponent) == bool(power)
        and sign != "+"
        and (len(whole) == 1 or whole[0] != "0")
        and "_" not in word
    )


class Bare(Strings):
    """The machine with its bare words."""

    __slots__ = ()

    def bare(self, role: int) -> None:
        """Reads the bare word at the current place as a value."""
        at = self.at
        end = self.plain_word(role)
        if end is not None:
            self.at = end
            return self.ended()
        call_end = self.call_at(at)
        if call_end is not None:
            return self.call(call_end)
        quote = 0
        end = self.scalar_end(role)
        if end is None:
            end, quote = self.bare_end(role)
        kind, put = (TEXT, None) if quote else self.word(self.text[at:end], end)
        if put is not None:
            guess = kind == kinds.TRUNCATED_CONSTANT or self.text[at:end] in NO_NUMBERS
            self.edits.append([at, end, kind, put, guess])
        elif kind == NUMBER:
            self.respell(at, end)
        elif kind == TEXT:
            self.quote_word(end, quote)
        self.at = end + quote
        return self.ended()

    def plain_word(self, role: int) -> int | None:
        """The quick way: a number or constant of JSON, and behind it what must follow. Where it ends."""
        text, at = self.text, self.at
        char = text[at]
        if char in "-0123456789":
            found = _NUMBER.match(text, at)
            if found is None or not _is_plain(found, found[0]):
                return None
            end = found.end()
        else:
            literal = next((word for word in _LITERALS if text.startswith(word, at)), None)
            if literal is None:
                return None
            end = at + len(literal)
        following = self.after_white(end)
        after = self.char(following)
        if after == "}" or after == "]":
            return end
        if after == "," and (role == ITEM or (role == MEMBER and self.member_follows(following + 1))):
            return end
        return None

    def scalar_end(self, role: int) -> int | None:
        """A number or constant that the next item or member follows without a comma: where it ends."""
        end = _WORD.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches the empty string
        following = self.after_white(end)
        if following == end or not self.is_scalar(self.at, end):
            return None
        if role == ITEM:
            char = self.char(following)
            follows = (
                (char != "" and char in "0123456789-{[")
                or self.opens(following) is not None
                or is_constant(self.text[following : self.name_end(following)])
            )
        else:
            follows = role == MEMBER and self.key_at(following)
        return end if follows else None

    def word(self, word: str, end: int | None) -> tuple[int, str | None]:
        """What a word is, and what takes its place if it is a constant; `end` is where it ends, `None` inside."""
        if word in _LITERALS:
            return PLAIN, None
        constant = (CONSTANTS.get(word.lower()) if word.isascii() else None) if self.python else EXACT.get(word)
        if constant:
            return constant
        if word in NO_NUMBERS:
            return kinds.JAVASCRIPT_CONSTANT, "null"
        cut_off = end is not None and end >= self.size
        if cut_off and word:
            for name, put in COMPLETE:
                if name.startswith(word):
                    return kinds.TRUNCATED_CONSTANT, put
        found = _NUMBER.match(word)
        if found is None or found.end() != len(word):
            return TEXT, None
        if _is_plain(found, word):
            return PLAIN, None
        _, whole, _, part, _, _ = found.groups("")
        digits = bool(whole or part) or (word == "-" and (cut_off or not self.python))
        pythonic = (len(whole) > 1 and whole[0] == "0") or "_" in word
        return (NUMBER if digits and (self.python or not pythonic) else TEXT), None

    def respell(self, at: int, end: int) -> None:
        """Spells the number at `at` as JSON spells it."""
        found = _NUMBER.match(self.text, at, end)
        sign, whole, point, part, exponent, power = found.groups("") if found else ("",) * 6
        if sign == "+":
            self.edit(at, at + 1, kinds.NUMBER, "")
        place = at + len(sign)
        whole_end = place + len(whole)
        # Zeros in front go, but not the last digit.
        last = place + max(len(whole.rstrip("_")) - 1, 0)
        first = place
        while first < last and self.text[first] in "0_":
            first += 1
        if first > place:
            self.edit(place, first, kinds.NUMBER, "")
        if not whole:
            self.edit(place, place, kinds.NUMBER, "0")
        self._drop_underscores(first, whole_end)
        part_end = whole_end + len(point) + len(part)
        if point and not part:
            self.edit(part_end, part_end, kinds.NUMBER, "0")
        self._drop_underscores(whole_end, end)
        if exponent and not power:
            self.edit(end, end, kinds.NUMBER, "0")

    def _drop_underscores(self, start: int, end: int) -> None:
        for place in range(start, end):
            if self.text[place] == "_":
                self.edit(place, place + 1, kinds.NUMBER, "")

    def quote_word(self, end: int, quote: int) -> None:
        """Puts the word that ends at `end` in quotes; a quote of this length stands behind it already."""
        at = self.at
        plain = self.name_end(at) >= end
        self.edits.append([at, at, kinds.MISSING_QUOTE, '"', not plain])
        self.bare_inside(at, end)
        if quote == 0:
            self.edit(end, end, kinds.MISSING_QUOTE, '"')
        elif quote == 2 and self.text[end] == "\\":
            self.edit(end, end + 1, kinds.ESCAPED_JSON, "")
        elif self.text[end] != '"':
            self.edit(end, end + quote, kinds.QUOTE_STYLE, '"')

    def bare_end(self, role: int) -> tuple[int, int]:
        """Where the bare word at the current place ends, and the length of the quote behind it that belongs to it."""
        text, start = self.text, self.at
        at = start
        curly = square = rounded = 0
        while True:
            found = _STOP.search(text, at)
            if found is None:
                at = self.size
                break
            at = found.start()
            char = text[at]
            comma = self.comma_length(at)
            if comma:
                if role != MEMBER or self.member_follows(at + comma):
                    break
                at += comma
                continue
            quote = self.opens(at) if at > start else None
            if quote:
                family, length = quote
                spaced = text[at - 1] in _SPACED
                strong = family not in (APOSTROPHE, SINGLE)
                if strong and role == MEMBER and self.key_at(at):
                    break
                if not (spaced and not strong) and self.quote_ends_word(at + length, role):
                    return at, length
                if strong and spaced and role == ITEM and self.item_begins(at + length, family):
                    break
                at += length
                continue
            if char == "}" and curly:
                curly -= 1
            elif char == "{" and at > start and text[at - 1].isascii() and self.in_name(at - 1):
                curly += 1
            elif char == "}" or char == "{":
                break
            elif char == "]" and square:
                square -= 1
            elif char == ")" and rounded:
                rounded -= 1
            elif char in "])" and self.is_open(char):
                break
            elif char == "[":
                square += 1
            elif char == "(":
                rounded += 1
            elif char == "\n" or (char == "\\" and self.char(at + 1) in ("n", "r", "t")):
                # The end of a line, or the escape of one where it may stand outside of strings.
                escaped = char == "\\"
                following = self.after_escapes(at)
                if (role != MEMBER and not escaped) or self._line_ends_word(following):
                    break
                at = following
                continue
            elif char in "/#" and self.comment(at):
                spaced = at > start and text[at - 1] in _SPACED
                if spaced or (at > start and text.startswith("*", at + 1)):
                    break
            elif char == "`" and text.startswith("```", at):
                break
            at += 1
        return self.trimmed(start, at), 0

    def _line_ends_word(self, following: int) -> bool:
        """The line behind the word begins with what cannot belong to it."""
        char = self.char(following)
        return (
            not char
            or char in "}]){["
            or self.comma_length(following) > 0
            or self.opens(following) is not None
            or self.comment(following)
            or self.text.startswith("```", following)
            or self.key_at(following)
        )

    def item_begins(self, inside: int, family: int) -> bool:
        """An item in quotes begins: its end fits."""
        end = self.string_end(inside, family)
        return end is not None and self.char(self.after_white(end)) in ("", ",", "]")

    def bare_key(self) -> None:
        """Reads the bare word at the current place as a key."""
        text, start = self.text, self.at
        at = start
        length = 0
        while True:
            found = _KEY_STOP.search(text, at)
            if found is None:
                at = self.size
                break
            at = found.start()
            if self.colon(at) > 0 or self.comma_length(at) or text.startswith("```", at):
                break
            quote = self.opens(at) if at > start else None
            if quote:
                if self.colon(self.after_white(at + quote[1])) > 0:
                    length = quote[1]
                    break
                if quote[0] not in (APOSTROPHE, SINGLE):
                    break
                at += quote[1]
                continue
            if text[at] in "}]{[\n" or (at > start and self.comment(at)):
                break
            at += 1
        end = at if length else self.trimmed(start, at)
        self.quote_word(end, length)
        self.at = end + length
        self.ended()

    def call_at(self, at: int) -> int | None:
        """The end of the name and bracket of a call at `at`, if a value follows: `ObjectId(`, `new Date(`."""
        text = self.text
        end = _NAME.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty string
        if text.startswith(" ", end) and text[at:end] == "new":
            end = _NAME.match(text, end + 1).end()  # type: ignore[union-attr]  # it matches the empty string
        # With white space before the bracket only around an object or array: JSONP.
        bracket = self.after_white(end)
        if (
            at < end < bracket
            and text.startswith("(", bracket)
            and self.char(self.after_white(bracket + 1)) in ("{", "[")
        ):
            end = bracket
        if end == at or not text.startswith("(", end):
            return None
        following = self.after_white(end + 1)
        char = self.char(following)
        inner = _NAME.match(text, following).end()  # type: ignore[union-attr]  # it matches the empty string
        value = (
            not char
            or char in "{[)-0123456789"
            or self.opens(following) is not None
            or (inner > following and text.startswith("(", inner))
            or is_constant(text[following:inner])
        )
        return end + 1 if value else None

    def is_scalar(self, start: int, end: int) -> bool:
        """A number or constant is all that stands between the places."""
        word = self.text[start:end]
        if not word:
            return False
        kind, put = self.word(word, None)
        return put is not None or kind != TEXT
