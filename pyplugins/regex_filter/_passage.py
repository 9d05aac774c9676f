"""One text while rules go over it, each over the result of the one before: what was found, and where it comes from.

It must never give another result than rules in sequence. Tests: tests/vectors/regex_filter.jsonl,
tests/unit/test_regex_filter_python.py.
"""

from __future__ import annotations

from pyplugins.core.guard import Answer
from pyplugins.core.overlap import FLAG_DERIVED, SCORE_SHIFT, Candidate
from pyplugins.regex_filter._origins import Origins
from pyplugins.regex_filter._rules import Rule, rewrite
from pyplugins.regex_filter._text import STR, BytesCoding, Coding, Views

#: Score of all rules: their author vouches for them.
SCORE = 1000


class Passage:
    """A `str`, or bytes that are UTF-8. Places are characters until the answer.

    Args:
        text: what is read.
        coding: how it goes back to the caller.
        most_findings: findings of all rules.
        most_bytes: size of the text after any rule.
    """

    def __init__(self, text: str, coding: Coding, most_findings: int, most_bytes: int) -> None:
        self.views = Views(text)
        self.found: list[Candidate] = []
        self.most_findings = most_findings
        self._text = text
        self._coding = coding
        self._most_bytes = most_bytes
        self._origins = self._origins_at_first()

    def _origins_at_first(self) -> Origins:
        return Origins.of(len(self._text))

    @property
    def room(self) -> int:
        """Findings that may still come."""
        return self.most_findings - len(self.found)

    def add(self, index: int, action: int, start: int, end: int) -> None:
        """A match in the text as it is now, by a rule with this number."""
        begin, finish, derived = self._origins.locate(start, end)
        flags = action | (FLAG_DERIVED if derived else 0) | SCORE << SCORE_SHIFT
        self.found.append(Candidate(begin, finish, index, flags))

    def apply(self, index: int, rule: Rule) -> None:
        """The rule goes over the text.

        Raises:
            InputTooLarge: more findings, or a larger text, than the limit.
        """
        matches, edits = rule.pass_over(self.views, self.room, self._coding.size, self._most_bytes)
        for start, end in matches:
            self.add(index, rule.action, start, end)
        if edits:
            self._origins = self._origins.rewritten(edits)
            self.views = Views(rewrite(self.views.text, edits))

    def answer(self, *, output: bool) -> Answer:
        """What was found, and the text if it changed."""
        self.found.sort(key=lambda one: one[:3])
        now = self.views.text
        return self._coding.answered(Answer(self.found, now if output and now != self._text else None))


class RawPassage(Passage):
    """What is no UTF-8. Places are bytes, and what a rule leaves is read anew: some may have met as a character."""

    def __init__(self, data: bytes, coding: BytesCoding, most_findings: int, most_bytes: int) -> None:
        self._data = self._now = data
        self._raw = coding
        super().__init__(coding.text, coding, most_findings, most_bytes)

    def _origins_at_first(self) -> Origins:
        return Origins.of(len(self._data))

    def apply(self, index: int, rule: Rule) -> None:
        """The rule goes over the text; see `Passage.apply`."""
        matches, edits = rule.pass_over(self.views, self.room, self._raw.size, self._most_bytes)
        spans = (*matches, *(edit[:2] for edit in edits))
        places = self._raw.places(self.views.text, (at for span in spans for at in span))
        for start, end in matches:
            self.add(index, rule.action, places[start], places[end])
        if edits:
            in_bytes = [(places[start], places[end], self._raw.encode(written)) for start, end, written in edits]
            self._origins = self._origins.rewritten(in_bytes)
            self._now = rewrite(self._now, in_bytes)
            self._raw = BytesCoding(self._now)
            self.views = Views(self._raw.text)

    def answer(self, *, output: bool) -> Answer:
        """What was found, and the bytes if they changed."""
        self.found.sort(key=lambda one: one[:3])
        return Answer(self.found, self._now if output and self._now != self._data else None)


def passage(given: str | bytes, most_findings: int, most_bytes: int) -> Passage:
    """The one for this text."""
    if isinstance(given, str):
        return Passage(given, STR, most_findings, most_bytes)
    coding = BytesCoding(given)
    if coding.stands_in:
        return RawPassage(given, coding, most_findings, most_bytes)
    return Passage(coding.text, coding, most_findings, most_bytes)
