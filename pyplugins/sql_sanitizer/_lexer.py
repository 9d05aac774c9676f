"""The lexer: text to tokens, by the rules of a dialect. RULES.md says what each token is.

Twin of rustlib/engines/sql_sanitizer/src/lex.rs. It must never lose a character: what no rule reads is an operator of
one character. An unclosed quote or comment hides nothing, and is tried once; so the lexer is linear.
Tests: tests/unit/test_sql_sanitizer_fallback.py, tests/vectors/sql_sanitizer.jsonl.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pyplugins.sql_sanitizer import _tables as t

WORD, NUMBER, STRING, DOLLAR, QUOTED, PARAM, COMMENT, HINT, OPEN, CLOSE, COMMA, DOT, SEMI, OP = range(14)

#: What other dialects read differently: quotes behind a backslash; comments.
AMBIGUOUS_BACKSLASH, AMBIGUOUS_COMMENT = 1, 2

SPACES: Final = "\x00-\x20\x7f\x85\xa0\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
#: Everything beyond ASCII but white space.
_BEYOND: Final = (
    "\x80-\x84\x86-\x9f\xa1-\u1fff\u200c-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff"
)
_START: Final = f"A-Za-z_{_BEYOND}"
WORD_CHARACTERS: Final = f"0-9${_START}"

_TOKEN: Final = re.compile(
    rf"[{SPACES}]*(?:([{_START}][{WORD_CHARACTERS}]*)"
    r"|(0[xX][0-9A-Fa-f]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|([^{SPACES}]))"
)
_WORD_END: Final = re.compile(rf"[{WORD_CHARACTERS}]*")
_ENDS: Final = re.compile("[;`]")
_STARTS_WORD: Final = re.compile(rf"[{_START}]")
_LINE_END: Final = re.compile(r"[\n\r]")
_BLOCK_MARK: Final = re.compile(r"\*/|/\*")
_CONDITION: Final = re.compile(r"/\*M?![0-9]*")
_FENCE: Final = re.compile(r"```[A-Za-z0-9_+-]*")
_NAME_IN_BRACKETS: Final = re.compile(rf"\[((?:[{_START}]|#)[{WORD_CHARACTERS} .#@-]*)\]")
_TAG: Final = re.compile(rf"\$(?:[{_START}][0-9{_START}]*)?\$")
_DIGITS_PARAM: Final = re.compile(rf"\$[0-9][0-9{_START}]*")
_PLACEHOLDER: Final = re.compile(r"%[sdif]|\{\{|\{[A-Za-z0-9_.!:\[\]]{0,64}\}")

_PAIRS: Final = {"[": "]", "(": ")", "{": "}", "<": ">"}
_SIMPLE: Final = {"(": OPEN, ")": CLOSE, ",": COMMA, ".": DOT, ";": SEMI, "?": PARAM}


class Token(NamedTuple):
    """One token. Offsets are code points of the text."""

    kind: int
    #: Of a word: its classes.
    cls: int
    start: int
    end: int
    #: Of a string: what stands between its quotes.
    body: tuple[int, int] = (0, 0)
    #: It begins something that does not end; of a string in a value, that the end of the value ends it.
    unclosed: bool = False

    @property
    def is_plain(self) -> bool:
        """A word that means nothing to SQL."""
        return self.kind == WORD and not self.cls & ~(t.ARTICLE | t.TYPED)

    @property
    def is_name(self) -> bool:
        """A word or a quoted name."""
        return self.kind in (WORD, QUOTED)


class Lexer:
    """Reads tokens from `at` on. A copy looks ahead."""

    __slots__ = ("ambiguous", "at", "conditional", "dead", "dialect", "open_strings", "table_place", "text")

    def __init__(self, text: str, at: int, dialect: t.Dialect) -> None:
        self.text = text
        self.at = at
        self.dialect = dialect
        #: The kinds of quotes that were found unclosed.
        self.dead: frozenset[str] = frozenset()
        #: Inside ``/*! ... */``.
        self.conditional = False
        #: A table may be named next.
        self.table_place = False
        #: A quote that does not close holds the rest.
        self.open_strings = False
        self.ambiguous = 0

    def copy(self) -> Lexer:
        """Another one at the same place."""
        other = Lexer(self.text, self.at, self.dialect)
        other.dead = self.dead
        other.conditional = self.conditional
        other.table_place = self.table_place
        other.open_strings = self.open_strings
        other.ambiguous = self.ambiguous
        return other

    def code(self) -> Token | None:
        """The next token that is no comment."""
        while (token := self.token()) is not None:
            if token.kind not in (COMMENT, HINT):
                return token
        return None

    def token(self) -> Token | None:
        """The next token."""
        token = self._read()
        if token is not None:
            self.table_place = bool(token.cls & t.TABLE_PLACE) or token.kind in (COMMA, DOT)
        return token

    def skip_parens(self, most: int) -> bool:
        """Behind an opening parenthesis: goes behind its closing one, when at most `most` tokens lie between."""
        depth = 1
        for _ in range(most):
            token = self.code()
            if token is None:
                return False
            depth += (token.kind == OPEN) - (token.kind == CLOSE)
            if depth == 0:
                return True
        return False

    def skip_last(self) -> None:
        """Goes to the end when every dialect reads alike what was read, and nothing behind it ends a statement.

        No other one begins.
        """
        if not self.ambiguous and not _ENDS.search(self.text, self.at):
            self.at = len(self.text)

    def text_of(self, token: Token) -> str:
        """The text of a token."""
        return self.text[token.start : token.end]

    def placeholder(self, start: int) -> int | None:
        """The end of what a formatter would replace: ``%s``, ``{}``, ``{name}``, ``{{``."""
        found = _PLACEHOLDER.match(self.text, start)
        return found.end() if found else None

    def _read(self) -> Token | None:
        while True:
            found = _TOKEN.match(self.text, self.at)
            if found is None:
                self.at = len(self.text)
                return None
            kind = found.lastindex
            start, end = found.span(kind or 0)
            if kind == 1:
                return self._word(start, end)
            if kind == 2:
                return self._plain(NUMBER, start, end)
            token = self._mark(start, self.text[start])
            if token is not None:
                return token

    def _plain(self, kind: int, start: int, end: int) -> Token:
        self.at = end
        return Token(kind, 0, start, end, (start, end))

    def _op(self, start: int, *, unclosed: bool = False) -> Token:
        self.at = start + 1
        return Token(OP, 0, start, start + 1, (start, start + 1), unclosed)

    def _word(self, start: int, end: int) -> Token:
        if end - start <= 2 and self.text[end : end + 1] in ("'", '"') and end < len(self.text):
            token = self._prefixed(start, end)
            if token is not None:
                return token
        self.at = end
        return Token(WORD, t.classes(self.text[start:end]), start, end, (start, end))

    def _prefixed(self, start: int, quote: int) -> Token | None:
        """A string with letters before its quote: ``E'..'``, ``N'..'``, ``q'[..]'``."""
        dialect = self.dialect
        single = self.text[quote] == "'"
        prefix = self.text[start:quote].lower()
        backslash = dialect.backslash
        if prefix == "e" and single and dialect.e_strings:
            backslash = True
        elif prefix == "r" and dialect.raw_strings:
            backslash = False
        elif (prefix in ("n", "x") and single) or (prefix == "b" and (single or dialect.raw_strings)):
            pass
        elif prefix in ("q", "nq") and single and dialect.q_strings:
            return self._q_string(start, quote + 1)
        else:
            return None
        dead = self.dead
        token = self._quoted(start, quote, STRING, backslash=backslash)
        if token.kind == OP:
            # The quote alone will be found unclosed.
            self.dead = dead
            return None
        return token

    def _q_string(self, start: int, at: int) -> Token | None:
        """``q'[..]'``; `at` is its delimiter."""
        opening = self.text[at : at + 1]
        if "q" in self.dead or opening >= "\x80" or opening in _SPACE_OR_NOTHING:
            return None
        found = self.text.find(_PAIRS.get(opening, opening) + "'", at + 1)
        if found < 0:
            self.dead |= {"q"}
            return None
        self.at = found + 2
        return Token(STRING, 0, start, found + 2, (at + 1, found))

    def _quoted(self, start: int, quote: int, kind: int, *, backslash: bool) -> Token:
        """What the quote begins; an operator when it does not end."""
        mark = self.text[quote]
        if self.dialect.triple and mark != "`" and self.text.startswith(mark * 3, quote):
            found = self.text.find(mark * 3, quote + 3)
            if found >= 0:
                self.at = found + 3
                return Token(kind, 0, start, found + 3, (quote + 3, found))
        if mark not in self.dead:
            end = self._close(quote + 1, mark, backslash=backslash)
            if end is not None:
                self.at = end
                return Token(kind, 0, start, end, (quote + 1, end - 1))
            if self.open_strings:
                self.at = len(self.text)
                return Token(kind, 0, start, self.at, (quote + 1, self.at), True)
            self.dead |= {mark}
            return self._op(quote, unclosed=True)
        return self._op(quote)

    def _close(self, start: int, mark: str, *, backslash: bool) -> int | None:
        """Behind the quote that ends what begins at `start`; a doubled one does not."""
        text, at = self.text, start
        while (quote := text.find(mark, at)) >= 0:
            slash = quote
            while slash > start and text[slash - 1] == "\\":
                slash -= 1
            if (quote - slash) % 2 and mark not in ("`", "]"):
                self.ambiguous |= AMBIGUOUS_BACKSLASH
                if backslash:
                    at = quote + 1
                    continue
            if not text.startswith(mark, quote + 1):
                return quote + 1
            at = quote + 2
        return None

    def _mark(self, start: int, mark: str) -> Token | None:
        """A token that begins with neither a word character nor a space; `None` when it is only skipped."""
        kind = _SIMPLE.get(mark)
        if kind is not None:
            return self._plain(kind, start, start + 1)
        following = self.text[start + 1 : start + 2]
        if mark == "'":
            return self._quoted(start, start, STRING, backslash=self.dialect.backslash)
        if mark == '"':
            return self._quoted(start, start, QUOTED, backslash=self.dialect.backslash)
        if mark == "`":
            return self._backtick(start)
        if mark == "[":
            return self._bracket(start)
        if mark == "-" and following == "-":
            return self._dashes(start)
        if mark == "#":
            return self._hash(start, following)
        if mark == "/" and following == "*":
            return self._block(start)
        if mark == "*" and following == "/" and self.conditional:
            self.conditional = False
            self.at = start + 2
            return None
        if mark == ":" and following == ":":
            return self._plain(OP, start, start + 2)
        if mark == ":" and _STARTS_WORD.match(following):
            return self._plain(PARAM, start, self._word_end(start + 1))
        if mark == "@":
            end = self._word_end(start + 1 + (following == "@"))
            return self._plain(PARAM if end > start + 1 else OP, start, end)
        return self._dollar(start) if mark == "$" else self._op(start)

    def _word_end(self, at: int) -> int:
        found = _WORD_END.match(self.text, at)
        return found.end() if found else at

    def _backtick(self, start: int) -> Token:
        if self.dialect.fence:
            fence = _FENCE.match(self.text, start)
            if fence:
                return self._plain(SEMI, start, fence.end())
        return self._quoted(start, start, QUOTED, backslash=False) if self.dialect.backtick else self._op(start)

    def _bracket(self, start: int) -> Token:
        if self.dialect.bracket == "names":
            name = _NAME_IN_BRACKETS.match(self.text, start)
            if name:
                self.at = name.end()
                return Token(QUOTED, 0, start, name.end(), name.span(1))
        if self.dialect.bracket != "quotes":
            return self._op(start)
        if "[" not in self.dead:
            end = self._close(start + 1, "]", backslash=False)
            if end is not None:
                self.at = end
                return Token(QUOTED, 0, start, end, (start + 1, end - 1))
            self.dead |= {"["}
            return self._op(start, unclosed=True)
        return self._op(start)

    def _line_comment(self, start: int) -> Token:
        end = _LINE_END.search(self.text, start)
        return self._plain(COMMENT, start, end.start() if end else len(self.text))

    def _dashes(self, start: int) -> Token:
        third = self.text[start + 2 : start + 3]
        if third > " " and third != "\x7f":
            if self.dialect.dash_space:
                return self._op(start)
            self.ambiguous |= AMBIGUOUS_COMMENT
        return self._line_comment(start)

    def _hash(self, start: int, following: str) -> Token:
        mode = self.dialect.hash
        if mode == "none":
            return self._op(start)
        marks = following == "#"
        named = bool(_STARTS_WORD.match(self.text, start + 1 + marks))
        comment = mode == "comment"
        if mode == "names":
            comment = following not in (">", "-", "=") and not (named and self.table_place) and not marks
        if comment:
            self.ambiguous |= AMBIGUOUS_COMMENT
            return self._line_comment(start)
        return self._plain(WORD, start, self._word_end(start + 1 + marks)) if named else self._op(start)

    def _block(self, start: int) -> Token | None:
        if self.dialect.conditional:
            condition = _CONDITION.match(self.text, start)
            if condition:
                self.at = condition.end()
                self.conditional = True
                return None
        if "/" not in self.dead:
            end = self._block_end(start + 2)
            if end is not None:
                hint = self.dialect.hints and self.text.startswith("+", start + 2)
                return self._plain(HINT if hint else COMMENT, start, end)
            self.dead |= {"/"}
            return self._op(start, unclosed=True)
        return self._op(start)

    def _block_end(self, at: int) -> int | None:
        depth = 1
        while (found := _BLOCK_MARK.search(self.text, at)) is not None:
            at = found.end()
            if self.text[found.start()] == "*":
                depth -= 1
                if depth == 0:
                    return at
            else:
                self.ambiguous |= AMBIGUOUS_COMMENT
                depth += self.dialect.nested
        return None

    def _dollar(self, start: int) -> Token:
        digits = _DIGITS_PARAM.match(self.text, start)
        if digits:
            return self._plain(PARAM, start, digits.end())
        tag = _TAG.match(self.text, start) if self.dialect.dollar else None
        if tag is None:
            return self._op(start)
        if "$" not in self.dead:
            close = self.text.find(tag[0], tag.end())
            if close >= 0:
                self.at = close + len(tag[0])
                return Token(DOLLAR, 0, start, self.at, (tag.end(), close))
            self.dead |= {"$"}
            return self._op(start, unclosed=True)
        return self._op(start)


_SPACE_OR_NOTHING: Final = frozenset(["", "\x7f", *map(chr, range(0x21))])
