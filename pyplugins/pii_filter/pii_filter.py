"""The PII filter as a plugin: a ``PIIDetector`` on six hooks.

Drop-in for ``cpex_pii_filter.pii_filter.PIIFilterPlugin``: the same configuration keys, violation codes and metadata,
and two resource hooks beside the peer's four. No log line, violation or metadata holds scanned text.
Tests: tests/unit/test_pii_plugin.py, tests/cpex/.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from pyplugins.core.protocol import Guard
from pyplugins.framework import Extensions, PluginViolation
from pyplugins.framework.guarding import Found, GuardPlugin, Stage, Verdict, is_traced
from pyplugins.pii_filter.api import PIIDetector

logger = logging.getLogger("pyplugins.pii_filter")

_MOST_TYPES = 32  # types named in metadata and violations, as the peer does


class _Refusal(NamedTuple):
    """What a hook says when it must refuse."""

    code: str
    reason: str
    description: str


_REFUSALS = {
    "prompt_pre_fetch": _Refusal(
        "PII_DETECTED",
        "PII detected in prompt arguments",
        "Sensitive information detected in prompt arguments",
    ),
    "prompt_post_fetch": _Refusal(
        "PII_DETECTED_IN_PROMPT_RESULT",
        "PII detected in prompt messages",
        "Sensitive information detected in prompt result",
    ),
    "tool_pre_invoke": _Refusal(
        "PII_DETECTED_IN_TOOL_ARGS",
        "PII detected in tool arguments",
        "Sensitive information detected in tool arguments",
    ),
    "tool_post_invoke": _Refusal(
        "PII_DETECTED_IN_TOOL_RESULT",
        "PII detected in tool result",
        "Sensitive information detected in tool result",
    ),
    "resource_pre_fetch": _Refusal(
        "PII_DETECTED_IN_RESOURCE_URI",
        "PII detected in resource request",
        "Sensitive information detected in resource request",
    ),
    "resource_post_fetch": _Refusal(
        "PII_DETECTED_IN_RESOURCE",
        "PII detected in resource content",
        "Sensitive information detected in resource content",
    ),
}


class PIIFilterPlugin(GuardPlugin):
    """Masks personal data in what a gateway passes on, or refuses to pass it on.

    Arguments:
        config: its ``config`` holds the keys of docs/framework.md.

    Raises:
        ConfigError: a value is wrong; the message names the key.
    """

    kind = "pii_filter"

    def open_guard(self, config: dict[str, Any]) -> Guard:
        """A detector."""
        self._blocks: bool = config.get("block_on_detection", False)
        self._logs: bool = config.get("log_detections", False)
        self._details: bool = config.get("include_detection_details", False)
        return PIIDetector(config)

    def judge(self, stage: Stage, found: Found, extensions: Extensions | None) -> Verdict:
        """A refusal, when the configuration wants one; counts and types, for traces."""
        blocks, types, total = self._blocks, sorted(found)[:_MOST_TYPES], sum(map(len, found.values()))
        if self._logs:
            action = "blocked" if blocks else "masked"
            logger.info(
                "PII detected during %s: action=%s total=%d types=%s", stage.hook, action, total, ",".join(types)
            )
        violation = None
        if blocks:
            details = {"detected_types": types, "count": total}
            violation = PluginViolation(**_REFUSALS[stage.hook]._asdict(), details=details)
        if not is_traced(extensions):
            return violation, {}
        told: dict[str, Any] = {
            "total_detections": total,
            "total_masked": 0 if blocks else total,
            "detection_types": types,
            "stage": stage.hook,
        }
        if self._details:
            told["detection_counts"] = {kind: len(found[kind]) for kind in types}
        return violation, {self.kind: told}
