"""Strings: where they end, and what has to change inside them.

Twin of `rustlib/engines/json_repair/src/string.rs`, step by step under the same names. The hard question is which
quote closes a string. A quote does if what follows fits the place where the string stands; where that says little,
quotes inside a string come in pairs. A string that runs into the next one had no closing quote.
Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

import re
from typing import Final

from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._constants import is_constant
from pyplugins.json_repair._machine import ARGUMENT, HAS_ITEMS, ITEM, MEMBER, ROLE_KEY, ROOT, Containers, Mark
from pyplugins.json_repair._text import APOSTROPHE, DOUBLE, DOUBLES, ESCAPED, SINGLE, SINGLES, STRAIGHT

# What follows a quote says of it: it closes the string; it does if the quotes before it are pairs; it is inside; a
# colon follows where no key is expected. A place says that the string is a key without a quote and ends there.
CLOSES, PERHAPS, INSIDE, COLON_FOLLOWS = -1, -2, -3, -4

#: From the inside of a string to the first place that needs a look.
_PLAIN: Final = {
    STRAIGHT: re.compile(r'[^"\\\x00-\x1f]*+'),
    DOUBLE: re.compile(f'[^"{DOUBLES}\\\\\\x00-\\x1f]*+'),
    APOSTROPHE: re.compile(r"""[^"'\\\x00-\x1f]*+"""),
    SINGLE: re.compile(f"[^\"'`{SINGLES}\\\\\\x00-\\x1f]*+"),
    ESCAPED: re.compile(r'[^"\\\x00-\x1f]*+'),
}
_ESCAPES: Final = frozenset('"\\/bfnrt')
_HEX: Final = re.compile(r"[0-9A-Fa-f]{0,4}")
_HEX2: Final = re.compile(r"[0-9A-Fa-f]{2}")
_CONTROLS: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}
_TAIL: Final = frozenset("}] \t\r\n")


