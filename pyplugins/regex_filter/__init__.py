"""Searches, replaces, reports and blocks by rules: patterns and plain words, in prompts, arguments and results.

`RegexFilter` is the direct API, `RegexFilterPlugin` the plugin class; importing the first loads no framework.
`SearchReplacePlugin` takes the place of the gateway's plugin. README.md says what a rule can do.
Tests: tests/unit/test_regex_filter_*.py, tests/parity/test_regex_filter_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.regex_filter.api import RegexFilter, RegexFilterPython, RegexFilterRust
    from pyplugins.regex_filter.regex_filter import RegexFilterPlugin
    from pyplugins.regex_filter.search_replace import SearchReplacePlugin

__all__ = ["RegexFilter", "RegexFilterPlugin", "RegexFilterPython", "RegexFilterRust", "SearchReplacePlugin"]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "RegexFilter": "api",
        "RegexFilterPython": "api",
        "RegexFilterRust": "api",
        "RegexFilterPlugin": "regex_filter",
        "SearchReplacePlugin": "search_replace",
    },
)
