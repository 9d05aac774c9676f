"""The direct API: `RegexFilter`, `RegexFilterRust`, `RegexFilterPython`.

What it adds to every guard's: rules from a file, and rules of ``syntax: python``, which no engine runs. With portable
rules only, the methods are the guard's own, with nothing between. Tests: tests/unit/test_regex_filter_api.py.
"""

from __future__ import annotations

import json
from typing import Any

from pyplugins.core.protocol import Guard
from pyplugins.direct import DirectGuard

__all__ = ["RegexFilter", "RegexFilterPython", "RegexFilterRust"]

#: Key of the direct API and the plugin alone: further rules, from a file.
FILE_KEY = "rules_file"


class RegexFilter(DirectGuard):
    """Searches, replaces, reports and blocks by rules; see `DirectGuard` for arguments, attributes and errors.

    >>> words = RegexFilter({"words": [{"search": r"(\\w+)@corp", "replace": r"<\\1>"}]})
    >>> words.process("write to ann@corp today")
    'write to <ann> today'
    >>> names = RegexFilter({"rules": [{"name": "project", "search": "Blue Sky", "literal": True, "action": "block"}]})
    >>> result = names.scan("about Blue Sky")
    >>> result.blocked, result.findings
    (True, (Finding(rule='project', start=6, end=14, action='block', score=1000),))

    Each rule is applied to the result of the one before; findings stand in the text that was given.

    >>> both = RegexFilter({"words": [{"search": "cat", "replace": "dog"}, {"search": "a dog", "replace": "pets"}]})
    >>> [(found.rule, found.start, found.end, found.derived) for found in both.scan("has a cat").findings]
    [('words[1]', 4, 9, True), ('words[0]', 6, 9, False)]
    """

    kind = "regex_filter"

    @staticmethod
    def _python(config: str) -> Guard:
        from pyplugins.regex_filter.fallback import RegexFilterGuard

        return RegexFilterGuard.open(config)

    def _completed(self, config: str) -> str:
        if FILE_KEY not in config:
            return config
        members = _members(config)
        if members is None or FILE_KEY not in members:
            return config
        from pyplugins.regex_filter._file import with_rules

        return json.dumps(with_rules(members))

    def _opened(self, config: str, implementation: str) -> Guard:
        if not _has_python(config):
            return super()._opened(config, implementation)
        from pyplugins.regex_filter._mixed import MixedGuard

        return MixedGuard.open(config, lambda run: super(RegexFilter, self)._opened(run, implementation))


class RegexFilterRust(RegexFilter):
    """`RegexFilter` of the native library, never of Python."""

    def __init__(self, config: Any = None, implementation: str = "rust") -> None:
        super().__init__(config, implementation)


class RegexFilterPython(RegexFilter):
    """`RegexFilter` in pure Python.

    >>> RegexFilterPython().implementation
    'python'
    """

    def __init__(self, config: Any = None, implementation: str = "python") -> None:
        super().__init__(config, implementation)


def _members(config: str) -> dict[str, Any] | None:
    """The configuration, or None: what is no JSON object goes on as it is, and the engine says what is wrong."""
    try:
        members = json.loads(config)
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) else None


def _has_python(config: str) -> bool:
    # Nearly all configurations are decided by the first line.
    if '"python"' not in config:
        return False
    rules = (_members(config) or {}).get("rules")
    if not isinstance(rules, list):
        return False
    return any(isinstance(row, dict) and row.get("syntax") == "python" for row in rules)
