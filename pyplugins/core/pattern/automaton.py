"""The matcher for spans where `re` could take more than linear time: the steps of the reference, remembered.

A state is the ordered threads of the reference matcher; what a character does to it is computed once. The start of each
thread's match travels beside the state. It must never grow without limit. Tests: tests/unit/test_patterns.py.
"""

from __future__ import annotations

import re

from pyplugins.core.pattern.printer import char_class
from pyplugins.core.pattern.program import Op, Place, Program

# What may be remembered, in threads; a step counts as much as 16. At the limit, some 10 MB, all is forgotten.
MAX_REMEMBERED = 500_000
_STEP = 16


class _State:
    """Threads in order of preference; while `searching`, a new one begins at each place."""

    __slots__ = ("before", "searching", "steps", "threads")

    def __init__(self, threads: tuple[int, ...], before: Place, searching: bool) -> None:
        self.threads = threads
        self.before = before
        self.searching = searching
        self.steps: dict[str, _Step] = {}


# The state behind the character, or None when all is decided; how many threads it has; which thread each of them comes
# from, or None when they are the first ones in order; the thread that matches in front of the character, or -1.
_Step = tuple[_State | None, int, tuple[int, ...] | None, int]


class Automaton:
    """Finds the spans the reference finds, in one pass."""

    def __init__(self, program: Program, prefix: str) -> None:
        self._program = program
        first = program.first_chars()
        # Where nothing is under way, only what can begin a match is worth a look.
        begins = re.escape(prefix) or (char_class(first) if first else None)
        self._skip = re.compile(begins).search if begins else None
        self._states: dict[tuple[tuple[int, ...], Place, bool], _State] = {}
        self._remembered = 0

    def search(self, text: str, start: int = 0) -> tuple[int, int] | None:
        """The span of the leftmost preferred match at or behind `start`."""
        return self.search_far(text, start)[0]

    def search_far(self, text: str, start: int = 0) -> tuple[tuple[int, int] | None, int]:
        """The span, and how far the text was read to find it."""
        best: tuple[int, int] | None = None
        starts: list[int] = []
        at, size = start, len(text)
        state: _State | None = self._state((), self._program.place_before(text, at), True)
        while state is not None:
            if state.searching:
                if not starts and self._skip is not None:
                    found = self._skip(text, at)
                    if found is None:
                        return None, size
                    if found.start() > at:
                        at = found.start()
                        state = self._state((), self._program.place_before(text, at), True)
                starts.append(at)
            char = text[at] if at < size else ""
            step = state.steps.get(char)
            if step is None:
                step = self._step(state, char)
            state, kept, sources, match = step
            if match >= 0:
                best = (starts[match], at)
            if sources is None:
                del starts[kept:]
            else:
                starts = [starts[source] for source in sources]
            at += 1
        return best, at

    def _state(self, threads: tuple[int, ...], before: Place, searching: bool) -> _State:
        key = (threads, before, searching)
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = _State(threads, before, searching)
        return state

    def _step(self, state: _State, char: str) -> _Step:
        program = self._program
        if self._remembered >= MAX_REMEMBERED:
            self._states.clear()
            self._remembered = 0
        symbol = program.symbol(char) if char else program.end
        threads = (*state.threads, program.start) if state.searching else state.threads
        match = -1
        following: dict[int, int] = {}
        for source, _, index in program.expand(threads, state.before, program.place(symbol)):
            instruction = program.code[index]
            if instruction.op is Op.MATCH:
                match = source
            elif instruction.value in program.accepts[symbol]:
                following.setdefault(instruction.ways[0], source)
        searching = state.searching and match < 0
        after = self._state(tuple(following), program.place(symbol), searching) if char else None
        if after is not None and not (after.threads or searching):
            after = None
        sources = tuple(following.values())
        step = (after, len(sources), None if sources == tuple(range(len(sources))) else sources, match)
        state.steps[char] = step
        self._remembered += _STEP + len(sources)
        return step
