"""Patterns of the configuration: `custom_patterns` and `whitelist_patterns`, in the portable grammar.

Loaded when a configuration holds one; most hold none. It must never hand a pattern to `re` as it came.
Tests: tests/unit/test_pii_fallback_parts.py, tests/vectors/pii_filter.jsonl.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from pyplugins.core.faults import fault
from pyplugins.core.guard import PythonGuard
from pyplugins.core.overlap import Candidate
from pyplugins.core.pattern import Options, Pattern, PatternSet
from pyplugins.core.result import StreamPart
from pyplugins.core.stream import WindowStream

_IGNORE_CASE = Options(ignore_case=True)


class Custom:
    """The patterns of `custom_patterns` that are enabled."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        #: The strategy each pattern asks for, or `None`.
        self.strategies: list[str | None] = []
        #: Characters that the longest match and its boundaries need.
        self.reach = 0
        #: JSON path of the first pattern without a longest match, else `None`.
        self.unbounded: str | None = None
        patterns = []
        for index, row in enumerate(rows):
            if row["enabled"]:
                patterns.append(self._read(row["pattern"], f"$.custom_patterns[{index}].pattern"))
                self.strategies.append(row["mask_strategy"])
        self._patterns = PatternSet(patterns)

    def _read(self, text: str, path: str) -> Pattern:
        pattern = Pattern.parse(text)
        if pattern.can_be_empty:
            raise fault("pattern_empty", path)
        longest = pattern.lengths.max_chars
        if longest is None:
            self.unbounded = self.unbounded or path
        else:
            self.reach = max(self.reach, longest + 8)
        return pattern

    def finditer(self, text: str, start: int, resume: Resume | None = None) -> Iterator[tuple[int, int, int]]:
        """(pattern index, start, end) of everything found from `start` on, or from where a stream goes on."""
        seen, places = _as_patterns_see(text) if _FIRST in text else (text, None)
        for index, pattern in enumerate(self._patterns.patterns):
            begin = resume.start(index, start) if resume else start
            for span in pattern.finditer(seen, bisect_left(places, begin) if places else begin):
                first, last = (places[span[0]], places[span[1]]) if places else span
                if resume:
                    resume.saw(index, first, last)
                yield index, first, last


class Resume:
    """Where each pattern goes on in the next window of a stream: behind its own last match, be it a finding or not."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}
        self._seen: list[tuple[int, int, int]] = []

    def start(self, index: int, start: int) -> int:
        """Where pattern `index` goes on in this window, at or behind `start`."""
        return max(self._next.get(index, 0), start)

    def saw(self, index: int, start: int, end: int) -> None:
        """Notes a match."""
        self._seen.append((index, start, end))

    def advance(self, cut: int, drained: int) -> None:
        """The matches before `cut` count; those behind it will be seen again. Then `drained` characters leave."""
        for index, start, end in self._seen:
            if start < cut:
                self._next[index] = max(self._next.get(index, 0), end)
        self._seen.clear()
        self._next = {index: end - drained for index, end in self._next.items()}


class PatternStream(WindowStream):
    """A stream over a guard that searches its patterns by `resume`."""

    def __init__(self, guard: PythonGuard, reach: int, resume: Resume) -> None:
        super().__init__(guard, reach)
        self._resume = resume

    def _release(self, cut: int, found: Sequence[Candidate]) -> StreamPart[Any]:
        part = super()._release(cut, found)
        # What was before the cut and is not context any more has left the window.
        self._resume.advance(cut, cut - self._open)
        return part


class Whitelist:
    """The patterns of `whitelist_patterns`; ASCII letters match in any case."""

    def __init__(self, texts: list[str]) -> None:
        self._patterns = PatternSet(Pattern.parse(text, _IGNORE_CASE) for text in texts)

    def covers(self, value: str) -> bool:
        """True when a pattern matches somewhere in `value`."""
        return self._patterns.is_match(_as_patterns_see(value)[0] if _FIRST in value else value)


# A surrogate that was encoded in three bytes: to a pattern it is one character (docs/patterns.md), to the steps, as to
# every reader of UTF-8, three bytes that are none.
_FIRST = "\udced"
_ENCODED_SURROGATE = re.compile(f"{_FIRST}[\udca0-\udcbf][\udc80-\udcbf]")


def _as_patterns_see(text: str) -> tuple[str, list[int]]:
    """The text with each encoded surrogate as one character, and where its characters and its end are in `text`."""
    places: list[int] = []
    last = 0
    for found in _ENCODED_SURROGATE.finditer(text):
        places += range(last, found.start() + 1)
        last = found.end()
    return _ENCODED_SURROGATE.sub("\ud800", text), [*places, *range(last, len(text) + 1)]
