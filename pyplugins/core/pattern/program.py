"""Thompson's construction: a tree becomes a small program that the matchers of this package run.

Preference is by order: of a split's two ways the first is preferred. A loop is built as the regex crate builds it,
which is the grammar's meaning of loops around things that can be empty. It must never depend on a text.
Tests: tests/unit/test_patterns.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from pyplugins.core.pattern import charset, unicode
from pyplugins.core.pattern.charset import CharSet
from pyplugins.core.pattern.tree import (
    UNICODE_LOOKS,
    Alternation,
    Assertion,
    Capture,
    Chars,
    Concat,
    Empty,
    Look,
    Node,
    Repeat,
    lengths,
    walk,
)


class Op(IntEnum):
    """What an instruction does; `Instruction.ways` says where it goes on."""

    CHARS = 0
    SPLIT = 1
    LOOK = 2
    SAVE = 3
    MATCH = 4


class Place(IntEnum):
    """What stands before or behind a place, as far as assertions ask."""

    EDGE = 0
    NEWLINE = 1
    WORD = 2
    OTHER = 3


LOOKS = tuple(Look)
# A symbol is a number for all characters that no set of the program tells apart; the last one is the end of the text.
Symbol = int


@dataclass(slots=True)
class Instruction:
    """`value`: index of the set (CHARS), of the assertion (LOOK) or of the slot (SAVE)."""

    op: Op
    value: int = 0
    ways: list[int] = field(default_factory=list)


# Which thread, the slots it passed on the way, and the CHARS or MATCH instruction it stands at.
Reached = tuple[int, tuple[int, ...], int]


class Program:
    """Instructions, and the symbols their sets tell apart. Starts at instruction `start`."""

    def __init__(self, node: Node, groups: int) -> None:
        self.code: list[Instruction] = []
        self.groups = groups
        self._sets: dict[CharSet, int] = {}
        looks = {part.look for part in walk(node) if isinstance(part, Assertion)}
        self.has_looks = bool(looks)
        self._has_unicode_looks = bool(looks & UNICODE_LOOKS)
        match = self._add(Instruction(Op.MATCH))
        self.start = self._build(node, match)
        self._number_symbols()

    # -- construction: each part is built with the instruction that follows it already known -------------------------

    def _add(self, instruction: Instruction) -> int:
        self.code.append(instruction)
        return len(self.code) - 1

    def _build(self, node: Node, after: int) -> int:
        """Adds the node in front of instruction `after`; returns where it starts."""
        match node:
            case Empty():
                return after
            case Chars(chars):
                index = self._sets.setdefault(chars, len(self._sets))
                return self._add(Instruction(Op.CHARS, index, [after]))
            case Assertion(look):
                return self._add(Instruction(Op.LOOK, LOOKS.index(look), [after]))
            case Capture(body, index):
                close = self._add(Instruction(Op.SAVE, 2 * index + 1, [after]))
                return self._add(Instruction(Op.SAVE, 2 * index, [self._build(body, close)]))
            case Concat(items):
                for item in reversed(items):
                    after = self._build(item, after)
                return after
            case Alternation(branches):
                return self._add(Instruction(Op.SPLIT, 0, [self._build(branch, after) for branch in branches]))
            case Repeat():
                return self._repeat(node, after)

    def _repeat(self, node: Repeat, after: int) -> int:
        least, most = node.least, node.most
        row = lengths(node.body)
        if row.max_bytes == 0:
            # What consumes nothing once consumes nothing twice.
            least, most = min(least, 1), min(1, 1 if most is None else most)
        if most is None:
            return self._unbounded(node, least, row.min_bytes == 0, after)
        start = after
        for _ in range(most - least):
            start = self._split(self._build(node.body, start), after, node.greedy)
        return self._copies(node.body, least, start)

    def _unbounded(self, node: Repeat, least: int, nullable: bool, after: int) -> int:
        split = self._split(-1, after, node.greedy)
        body = self._build(node.body, split)
        ways = self.code[split].ways
        ways[ways.index(-1)] = body
        if least > 0:
            return self._copies(node.body, least - 1, body)
        # x* is (x+)? when x can be empty: otherwise the preference among its ways would be lost.
        return self._split(body, after, node.greedy) if nullable else split

    def _copies(self, body: Node, count: int, after: int) -> int:
        for _ in range(count):
            after = self._build(body, after)
        return after

    def _split(self, body: int, after: int, greedy: bool) -> int:
        return self._add(Instruction(Op.SPLIT, 0, [body, after] if greedy else [after, body]))

    # -- symbols -----------------------------------------------------------------------------------------------------

    def _number_symbols(self) -> None:
        sets = list(self._sets)
        if self.has_looks:
            # One pattern has one kind of word boundary: that of its options.
            sets += [unicode.table("word") if self._has_unicode_looks else charset.WORD, charset.NEWLINE]
        bounds = {0, charset.SURROGATES[0], charset.SURROGATES[1] + 1}
        for chars in sets:
            for low, high in chars.ranges:
                bounds.update((low, high + 1))
        self._bounds = sorted(bounds)
        numbers: dict[tuple[bool, ...], Symbol] = {}
        self._symbol_at = [
            numbers.setdefault(tuple(bound in chars for chars in sets), len(numbers)) for bound in self._bounds
        ]
        self.end: Symbol = len(numbers)
        self.accepts: list[frozenset[int]] = [
            frozenset(index for index, member in enumerate(row[: len(self._sets)]) if member) for row in numbers
        ]
        self.accepts.append(frozenset())
        self._places = [self._place(row) for row in numbers] + [Place.EDGE]

    def _place(self, row: tuple[bool, ...]) -> Place:
        if not self.has_looks:
            return Place.OTHER
        return Place.WORD if row[-2] else Place.NEWLINE if row[-1] else Place.OTHER

    def symbol(self, char: str) -> Symbol:
        """The symbol of a character."""
        return self._symbol_at[bisect_right(self._bounds, ord(char)) - 1]

    def place(self, symbol: Symbol) -> Place:
        """What the symbol is to an assertion beside it; always the same when there are none."""
        return self._places[symbol]

    def place_before(self, text: str, at: int) -> Place:
        """What stands before `at`."""
        if not self.has_looks:
            return Place.OTHER
        return Place.EDGE if at == 0 else self._places[self.symbol(text[at - 1])]

    def expand(self, threads: Sequence[int], before: Place, behind: Place) -> list[Reached]:
        """Follows every thread, in order, to the CHARS instructions it stands at; stops at the first MATCH.

        An instruction belongs to the first thread that reaches it, which is what makes matching linear.
        """
        reached: list[Reached] = []
        seen: set[int] = set()
        for source, thread in enumerate(threads):
            todo: list[tuple[int, tuple[int, ...]]] = [(thread, ())]
            while todo:
                at, saves = todo.pop()
                if at in seen:
                    continue
                seen.add(at)
                instruction = self.code[at]
                match instruction.op:
                    case Op.CHARS:
                        reached.append((source, saves, at))
                        continue
                    case Op.MATCH:
                        reached.append((source, saves, at))
                        return reached
                    case Op.LOOK if not holds(LOOKS[instruction.value], before, behind):
                        continue
                    case Op.SAVE:
                        saves = (*saves, instruction.value)
                todo.extend((way, saves) for way in reversed(instruction.ways))
        return reached

    def first_chars(self) -> CharSet | None:
        """Every character a match can start with, or None when a match can be empty."""
        sets = list(self._sets)
        found: list[CharSet] = []
        seen = {self.start}
        todo = [self.start]
        while todo:
            instruction = self.code[todo.pop()]
            if instruction.op is Op.MATCH:
                return None
            if instruction.op is Op.CHARS:
                found.append(sets[instruction.value])
                continue
            todo += [way for way in instruction.ways if way not in seen]
            seen.update(instruction.ways)
        return CharSet.union(found)


def holds(look: Look, before: Place, behind: Place) -> bool:
    """Whether an assertion is true between two places."""
    match look:
        case Look.TEXT_START:
            return before is Place.EDGE
        case Look.TEXT_END:
            return behind is Place.EDGE
        case Look.LINE_START:
            return before is Place.EDGE or before is Place.NEWLINE
        case Look.LINE_END:
            return behind is Place.EDGE or behind is Place.NEWLINE
        case Look.WORD_BOUNDARY | Look.UNICODE_BOUNDARY:
            return (before is Place.WORD) != (behind is Place.WORD)
        case Look.NOT_WORD_BOUNDARY | Look.NOT_UNICODE_BOUNDARY:
            return (before is Place.WORD) == (behind is Place.WORD)
        case Look.NO_WORD_BEFORE | Look.NO_UNICODE_WORD_BEFORE:
            return before is not Place.WORD
        case Look.NO_WORD_BEHIND | Look.NO_UNICODE_WORD_BEHIND:
            return behind is not Place.WORD
