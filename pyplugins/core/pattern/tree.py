"""The tree a pattern is parsed to, its size, and the facts computed on it.

Each function here has a twin of the same name in rustlib/core/src/pattern/{tree,facts}.rs; both must give the same
numbers. It must never know a matcher. Tests: tests/unit/test_patterns.py, tests/vectors/patterns.jsonl.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from pyplugins.core.pattern.charset import CharSet

# Sums and products stop here, on both sides, long before any integer type does.
CAP = 1_000_000_000
# More literal prefix than this helps no search.
MAX_PREFIX = 32


class Look(Enum):
    """What an assertion asks of the place it stands at."""

    TEXT_START = "text_start"
    TEXT_END = "text_end"
    LINE_START = "line_start"
    LINE_END = "line_end"
    WORD_BOUNDARY = "word_boundary"
    NOT_WORD_BOUNDARY = "not_word_boundary"
    UNICODE_BOUNDARY = "unicode_boundary"
    NOT_UNICODE_BOUNDARY = "not_unicode_boundary"
    NO_WORD_BEFORE = "no_word_before"
    NO_WORD_BEHIND = "no_word_behind"
    NO_UNICODE_WORD_BEFORE = "no_unicode_word_before"
    NO_UNICODE_WORD_BEHIND = "no_unicode_word_behind"


#: Those that go by the word characters of all scripts.
UNICODE_LOOKS = frozenset(look for look in Look if "UNICODE" in look.name)


@dataclass(frozen=True, slots=True)
class Empty:
    """Matches the empty string."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set; a literal is a set of one."""

    chars: CharSet


@dataclass(frozen=True, slots=True)
class Assertion:
    """A condition on a place; consumes nothing."""

    look: Look


@dataclass(frozen=True, slots=True)
class Concat:
    """Two or more nodes in sequence."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alternation:
    """Two or more branches, the earlier preferred."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`least` to `most` times the body; `most` None is unbounded."""

    body: Node
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Capture:
    """A capturing group; `index` counts from 1."""

    body: Node
    index: int


Node = Empty | Chars | Assertion | Concat | Alternation | Repeat | Capture


def size(node: Node) -> int:
    """The formula of docs/patterns.md: how much a compiled pattern costs, before anything compiles it."""
    match node:
        case Empty() | Assertion():
            return 1
        case Chars(chars):
            wide = sum(1 for _, high in chars.ranges if high > 0x7F) + chars.invalid
            return 1 + 2 * min(wide, 8) + max(wide - 8, 0) // 4
        case Concat(parts) | Alternation(parts):
            return min(CAP, 1 + sum(size(part) for part in parts))
        case Capture(body):
            return min(CAP, 2 + size(body))
        case Repeat(body, least, most):
            copies = least + 1 if most is None else most
            return min(CAP, 1 + copies * (1 + size(body)))


@dataclass(frozen=True, slots=True)
class Lengths:
    """Least and greatest length of a match, in code points and in UTF-8 bytes; None is unbounded."""

    min_chars: int
    max_chars: int | None
    min_bytes: int
    max_bytes: int | None


def lengths(node: Node) -> Lengths:
    """Lengths the tree allows; an assertion may still rule some out."""
    match node:
        case Empty() | Assertion():
            return Lengths(0, 0, 0, 0)
        case Chars(chars):
            shortest, longest = _byte_lengths(chars)
            return Lengths(1, 1, shortest, longest)
        case Capture(body):
            return lengths(body)
        case Concat(parts):
            rows = [lengths(part) for part in parts]
            return Lengths(
                min(CAP, sum(row.min_chars for row in rows)),
                _sum(row.max_chars for row in rows),
                min(CAP, sum(row.min_bytes for row in rows)),
                _sum(row.max_bytes for row in rows),
            )
        case Alternation(branches):
            rows = [lengths(branch) for branch in branches]
            return Lengths(
                min(row.min_chars for row in rows),
                _most(row.max_chars for row in rows),
                min(row.min_bytes for row in rows),
                _most(row.max_bytes for row in rows),
            )
        case Repeat(body, least, most):
            row = lengths(body)
            return Lengths(
                min(CAP, row.min_chars * least),
                _times(row.max_chars, most),
                min(CAP, row.min_bytes * least),
                _times(row.max_bytes, most),
            )


