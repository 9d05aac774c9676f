"""Twin of rustlib/core/src/stream.rs: a text that arrives in parts, for every engine that offers `reach`.

The stream keeps a window. It scans the window, cuts at least `reach` before its end and never inside a finding,
releases what lies before the cut and keeps `reach` of context behind it. What an engine decides about a place depends
only on `reach` around it, so any chunking gives the whole text's result. Characters are counted where Rust counts
bytes: a character is one byte or more, so the window is never too small. Tests: tests/unit/test_core_stream.py.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pyplugins.core import overlap, units
from pyplugins.core.faults import fault
from pyplugins.core.overlap import Candidate
from pyplugins.core.result import Finding, StreamPart

if TYPE_CHECKING:
    from pyplugins.core.guard import PythonGuard

_decoder = codecs.getincrementaldecoder("utf-8")


class WindowStream:
    """One stream over a pure-Python engine. Serves one thread at a time."""

    def __init__(self, guard: PythonGuard, reach: int) -> None:
        self._guard = guard
        self._reach = reach
        self._kind: type[str] | type[bytes] | None = None
        self._decode = _decoder(units.BYTES_ERRORS).decode
        self._errors = units.STR_ERRORS
        self._window = ""
        self._pending: list[str] = []
        self._pending_length = 0
        #: Index in the window of the first character that is not released yet; what lies before is context.
        self._open = 0
        #: Units of the caller released so far.
        self._released = 0
        self._bytes_taken = 0
        self._findings = 0
        self._ended = False

    def push(self, chunk: Any) -> StreamPart[Any]:
        """Takes the next part and releases what is decided.

        Raises:
            UsageError: the stream has ended or failed, or the part is not of the kind of the first one.
            InputTooLarge: a limit on the whole text was passed; the stream has failed.
        """
        chunk = units.checked(chunk)
        if self._ended:
            raise fault("finished")
        self._settle(chunk)
        try:
            self._take(chunk)
            return self._advance(final=False) if self._worth_scanning() else self._part((), "")
        except Exception:
            self._ended = True
            raise

    def finish(self) -> StreamPart[Any]:
        """Releases the rest; afterwards the stream takes nothing more."""
        if self._ended:
            raise fault("finished")
        self._ended = True
        if self._kind is bytes:
            self._pending.append(self._decode(b"", final=True))
        return self._advance(final=True)

    def _worth_scanning(self) -> bool:
        # A quarter of the reach keeps one-character parts linear and holds back little more than the reach itself.
        unreleased = len(self._window) - self._open + self._pending_length
        return unreleased > self._reach and self._pending_length * 4 >= self._reach

    def _settle(self, chunk: str | bytes) -> None:
        kind = str if isinstance(chunk, str) else bytes
        if self._kind is None:
            self._kind = kind
            self._errors = units.STR_ERRORS if kind is str else units.BYTES_ERRORS
        elif kind is not self._kind:
            raise fault("bad_type")

    def _take(self, chunk: str | bytes) -> None:
        self._bytes_taken += len(chunk) if isinstance(chunk, bytes) else units.utf8_length(chunk)
        limit = self._guard.limits.max_text_bytes
        if self._bytes_taken > limit:
            raise fault("too_large", a=self._bytes_taken, b=limit)
        text = chunk if isinstance(chunk, str) else self._decode(chunk)
        self._pending.append(text)
        self._pending_length += len(text)

    def _advance(self, *, final: bool) -> StreamPart[Any]:
        self._window = "".join((self._window, *self._pending))
        self._pending.clear()
        self._pending_length = 0
        found = overlap.resolve(self._guard.find(self._window, self._open))
        cut = len(self._window) if final else self._cut(found)
        if not final:
            found = [candidate for candidate in found if candidate.start < cut]
        self._findings += len(found)
        self._guard.check_findings(self._findings)
        return self._release(cut, found)

    def _cut(self, found: Sequence[Candidate]) -> int:
        cut = max(len(self._window) - self._reach, self._open)
        return min((c.start for c in found if c.start < cut < c.end), default=cut)

    def _release(self, cut: int, found: Sequence[Candidate]) -> StreamPart[Any]:
        window, start = self._window, self._open
        output = self._guard.rewrite(window, start, cut, found, self._errors)
        findings = tuple(self._findings_in_units(found))
        self._released += self._units(start, cut)
        keep = max(cut - self._reach, 0)
        self._window, self._open = window[keep:], cut - keep
        return self._part(findings, window[start:cut] if output is None else output)

    def _findings_in_units(self, found: Iterable[Candidate]) -> Iterable[Finding]:
        last, place = self._open, self._released
        for candidate in found:
            place += self._units(last, candidate.start)
            last = candidate.start
            end = place + self._units(candidate.start, candidate.end)
            yield self._guard.finding(candidate._replace(start=place, end=end))

    def _units(self, start: int, end: int) -> int:
        if self._kind is not bytes:
            return end - start
        return len(self._window[start:end].encode("utf-8", self._errors))

    def _part(self, findings: tuple[Finding, ...], output: str) -> StreamPart[Any]:
        if self._kind is bytes:
            return StreamPart(findings, output.encode("utf-8", self._errors))
        return StreamPart(findings, output)
