"""What every guard answers with, from every implementation.

The classes are tuples: immutable, comparable, and cheap to make from C. Their `repr` never shows scanned text.
Tests: tests/unit/test_core_result.py.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T", bound=str | bytes)

#: Names of the values of bits 0-1 of a finding's flags.
ACTIONS = ("audit", "replace", "block")


class Finding(NamedTuple):
    """One finding. Offsets are half-open: code points of a `str`, bytes of a `bytes`; a span may be empty."""

    #: Name of the rule, as `describe` lists it.
    rule: str
    start: int
    end: int
    #: What the engine proposes: ``"audit"``, ``"replace"`` or ``"block"``.
    action: str = "replace"
    #: 0..1000
    score: int = 0
    #: The engine's reasons or edits as its schema describes them, or `None`. It may quote the text.
    detail: Any = None
    #: The engine guessed.
    guess: bool = False
    #: Found in rewritten or decoded text; the span is the smallest input span that produced it.
    derived: bool = False

    def __repr__(self) -> str:
        span = f"start={self.start}, end={self.end}"
        return f"Finding(rule={self.rule!r}, {span}, action={self.action!r}, score={self.score})"


class ScanResult(NamedTuple, Generic[T]):
    """The answer to one `scan`."""

    findings: tuple[Finding, ...]
    #: The rewritten text; the very object that was scanned when nothing changed.
    output: T
    changed: bool
    #: At least one finding asks that the content must not pass.
    blocked: bool
    #: Highest score of the findings, or what the engine says of the whole text, 0..1000.
    score: int = 0

    def __repr__(self) -> str:
        return f"ScanResult(findings={len(self.findings)}, changed={self.changed}, blocked={self.blocked})"


class StreamPart(NamedTuple, Generic[T]):
    """What one `push` or `finish` of a stream released. Offsets count from the start of the stream."""

    findings: tuple[Finding, ...]
    #: Rewritten text that is safe to pass on; nothing later can change it.
    output: T

    def __repr__(self) -> str:
        return f"StreamPart(findings={len(self.findings)}, output={len(self.output)} units)"
