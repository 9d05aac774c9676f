"""Rules of ``syntax: python``: Python's own patterns, run by the same code whichever implementation is loaded.

A pattern runs on `re` where it is proved linear, else on the package `regex`, which has a time limit: no request may
ever hang. It must never run a pattern on `re` that is not proved. Tests: tests/unit/test_regex_filter_python.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pyplugins.core.faults import fault
from pyplugins.core.pattern import Options, Pattern, PatternError, Span
from pyplugins.regex_filter._rules import OPTIONS, Groups
from pyplugins.regex_filter._template import Template
from pyplugins.regex_filter._text import Views

#: Letters of a rule's `flags`.
FLAGS = {"i": re.I, "m": re.M, "s": re.S, "a": re.A, "x": re.X}

_LEADING_FLAGS = re.compile(r"(?:\(\?[aiLmsux]+\))*")


class PythonPattern:
    """A pattern with Python's meaning.

    Raises:
        ConfigError: Python refuses the pattern; or it needs the package `regex`, which is not here.
    """

    def __init__(self, text: str, options: Options, flags: str, path: str, timeout_ms: int) -> None:
        letters = set(flags) | ({"i"} if options.ignore_case else set())
        bits = sum(int(FLAGS[letter]) for letter in letters)
        source = _whole_word(text) if options.whole_word else text
        try:
            compiled: Any = re.compile(source, bits)
        except (re.error, OverflowError, RecursionError) as error:
            raise fault("pattern_refused", path, getattr(error, "pos", None) or 0) from None
        self.runs = "re" if is_linear(text, options, compiled.flags) else "regex"
        self._timeout_ms = timeout_ms
        self._compiled = compiled if self.runs == "re" else _with_time_limit(source, bits, path)
        self.names: list[str | None] = [None] * (self._compiled.groups + 1)
        for name, index in self._compiled.groupindex.items():
            self.names[index] = name

    def is_absent(self, views: Views) -> bool:
        """No quick look shows anything."""
        return False

    def replaced(self, views: Views, template: Template, most: int) -> tuple[int, str] | None:
        """Every match takes a closer look."""
        return None

    def matches(self, views: Views) -> Iterator[tuple[Span, Groups]]:
        """Each match, as ``re.sub`` would replace them.

        Raises:
            InputTooLarge: the time limit was passed.
        """
        if self.runs == "re":
            for found in self._compiled.finditer(views.text):
                yield found.span(), lambda found=found: _groups(found)  # type: ignore[misc]
            return
        try:
            for found in self._compiled.finditer(views.text, timeout=self._timeout_ms / 1000):
                yield found.span(), lambda found=found: _groups(found)  # type: ignore[misc]
        except TimeoutError:
            raise fault("pattern_timeout", b=self._timeout_ms) from None


def is_linear(text: str, options: Options, flags: int) -> bool:
    """Whether `re` is proved to take linear time: the portable grammar reads the pattern, and its proof holds for the
    classes of ASCII and for those of all scripts."""
    if flags & re.X:
        return False
    wide = replace(
        OPTIONS,
        ignore_case=bool(flags & re.I),
        multi_line=bool(flags & re.M),
        dot_all=bool(flags & re.S),
        whole_word=options.whole_word,
    )
    try:
        return all(Pattern.parse(text, replace(wide, unicode=unicode)).runs_on_re for unicode in (False, True))
    except PatternError:
        return False


def _whole_word(text: str) -> str:
    flags = _LEADING_FLAGS.match(text)
    at = flags.end() if flags else 0
    return f"{text[:at]}(?<!\\w)(?:{text[at:]})(?!\\w)"


def _with_time_limit(source: str, flags: int, path: str) -> Any:
    try:
        import regex
    except ImportError:
        raise fault("pattern_extra", path) from None
    try:
        return regex.compile(source, flags | regex.VERSION0)
    except regex.error as error:
        raise fault("pattern_refused", path, error.pos or 0) from None


def _groups(found: Any) -> Sequence[Span | None]:
    spans = (found.span(index) for index in range(found.re.groups + 1))
    return [span if span[0] >= 0 else None for span in spans]
