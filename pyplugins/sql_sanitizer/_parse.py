"""One entry of a value into a query, parsed: does what follows continue an expression, and what would it do?

Twin of rustlib/engines/sql_sanitizer/src/inject/parse.rs and parse/words.rs. An automaton over tokens, with a frame for
each parenthesis; prose fails after two or three words. It must never read more than the entry is given.
Tests: tests/unit/test_sql_sanitizer_injection.py, tests/vectors/sql_sanitizer.jsonl.
"""

from __future__ import annotations

import re
from typing import Final

from pyplugins.sql_sanitizer import _shapes
from pyplugins.sql_sanitizer import _tables as t
from pyplugins.sql_sanitizer._conditions import (
    AFTER,
    ALIAS,
    ANYWHERE,
    BY,
    FREE,
    IS,
    JOIN,
    MEMBER,
    NEGATED,
    OPERAND,
    START,
    STATEMENT,
    UNION,
    Conditions,
    Frame,
)
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
    Token,
)

#: Words of a comment that make it prose, among the characters that are looked at.
REMARK: Final = 3
_WINDOW: Final = re.compile(r"[\x00-\x7f]{0,40}")
_WORDS: Final = re.compile("[A-Za-z0-9_]+")
_NAMES_SOMETHING: Final = re.compile(
    r"^#(?:[a-z]+|[0-9]+)(?![A-Za-z0-9_])"
    r"|[ '\"](?:[A-Z][a-z]{2,}|[0-9][A-Z])(?![A-Za-z0-9_])"
    r"|[^ \t\r\n]['\"]"
    r"|^(?:#|--|/\*)[^A-Za-z0-9_ \t\r\n*/#;+-]"
)


#: Classes that begin no operand.
_RESERVED: Final = (
    t.LOGIC | t.CLAUSE | t.BY_CLAUSE | t.BY | t.JOIN | t.UNION | t.BINARY_WORD | t.IS | t.END | t.AS | t.FROM | t.INTO
)
#: Classes that a bare value may begin with, as if something stood before it.
_CONTINUES: Final = t.LOGIC | t.UNION | t.BY_CLAUSE | t.CLAUSE | t.COMPARES | t.IS