class Strings(Containers):
    """The machine with its strings."""

    __slots__ = ()

    def string(self, family: int, length: int, role: int) -> None:
        """Reads the string that a quote of this family opens at the current place."""
        at = self.at
        if family == STRAIGHT:
            if self.text.startswith('"', at + 1) and self.doubled(role):
                return
        elif family == ESCAPED:
            self.edit(at, at + 1, kinds.ESCAPED_JSON, "")
        else:
            self.edit(at, at + length, kinds.QUOTE_STYLE, '"')
        self.string_rest(at + length, family, role)

    def doubled(self, role: int) -> bool:
        """`""a""`: each quote is written twice. True if that stands here and is read."""
        at = self.at
        if not self.in_name(at + 2):
            return False
        end = self.string_end(at + 2, STRAIGHT)
        if end is None or not self.text.startswith('"', end):
            return False
        following = self.after_white(end + 1)
        if role == ROLE_KEY:
            fits = self.colon(following) > 0
        else:
            fits = self.char(following) in ("", "}", "]", ")") or self.comma_length(following) > 0
        if fits:
            self.edit(at + 1, at + 2, kinds.EXTRA_QUOTE, "")
            self.bare_inside(at + 2, end - 1)
            self.edit(end, end + 1, kinds.EXTRA_QUOTE, "")
            self.at = end + 1
            self.ended()
        return fits

    def string_rest(self, inside: int, family: int, role: int) -> None:
        """Reads a string whose inside begins at `inside`."""
        text, at = self.text, inside
        plain_end = _PLAIN[family].match
        # Quotes that did not close it, the last of them, and where to look for a colon next.
        quotes, last_quote, colon_from = 0, inside, inside
        while True:
            at = plain_end(text, at).end()  # type: ignore[union-attr]  # it matches the empty string
            if at >= self.size:
                return self.string_without_end(inside, role)
            char = text[at]
            if char == "\\":
                if family == ESCAPED and text.startswith('"', at + 1):
                    return self.string_ends(at, 2, family)
                at = self.escape(at, family)
                continue
            if char < " ":
                self.control(at)
                at += 1
                continue
            if not self.closing(at, family):
                # A quote of another kind.
                if char == '"':
                    self.edit(at, at, kinds.UNESCAPED_QUOTE, "\\")
                at += 1
                continue
            if role == ROLE_KEY:
                says = self.key_quote(inside, at, colon_from)
                colon_from = at
                if says >= 0:
                    return self.string_ends_early(says)
            else:
                says = self.quote_says(at + 1, role)
            if says == COLON_FOLLOWS:
                if quotes == 0:
                    return self.string_ends(at, 1, family)
                end = self.restart(inside, last_quote)
                if end is not None:
                    return self.string_ends_early(end)
            elif says != INSIDE and quotes % 2 and role == ITEM:
                end = self.restart(inside, last_quote)
                if end is not None:
                    return self.string_ends_early(end)
                if says == CLOSES:
                    return self.string_ends(at, 1, family)
            elif says == CLOSES or (says == PERHAPS and quotes % 2 == 0):
                return self.string_ends(at, 1, family)
            quotes += 1
            last_quote = at
            if char == '"':
                self.guess(at, at, kinds.UNESCAPED_QUOTE, "\\")
            at += 1

    # The ways in which a string ends.

    def string_ends(self, at: int, length: int, family: int) -> None:
        """At its closing quote."""
        close = (at, len(self.edits))
        if length == 2 and family == ESCAPED:
            self.edit(at, at + 1, kinds.ESCAPED_JSON, "")
        elif self.text[at] != '"':
            self.edit(at, at + length, kinds.QUOTE_STYLE, '"')
        self.at = at + length
        self.ended()
        self.string_close = close

    def string_ends_early(self, end: int) -> None:
        """Before its closing quote is found: what was changed behind `end` is taken back."""
        edits = self.edits
        while edits and edits[-1][kinds.START] >= end:
            edits.pop()
        # Of an escaped line end, the backslash goes; the line end is behind the string.
        if edits and edits[-1][kinds.END] > end:
            edits[-1][kinds.END] = end
        self.guess(end, end, kinds.MISSING_QUOTE, '"')
        self.at = end
        self.ended()

    def string_without_end(self, inside: int, role: int) -> None:
        """The text ends first. Brackets at its end close what is open."""
        text, end = self.text, self.size
        if role == ROLE_KEY:
            colon = text.find(":", inside)
            if colon >= 0:
                return self.string_ends_early(colon)
        if self.fenced:
            fence = text.rfind("\n```", inside)
            end = fence if fence >= 0 else end
        last = self.trimmed(inside, end)
        start = self._before_brackets(inside, last)
        if start < last and self.brackets_close(start, last) is not None:
            return self.string_ends_early(self.trimmed(inside, start))
        if end < self.size:
            return self.string_ends_early(last)
        self.edit(end, end, kinds.MISSING_QUOTE, '"')
        self.at = end
        self.ended()

    def _before_brackets(self, inside: int, place: int) -> int:
        """Where the run of closing brackets and white space begins that ends at `place`."""
        text = self.text
        while place > inside and text[place - 1] in _TAIL:
            place -= 1
        return place

    def restart(self, inside: int, quote: int) -> int | None:
        """Where the string ended if the quote at `quote` opens the next one: before a comma, at the end of a line, or
        before brackets."""
        text = self.text
        end = self.trimmed(inside, quote)
        newline = self.crossed_line(end, quote)
        opened = end > inside and text[end - 1] == "{"
        if opened:
            end = self.trimmed(inside, end - 1)
        comma = end > inside and text[end - 1] == ","
        if comma:
            end = self.trimmed(inside, end - 1)
        if not comma and (opened or not newline):
            return None
        start = self._before_brackets(inside, end)
        if start < end:
            count = self.brackets_close(start, end)
            level = self.level_under(count) if count else None
            if level is not None and (level in HAS_ITEMS) == opened:
                return self.trimmed(inside, start)
        return None if opened else end

    # Which quotes close.

    def key_quote(self, inside: int, at: int, colon_from: int) -> int:
        """The quote at `at` of a key that begins at `inside`."""
        following = self.after_white(at + 1)
        if following >= self.size or self.colon(following) > 0:
            return CLOSES
        colon = self.text.find(":", colon_from, at)
        if colon >= 0:
            return colon
        before = self.trimmed(inside, at)
        if before > inside and self.text[before - 1] == ",":
            return self.trimmed(inside, before - 1)
        if following == at + 1 and self.in_name(following) and self.text[following] != "-":
            return INSIDE
        return CLOSES

    def quote_ends_word(self, behind: int, role: int) -> bool:
        """A bare word ends with this quote, which ends at `behind`."""
        return self.quote_says(behind, role) == CLOSES

    def member_follows(self, behind: int) -> bool:
        """The comma that ends at `behind` is followed by a member."""
        says = self.member_ahead(behind)
        return says == CLOSES or (says == PERHAPS and self.opens(self.after_white(behind)) is not None)

    def quote_says(self, behind: int, role: int) -> int:
        """The quote that ends at `behind`, of a string that is no key."""
        at = self.after_white(behind)
        if at >= self.size:
            return CLOSES
        char = self.text[at]
        if char == ":":
            return INSIDE if role == ARGUMENT else COLON_FOLLOWS
        comma = self.comma_length(at)
        if comma:
            if role == MEMBER:
                return self.member_ahead(at + comma)
            return self.item_ahead(at + comma) if role == ITEM else CLOSES
        quote = self.opens(at)
        newline = self.crossed_line(behind, at)
        if quote:
            return self.string_ahead(at + quote[1], quote[0], newline, role)
        if char == "}" or char == "]" or char == ")":
            return self.bracket_ahead(at, char)
        if char == "+":
            following = self.after_white(at + 1)
            return CLOSES if following >= self.size or self.opens(following) else INSIDE
        if char == "/":
            return CLOSES if self.comment(at) else INSIDE
        if char == "#" and at > behind and self.comment(at):
            return PERHAPS
        if char == "`" or (char in "{[" and (newline or role == ITEM)):
            return CLOSES
        if char == "\\" or self.ellipsis(at) > 0:
            return PERHAPS
        if newline:
            if role == MEMBER:
                return CLOSES if self.key_at(at) else INSIDE
            return PERHAPS if role == ITEM else CLOSES if role == ROOT else INSIDE
        return PERHAPS if role == ITEM and self.word_is_item(at) else INSIDE

    def word_is_item(self, at: int) -> bool:
        """A number or a constant stands at `at`, and the item ends with it."""
        digit = self.text[at] in "-0123456789"
        end = self.name_end(at)
        while digit and self.text.startswith(".", end):
            end = self.name_end(end + 1)
        if not digit and not is_constant(self.text[at:end]):
            return False
        return self.char(self.after_white(end)) in ("", ",", "]")

    def member_ahead(self, behind: int) -> int:
        """What follows the comma behind a member's string."""
        at = self.after_white(behind)
        if at >= self.size or self.crossed_line(behind, at):
            return CLOSES
        quote = self.opens(at)
        if quote:
            end = self.string_end(at + quote[1], quote[0])
            if end is None:
                return CLOSES
            following = self.after_white(end)
            char = self.char(following)
            if not char or self.colon(following) > 0 or char in ",}{[-0123456789/#" or self.opens(following):
                return CLOSES
            # A key whose closing quote is missing: the colon stands before the next quote.
            inside = self.trimmed(at, end - 1)
            return CLOSES if inside > at and self.text[inside - 1] == ":" else PERHAPS
        char = self.text[at]
        if char in "}]{[/#:\\" or self.comma_length(at) or self.ellipsis(at) > 0:
            return CLOSES
        end = self.name_end(at)
        if end == at:
            return INSIDE
        following = self.after_white(end)
        if following >= self.size or self.colon(following) > 0 or self.quote_then_colon(end):
            return CLOSES
        return PERHAPS if self.text[following] in ",}" else INSIDE

    def quote_then_colon(self, place: int) -> bool:
        """A quote stands at `place`, and a colon behind it: the end of a key."""
        quote = self.opens(place)
        return quote is not None and self.colon(self.after_white(place + quote[1])) > 0

    def item_ahead(self, behind: int) -> int:
        """What follows the comma behind an item's string."""
        at = self.after_white(behind)
        if at >= self.size or self.crossed_line(behind, at):
            return CLOSES
        quote = self.opens(at)
        if quote:
            end = self.string_end(at + quote[1], quote[0])
            if end is None:
                return CLOSES
            following = self.after_white(end)
            char = self.char(following)
            return CLOSES if not char or char in ",]}:/#+)" or self.opens(following) else PERHAPS
        char = self.text[at]
        if char in "{[]}/#)" or self.comma_length(at) or self.ellipsis(at) > 0:
            return CLOSES
        found = _ITEM_STOP.search(self.text, at)
        while found:
            if found[0] in ",]\n":
                return CLOSES
            if self.opens(found.start()):
                return PERHAPS
            found = _ITEM_STOP.search(self.text, found.end())
        return CLOSES

    def string_ahead(self, inside: int, family: int, newline: bool, role: int) -> int:
        """A string follows without a comma; its inside begins at `inside`."""
        if role == ARGUMENT:
            return INSIDE
        if newline:
            return CLOSES
        end = self.string_end(inside, family)
        if end is None:
            return PERHAPS
        following = self.after_white(end)
        char = self.char(following)
        if role == MEMBER and self.colon(following) > 0:
            return CLOSES
        if role in (MEMBER, ITEM) and (not char or char in ",]}" or self.opens(following)):
            return PERHAPS
        return PERHAPS if role == ITEM and char in ":+/#)" else INSIDE

    def bracket_ahead(self, at: int, char: str) -> int:
        """A closing bracket follows."""
        if not self.is_open(char):
            return INSIDE
        following = self.after_white(at + 1)
        if following >= self.size or self.crossed_line(at + 1, following) or self.comma_length(following):
            return CLOSES
        after = self.text[following]
        if after in "}]){[/#" or self.text.startswith("```", following):
            return CLOSES
        return INSIDE if after == "+" else PERHAPS

    # Inside.

    def control(self, at: int) -> None:
        """A control character at `at` is written as an escape."""
        char = self.text[at]
        self.edit(at, at + 1, kinds.CONTROL_CHARACTER, _CONTROLS.get(char) or f"\\u{ord(char):04x}")

    def escape(self, at: int, family: int) -> int:
        """The backslash at `at`; where to go on."""
        if at + 1 >= self.size:
            self.guess(at, at + 1, kinds.BAD_ESCAPE, "")
            return at + 1
        char = self.text[at + 1]
        if family == ESCAPED and char == "\\":
            return self.escaped_escape(at)
        if char in _ESCAPES:
            return at + 2
        if char == "u":
            return self.unicode_escape(at)
        if char == "'":
            self.edit(at, at + 1, kinds.BAD_ESCAPE, "")
            return at + 2
        if char == "x" and self.python and _HEX2.match(self.text, at + 2):
            self.edit(at, at + 2, kinds.BAD_ESCAPE, "\\u00")
            return at + 4
        if char == "\n":
            # A line that goes on.
            self.edit(at, at + 2, kinds.BAD_ESCAPE, "")
            return at + 2
        if self.python:
            self.edit(at, at, kinds.BAD_ESCAPE, "\\")
        else:
            self.edit(at, at + 1, kinds.BAD_ESCAPE, "")
        return at + 1

    def unicode_escape(self, at: int) -> int:
        end = _HEX.match(self.text, at + 2).end()  # type: ignore[union-attr]  # it matches the empty string
        if end == at + 6:
            return end
        if end >= self.size:
            self.guess(at, end, kinds.BAD_ESCAPE, "")
            return end
        self.edit(at, at, kinds.BAD_ESCAPE, "\\")
        return at + 2

    def escaped_escape(self, at: int) -> int:
        """Two backslashes in a string whose quotes are escaped: with what follows they are one escape of the text
        inside."""
        third, fourth = self.char(at + 2), self.char(at + 3)
        if third == "\\" and fourth in ('"', "\\"):
            self.edit(at, at + 2, kinds.ESCAPED_JSON, "")
            return at + 4
        if third == "u" and _HEX.match(self.text, at + 3).end() == at + 7:  # type: ignore[union-attr]  # never `None`
            self.edit(at, at + 1, kinds.ESCAPED_JSON, "")
            return at + 7
        if third in ('"', "/", "b", "f", "n", "r", "t"):
            self.edit(at, at + 1, kinds.ESCAPED_JSON, "")
            return at + 3
        return at + 2

    def bare_inside(self, start: int, end: int) -> None:
        """Escapes what a bare word must not hold once it stands in quotes."""
        at = start
        plain_end = _PLAIN[STRAIGHT].match
        while True:
            at = plain_end(self.text, at, end).end()  # type: ignore[union-attr]  # it matches the empty string
            if at >= end:
                return
            char = self.text[at]
            if char == '"':
                self.edit(at, at, kinds.UNESCAPED_QUOTE, "\\")
                at += 1
            elif char == "\\":
                before = len(self.edits)
                following = self.escape(at, STRAIGHT)
                if following > end:
                    # The escape reaches over the end: the backslash is meant as it stands.
                    del self.edits[before:]
                    self.edit(at, at, kinds.BAD_ESCAPE, "\\")
                    at += 1
                else:
                    at = following
            else:
                self.control(at)
                at += 1


#: What ends a bare item, or may open a string.
_ITEM_STOP: Final = re.compile(f"[,\\]\\n\"'`\\\\{DOUBLES}{SINGLES}]")
