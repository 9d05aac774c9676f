"""The SQL sanitizer in pure Python: steps of `rustlib/engines/sql_sanitizer/RULES.md`, under the same names.

It must never depend on cffi or ctypes, and no message may hold scanned text.
Tests: tests/unit/test_sql_sanitizer_fallback.py, tests/unit/test_vectors.py, tests/parity/test_sql_sanitizer_parity.py.
"""

from __future__ import annotations

import re
from operator import itemgetter

from pyplugins.core.guard import Answer, PythonGuard
from pyplugins.core.overlap import AUDIT, FLAG_DERIVED, REPLACE, SCORE_SHIFT, Candidate
from pyplugins.sql_sanitizer import _injection
from pyplugins.sql_sanitizer import _tables as t
from pyplugins.sql_sanitizer._lexer import AMBIGUOUS_BACKSLASH, AMBIGUOUS_COMMENT
from pyplugins.sql_sanitizer._settings import Settings
from pyplugins.sql_sanitizer._statements import Reading, read

#: Score of what the policy finds: the configuration names it.
SCORE = 1000


class SQLSanitizerGuard(PythonGuard):
    """The guard. `settings` is what the configuration reader made of a configuration."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__(t.KIND, settings.described())
        flags = dict.fromkeys(range(len(settings.rules)), settings.action | SCORE << SCORE_SHIFT)
        flags[settings.comment_rule] = REPLACE | SCORE << SCORE_SHIFT
        flags[settings.unclosed_rule] = AUDIT | SCORE << SCORE_SHIFT
        self._flags = flags
        self._details = [{"issue": rule.issue} if rule.issue else None for rule in settings.rules]
        # A text without any of these words holds no statement.
        words = [*t.words_of(t.HEAD | t.EXPLAIN), *settings.verbs]
        self._may_hold = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.ASCII | re.IGNORECASE)

    @classmethod
    def open(cls, config_json: str | bytes) -> SQLSanitizerGuard:
        """The guard for a configuration as JSON text.

        Raises:
            ConfigError: the configuration is wrong; `path` names the value.
        """
        return cls(Settings.read(config_json))

    def inspect(self, text: str, errors: str, *, output: bool) -> Answer:
        """Answers one text, in code points."""
        settings, reading = self._settings, self._statements(text)
        found = [Candidate(*hit, self._flags[hit.rule], self._details[hit.rule]) for hit in reading.hits]
        for start, end in reading.comments:
            found.append(Candidate(start, end, settings.comment_rule, self._flags[settings.comment_rule]))
        score = 0
        if settings.injection:
            injection = _injection.find(text, settings.value_dialect, settings.threshold)
            score = injection.score if injection else 0
            if injection and score >= settings.threshold:
                flags = settings.injection_action | score << SCORE_SHIFT | (FLAG_DERIVED if injection.derived else 0)
                found.append(
                    Candidate(injection.start, injection.end, settings.injection_rule, flags, injection.detail)
                )
        found.sort(key=itemgetter(0, 1, 2))
        self.check_findings(len(found))
        comments = reading.comments
        return Answer(found, _stripped(text, comments) if output and comments else None, score)

    def _statements(self, text: str) -> Reading:
        """All readings of the text that matter, in one: comments of the first if they are to be taken out."""
        settings = self._settings
        if not settings.patterns and not self._may_hold.search(text):
            return Reading()
        reading = read(settings, settings.dialect, text)
        if settings.dialect.name == "generic" and reading.ambiguous:
            self._read_again(text, reading)
        if not reading.sql or not settings.strip:
            reading.comments.clear()
        reading.hits = sorted(set(reading.hits))
        return reading

    def _read_again(self, text: str, reading: Reading) -> None:
        """A violation in any dialect's reading counts. What is taken out as a comment cannot do harm in another."""
        stays = not self._settings.strip or not reading.sql
        comments = bool(reading.ambiguous & AMBIGUOUS_COMMENT) and stays
        again = {"mysql": comments or bool(reading.ambiguous & AMBIGUOUS_BACKSLASH), "postgres": comments}
        for name, wanted in again.items():
            if wanted:
                other = read(self._settings, t.DIALECTS[name], text)
                reading.sql = reading.sql or other.sql
                reading.hits += (hit for hit in other.hits if hit.rule != self._settings.unclosed_rule)


def _stripped(text: str, comments: list[tuple[int, int]]) -> str:
    """The text without its comments; a space where two characters would meet."""
    parts: list[str] = []
    last = ""
    at = 0
    for start, end in comments:
        part = text[at:start]
        last = part[-1:] or last
        if last > " " and text[end : end + 1] > " ":
            part += " "
            last = " "
        parts.append(part)
        at = end
    return "".join((*parts, text[at:]))
