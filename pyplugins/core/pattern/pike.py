"""The reference matcher: all ways through the program at once, with captures, in time proportional to the text.

Slow and plain on purpose; the other two ways to match must agree with it. Tests: tests/unit/test_patterns.py.
"""

from __future__ import annotations

from pyplugins.core.pattern.program import Op, Program

# Start and end of the match, then of each group; -1 where a group took no part.
Slots = tuple[int, ...]


def search(program: Program, text: str, start: int = 0) -> Slots | None:
    """The leftmost match at or behind `start`, of those the preferred one; the text before `start` is looked at."""
    threads: list[tuple[int, Slots]] = []
    best: Slots | None = None
    before = program.place_before(text, start)
    for at in range(start, len(text) + 1):
        symbol = program.symbol(text[at]) if at < len(text) else program.end
        if best is None:
            threads.append((program.start, (at,) + (-1,) * (2 * program.groups + 1)))
        elif not threads:
            break
        following: list[tuple[int, Slots]] = []
        for source, saves, index in program.expand([thread for thread, _ in threads], before, program.place(symbol)):
            slots = _saved(threads[source][1], saves, at)
            instruction = program.code[index]
            if instruction.op is Op.MATCH:
                best = _saved(slots, (1,), at)
            elif instruction.value in program.accepts[symbol]:
                following.append((instruction.ways[0], slots))
        threads, before = following, program.place(symbol)
    return best


def _saved(slots: Slots, saves: tuple[int, ...], at: int) -> Slots:
    for slot in saves:
        slots = (*slots[:slot], at, *slots[slot + 1 :])
    return slots