_WORD_END: Final = frozenset(")0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_DECIMAL: Final = re.compile(r"[0-9.]*\Z")

#: Of those names, the ones that count inside a statement that is not parsed.
_FREE: Final = frozenset(["delay", "time", "error", "system", "schema"])


class Parse(Conditions):
    """Reads tokens and collects evidence; the arguments are those of `Conditions`."""

    def run(self) -> None:
        """Reads until the end, or until it is no SQL."""
        for _ in range(self.most):
            token = self.lexer.token()
            if token is None:
                self._finish()
                return
            if token.kind in (COMMENT, HINT) or (token.unclosed and self._is(token, "/")):
                if self._comment(token):
                    self._finish()
                    return
                continue
            if token.kind == SEMI and "stacked" in self.evidence:
                # One statement more is enough.
                return
            if not self._step(token):
                if self.evidence:
                    self.evidence["broken"] = None
                return
            if self.steps == 0:
                self.operator = token.kind == OP and bool(self.quote) and (self.start == 0 or self._closes_word())
                self.number = not self.quote and (token.kind == NUMBER or self._is_sign(token))
            self.last = token
            self.steps += 1

    def _is(self, token: Token, op: str) -> bool:
        return token.kind == OP and self.lexer.text_of(token) == op

    def _is_sign(self, token: Token) -> bool:
        return token.kind == OP and self.lexer.text_of(token) in ("-", "+") and self._follows(NUMBER)

    # What stands between the tokens.

    def _comment(self, token: Token) -> bool:
        """A comment is white space, or the end. True for the end."""
        text = self.lexer.text
        if self.state == START and self.steps == 0 and not self.quote:
            # A bare value that begins with a comment.
            return token.end >= len(text) or token.unclosed
        if token.unclosed or (token.end >= len(text) and text[token.start] != "/"):
            remark = self._is_remark(token)
            self.add("remark" if remark else "comment", token)
            if self.number and not remark and self._ends_number(token):
                self.add("numeric", token)
            return True
        if text[token.start] != "/" and self.state in (AFTER, ALIAS):
            # What follows the line may be anything.
            self._boundary(self.last)
            if self.evidence:
                self.add("comment", token)
                return True
        if text[token.start] == "/":
            before, behind = text[token.start - 1 : token.start], text[token.end : token.end + 1]
            if before > " " and behind > " ":
                self.add("split", token)
            if token.end >= len(text):
                self.add("remark" if self._is_remark(token) else "comment", token)
                return True
        return False

    def _ends_number(self, token: Token) -> bool:
        """The comment stands right behind a bare number, or behind its DESC."""
        if self.steps == 2:
            return bool(self.last.cls & t.TRAILING and self.last.cls & t.EXPLAIN)
        opener = 1 if self.lexer.text[token.start] == "#" else 2
        word = _WORDS.match(self.lexer.text, token.start + opener)
        return self.steps == 1 and self.last.end == token.start and word is None

    def _is_remark(self, token: Token) -> bool:
        """Prose behind a dash or a number sign: words, a name, a quote, or ``#1``."""
        found = _WINDOW.match(self.lexer.text, token.start)
        window = found[0] if found else ""
        return bool(_NAMES_SOMETHING.search(window)) or len(_WORDS.findall(window)) >= REMARK

    def _finish(self) -> None:
        """The end of the value."""
        if self.state in (AFTER, ALIAS):
            while len(self.frames) > 1:
                self._pop(self.last)
            self._boundary(self.last)
        last = self.last
        if self.quote and last.unclosed and self.lexer.text.startswith(self.quote, last.start):
            if self.evidence:
                self.add("balanced", last)
            if self.operator and not self.column and last.body[0] == last.body[1]:
                self.add("operators", last)
        elif self.operator and self.steps == 2 and last.kind in (STRING, QUOTED) and last.body[0] == last.body[1]:
            self.add("operators", last)
        if self.state == STATEMENT and self.quote and "condition" in self.evidence:
            self.add("balanced", last)
        if self.number and self.evidence.keys() & {"condition", "truth"}:
            self.evidence["numeric"] = None
        if "union" in self.evidence and not self.selected and "comment" not in self.evidence:
            self.evidence["broken"] = None

    # The automaton.

    def _step(self, token: Token) -> bool:
        state = self.state
        if state == START:
            return self._start(token)
        if state == OPERAND:
            return self._operand(token)
        if state == AFTER:
            return self._after(token)
        if state == FREE:
            return self._free(token)
        if state == STATEMENT:
            return self._stacked(token)
        if state == UNION:
            return self._union(token)
        if state == MEMBER:
            return self._member(token)
        if state == BY:
            self.state = OPERAND
            self.probing = True
            return bool(token.cls & t.BY)
        if state == IS:
            self.state = OPERAND
            return bool(token.cls & t.AFTER_IS) and self._operand(token)
        if state == NEGATED:
            self.state = AFTER
            return bool(token.cls & (t.COMPARES | t.CONSTANT | t.BINARY_WORD)) and self._after_word(token)
        if state == ALIAS:
            self.state = AFTER
            return token.kind in (WORD, QUOTED, STRING)
        # Behind LEFT, INNER, JOIN.
        if token.cls & t.JOIN:
            return True
        return self._operand(token)

    def _start(self, token: Token) -> bool:
        # IF( is a function, IF ( is not.
        function = bool(token.cls & t.FOLLOW) and self.lexer.text.startswith("(", token.end)
        if token.cls & t.HEAD and not function and _shapes.holds(token, self.lexer, first=True):
            self.statement = True
            if token.cls & t.SELECT:
                self._select(token)
            else:
                self.state = FREE
                self._named(token)
            return True
        continues = token.kind in (CLOSE, SEMI) or bool(token.cls & _CONTINUES)
        if continues or (token.kind == OP and self.lexer.text_of(token) in ("=", "|", "&", "<", ">", "*", "/")):
            self._unknown()
            self.state = AFTER
            return self._after(token)
        return self._operand(token)

    def _operand(self, token: Token) -> bool:
        """Where an operand is expected."""
        kind, frame = token.kind, self.frames[-1]
        if kind == WORD:
            return self._operand_word(token)
        if kind in (NUMBER, STRING, DOLLAR, PARAM, QUOTED):
            expected = frame.compared or self.operator or self.last.kind == OP or bool(self.evidence)
            if token.unclosed and token.body[0] == token.body[1] and not expected:
                # Only the quote that the query brings.
                return False
            constant = kind != PARAM and not (kind == QUOTED and not self.lexer.text.startswith('"', token.start))
            if kind == PARAM:
                self._named(token)
            frame.computed = frame.computed or (kind == NUMBER and not _DECIMAL.match(self.lexer.text_of(token)))
            if kind == NUMBER and self._is_zero(token) and (frame.led or self.quote):
                self.add("error", token)
            self._plausible()
            if self.probing and kind == NUMBER and len(self.frames) == 1:
                self.add("probe", token)
            self.probing = False
            frame.operand(constant=constant, span=None if constant else (token.start, token.end))
            self.state = AFTER
            return True
        self.probing = False
        if kind == OPEN:
            return self._push(led=frame.led and not frame.compared and frame.count[0] == 0)
        if kind == CLOSE:
            return (self.last.kind == OPEN or self._is_star()) and self._close(token)
        if kind == COMMA and self._is_star():
            return self._after(token)
        if kind == SEMI and self._is_star():
            return self._after(token)
        return kind == OP and self._unary(token)

    def _is_zero(self, token: Token) -> bool:
        """A division by zero."""
        return self.lexer.text_of(token) == "0" and self.last.kind == OP and self.lexer.text_of(self.last) == "/"

    def _is_star(self) -> bool:
        """What looked like a multiplication was all columns."""
        return self._is(self.last, "*")

    def _unary(self, token: Token) -> bool:
        op = self.lexer.text_of(token)
        last = self.last
        if last.kind == OP and last.end == token.start and op in ("=", "<", ">", "|", "&", "!", "~"):
            before = self.lexer.text_of(last)
            if op == before and op in ("|", "&"):
                self._boundary(last)
                self.frames[-1].begin(led=True)
                self.frames[-1].at = last.start
            elif op in ("=", "<", ">", "~"):
                self.frames[-1].compared = True
            return True
        if op == "*" and self._is(last, "~") and last.end == token.start:
            return True
        if op == "*":
            self._plausible()
            return last.kind in (OPEN, DOT, COMMA) or bool(last.cls & (t.SELECT | t.UNARY))
        self.frames[-1].computed = True
        return op in ("-", "+", "~", "!", "@")

    def _operand_word(self, token: Token) -> bool:
        cls, frame = token.cls, self.frames[-1]
        self.state = OPERAND
        self.probing = False
        if cls & t.SELECT:
            if self.last.kind != OPEN and not self.union and self.steps > 0:
                return False
            self._select(token)
            return True
        if cls & t.CASE:
            return self._push(case=True)
        if cls & t.NOT:
            frame.computed = True
            return True
        if cls & t.HAVING and self.last.cls & t.CASE:
            self._when(token)
            frame.begin(led=True)
            return True
        called = self._follows(OPEN)
        if not called:
            if cls & t.UNARY:
                return True
            if cls & t.FROM and self.last.cls & t.UNION_TAIL and frame.compared:
                # IS DISTINCT FROM
                return True
            if cls & t.FROM and self._is_star():
                return self._after_word(token)
            if cls & (t.COMPARES | t.TO) and self.last.cls & t.BINARY_WORD:
                frame.compared = True
                return True
            if cls & _RESERVED and not cls & t.OPERAND:
                return self._is_star() and self._after_word(token)
        named = self._named(token)
        frame.called = frame.called or called
        constant = bool(cls & t.CONSTANT)
        self.column = self.column or not constant
        if constant or called or named:
            self._plausible()
        frame.operand(constant=constant, span=None if constant else (token.start, token.end))
        self.state = AFTER
        return True

    def _after(self, token: Token) -> bool:
        """Behind an operand."""
        kind, frame, last = token.kind, self.frames[-1], self.last
        if kind == WORD:
            return self._after_word(token)
        if kind == OP:
            return self._operator(token)
        if kind == CLOSE:
            return self._close(token)
        if kind == OPEN:
            return last.kind in (WORD, QUOTED) and self._call()
        if kind == COMMA:
            self._boundary(last)
            self._plausible()
            frame.begin(led=False)
            frame.aliased = False
            self.state = OPERAND
            return True
        if kind == DOT:
            self.state = MEMBER
            frame.span[int(frame.compared)] = None
            return last.kind in (WORD, QUOTED, PARAM)
        if kind == SEMI:
            self._boundary(last)
            self.state = STATEMENT
            return True
        if kind == NUMBER:
            # 1.2.3
            return last.kind == NUMBER and last.end == token.start
        if kind == STRING and (last.kind == STRING or bool(last.cls & t.TYPED)):
            return True
        return kind == QUOTED and self._alias()

    def _operator(self, token: Token) -> bool:
        op, frame = self.lexer.text_of(token), self.frames[-1]
        self.state = OPERAND
        if op == "::":
            # A type follows.
            self.state = ALIAS
            return True
        if op in ("=", "<", ">", "!"):
            frame.compared = True
            return True
        if op == "~":
            # A number of words, in a search.
            frame.compared = not self._follows(NUMBER)
            return True
        if op == "[":
            return (self.last.kind == CLOSE or self.last.is_name) and self._call()
        if op == "]":
            return len(self.frames) > 1 and self._pop(token)
        frame.computed = True
        if op == ":":
            return self.lexer.text.startswith("=", token.end)
        return op in ("+", "-", "*", "/", "%", "^", "|", "&")

    def _after_word(self, token: Token) -> bool:
        cls, frame = token.cls, self.frames[-1]
        if cls & t.LOGIC and frame.between:
            frame.between = False
            self.state = OPERAND
            return True
        if cls & t.LOGIC or cls & t.HAVING:
            self._boundary(self.last)
            if frame.case and cls & t.HAVING:
                self._when(token)
            frame.begin(led=True)
            frame.at = token.start
            frame.between = False
            self.state = OPERAND
            return True
        if cls & (t.COMPARES | t.BETWEEN):
            frame.compared = True
            frame.between = bool(cls & t.BETWEEN)
            self.state = OPERAND
            return True
        if cls & t.IS:
            frame.compared = True
            self.state = IS
            return True
        if cls & t.NOT:
            self.state = NEGATED
            return True
        if cls & t.BINARY_WORD:
            self.state = OPERAND
            return True
        if cls & t.UNION:
            self._boundary(self.last)
            self.state = UNION
            return True
        if cls & t.END and frame.case:
            return self._pop(token)
        if cls & t.IF and self._follows(OPEN):
            self.state = FREE
            return True
        if cls & t.SELECT and (self.last.kind in (NUMBER, STRING, CLOSE) or self._closes_word()):
            self._boundary(self.last)
            self.frames = [Frame()]
            self._select(token)
            self.subquery, self.waiting = token, "stacked"
            return True
        if cls & t.HEAD and self._may_begin(token) and _shapes.holds(token, self.lexer, first=True):
            self._boundary(self.last)
            return self._begins(token)
        if cls & (t.CLAUSE | t.BY_CLAUSE | t.JOIN):
            return self._clause(token)
        if cls & t.TRAILING:
            return True
        return not cls & _RESERVED and self._alias()

    def _when(self, token: Token) -> None:
        """CASE ... WHEN"""
        self._led(token)
        self.add("branch", token)

    def _clause(self, token: Token) -> bool:
        cls, frame = token.cls, self.frames[-1]
        if cls & t.AS:
            self.state = ALIAS
            return True
        self._boundary(self.last)
        frame.begin(led=bool(cls & t.THEN) and not frame.case)
        frame.aliased = False
        self.state = OPERAND
        if cls & t.BY_CLAUSE:
            self.state = BY
        elif cls & t.JOIN:
            self.state = JOIN
        elif cls & t.FROM:
            frame.select = True
            self._plausible()
        elif self.lexer.text_of(token).lower() == "procedure":
            self.add("probe", token)
        return True

    def _alias(self) -> bool:
        """A name behind a name."""
        frame = self.frames[-1]
        allowed = frame.select and not frame.aliased
        frame.aliased = True
        return allowed

    def _member(self, token: Token) -> bool:
        if token.kind == DOT:
            return self.last.kind == DOT
        self.state = AFTER
        if token.kind == WORD:
            self._named(token, only=ANYWHERE)
            return True
        return token.kind == QUOTED or (token.kind == OP and self.lexer.text_of(token) == "*")

    def _union(self, token: Token) -> bool:
        if token.cls & t.UNION_TAIL:
            return True
        self.union = True
        if token.cls & t.SELECT:
            self._select(token)
            return True
        if token.kind == OPEN:
            return self._push()
        self.union = False
        if token.cls & t.WITH and _shapes.holds(token, self.lexer, first=True):
            self.state = FREE
        elif token.cls & t.TABLE or (token.cls & t.VALUES and self._follows(OPEN)):
            self.state = OPERAND
        else:
            return False
        self.add("union", token)
        self.selected = 1
        return True

    def _select(self, token: Token) -> None:
        if self.union:
            self.add("union", token)
            self.selected = 0
        elif self.steps > 0:
            self.subquery, self.waiting = token, "subquery"
        self.union = False
        self.frames[-1].select = True
        self.frames[-1].constant = False
        self.state = OPERAND

    def _stacked(self, token: Token) -> bool:
        """Behind a semicolon."""
        if token.cls & t.HEAD and _shapes.holds(token, self.lexer, first=True):
            return self._begins(token)
        return token.kind == SEMI or bool(token.cls & t.EXPLAIN)

    def _closes_word(self) -> bool:
        """The quote stands behind a word, as at the end of a text."""
        at = self.start - 1
        return bool(self.quote) and self.steps == 0 and at >= 0 and self.lexer.text[at] in _WORD_END

    def _may_begin(self, token: Token) -> bool:
        """Without a semicolon, as T-SQL allows: WAITFOR, or another verb behind a literal or a parenthesis."""
        if self._is_named(self.lexer.text_of(token)):
            return True
        if self.last.kind not in (NUMBER, STRING, CLOSE) or token.cls & t.IF:
            return False
        following = self.lexer.copy().code() if token.cls & t.EXEC else None
        return following is None or following.kind != WORD or self._is_named(self.lexer.text_of(following))

    def _begins(self, token: Token) -> bool:
        """Another statement."""
        self.add("stacked", token)
        self.state = FREE
        self._named(token, only=_FREE)
        if token.cls & t.SELECT:
            self.frames = [Frame()]
            self._select(token)
            self.subquery = None
        return True

    def _free(self, token: Token) -> bool:
        """In a statement that is not parsed."""
        if token.kind == SEMI:
            self.state = STATEMENT
        elif token.kind in (WORD, PARAM):
            self._named(token, only=_FREE)
        return True
