"""The regex filter in pure Python: rules in sequence, each applied to the result of the one before.

The readable reference of `rustlib/engines/regex_filter`, which shares passes between rules where that makes no
difference (RULES.md). It must never depend on cffi or ctypes, and no message may hold a rule or scanned text.
Tests: tests/unit/test_regex_filter_*.py, tests/unit/test_vectors.py, tests/parity/test_regex_filter_parity.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pyplugins.core import config as configuration
from pyplugins.core import data, units
from pyplugins.core.faults import fault
from pyplugins.core.guard import Answer, PythonGuard
from pyplugins.core.result import ACTIONS
from pyplugins.regex_filter import _rules
from pyplugins.regex_filter._passage import passage
from pyplugins.regex_filter._text import STR, BytesCoding, Views

T = TypeVar("T", bound=str | bytes)

KIND = "regex_filter"
_LIMITS = ("max_text_bytes", "max_output_bytes", "max_nested_depth", "max_collection_items", "max_findings")


class RegexFilterGuard(PythonGuard):
    """The guard.

    >>> guard = RegexFilterGuard.open('{"words": [{"search": "cat", "replace": "dog"}]}')
    >>> guard.process("a cat"), guard.scan("no pets").changed
    ('a dog', False)
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._rules = _rules.read(settings)
        self._enabled = [(index, rule) for index, rule in enumerate(self._rules) if rule.enabled]
        self._max_output_bytes: int = settings["max_output_bytes"]
        super().__init__(KIND, {"rules": [described(rule) for rule in self._rules], "limits": limits(settings)})

    @classmethod
    def open(cls, config_json: str | bytes) -> RegexFilterGuard:
        """The guard for a configuration as JSON text.

        Raises:
            ConfigError: the configuration is wrong; `path` names the value.
        """
        return cls(configuration.read(data.load(KIND, "schema.json"), config_json))

    def _answers(self, texts: Sequence[str | bytes], *, output: bool, details: bool = True) -> Iterator[Answer]:
        for text in texts:
            units.check_size(text, self.limits.max_text_bytes)
            going = passage(text, self.limits.max_findings, self._max_output_bytes)
            for index, rule in self._enabled:
                going.apply(index, rule)
            yield going.answer(output=output)

    def process_many(self, texts: Sequence[T], /) -> list[T]:
        """The rewritten texts; the very objects where nothing changed."""
        if isinstance(texts, (str, bytes)):
            raise fault("bad_type")
        texts = list(texts)
        readable = [units.checked(text) for text in texts]
        return [self._rewritten(text, given) for text, given in zip(texts, readable, strict=True)]

    def _rewritten(self, text: T, given: Any) -> T:
        """Applies every rule, and does not ask where its matches were."""
        units.check_size(given, self.limits.max_text_bytes)
        if isinstance(given, str):
            start, coding = given, STR
        else:
            coding = BytesCoding(given)
            start = coding.text
        views = Views(start)
        most = self.limits.max_findings
        for _, rule in self._enabled:
            count, now = rule.rewrite(views, most, coding.size, self._max_output_bytes)
            most -= count
            if now is not views.text:
                if isinstance(coding, BytesCoding) and coding.stands_in:
                    coding = BytesCoding(coding.encode(now))
                    now = coding.text
                views = Views(now)
        made: Any = views.text if isinstance(given, str) else coding.encode(views.text)
        return text if made == given else made


def described(rule: _rules.Rule) -> dict[str, Any]:
    """A rule's row of `describe`."""
    return {
        "name": rule.name,
        "group": rule.name,
        "enabled": rule.enabled,
        "attributes": {"action": ACTIONS[rule.action]},
        "syntax": "portable",
        "runs": rule.search.runs,
    }


def limits(settings: Mapping[str, Any]) -> dict[str, int]:
    """The limits of a configuration."""
    return {name: settings[name] for name in _LIMITS}
