"""The guard protocol on top of very little: what a pure-Python engine or a binding inherits.

`BaseGuard` needs one method that answers a list of texts; `PythonGuard` reduces that to finding and replacing, so that
a fallback engine writes matching only. Guards are immutable. Tests: tests/unit/test_core_guard.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, TypeVar

from pyplugins.core import nested, overlap, units
from pyplugins.core.description import limits_of, rules_of, version
from pyplugins.core.faults import fault
from pyplugins.core.overlap import Candidate
from pyplugins.core.protocol import Detections, Marks, Stream
from pyplugins.core.result import ACTIONS, Finding, ScanResult
from pyplugins.core.stream import WindowStream
from pyplugins.errors import PluginError

T = TypeVar("T", bound=str | bytes)


class Answer(NamedTuple):
    """What an engine says about one text. Offsets are in the unit of the text that was asked about."""

    found: Sequence[Candidate]
    #: The rewritten text; `None` when nothing changed or no output was asked for.
    output: Any
    #: A score of the whole text beside those of the findings, 0..1000.
    score: int = 0


class BaseGuard(ABC):
    """Everything of `pyplugins.core.protocol.Guard` except `stream`, from `_answers`."""

    implementation: ClassVar[str]
    binding: ClassVar[str | None]

    def __init__(self, kind: str, described: Mapping[str, Any]) -> None:
        self.kind = kind
        self.rules = rules_of(described)
        self.limits = limits_of(described)
        self._described = dict(described)

    @abstractmethod
    def _answers(self, texts: Sequence[str | bytes], *, output: bool, details: bool) -> Iterable[Answer]:
        """One answer for each text, in order. Raises the first fault; texts after it are not looked at.

        Args:
            texts: what to look at.
            output: build the rewritten texts.
            details: findings get their details; without it they may.
        """

    @abstractmethod
    def stream(self) -> Stream:
        """A new stream."""

    def describe(self) -> dict[str, Any]:
        """Rules, limits and how each rule runs."""
        return dict(self._described)

    def scan(self, text: T, /) -> ScanResult[T]:
        """Findings, rewritten text and verdict."""
        return self.scan_many((text,))[0]

    def process(self, text: T, /) -> T:
        """The rewritten text; the very object when nothing changed."""
        return self.process_many((text,))[0]

    def detect(self, text: str | bytes, /) -> Detections:
        """Findings grouped by their rules' groups."""
        return self.detect_many((text,))[0]

    def scan_many(self, texts: Sequence[T], /) -> list[ScanResult[T]]:
        """`scan` of each text."""
        return [self._result(text, answer) for text, answer in self._asked(texts, output=True, details=True)]

    def process_many(self, texts: Sequence[T], /) -> list[T]:
        """`process` of each text."""
        asked = self._asked(texts, output=True, details=False)
        return [text if answer.output is None else answer.output for text, answer in asked]

    def detect_many(self, texts: Sequence[str | bytes], /) -> list[Detections]:
        """`detect` of each text."""
        everything: list[Detections] = []
        for text, answer in self._asked(texts, output=False, details=False):
            everything.append({})
            self._group(everything[-1], units.checked(text), answer)
        return everything

    def process_nested(
        self, data: Any, path: str = "", *, keys: bool = False, numbers: bool = False
    ) -> tuple[bool, Any, Detections]:
        """Guards every text in nested data; see `pyplugins.core.nested`.

        Args:
            data: anything; texts in mappings, sequences, sets and objects are read, the rest is left alone.
            path: where the data stands, for the `path` of an error.
            keys: read the keys of mappings too.
            numbers: read numbers too, as their decimal text.
        """
        detections: Detections = {}
        options = nested.Options(self.limits, self.implementation, keys, numbers)
        group = partial(self._group, detections)
        return *self._walked(data, path, options, group), detections

    def rewrite_nested(self, data: Any, path: str = "", /) -> tuple[bool, Any, Marks]:
        """`process_nested` that tells of each finding the attributes of its rule alone, and no scanned text."""
        marks: Marks = {}

        def group(_: str, answer: Answer) -> None:
            for candidate in answer.found:
                rule = self.rules[candidate.rule]
                marks.setdefault(rule.group, []).append(MappingProxyType(rule.attributes))

        return *self._walked(data, path, nested.Options(self.limits, self.implementation), group), marks

    def _walked(
        self, data: Any, path: str, options: nested.Options, group: Callable[[str, Answer], None]
    ) -> tuple[bool, Any]:
        def guard_leaves(leaves: list[str]) -> Iterator[str | None]:
            for leaf, answer in zip(leaves, self._answers(leaves, output=True, details=False), strict=True):
                group(leaf, answer)
                yield answer.output

        try:
            return nested.rewrite(data, guard_leaves, options)
        except PluginError as error:
            error.path = error.path or path
            raise

    def close(self) -> None:  # noqa: B027 - pure Python has nothing to drop
        """Drops the reference to the engine."""

    def _asked(self, texts: Sequence[T], *, output: bool, details: bool) -> Iterator[tuple[T, Answer]]:
        if isinstance(texts, (str, bytes)):
            raise fault("bad_type", implementation=self.implementation)
        texts = list(texts)
        readable = [units.checked(text, self.implementation) for text in texts]
        return zip(texts, self._answers(readable, output=output, details=details), strict=True)

    def _result(self, text: T, answer: Answer) -> ScanResult[T]:
        findings = tuple(self.finding(candidate) for candidate in answer.found)
        changed = answer.output is not None
        return ScanResult(
            findings,
            answer.output if changed else text,
            changed,
            any(finding.action == "block" for finding in findings),
            max([answer.score, *(finding.score for finding in findings)]),
        )

    def finding(self, candidate: Candidate) -> Finding:
        """The public form of a resolved candidate."""
        flags = candidate.flags
        return Finding(
            self.rules[candidate.rule].name,
            candidate.start,
            candidate.end,
            ACTIONS[flags & overlap.FLAG_ACTION],
            flags >> overlap.SCORE_SHIFT,
            candidate.detail,
            bool(flags & overlap.FLAG_GUESS),
            bool(flags & overlap.FLAG_DERIVED),
        )

    def _group(self, detections: Detections, text: str | bytes, answer: Answer) -> None:
        for start, end, rule, *_ in answer.found:
            _, group, attributes = self.rules[rule]
            entry = {"value": text[start:end], "start": start, "end": end, **attributes}
            detections.setdefault(group, []).append(entry)


