"""Decides whether backtracking (`re`) is linear on a tree, for every text.

The question is asked of an automaton that counts ways instead of merging them: for any text read so far it knows every
way a backtracking search, begun at any earlier place, can still be under way. If there are never more than `MAX_PATHS`,
the search visits each character at most that often. docs/patterns.md has the argument.
Tests: tests/unit/test_patterns.py.
"""

from __future__ import annotations

from functools import cache

from pyplugins.core.pattern.program import LOOKS, Op, Place, Program, holds
from pyplugins.core.pattern.tree import Chars, Node, Repeat, lengths, walk

MAX_PATHS = 16
# Bounds the time of the decision (some 20 ms); a tree with more states goes to the automaton.
MAX_STATES = 300
_MAX_STEPS = 256


class _TooMany(Exception):
    """More ways than the limit."""


def is_linear(node: Node, program: Program) -> bool:
    """Whether `re` may run the tree: no loop around what can be empty, and no text with more than `MAX_PATHS` ways."""
    if any(isinstance(part, Repeat) and _unsafe(part) for part in walk(node)):
        return False
    try:
        return _bounded(program)
    except _TooMany:
        return False


def _unsafe(loop: Repeat) -> bool:
    """Empty bodies have no common meaning in other engines; unbounded loops over groups cost `re` memory per turn."""
    return lengths(loop.body).min_chars == 0 or (loop.most is None and not isinstance(loop.body, Chars))


def _bounded(program: Program) -> bool:
    @cache
    def ways(start: int, before: Place, behind: Place) -> tuple[tuple[int, ...], bool]:
        """The CHARS instructions a thread stands at, one entry per way, and whether a match ends them."""
        found: list[int] = []
        todo = [start]
        for _ in range(_MAX_STEPS):
            if not todo:
                return tuple(found), False
            index = todo.pop()
            instruction = program.code[index]
            if instruction.op is Op.MATCH:
                return tuple(found), True
            if instruction.op is Op.CHARS:
                found.append(index)
            elif instruction.op is not Op.LOOK or holds(LOOKS[instruction.value], before, behind):
                todo.extend(reversed(instruction.ways))
        raise _TooMany

    def follow(threads: tuple[int, ...], before: Place, symbol: int) -> tuple[int, ...]:
        behind = program.place(symbol)
        reached: list[int] = []
        for thread in threads:
            more, matched = ways(thread, before, behind)
            reached += more
            if matched:
                # A search that gets here ends with this or a preferred match: nothing less preferred is tried.
                break
        reached += ways(program.start, before, behind)[0]
        accepted = [index for index in reached if program.code[index].value in program.accepts[symbol]]
        if len(accepted) > MAX_PATHS:
            raise _TooMany
        return tuple(program.code[index].ways[0] for index in accepted)

    todo: list[tuple[tuple[int, ...], Place]] = [((), program.place(symbol)) for symbol in range(program.end + 1)]
    seen = set(todo)
    while todo:
        threads, before = todo.pop()
        for symbol in range(program.end):
            state = (follow(threads, before, symbol), program.place(symbol))
            if state not in seen:
                seen.add(state)
                todo.append(state)
        if len(seen) > MAX_STATES:
            return False
    return True
