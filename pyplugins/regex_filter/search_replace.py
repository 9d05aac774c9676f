"""Drop-in for the gateway's ``plugins.regex_filter.search_replace``: change ``kind`` by one line.

The same class names and configuration (``words: [{search, replace}]``), the same order of application, the meaning of
Python's `re`. A pattern or template that is wrong is an error at load, not skipped; a pattern never hangs; tuples and
top-level lists are read too; a payload that nothing changes is not replaced. README.md has the differences.
Tests: tests/unit/test_regex_filter_search_replace.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyplugins.core.protocol import Guard
from pyplugins.regex_filter._like_re import open_guard
from pyplugins.regex_filter.regex_filter import RegexFilterPlugin

__all__ = ["SearchReplace", "SearchReplaceConfig", "SearchReplacePlugin"]


@dataclass
class SearchReplace:
    """One pattern and the template that takes the place of its matches."""

    search: str
    replace: str


@dataclass
class SearchReplaceConfig:
    """The configuration: patterns in the order in which they are applied.

    >>> SearchReplaceConfig(words=[{"search": "crap", "replace": "crud"}]).words
    [SearchReplace(search='crap', replace='crud')]
    """

    words: Iterable[SearchReplace | Mapping[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.words = [word if isinstance(word, SearchReplace) else SearchReplace(**word) for word in self.words]

    def model_dump(self) -> dict[str, Any]:
        """Plain values."""
        words = (word for word in self.words if isinstance(word, SearchReplace))
        return {"words": [{"search": word.search, "replace": word.replace} for word in words]}


class SearchReplacePlugin(RegexFilterPlugin):
    """Searches and replaces with the meaning of Python's `re`.

    Arguments:
        config: its ``config`` holds ``words``, and may hold every other key of the regex filter.

    Raises:
        ConfigError: a word is wrong; the message names it.
    """

    def open_guard(self, config: dict[str, Any]) -> Guard:
        """A filter."""
        return open_guard(config)