def _byte_lengths(chars: CharSet) -> tuple[int, int]:
    """An invalid character is one byte, or three when it is a surrogate encoded as if it were a character."""
    found = [1, 3] if chars.invalid else []
    for low, high in chars.ranges:
        found += [utf8_length(low), utf8_length(high)]
    return min(found, default=1), max(found, default=1)


def utf8_length(code: int) -> int:
    """Bytes of a code point in UTF-8, a surrogate included."""
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


def _sum(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return min(CAP, total)


def _most(values: Iterable[int | None]) -> int | None:
    greatest = 0
    for value in values:
        if value is None:
            return None
        greatest = max(greatest, value)
    return greatest


def _times(length: int | None, most: int | None) -> int | None:
    if length == 0:
        return 0
    return None if length is None or most is None else min(CAP, length * most)


def prefix(node: Node) -> str:
    """The literal text every match starts with, at most `MAX_PREFIX` characters; often empty."""
    return _prefix(node, CharSet.as_single)[0]


def capital_prefix(node: Node) -> str:
    """The same with ASCII letters in any case, as capitals: what every match starts with when its letters are."""
    return _prefix(node, CharSet.as_capital)[0]


def _prefix(node: Node, one: Callable[[CharSet], str]) -> tuple[str, bool]:
    """The prefix, and whether it is all the node can match."""
    match node:
        case Empty() | Assertion():
            return "", True
        case Chars(chars):
            char = one(chars)
            return char, bool(char)
        case Capture(body):
            return _prefix(body, one)
        case Concat(parts):
            text = ""
            for part in parts:
                more, exact = _prefix(part, one)
                text += more
                if not exact:
                    return text[:MAX_PREFIX], False
            return _cut(text)
        case Alternation(branches):
            rows = [_prefix(branch, one) for branch in branches]
            shared = _shared([text for text, _ in rows])
            return shared, all(exact and text == shared for text, exact in rows)
        case Repeat(body, least, most):
            if least == 0:
                return "", False
            text, exact = _prefix(body, one)
            if not exact:
                return text, False
            text, whole = _cut(text * min(least, MAX_PREFIX + 1))
            return text, whole and least == most


def without_unicode_looks(node: Node) -> Node:
    """The tree with nothing in the place of each assertion about words of all scripts; the same tree if it has none."""
    match node:
        case Assertion(look) if look in UNICODE_LOOKS:
            return Empty()
        case Concat(parts) | Alternation(parts):
            made = tuple(map(without_unicode_looks, parts))
            same = all(new is old for new, old in zip(made, parts, strict=True))
            return node if same else type(node)(made)
        case Repeat(body, least, most, greedy):
            new = without_unicode_looks(body)
            return node if new is body else Repeat(new, least, most, greedy)
        case Capture(body, index):
            new = without_unicode_looks(body)
            return node if new is body else Capture(new, index)
    return node


def needed(node: Node) -> str:
    """The longest literal text that the outermost sequence has in it; every match holds it. Often empty."""
    longest = run = ""
    for part in node.items if isinstance(node, Concat) else (node,):
        char = part.chars.as_single() if isinstance(part, Chars) else ""
        run = run + char if char else ""
        longest = max(longest, run, key=len)
    return longest


def _shared(texts: list[str]) -> str:
    low, high = min(texts), max(texts)
    same = (index for index, pair in enumerate(zip(low, high, strict=False)) if pair[0] != pair[1])
    return low[: next(same, len(low))]


def _cut(text: str) -> tuple[str, bool]:
    return text[:MAX_PREFIX], len(text) <= MAX_PREFIX


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        match top:
            case Concat(parts) | Alternation(parts):
                stack.extend(reversed(parts))
            case Repeat(body) | Capture(body):
                stack.append(body)
