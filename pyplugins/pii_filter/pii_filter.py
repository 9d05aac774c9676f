"""The PII filter as a plugin: six hooks around one ``PIIDetector``.

Drop-in for ``cpex_pii_filter.pii_filter.PIIFilterPlugin``: the same configuration keys, violation codes and metadata,
and two resource hooks beside the peer's four. Payloads are never changed in place. An error of the detector is passed
on: content that could not be checked has not passed, and the host's ``on_error`` decides. No log line, violation or
metadata holds scanned text. Tests: tests/unit/test_pii_plugin.py, tests/cpex/.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from pyplugins.core import data
from pyplugins.core.faults import fault
from pyplugins.framework import (
    Extensions,
    Plugin,
    PluginConfig,
    PluginContext,
    PluginResult,
    PluginViolation,
    PromptPosthookPayload,
    PromptPosthookResult,
    PromptPrehookPayload,
    PromptPrehookResult,
    ResourcePostFetchPayload,
    ResourcePostFetchResult,
    ResourcePreFetchPayload,
    ResourcePreFetchResult,
    ToolPostInvokePayload,
    ToolPostInvokeResult,
    ToolPreInvokePayload,
    ToolPreInvokeResult,
)
from pyplugins.framework.content import guard_content
from pyplugins.pii_filter.detector import PIIDetector

logger = logging.getLogger("pyplugins.pii_filter")

#: Key of the plugin alone: refuse unknown keys instead of warning about them.
STRICT_KEY = "strict_config"

_MOST_TYPES = 32  # types named in metadata and violations, as the peer does

Found = dict[str, list[dict[str, Any]]]


class _Stage(NamedTuple):
    """What one hook reads, and what it answers when it must refuse."""

    fields: tuple[str, ...]
    result: type[PluginResult[Any]]
    code: str
    reason: str
    description: str
    #: MCP puts images, audio and blobs here, to be left alone. Nowhere else may anything claim to be one.
    holds_media: bool = False


_STAGES: dict[str, _Stage] = {
    "prompt_pre_fetch": _Stage(
        ("args",),
        PromptPrehookResult,
        "PII_DETECTED",
        "PII detected in prompt arguments",
        "Sensitive information detected in prompt arguments",
    ),
    "prompt_post_fetch": _Stage(
        ("result",),
        PromptPosthookResult,
        "PII_DETECTED_IN_PROMPT_RESULT",
        "PII detected in prompt messages",
        "Sensitive information detected in prompt result",
        holds_media=True,
    ),
    "tool_pre_invoke": _Stage(
        ("args",),
        ToolPreInvokeResult,
        "PII_DETECTED_IN_TOOL_ARGS",
        "PII detected in tool arguments",
        "Sensitive information detected in tool arguments",
    ),
    "tool_post_invoke": _Stage(
        ("result",),
        ToolPostInvokeResult,
        "PII_DETECTED_IN_TOOL_RESULT",
        "PII detected in tool result",
        "Sensitive information detected in tool result",
        holds_media=True,
    ),
    "resource_pre_fetch": _Stage(
        ("uri", "metadata"),
        ResourcePreFetchResult,
        "PII_DETECTED_IN_RESOURCE_URI",
        "PII detected in resource request",
        "Sensitive information detected in resource request",
    ),
    "resource_post_fetch": _Stage(
        ("content",),
        ResourcePostFetchResult,
        "PII_DETECTED_IN_RESOURCE",
        "PII detected in resource content",
        "Sensitive information detected in resource content",
        holds_media=True,
    ),
}


def engine_config(config: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the engine takes of a host's configuration, and the keys that nobody knows.

    A key without a value means the default. With ``strict_config: true`` unknown keys stay in: the engine refuses them.

    Raises:
        ConfigError: ``strict_config`` is not true or false.
    """
    taken = {key: value for key, value in config.items() if value is not None}
    strict = taken.pop(STRICT_KEY, False)
    if not isinstance(strict, bool):
        raise fault("config_type", path=f"$.{STRICT_KEY}")
    unknown = [] if strict else [key for key in taken if key not in _known_keys()]
    return {key: value for key, value in taken.items() if key not in unknown}, unknown


def _known_keys() -> Mapping[str, Any]:
    known: Mapping[str, Any] = data.load("pii_filter", "schema.json")["properties"]
    return known


