"""What makes a word the verb of a statement: what follows it. `drop` is a word of every language, `DROP TABLE` is SQL.

Twin of rustlib/engines/sql_sanitizer/src/shape.rs. A shape looks at a bounded number of tokens. It must never say no
to what a database would run; where prose and SQL cannot be told apart it says yes.
Tests: tests/unit/test_sql_sanitizer_fallback.py, tests/vectors/sql_sanitizer.jsonl.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pyplugins.sql_sanitizer import _tables as t
from pyplugins.sql_sanitizer._lexer import (
    CLOSE,
    COMMA,
    DOLLAR,
    DOT,
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

#: Tokens that a shape reads at most.
FAR: Final = 64
#: Words that mean nothing to SQL and follow each other: a table and its alias. Three are prose.
MOST_PLAIN: Final = 2


def holds(verb: Token, lexer: Lexer, *, first: bool) -> bool:
    """Whether `verb`, a word of class `HEAD`, begins a statement.

    Args:
        verb: the word.
        lexer: stands behind it.
        first: nothing of the statement stands before it.
    """
    for cls, shape in _SHAPES:
        if verb.cls & cls:
            return shape(lexer.copy())
    if verb.cls & t.DELETE:
        return _delete(lexer.copy(), lexer.dialect.bare_delete if first else 0)
    return _follow(lexer.copy(), verb)


def _next_is(lexer: Lexer, cls: int) -> bool:
    token = lexer.copy().code()
    return token is not None and bool(token.cls & cls)


def _select(lexer: Lexer) -> bool:
    first = lexer.code()
    if first is None:
        return False
    if first.cls & t.EXPRESSION or first.kind not in (WORD, SEMI, CLOSE, COMMA, DOT, OP):
        return True
    if first.kind == OP:
        return lexer.text_of(first) in ("*", "-", "+", "~", "{", "%", "$")
    if first.kind != WORD or first.cls & t.FROM:
        return False
    second = lexer.code()
    if second is None or second.kind in (OPEN, DOT, SEMI, OP):
        return True
    return bool(second.cls & (t.FROM | t.AS)) or _reaches(lexer, t.FROM | t.INTO)


def _reaches(lexer: Lexer, cls: int) -> bool:
    """Whether a word of the class comes before the end of the statement, on this level."""
    lexer = lexer.copy()
    depth = 0
    for _ in range(FAR):
        token = lexer.code()
        if token is None or token.kind == SEMI or (token.kind == CLOSE and depth == 0):
            return False
        if token.kind == OPEN:
            depth += 1
        elif token.kind == CLOSE:
            depth -= 1
        elif depth == 0 and token.cls & cls:
            return True
    return False


def _delete(lexer: Lexer, most_bare: int) -> bool:
    """``DELETE FROM name [alias]``, ``DELETE name, name FROM``, and ``DELETE name`` where the dialect knows it."""
    behind_from = listed = article = False
    named = 0

    def is_bare() -> bool:
        return 0 < named <= most_bare and not listed and not article

    for _ in range(FAR):
        token = lexer.code()
        if token is None or token.kind in (SEMI, CLOSE):
            break
        if token.cls & t.FROM and not behind_from:
            if named == MOST_PLAIN:
                return False
            behind_from, named = True, 0
        elif token.kind == WORD and token.cls & t.MODIFIER and named == 0:
            continue
        elif token.kind == WORD and named > 0 and not token.is_plain:
            return behind_from or (bool(token.cls & t.AFTER_DELETE) and is_bare())
        elif token.kind == WORD and (named == MOST_PLAIN or (named == 1 and article)):
            return False
        elif token.kind in (WORD, QUOTED, PARAM):
            named += 1
            article = article or bool(token.cls & t.ARTICLE)
        elif token.kind == NUMBER and named == 0:
            continue
        elif token.kind == OPEN and named == 0 and not behind_from:
            if not lexer.skip_parens(FAR):
                return False
        elif token.kind in (DOT, COMMA) and named > 0 and not behind_from:
            listed = listed or token.kind == COMMA
            named = 0
        else:
            # `*` and what hides the rest may follow; a colon is prose.
            return behind_from and (token.kind != OP or token.unclosed or lexer.text_of(token) in ("*", "@"))
    return (behind_from and named > 0) or is_bare()


def _update(lexer: Lexer) -> bool:
    plain = depth = 0
    named = False
    for _ in range(FAR):
        token = lexer.code()
        if token is None:
            return False
        plain = plain + 1 if token.is_plain else 0
        if token.kind == OPEN:
            depth += 1
        elif token.kind == CLOSE:
            if depth == 0:
                return False
            depth -= 1
        elif token.kind == SEMI:
            return False
        elif depth > 0:
            continue
        elif plain > MOST_PLAIN:
            return False
        elif token.kind == WORD and token.cls & t.SET:
            return named and _assigns(lexer)
        else:
            named = named or not token.cls & t.MODIFIER
    return False


def _assigns(lexer: Lexer) -> bool:
    """Behind SET: a name, and what is no word."""
    for _ in range(FAR):
        name = lexer.code()
        if name is None:
            return False
        if name.kind == OPEN:
            return True
        following = lexer.code() if name.kind in (WORD, QUOTED, PARAM) else None
        if following is None or following.kind != DOT:
            return following is not None and following.kind in (OP, OPEN)
    return False


def _change(lexer: Lexer) -> bool:
    first = lexer.code()
    return first is not None and bool(first.cls & t.OBJECT)


def _drop(lexer: Lexer) -> bool:
    """DROP or CREATE. ``drop table tennis lessons`` is prose."""
    first = lexer.code()
    if first is None or not first.cls & t.OBJECT:
        return False
    name = lexer.code() if first.cls & t.TABLE else None
    following = lexer.code() if name is not None and name.kind == WORD else None
    return following is None or not following.is_plain


def _truncate(lexer: Lexer) -> bool:
    first = lexer.code()
    if first is None or first.cls & t.TABLE or not first.is_name:
        return first is not None and bool(first.cls & t.TABLE)
    if lexer.text_of(first).lower() == "only":
        return True
    following = lexer.code()
    if following is None or following.kind in (SEMI, COMMA, DOT, CLOSE) or following.unclosed:
        return True
    if following.kind == OP:
        return lexer.text_of(following) in ("*", "@")
    return bool(following.cls & t.AFTER_TRUNCATE)


def _grant(lexer: Lexer) -> bool:
    """Privileges and ON, TO or FROM, or names parted by commas and TO or FROM."""
    privileges = True
    plain = depth = 0
    for count in range(FAR):
        token = lexer.code()
        if token is None:
            return False
        if token.kind == OPEN and count > 0:
            depth += 1
        elif token.kind == CLOSE and depth > 0:
            depth -= 1
        elif depth > 0:
            continue
        elif token.kind == COMMA and count > 0:
            plain = 0
        elif count > 0 and token.cls & (t.TO | t.FROM):
            lexer.code()
            following = lexer.code()
            # ``grant access to the new colleague`` is prose.
            return privileges or following is None or not following.is_plain
        elif count > 0 and token.cls & t.ON:
            return privileges
        elif token.kind in (WORD, QUOTED, PARAM):
            privileges = privileges and bool(token.cls & t.PRIVILEGE)
            plain += 1
            if not privileges and plain > 1:
                return False
        elif token.kind in (DOT, OP) and not privileges:
            plain = 0
        else:
            return False
    return False


def _insert(lexer: Lexer) -> bool:
    return _inserts(lexer, t.MODIFIER)


def _replace(lexer: Lexer) -> bool:
    return _inserts(lexer, 0)


def _inserts(lexer: Lexer, modifiers: int) -> bool:
    name = lexer.code()
    if name is not None and name.cls & (t.INTO | modifiers):
        return True
    for _ in range(FAR):
        if name is None or not name.is_name:
            return False
        token = lexer.code()
        if token is None:
            return False
        if token.kind != DOT:
            return token.kind == OPEN or bool(token.cls & (t.VALUES | t.SELECT | t.SET))
        name = lexer.code()
    return False


def _merge(lexer: Lexer) -> bool:
    first = lexer.copy().code()
    if first is None:
        return False
    return bool(first.cls & t.INTO) or (first.is_name and _reaches(lexer, t.USING))


def _exec(lexer: Lexer) -> bool:
    plain = 0
    for count in range(FAR):
        token = lexer.code()
        if token is None:
            return count > 0
        if token.is_plain or (count == 0 and token.kind == WORD):
            plain += 1
            if plain > 1:
                return False
        elif token.kind == WORD:
            return True
        elif token.kind == DOT:
            plain = 0
        elif token.kind in (COMMA, CLOSE, SEMI):
            return count > 0
        else:
            return True
    return False


def _with(lexer: Lexer) -> bool:
    """``WITH name AS (``, ``WITH name (..) AS``, ``WITH RECURSIVE``."""
    first = lexer.code()
    if first is None or first.cls & t.RECURSIVE:
        return first is not None
    following = lexer.code()
    if following is None or not first.is_name:
        return False
    if following.kind == OPEN:
        return lexer.skip_parens(FAR) and _next_is(lexer, t.AS)
    last = lexer.code()
    return (
        bool(following.cls & t.AS) and last is not None and (last.kind == OPEN or bool(last.cls & (t.NOT | t.OBJECT)))
    )


def _values(lexer: Lexer) -> bool:
    following = lexer.code()
    return following is not None and following.kind == OPEN


def _follow(lexer: Lexer, verb: Token) -> bool:
    follow = t.FOLLOWS.get(lexer.text_of(verb).lower(), [])
    following = lexer.code()
    if following is None or following.unclosed:
        return ";" in follow
    text = lexer.text_of(following)
    if "=" in follow and following.is_name and _ends(lexer):
        return True
    if "~" in follow and following.is_name and _named_action(lexer):
        return True
    if following.kind == WORD:
        # Of the marks none is a word.
        return text.isascii() and text.lower() in follow
    if following.kind == PARAM:
        return "@" in follow and text.startswith("@")
    mark = _FOLLOW_MARKS.get(following.kind)
    return (mark is not None and mark in follow) or ("$" in follow and following.kind == STRING)


def _ends(lexer: Lexer) -> bool:
    """Behind a name: the end, an assignment, or arguments."""
    token = lexer.copy().code()
    if token is None or token.unclosed or token.kind in (SEMI, OPEN, DOT):
        return True
    return token.kind == OP and lexer.text_of(token) == "="


def _named_action(lexer: Lexer) -> bool:
    """Behind a name: OPEN, READ or CLOSE; TO or FROM and a string; AS and a verb."""
    action = lexer.code()
    while action is not None and action.kind == DOT:
        lexer.code()
        action = lexer.code()
    if action is not None and action.kind == OPEN and lexer.skip_parens(FAR):
        action = lexer.code()
    if action is None or action.kind != WORD:
        return False
    if action.cls & t.AS:
        return _next_is(lexer, t.HEAD)
    if action.cls & (t.TO | t.FROM):
        last = lexer.code()
        return last is not None and (
            last.kind == STRING or lexer.text_of(last).lower() in ("stdin", "stdout", "program")
        )
    return lexer.text_of(action).lower() in ("open", "read", "close")


_FOLLOW_MARKS: Final = {OPEN: "(", SEMI: ";", STRING: "'", NUMBER: "0", DOLLAR: "$"}

_SHAPES: Final[tuple[tuple[int, Callable[[Lexer], bool]], ...]] = (
    (t.SELECT, _select),
    (t.UPDATE, _update),
    (t.ALTER, _change),
    (t.CHANGE, _drop),
    (t.TRUNCATE, _truncate),
    (t.GRANT, _grant),
    (t.INSERT, _insert),
    (t.REPLACE, _replace),
    (t.MERGE, _merge),
    (t.EXEC, _exec),
    (t.WITH, _with),
    (t.VALUES, _values),
)
