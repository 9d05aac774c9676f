"""What an entry is parsed into: frames of parentheses, the conditions in them, and the evidence they give.

Twin of rustlib/engines/sql_sanitizer/src/inject/parse/frames.rs. It must never read a token itself: `_parse.py` does.
Tests: tests/unit/test_sql_sanitizer_injection.py, tests/vectors/sql_sanitizer.jsonl.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from pyplugins.sql_sanitizer import _tables as t
from pyplugins.sql_sanitizer._lexer import (
    DOT,
    OPEN,
    QUOTED,
    STRING,
    WORD,
    Lexer,
    Token,
)

#: Parentheses in each other.
DEEPEST: Final = 32

(START, OPERAND, AFTER, NEGATED, IS, UNION, JOIN, BY, ALIAS, MEMBER, STATEMENT, FREE) = range(12)

NOTHING: Final = Token(-1, 0, 0, 0)
_DIGITS: Final = frozenset("0123456789")
#: Names that count as evidence wherever they stand; the others when something is called or selected by them.
ANYWHERE: Final = frozenset(["delay", "system", "schema"])


class Frame:
    """One level of parentheses, or of CASE."""

    __slots__ = (
        "aliased",
        "at",
        "between",
        "called",
        "case",
        "compared",
        "computed",
        "const",
        "constant",
        "count",
        "led",
        "literal",
        "select",
        "span",
    )

    def __init__(self, *, led: bool = False, case: bool = False, literal: bool | None = None) -> None:
        #: Between CASE and END.
        self.case = case
        #: Of a function's arguments: its result is as constant as they are.
        self.literal = literal
        #: A name may follow a name.
        self.select = False
        self.aliased = False
        #: Behind AND, OR, WHERE ...
        self.led = led
        self.between = False
        #: All of it is constant.
        self.constant = True
        #: Where the AND or OR before the condition is.
        self.at: int | None = None
        self.begin(led=led)

    def begin(self, *, led: bool) -> None:
        """A new condition."""
        self.led = led
        self.compared = False
        #: A function is called; it holds more than a plain literal.
        self.called = False
        self.computed = False
        #: Left and right of a comparison: operands, whether all are constant, where the only one is.
        self.count = [0, 0]
        self.const = [True, True]
        self.span: list[tuple[int, int] | None] = [None, None]

    def operand(self, *, constant: bool, span: tuple[int, int] | None = None) -> None:
        """Adds an operand to the side that is being read."""
        side = int(self.compared)
        self.count[side] += 1
        self.const[side] = self.const[side] and constant
        self.constant = self.constant and constant
        self.span[side] = span if self.count[side] == 1 else None


class Conditions:
    """The state of a parse, and what closes, ends and names in it tell.

    Args:
        lexer: stands behind the quote, or at the start of a bare value.
        quote: the quote that the entry closes; empty for a bare value.
        most: tokens that are read at most.
    """

    def __init__(self, lexer: Lexer, quote: str, most: int) -> None:
        self.lexer = lexer
        self.quote = quote
        self.most = most
        self.state = AFTER if quote else START
        self.frames = [Frame()]
        #: Names of the evidence, in the order it was found, and where it ends.
        self.evidence: dict[str, None] = {}
        #: The quote, or the first evidence of a bare value.
        self.start = lexer.at - 1 if quote else -1
        self.end = -1
        #: The database product that a name gives away.
        self.product = ""
        #: The whole value is a statement.
        self.statement = False
        self.steps = 0
        self.last = NOTHING
        #: A SELECT behind UNION comes; a selection was plausible.
        self.union = False
        self.selected = 0
        #: A SELECT in parentheses waits for the same.
        self.subquery: Token | None = None
        self.waiting = "subquery"
        self.probing = False
        #: An operator is the first thing behind the quote.
        self.operator = False
        #: A name stands for a value.
        self.column = False
        #: A bare value begins with a number and AND or OR.
        self.number = False
        if quote:
            self._unknown()

    def _unknown(self) -> None:
        """Something of the query stands before this place."""
        self.frames[0].begin(led=False)
        self.frames[0].operand(constant=False)

    def add(self, name: str, token: Token) -> None:
        """Notes evidence that `token` gives."""
        self._add(name, token.start, token.end)

    def _add(self, name: str, start: int, end: int) -> None:
        self.evidence.setdefault(name)
        self.start = start if self.start < 0 else min(self.start, start)
        self.end = max(self.end, end)

    @staticmethod
    def _is_named(word: str) -> bool:
        found = NAMES.get(word.lower()) if word.isascii() else None
        return found is not None and found.anywhere

    def _push(self, *, led: bool = False, case: bool = False, literal: bool | None = None) -> bool:
        self.frames.append(Frame(led=led, case=case, literal=literal))
        self.state = OPERAND if not self.union else UNION
        return len(self.frames) <= DEEPEST

    def _call(self) -> bool:
        """The arguments of a function."""
        name = self.lexer.text_of(self.last).lower()
        found = NAMES.get(name) if name.isascii() else None
        return self._push(literal=found is not None and found.kind == "literal")

    def _close(self, token: Token) -> bool:
        if len(self.frames) > 1:
            return not self.frames[-1].case and self._pop(token)
        self._boundary(self.last)
        self.add("parenthesis", token)
        self._unknown()
        self.state = AFTER
        return True

    def _pop(self, token: Token) -> bool:
        self._boundary(token, lone=False)
        frame = self.frames.pop()
        outer = self.frames[-1]
        outer.computed = True
        if frame.literal is None:
            outer.operand(constant=frame.constant and not frame.case)
        elif frame.literal and frame.constant:
            # The name before it was taken for a column.
            side = int(outer.compared)
            outer.const[side] = outer.count[side] == 1 or outer.const[side]
            outer.span[side] = None
        else:
            outer.span[int(outer.compared)] = None
        self.state = AFTER
        return True

    def _boundary(self, token: Token, *, lone: bool = True) -> None:
        """The end of a condition: what was it? `lone`: a value alone is one."""
        frame = self.frames[-1]
        left, right = frame.count
        found = ""
        if frame.compared and left and right:
            if frame.const[0] and frame.const[1]:
                found = "tautology" if frame.led else "constant"
            elif frame.led:
                found = "tautology" if self._same(frame) else "condition"
        elif lone and left and frame.led and frame.const[0] and self._is_true(self.last):
            truth = frame.computed or (left == 1 and self.last.cls & t.CONSTANT)
            found = "truth" if truth else "constant"
        elif lone and left == 1 and frame.led and frame.called and not frame.compared:
            found = "condition"
        if found:
            self._add(found, token.start if frame.at is None else min(frame.at, token.start), token.end)

    def _is_true(self, token: Token) -> bool:
        """A string without a number is no condition."""
        if token.kind not in (STRING, QUOTED):
            return True
        return self.lexer.text[token.body[0] : token.body[0] + 1] in _DIGITS

    def _same(self, frame: Frame) -> bool:
        left, right = frame.span
        if left is None or right is None:
            return False
        text = self.lexer.text
        one, other = text[slice(*left)], text[slice(*right)]
        return one.isascii() and other.isascii() and one.lower() == other.lower()

    def _follows(self, kind: int) -> bool:
        token = self.lexer.copy().code()
        return token is not None and token.kind == kind

    def _plausible(self) -> None:
        """Something is selected that is no word of prose."""
        self.selected += 1
        if self.subquery is not None:
            self._led(self.subquery)
            self.add(self.waiting, self.subquery)
            self.subquery = None

    def _led(self, token: Token) -> None:
        if self.steps > 0 or self.quote:
            self.add("led", token)

    def _named(self, token: Token, only: frozenset[str] | None = None) -> bool:
        """Evidence by name. True when there is some."""
        name = self.lexer.text_of(token)
        found = NAMES.get(name.lower()) if name.isascii() else None
        if found is None or (only is not None and found.kind not in only):
            return False
        kind, product, anywhere = found
        if only is ANYWHERE and not anywhere:
            return False
        if not anywhere and token.kind == WORD and not self._follows(OPEN):
            return False
        if kind == "branch" and token.cls & t.IF and not self.lexer.text.startswith("(", token.end):
            return False
        if kind == "system" and token.cls & t.TYPED and not self.last.cls & t.INTO:
            return False
        if kind == "schema" and product == "mysql" and not self._follows(DOT):
            return False
        self._led(token)
        self.add(kind, token)
        self.product = self.product or product
        return True


class Name(NamedTuple):
    """What a name tells."""

    kind: str
    #: The database product that knows it, or nothing.
    product: str
    #: It counts wherever it stands.
    anywhere: bool


def _names() -> dict[str, Name]:
    return {
        name: Name(kind.removesuffix("()"), product, kind in ANYWHERE)
        for kind, products in t.INJECTION["names"].items()
        for product, names in products.items()
        for name in names
    }


#: What each name tells; a kind with parentheses counts only when it is called.
NAMES: Final = _names()