class PIIFilterPlugin(Plugin):
    """Masks personal data in what a gateway passes on, or refuses to pass it on.

    Arguments:
        config: its ``config`` holds the keys of docs/framework.md.

    Raises:
        ConfigError: a value is wrong; the message names the key.
    """

    def __init__(self, config: PluginConfig) -> None:
        super().__init__(config)
        taken, unknown = engine_config(config.config or {})
        _warn_of(unknown, config.name)
        self._detector = PIIDetector(taken)
        self._blocks: bool = taken.get("block_on_detection", False)
        self._logs: bool = taken.get("log_detections", False)
        self._details: bool = taken.get("include_detection_details", False)

    @property
    def implementation(self) -> str:
        """``"rust"`` or ``"python"``."""
        return self._detector.implementation

    async def prompt_pre_fetch(
        self, payload: PromptPrehookPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[PromptPrehookPayload]:
        """Guards the arguments of a prompt."""
        return self._guard("prompt_pre_fetch", payload, extensions)

    async def prompt_post_fetch(
        self, payload: PromptPosthookPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[PromptPosthookPayload]:
        """Guards the messages of a rendered prompt."""
        return self._guard("prompt_post_fetch", payload, extensions)

    async def tool_pre_invoke(
        self, payload: ToolPreInvokePayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ToolPreInvokePayload]:
        """Guards the arguments of a tool call."""
        return self._guard("tool_pre_invoke", payload, extensions)

    async def tool_post_invoke(
        self, payload: ToolPostInvokePayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ToolPostInvokePayload]:
        """Guards the result of a tool call."""
        return self._guard("tool_post_invoke", payload, extensions)

    async def resource_pre_fetch(
        self, payload: ResourcePreFetchPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ResourcePreFetchPayload]:
        """Guards the address and the metadata of a resource request."""
        return self._guard("resource_pre_fetch", payload, extensions)

    async def resource_post_fetch(
        self, payload: ResourcePostFetchPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ResourcePostFetchPayload]:
        """Guards the content of a resource."""
        return self._guard("resource_post_fetch", payload, extensions)

    def _guard(self, hook: str, payload: Any, extensions: Extensions | None) -> PluginResult[Any]:
        stage = _STAGES[hook]
        found: Found = {}
        updates = self._updates(payload, stage, found)
        if not found:
            return stage.result()
        total = sum(map(len, found.values()))
        types = sorted(found)[:_MOST_TYPES]
        if self._logs:
            action = "blocked" if self._blocks else "masked"
            logger.info("PII detected during %s: action=%s total=%d types=%s", hook, action, total, ",".join(types))
        metadata = self._metadata(hook, found, types, total) if _traced(extensions) else {}
        if self._blocks:
            details = {"detected_types": types, "count": total}
            violation = PluginViolation(
                reason=stage.reason, description=stage.description, code=stage.code, details=details
            )
            return stage.result(continue_processing=False, violation=violation, metadata=metadata)
        return stage.result(modified_payload=payload.model_copy(update=updates) if updates else None, metadata=metadata)

    def _updates(self, payload: Any, stage: _Stage, found: Found) -> dict[str, Any]:
        """The fields whose masked form differs; what was found is put into ``found``."""

        def guarding(value: Any, path: str) -> tuple[bool, Any]:
            changed, new, detections = self._detector.process_nested(value, path)
            for kind, entries in detections.items():
                found.setdefault(kind, []).extend(entries)
            return changed, new

        updates = {}
        for field in stage.fields:
            value = getattr(payload, field)
            changed, new = guard_content(value, guarding, field) if stage.holds_media else guarding(value, field)
            if changed:
                updates[field] = new
        return updates

    def _metadata(self, hook: str, found: Found, types: list[str], total: int) -> dict[str, Any]:
        told: dict[str, Any] = {
            "total_detections": total,
            "total_masked": 0 if self._blocks else total,
            "detection_types": types,
            "stage": hook,
        }
        if self._details:
            told["detection_counts"] = {kind: len(found[kind]) for kind in types}
        return {"pii_filter": told}


def _traced(extensions: Extensions | None) -> bool:
    """Metadata is for traces: without a trace id nobody reads it."""
    trace_id = getattr(getattr(extensions, "request", None), "trace_id", None)
    return isinstance(trace_id, str) and trace_id != ""


def _warn_of(unknown: list[str], name: str) -> None:
    known = [*_known_keys(), STRICT_KEY]
    for key in unknown:
        near = difflib.get_close_matches(str(key), known, n=1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        logger.warning("PII Filter: plugin %r: unknown configuration key %r is ignored%s", name, key, hint)
