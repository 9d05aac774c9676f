"""The policy: walks over the tokens of a text once, statement by statement, and says what is not allowed.

Twin of rustlib/engines/sql_sanitizer/src/statement.rs and mask.rs. It must never take a word for a verb that no shape
vouches for, and never let what is nested speak for what is around it.
Tests: tests/unit/test_sql_sanitizer_fallback.py, tests/vectors/sql_sanitizer.jsonl.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from pyplugins.sql_sanitizer import _shapes
from pyplugins.sql_sanitizer import _tables as t
from pyplugins.sql_sanitizer._lexer import (
    CLOSE,
    COMMA,
    COMMENT,
    DOLLAR,
    DOT,
    HINT,
    NUMBER,
    OP,
    OPEN,
    PARAM,
    QUOTED,
    SEMI,
    STRING,
    WORD,
    Lexer,
    Token,
)

if TYPE_CHECKING:
    from pyplugins.core.pattern import Pattern
    from pyplugins.sql_sanitizer._settings import Settings

#: Strings in strings in strings that are executed; what is deeper is not read.
DEEPEST: Final = 3

#: The other side of a concatenation with a string: anything but another literal.
_PASTED: Final = frozenset([WORD, QUOTED, PARAM, OPEN, CLOSE])
_FORMATS: Final = frozenset("sdif")
_OPERANDS: Final = frozenset([NUMBER, STRING, QUOTED, PARAM, CLOSE])

_NOTHING: Final = Token(-1, 0, 0, 0)


class Hit(NamedTuple):
    """Something found. Offsets are code points of the text."""

    start: int
    end: int
    rule: int


class Reading:
    """What one reading of a text gave."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.comments: list[tuple[int, int]] = []
        #: The text holds a statement.
        self.sql = False
        #: What other dialects would read differently.
        self.ambiguous = 0


def read(settings: Settings, dialect: t.Dialect, text: str) -> Reading:
    """Reads the whole text by the rules of `dialect`."""
    reading = Reading()
    unclosed: list[tuple[int, int]] = []
    ranges = [(0, len(text), 0)]
    while ranges:
        start, end, level = ranges.pop()
        _Walk(settings, Lexer(text[:end], start, dialect), level, reading, unclosed, ranges).run()
    if reading.sql:
        reading.hits += (Hit(start, end, settings.unclosed_rule) for start, end in unclosed)
    return reading


