"""The SQL sanitizer as a plugin: an ``SQLSanitizer`` over the arguments of prompts and tools.

Drop-in for ``cpex_sql_sanitizer.SQLSanitizerPlugin``: the same configuration keys, violation code, issue texts and
metadata. Issue texts are words of the configuration; no log line, violation or metadata holds scanned text.
Tests: tests/unit/test_sql_sanitizer_plugin.py, tests/cpex/test_peer_sql_plugin.py.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from pyplugins.core.faults import fault
from pyplugins.core.protocol import Guard
from pyplugins.framework import (
    Extensions,
    PluginContext,
    PluginResult,
    PluginViolation,
    PromptPrehookPayload,
    ToolPreInvokePayload,
)
from pyplugins.framework.guarding import STAGES, Found, GuardPlugin, Stage
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

_PROMPT, _TOOL = STAGES["prompt_pre_fetch"], STAGES["tool_pre_invoke"]

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
        self._process_nested = guard.process_nested
        fields = config.get("fields")
        self._fields = None if fields is None else frozenset(fields)
        self._blocks: bool = config.get("block_on_violation", True)
        return guard

    async def prompt_pre_fetch(
        self, payload: PromptPrehookPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[PromptPrehookPayload]:
        """Guards the arguments of a prompt."""
        return self._arguments(_PROMPT, payload, extensions)

    async def tool_pre_invoke(
        self, payload: ToolPreInvokePayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ToolPreInvokePayload]:
        """Guards the arguments of a tool call."""
        return self._arguments(_TOOL, payload, extensions)

    def _arguments(self, stage: Stage, payload: Any, extensions: Extensions | None) -> PluginResult[Any]:
        """What the base answers, the short way: nearly all arguments are harmless, and read as a whole."""
        if self._fields is not None:
            return self.answer(stage, payload, extensions)
        changed, args, found = self._process_nested(payload.args, "args")
        if not found:
            return stage.result()
        violation = self.violation(stage, found)
        if violation is not None:
            return stage.result(continue_processing=False, violation=violation)
        metadata = self.metadata(stage, found, blocked=False, traced=False)
        if not changed:
            return stage.result(metadata=metadata)
        return stage.result(modified_payload=payload.model_copy(update={"args": args}), metadata=metadata)

    def rewritten(self, value: Any, path: str, found: Found) -> tuple[bool, Any]:
        """The value without comments; of named fields only, when the configuration names some."""
        if self._fields is None:
            return super().rewritten(value, path, found)
        return self._in_fields(value, path, found, 0)

    def _in_fields(self, value: Any, path: str, found: Found, depth: int) -> tuple[bool, Any]:
        """Finds the named keys, at any depth; all beneath one of them is read."""
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
            if isinstance(key, str) and self._fields is not None and key in self._fields:
                differs, parts[place] = super().rewritten(part, path, found)
            else:
                differs, parts[place] = self._in_fields(part, path, found, depth + 1)
            changed = changed or differs
        if not changed:
            return False, value
        if isinstance(value, Mapping):
            return True, dict(zip(keys, parts, strict=True))
        return True, tuple(parts) if isinstance(value, tuple) else parts

    def violation(self, stage: Stage, found: Found) -> PluginViolation | None:
        """A refusal that lists the issues, unless the configuration only watches."""
        if not self._blocks or "violation" not in found:
            return None
        issues = [entry["issue"] for entry in found["violation"]]
        if logger.isEnabledFor(logging.WARNING):
            logger.warning("SQL Sanitizer: %s: blocked, issues: %s", stage.hook, ", ".join(issues))
        return PluginViolation(
            reason=_REASON,
            description=_DESCRIPTIONS[stage.hook],
            code=_CODE,
            details={"issues": issues},
        )

    def metadata(self, stage: Stage, found: Found, *, blocked: bool, traced: bool) -> dict[str, Any]:
        """What the peer tells: that something was taken out, and the issues that were let pass."""
        if blocked:
            return {}
        told: dict[str, Any] = {"sql_sanitized": True} if "comment" in found else {}
        if "violation" in found or "suspicion" in found:
            entries = (*found.get("violation", ()), *found.get("suspicion", ()))
            told["sql_issues"] = [entry["issue"] for entry in entries]
        return told
