"""The regex filter as a plugin: a `RegexFilter` on six hooks.

`search_replace` holds the drop-in for the gateway's plugin. No log line, violation or metadata holds scanned text or
what a rule searches. Tests: tests/unit/test_regex_filter_plugin.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyplugins.core.protocol import Guard
from pyplugins.framework import Extensions, PluginViolation
from pyplugins.framework.guarding import Found, GuardPlugin, Stage, Verdict, is_traced
from pyplugins.regex_filter.api import FILE_KEY, RegexFilter

CODE = "REGEX_FILTER"
_MOST_RULES = 32  # names of rules in metadata and violations
_PLACES = {
    "prompt_pre_fetch": "prompt arguments",
    "prompt_post_fetch": "prompt messages",
    "tool_pre_invoke": "tool arguments",
    "tool_post_invoke": "tool result",
    "resource_pre_fetch": "resource request",
    "resource_post_fetch": "resource content",
}


class RegexFilterPlugin(GuardPlugin):
    """Rewrites what a gateway passes on, or refuses to pass it on.

    Arguments:
        config: its ``config`` holds the keys of the engine's schema, and ``rules_file``.

    Raises:
        ConfigError: a rule is wrong; the message names it.
    """

    kind = "regex_filter"
    own_keys = (FILE_KEY,)

    def open_guard(self, config: dict[str, Any]) -> Guard:
        """A filter."""
        return RegexFilter(config)

    def judge(self, stage: Stage, found: Found, extensions: Extensions | None) -> Verdict:
        """A refusal, when a rule whose action is ``block`` found something; counts and names of rules, for traces."""
        violation = _refusal(stage, found)
        if not is_traced(extensions):
            return violation, {}
        entries = [entry for group in found.values() for entry in group]
        replaced = sum(entry["action"] == "replace" for entry in entries)
        told = {
            "total_findings": len(entries),
            "total_replaced": 0 if violation else replaced,
            "rules": _names(found),
            "stage": stage.hook,
        }
        return violation, {self.kind: told}


def _refusal(stage: Stage, found: Found) -> PluginViolation | None:
    blocked = {name: entries for name, entries in found.items() if any(map(_blocks, entries))}
    if not blocked:
        return None
    place = _PLACES[stage.hook]
    return PluginViolation(
        reason=f"Rule of the regex filter matched in {place}",
        description=f"Content refused by rule in {place}",
        code=CODE,
        details={
            "rules": _names(blocked),
            "count": sum(sum(map(_blocks, entries)) for entries in blocked.values()),
        },
    )


def _blocks(entry: Mapping[str, Any]) -> bool:
    return bool(entry["action"] == "block")


def _names(found: Found) -> list[str]:
    return sorted(found)[:_MOST_RULES]