class _Walk:
    def __init__(
        self,
        settings: Settings,
        lexer: Lexer,
        level: int,
        reading: Reading,
        unclosed: list[tuple[int, int]],
        ranges: list[tuple[int, int, int]],
    ) -> None:
        self.settings = settings
        self.lexer = lexer
        self.level = level
        self.reading = reading
        self.unclosed = unclosed
        #: Executed strings, to be read later.
        self.ranges = ranges
        #: Each DELETE or UPDATE that has met no WHERE so far, with its depth.
        self.pending: list[tuple[Hit, int]] = []
        self.masked = Masked(lexer.text) if settings.patterns else None
        self.last = self.before = self.earlier = _NOTHING
        self._begin_statement()

    def _begin_statement(self) -> None:
        self.depth = 0
        #: The next word may begin a statement.
        self.at_start = True
        #: Behind EXPLAIN or BEGIN, whose options may come first.
        self.prefix = False
        #: The statement is one.
        self.sql = False
        #: Classes of its first word.
        self.head = 0
        #: A word of class EXECUTES was seen in it.
        self.executes = False
        #: An interpolation was reported in it.
        self.pasted = False
        #: A concatenation behind a string waits for its other side.
        self.concatenation: tuple[int, int] | None = None

    def run(self) -> None:
        """Walks to the end."""
        while (token := self.lexer.token()) is not None:
            if token.kind in (COMMENT, HINT):
                if token.kind == COMMENT and self.level == 0:
                    self.reading.comments.append((token.start, token.end))
                continue
            if token.kind == SEMI:
                self._end_statement()
            else:
                self._take(token)
            self.last, self.before, self.earlier = token, self.last, self.before
        self._end_statement()
        self.reading.ambiguous |= self.lexer.ambiguous

    def _take(self, token: Token) -> None:
        if self.masked is not None:
            self.masked.take(token)
        kind = token.kind
        if kind == WORD:
            self._word(token)
        elif kind == OPEN:
            self.depth += 1
        elif kind == CLOSE:
            self.depth = max(self.depth - 1, 0)
            self._report_pending(self.depth + 1)
            self.at_start = self.at_start and self.prefix
        elif kind == OP and token.unclosed:
            # An unclosed comment may hide the WHERE behind it from the database, or not.
            self._open_end(token)
        elif kind in (OP, COMMA, NUMBER, PARAM) and self.prefix:
            pass
        elif kind in (STRING, DOLLAR):
            self.at_start = self.at_start and self.prefix
            self._executed(token)
        else:
            self.at_start = False
        if self.settings.parameterized and self.sql and not self.pasted:
            self._interpolation(token)

    def _open_end(self, token: Token) -> None:
        if self.lexer.text_of(token) == "/":
            self._report_pending(0)
        if self.level == 0:
            self.unclosed.append((token.start, token.end))

    def _word(self, token: Token) -> None:
        cls = token.cls
        if self.last.kind == DOT:
            self.at_start = False
            return
        here = bool(self.pending) and self.pending[-1][1] == self.depth
        if here and cls & t.WHERE:
            self.pending.pop()
        elif here and cls & (t.SELECT | t.DELETE | t.UPDATE):
            self._report_pending(self.depth)
        self.executes = self.executes or bool(cls & t.EXECUTES)
        if self.at_start:
            self._first_word(token)
        elif self.sql:
            # REVOKE GRANT OPTION FOR
            option = cls & self.last.cls & t.GRANT
            if cls & t.HEAD and not option and _shapes.holds(token, self.lexer, first=False):
                self._verb(token)
            elif self.head & t.ALTER or (self.head & t.MERGE and self.last.cls & t.THEN):
                self._blocked(token)

    def _first_word(self, token: Token) -> None:
        cls = token.cls
        if cls & t.EXPLAIN or (self.prefix and cls & t.PREFIX):
            self.prefix = True
            return
        holds = _shapes.holds(token, self.lexer, first=True) if cls & t.HEAD else bool(self._rules_of(token))
        self.at_start = False
        self.prefix = False
        if holds:
            self.sql = True
            self.reading.sql = True
            self.head = cls
            self._verb(token)
        elif not (cls & t.HEAD or self.reading.sql) and self.masked is None:
            self.lexer.skip_last()

    def _verb(self, token: Token) -> None:
        self._blocked(token)
        if token.cls & t.DELETE and self.settings.delete:
            rule = self.settings.delete_rule
        elif token.cls & t.UPDATE and self.settings.update:
            rule = self.settings.update_rule
        else:
            return
        self.pending.append((Hit(token.start, token.end, rule), self.depth))

    def _rules_of(self, token: Token) -> list[int]:
        word = self.lexer.text_of(token)
        return self.settings.verbs.get(word.lower(), []) if word.isascii() else []

    def _blocked(self, token: Token) -> None:
        self.reading.hits += (Hit(token.start, token.end, rule) for rule in self._rules_of(token))

    def _report_pending(self, depth: int) -> None:
        """Reports what waits for a WHERE at `depth` or deeper: it will meet none."""
        while self.pending and self.pending[-1][1] >= depth:
            self.reading.hits.append(self.pending.pop()[0])

    def _end_statement(self) -> None:
        self._report_pending(0)
        if self.masked is not None:
            self.reading.hits += self.masked.search(self.settings.patterns)
        self._begin_statement()

    def _executed(self, token: Token) -> None:
        """A string that a statement executes is read like a text of its own."""
        if token.kind == DOLLAR:
            body = bool(self.head & (t.CHANGE | t.FOLLOW | t.EXEC))
        else:
            body = self.executes and bool(self.head & (t.EXEC | t.FOLLOW))
        if body and self.level < DEEPEST and token.body[0] < token.body[1]:
            self.ranges.append((*token.body, self.level + 1))

    def _op(self, token: Token) -> str:
        return self.lexer.text_of(token)[:1] if token.kind == OP else ""

    def _interpolation(self, token: Token) -> None:
        last, before = self.last, self.before
        waiting, self.concatenation = self.concatenation, None
        if waiting and token.kind in _PASTED:
            self._paste(*waiting)
            return
        adjacent = last.kind == OP and last.end == token.start
        text = self.lexer.text_of(token)
        if token.kind in (STRING, DOLLAR):
            bar = self._op(last) == "|" and self._op(before) == "|" and before.end == last.start
            if (self._op(last) == "+" and before.kind in _PASTED) or (bar and self.earlier.kind in _PASTED):
                self._paste(last.start, last.end)
                return
            start, end = token.body
            if self.lexer.placeholder(start) == end or self.lexer.text.startswith("${", start, end):
                self._paste(start, end)
        elif token.kind == OP:
            if text == "{":
                placeholder = self.lexer.placeholder(token.start)
                if placeholder is not None:
                    self._paste(token.start, placeholder)
            elif (text == "+" and last.kind == STRING) or (
                text == "|" and self._op(last) == "|" and adjacent and before.kind == STRING
            ):
                self.concatenation = (token.start, token.end)
        elif (
            adjacent and self._op(last) == "%" and not _is_operand(before) and (token.kind == OPEN or text in _FORMATS)
        ):
            self._paste(last.start, token.end)

    def _paste(self, start: int, end: int) -> None:
        self.pasted = True
        self.reading.hits.append(Hit(start, end, self.settings.interpolation_rule))


