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
from pyplugins.json_repair._escapes import PLAIN, Escapes
from pyplugins.json_repair._state import ARGUMENT, HAS_ITEMS, ITEM, MEMBER, ROLE_KEY, ROOT
from pyplugins.json_repair._text import APOSTROPHE, DOUBLES, ESCAPED, SINGLES, STRAIGHT

# What follows a quote says of it: it closes the string; it does if the quotes before it are pairs; it is inside; a
# colon follows where no key is expected. A place says that the string is a key without a quote and ends there.
CLOSES, PERHAPS, INSIDE, COLON_FOLLOWS = -1, -2, -3, -4

_SIGN: Final = re.compile("[:,}]")
_TAIL: Final = frozenset("}] \t\r\n")


class Strings(Escapes):
    """The machine with its strings."""

    __slots__ = ()

    def string(self, family: int, length: int, role: int) -> None:
        """Reads the string that a quote of this family opens at the current place."""
        at = self.at
        if family in (STRAIGHT, APOSTROPHE) and self.char(at + 1) == self.text[at] and self.doubled(family, role):
            return
        if family == STRAIGHT:
            pass
        elif family == ESCAPED:
            self.edit(at, at + 1, kinds.ESCAPED_JSON, "")
        else:
            self.edit(at, at + length, kinds.QUOTE_STYLE, '"')
        self.string_rest(at + length, family, role)

    def doubled(self, family: int, role: int) -> bool:
        """`""a""`, `''a''`, `""a"`: quotes are written twice. True if that stands here and is read."""
        at = self.at
        if not self.in_name(at + 2):
            return False
        end = self.string_end(at + 2, family)
        if end is None:
            return False
        twice = self.char(end) == self.text[at]
        behind = end + 1 if twice else end
        following = self.after_white(behind)
        if role == ROLE_KEY:
            fits = self.colon(following) > 0
        else:
            fits = self.char(following) in ("", "}", "]", ")") or self.comma_length(following) > 0
        if fits and family == STRAIGHT:
            self.edit(at + 1, at + 2, kinds.EXTRA_QUOTE, "")
            self.bare_inside(at + 2, end - 1)
            if twice:
                self.edit(end, behind, kinds.EXTRA_QUOTE, "")
        elif fits:
            self.edit(at, at + 2, kinds.QUOTE_STYLE, '"')
            self.bare_inside(at + 2, end - 1)
            self.edit(end - 1, behind, kinds.QUOTE_STYLE, '"')
        if fits:
            self.at = behind
            self.ended()
        return fits

    def string_rest(self, inside: int, family: int, role: int) -> None:
        """Reads a string whose inside begins at `inside`."""
        text, at = self.text, inside
        to = self.string_limit(inside, family, role)
        plain_end = PLAIN[family].match
        # Quotes that did not close it, the last of them, and where to look for a colon next.
        quotes, last_quote, colon_from = 0, inside, inside
        while True:
            at = plain_end(text, at, to).end()  # type: ignore[union-attr]  # it matches the empty string
            if at >= to:
                if to < self.size:
                    return self.string_ends_early(to)
                return self.string_without_end(inside, family, role)
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

    def string_limit(self, inside: int, family: int, role: int) -> int:
        """How far a string is read. Once a key of this family had no end, later ones are read to the next sign
        only: otherwise each of them would be read to the end of the text."""
        if role == ROLE_KEY and family in self.endless:
            sign = _SIGN.search(self.text, inside)
            return sign.start() if sign else self.size
        return self.size

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

    def string_without_end(self, inside: int, family: int, role: int) -> None:
        """The text ends first. Brackets at its end close what is open."""
        text, end = self.text, self.size
        colon = -1
        if role == ROLE_KEY:
            self.endless.add(family)
            colon = text.find(":", inside)
        if self.fenced:
            fence = text.rfind("\n```", inside)
            end = fence if fence >= 0 else end
        last = self.trimmed(inside, end)
        # The fence of a code block may stand behind the brackets.
        fenced = last >= inside + 3 and text.startswith("```", last - 3)
        stop = self.trimmed(inside, last - 3) if fenced else last
        start = self._before_brackets(inside, stop)
        if colon >= 0:
            self.string_ends_early(colon)
        elif start < stop and self.brackets_close(start, stop) is not None:
            self.string_ends_early(self.trimmed(inside, start))
        elif end < self.size:
            self.string_ends_early(last)
        else:
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
        says = self.quote_says(behind, role)
        following = self.after_white(behind)
        ends = self.comma_length(following) > 0 or self.char(following) in ("}", "]")
        return says == CLOSES or (says == PERHAPS and ends)

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
            goes_on = self.opens(following) or self.comment(following)
            return CLOSES if following >= self.size or goes_on else INSIDE
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
        if role == ITEM and (self.word_is_item(at) or (self.python and at > behind and self.words_are_item(at))):
            return PERHAPS
        return INSIDE

    def word_end(self, at: int) -> int:
        """The end of the bare name or number at `at`."""
        end = self.name_end(at)
        while self.text.startswith(".", end) and self.text[at] in "-0123456789":
            end = self.name_end(end + 1)
        return end

    def word_is_item(self, at: int) -> bool:
        """A number or a constant stands at `at`, and the item ends with it."""
        digit = self.text[at] in "-0123456789"
        end = self.word_end(at)
        if not digit and not is_constant(self.text[at:end]):
            return False
        return self.char(self.after_white(end)) in ("", ",", "]")

    def words_are_item(self, at: int) -> bool:
        """Words without quotes, or without their first, stand at `at`, and the item ends with them: Python's library
        splits there."""
        end = self.name_end(at)
        while self.text.startswith(" ", end):
            end = self.name_end(end + 1)
        if self.text.startswith('"', end):
            end += 1
        return self.char(self.after_white(end)) in (",", "]")

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
        end = self.word_end(at)
        if end == at:
            return INSIDE
        following = self.after_white(end)
        if following >= self.size or self.colon(following) > 0 or self.quote_then_colon(end):
            return CLOSES
        if self.stray_word(at) is not None:
            return CLOSES
        return PERHAPS if self.text[following] in ",}" else INSIDE

    def stray_word(self, at: int) -> int | None:
        """A word that means nothing stands before a key in quotes: where the key begins."""
        end = self.name_end(at)
        following = self.after_white(end)
        key = end > at and following > end and self.opens(following) is not None and self.key_at(following)
        return following if key else None

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
        return PERHAPS if role == ITEM and char in ":+/#){[-0123456789" else INSIDE

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


#: What ends a bare item, or may open a string.
_ITEM_STOP: Final = re.compile(f"[,\\]\\n\"'`\\\\{DOUBLES}{SINGLES}]")