class PythonGuard(BaseGuard):
    """A pure-Python engine: a subclass writes `find` and `replacement`, or overrides `inspect` altogether.

    Args:
        kind: name of the engine.
        described: rules and limits, as `describe` of the Rust engine says them for the same configuration.
    """

    implementation = "python"
    binding = None

    def describe(self) -> dict[str, Any]:
        """What the Rust engine says for the same configuration."""
        return {"kind": self.kind, "version": version(), **super().describe()}

    #: Characters either side of a finding's start that can decide about it; no finding is longer. `None`: no streams.
    reach: int | None = None

    def find(self, text: str, start: int = 0) -> list[Candidate]:
        """Candidates that start at or after `start`; what lies before is context only. Overlaps are resolved later."""
        raise NotImplementedError

    def replacement(self, value: str, candidate: Candidate, errors: str) -> str | None:
        """What takes the place of `value`, or `None` to leave it; `errors` is how to turn `value` into bytes."""
        raise NotImplementedError

    def inspect(self, text: str, errors: str, *, output: bool) -> Answer:
        """Answers one text, in code points. Engines that do not find and replace override this."""
        found = overlap.resolve(self.find(text))
        self.check_findings(len(found))
        return Answer(found, self.rewrite(text, 0, len(text), found, errors) if output and found else None)

    def check_findings(self, count: int) -> None:
        """Raises when a text has more findings than the limit."""
        if count > self.limits.max_findings:
            raise fault("too_many_findings", a=count, b=self.limits.max_findings)

    def rewrite(self, text: str, start: int, end: int, found: Iterable[Candidate], errors: str) -> str | None:
        """`text[start:end]` with what was found in it replaced; `None` when nothing changed."""
        pieces: list[str] = []
        last = start
        for candidate in found:
            value = text[candidate.start : candidate.end]
            new = self.replacement(value, candidate, errors)
            if new is not None and new != value:
                pieces += (text[last : candidate.start], new)
                last = candidate.end
        return "".join((*pieces, text[last:end])) if pieces else None

    def stream(self) -> Stream:
        """A new stream; `UsageError` when this engine must see the whole text."""
        if self.reach is None:
            raise fault("unsupported")
        return WindowStream(self, self.reach)

    def _answers(self, texts: Sequence[str | bytes], *, output: bool, details: bool = True) -> Iterator[Answer]:
        for text in texts:
            units.check_size(text, self.limits.max_text_bytes)
            if isinstance(text, str):
                yield self.inspect(text, units.STR_ERRORS, output=output)
            else:
                yield self._answer_bytes(text, output=output)

    def _answer_bytes(self, data: bytes, *, output: bool) -> Answer:
        errors = units.BYTES_ERRORS
        text = data.decode("utf-8", errors)
        answer = self.inspect(text, errors, output=output)
        place = units.byte_offsets(text, (at for candidate in answer.found for at in candidate[:2]), errors)
        found = [c._replace(start=place[c.start], end=place[c.end]) for c in answer.found]
        rewritten = None if answer.output is None else answer.output.encode("utf-8", errors)
        return Answer(found, rewritten, answer.score)
