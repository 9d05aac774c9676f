"""Search and replace with the meaning of Python's `re`, by the engine wherever that meaning is the engine's too.

A pattern of the portable grammar can mean the same as in `re` on every text, or on ASCII texts only (``\\w``), or never
(an empty match); what is neither runs as ``syntax: python``. It must never choose the engine where the result could
differ. Tests: tests/unit/test_regex_filter_search_replace.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyplugins.core.faults import fault
from pyplugins.core.guard import Answer, BaseGuard
from pyplugins.core.overlap import FLAG_DERIVED, SCORE_SHIFT, Candidate
from pyplugins.core.pattern import Pattern, PatternError
from pyplugins.core.pattern.tree import Assertion, Look, Repeat, lengths, walk
from pyplugins.core.protocol import Guard, Stream
from pyplugins.errors import ConfigError
from pyplugins.regex_filter._file import with_rules
from pyplugins.regex_filter._rules import ACTIONS, OPTIONS
from pyplugins.regex_filter.api import FILE_KEY, RegexFilter

ALWAYS, ON_ASCII, NEVER = "always", "on ASCII", "never"

_ESCAPES = re.compile(r"\\(.)", re.DOTALL)
#: Letters that fold, by flags at the start or of a group.
_FOLDS = re.compile(r"\(\?[a-zA-Z]*i")
#: White space to `str` and not to ASCII's six.
_SEPARATORS = re.compile("[\x1c-\x1f]")
_RULE = re.compile(r"\$\.rules\[([0-9]+)\]")
#: What a template can write beyond ASCII, when it is ASCII itself.
_OCTAL = re.compile(r"\\[0-3]?[0-7]{2}")


def sameness(search: str) -> str:
    """Where the portable meaning of a pattern is that of `re` for `str`.

    >>> sameness("cat|dog"), sameness(r"\\bcat\\b"), sameness("cat$")
    ('always', 'on ASCII', 'never')
    """
    try:
        pattern = Pattern.parse(search, OPTIONS)
        re.compile(search)
    except (PatternError, re.error, OverflowError, RecursionError):
        return NEVER
    if pattern.can_be_empty or any(map(_differs, walk(pattern.node))):
        return NEVER
    letters = set(_ESCAPES.findall(search))
    folds = _FOLDS.search(search) is not None
    if folds and (not search.isascii() or letters & set("xuU")):
        return NEVER
    return ON_ASCII if folds or letters & set("dDwWsSbB") else ALWAYS


def _differs(node: Any) -> bool:
    """The end of the text, and loops around what can be empty."""
    match node:
        case Assertion(Look.TEXT_END):
            return True
        case Repeat(body):
            return lengths(body).min_chars == 0
    return False


def open_guard(config: Mapping[str, Any], implementation: str = "auto") -> Guard:
    """A guard whose `words` mean what they mean to ``re.sub``; other keys are those of `RegexFilter`.

    Raises:
        ConfigError: a word is wrong; `path` names it.
    """
    if config.get(FILE_KEY) is not None:
        config = with_rules(dict(config))
    words = config.get("words", [])
    plain = not isinstance(words, list) or not all(isinstance(row, dict) for row in words)
    plain = plain or not isinstance(config.get("rules", []), list)
    if plain or not all(isinstance(row.get(key), str) for row in words for key in ("search", "replace")):
        return RegexFilter(config, implementation)
    same = [sameness(row["search"]) for row in words]
    exact = _ruled(config, [level == ALWAYS for level in same], implementation)
    if NEVER in same or ON_ASCII not in same or not all(_writes_ascii(row["replace"]) for row in words):
        return exact
    return AsciiSwitch(_ruled(config, [True] * len(same), implementation), exact)


def _writes_ascii(template: str) -> bool:
    return template.isascii() and not _OCTAL.search(template)


def _ruled(config: Mapping[str, Any], portable: Sequence[bool], implementation: str) -> RegexFilter:
    """Words as rules under their own names, in front of the other rules."""
    words = config.get("words", [])
    rules = [
        {**row, "name": f"words[{index}]", "syntax": "portable" if here else "python"}
        for index, (row, here) in enumerate(zip(words, portable, strict=True))
    ]
    try:
        return RegexFilter({**config, "words": [], "rules": [*rules, *config.get("rules", [])]}, implementation)
    except ConfigError as error:
        raise _of_words(error, len(words)) from None


def _of_words(error: ConfigError, count: int) -> ConfigError:
    """The error with the path that the configuration has."""
    place = _RULE.match(error.path)
    if place is None:
        return error
    index = int(place[1])
    there = f"$.words[{index}]" if index < count else f"$.rules[{index - count}]"
    path = there + error.path[place.end() :]
    message = str(error).replace(error.path, path)
    return ConfigError(message, code=error.code, path=path, implementation=error.implementation)


class AsciiSwitch(BaseGuard):
    """Two guards that agree on ASCII texts: one that is fast, and one that is right on the others."""

    def __init__(self, on_ascii: RegexFilter, exact: RegexFilter) -> None:
        described = exact.describe()
        super().__init__(described["kind"], described)
        self.implementation = exact.implementation  # type: ignore[misc]
        self.binding = exact.binding  # type: ignore[misc]
        self._on_ascii, self._exact = on_ascii, exact
        self._numbers = {rule.name: index for index, rule in enumerate(self.rules)}

    def stream(self) -> Stream:
        """Rules need the whole text."""
        raise fault("unsupported", implementation=self.implementation)

    def _answers(self, texts: Sequence[str | bytes], *, output: bool, details: bool) -> Iterator[Answer]:
        for text in texts:
            result = self._guard_for(text).scan(text)
            found = [self._candidate(finding) for finding in result.findings]
            yield Answer(found, result.output if output and result.changed else None)

    def _guard_for(self, text: str | bytes) -> RegexFilter:
        # Bytes are decoded for the second search only when they are ASCII.
        if text.isascii() and not _SEPARATORS.search(text if isinstance(text, str) else text.decode("ascii")):
            return self._on_ascii
        return self._exact

    def _candidate(self, finding: Any) -> Candidate:
        flags = ACTIONS[finding.action] | (FLAG_DERIVED if finding.derived else 0) | finding.score << SCORE_SHIFT
        return Candidate(finding.start, finding.end, self._numbers[finding.rule], flags)
