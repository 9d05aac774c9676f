"""The SQL sanitizer as a plugin: an ``SQLSanitizer`` over the arguments of prompts and tools.

Drop-in for ``cpex_sql_sanitizer.SQLSanitizerPlugin``: the same configuration keys, violation code, issue texts and
metadata. Issue texts are words of the configuration; no log line, violation or metadata holds scanned text.
Tests: tests/unit/test_sql_sanitizer_plugin.py, tests/cpex/test_peer_sql_plugin.py.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pyplugins.core.faults import fault
from pyplugins.core.protocol import Guard
from pyplugins.framework import Extensions, PluginViolation
from pyplugins.framework.guarding import Found, GuardPlugin, Rewrite, Stage, Verdict, merge
from pyplugins.sql_sanitizer.api import SQLSanitizer

logger = logging.getLogger("pyplugins.sql_sanitizer")

_CODE = "SQL_SANITIZER"
_REASON = "Risky SQL detected"
_DESCRIPTIONS = {
    hook: f"Potentially dangerous SQL detected in {place}"
    for hook, place in {
        "prompt_pre_fetch": "prompt args",
        "prompt_post_fetch": "prompt result",
        "tool_pre_invoke": "tool args",
        "tool_post_invoke": "tool result",
        "resource_pre_fetch": "resource request",
        "resource_post_fetch": "resource content",
    }.items()
}

#: Depth of the walk that looks for `fields`; what is found is walked by the guard, with its own limits.
_DEEPEST = 64


class SQLSanitizerPlugin(GuardPlugin):
    """Refuses statements that the configuration does not allow, and takes comments out of the others.

    Arguments:
        config: its ``config`` holds the keys of README.md. ``blocked_statements`` may hold compiled patterns.

    Raises:
        ConfigError: a value is wrong; the message names the key.
    """

    kind = "sql_sanitizer"

    def open_guard(self, config: dict[str, Any]) -> Guard:
        """The sanitizer."""
        patterns = config.get("blocked_statements")
        if isinstance(patterns, (list, tuple)):
            texts = [pattern.pattern if isinstance(pattern, re.Pattern) else pattern for pattern in patterns]
            config = {**config, "blocked_statements": texts}
        guard = SQLSanitizer(config)
        self._blocks: bool = config.get("block_on_violation", True)
        return guard

    def rewriter(self) -> Rewrite:
        """Takes comments out of everything; of named fields only, when the configuration names some."""
        fields = self.settings.get("fields")
        return super().rewriter() if fields is None else partial(self._in_fields, frozenset(fields))

    def _in_fields(self, fields: frozenset[str], value: Any, path: str) -> tuple[bool, Any, Found]:
        found: Found = {}

        def rewrite(part: Any) -> tuple[bool, Any]:
            changed, new, here = self.guard.rewrite_nested(part, path)
            merge(found, here)
            return changed, new

        return *_below(fields, value, path, rewrite, 0), found

    def judge(self, stage: Stage, found: Found, extensions: Extensions | None) -> Verdict:
        """A refusal that lists the issues, unless the configuration only watches; else what the peer tells: that
        something was taken out, and the issues that were let pass."""
        violations = found.get("violation", ())
        if violations and self._blocks:
            issues = [entry["issue"] for entry in violations]
            if logger.isEnabledFor(logging.WARNING):
                logger.warning("SQL Sanitizer: %s: blocked, issues: %s", stage.hook, ", ".join(issues))
            return PluginViolation(
                reason=_REASON, description=_DESCRIPTIONS[stage.hook], code=_CODE, details={"issues": issues}
            ), {}
        told: dict[str, Any] = {"sql_sanitized": True} if "comment" in found else {}
        if violations or "suspicion" in found:
            told["sql_issues"] = [entry["issue"] for entry in (*violations, *found.get("suspicion", ()))]
        return None, told


def _below(
    fields: frozenset[str], value: Any, path: str, rewrite: Callable[[Any], tuple[bool, Any]], depth: int
) -> tuple[bool, Any]:
    """Finds the named keys, at any depth; all beneath one of them is rewritten."""
    if depth > _DEEPEST:
        raise fault("too_deep", path, depth, _DEEPEST)
    if isinstance(value, Mapping):
        keys, parts = [*value], [part for _, part in value.items()]
    elif isinstance(value, (list, tuple)):
        keys, parts = [None] * len(value), list(value)
    else:
        return False, value
    changed = False
    for place, (key, part) in enumerate(zip(keys, parts, strict=True)):
        named = isinstance(key, str) and key in fields
        differs, parts[place] = rewrite(part) if named else _below(fields, part, path, rewrite, depth + 1)
        changed = changed or differs
    if not changed:
        return False, value
    if isinstance(value, Mapping):
        return True, dict(zip(keys, parts, strict=True))
    return True, tuple(parts) if isinstance(value, tuple) else parts