def _is_operand(token: Token) -> bool:
    """Behind it ``%`` is the remainder."""
    if token.kind == WORD:
        return token.is_plain or bool(token.cls & t.OPERAND)
    return token.kind in _OPERANDS


class Masked:
    """A statement as configured patterns see it: strings are ``''``, quoted names ``""``, comments a space."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._clear()

    def _clear(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        #: Where each piece begins, and its place in the source; the last says that it stands for the whole of it.
        self._starts: list[int] = []
        self._pieces: list[tuple[int, int, bool]] = []
        self._end = 0

    def take(self, token: Token) -> None:
        """Adds a token, and the white space before it. Comments before it are one space."""
        if self._parts and token.start > self._end:
            self._add(self._end, token.start, " ")
        self._add(token.start, token.end, _MASKS.get(token.kind))
        self._end = token.end

    def _add(self, start: int, end: int, mask: str | None) -> None:
        self._starts.append(self._length)
        self._pieces.append((start, end, mask is not None))
        part = self._source[start:end] if mask is None else mask
        self._parts.append(part)
        self._length += len(part)

    def search(self, patterns: list[tuple[Pattern, int]]) -> list[Hit]:
        """The first match of each pattern; forgets the statement."""
        from pyplugins.sql_sanitizer import _patterns

        text = "".join(self._parts)
        hits = []
        for pattern, rule in patterns:
            span = _patterns.search(pattern, text)
            if span:
                hits.append(Hit(self._place(span[0], end=False), self._place(span[1] - 1, end=True), rule))
        self._clear()
        return hits

    def _place(self, at: int, *, end: bool) -> int:
        """Where the character at `at` begins, or ends, in the source."""
        index = bisect_right(self._starts, at) - 1
        start, stop, whole = self._pieces[index]
        if whole:
            return stop if end else start
        return start + at - self._starts[index] + end


_MASKS: Final = {STRING: "''", DOLLAR: "''", QUOTED: '""'}
