"""What every guard plugin shares: six hooks around one guard, a host's loose configuration made strict, metadata.

Payloads are never changed in place. An error of the guard is passed on: content that could not be checked has not
passed, and the host's ``on_error`` decides. No log line, violation or metadata holds scanned text.
Tests: tests/unit/test_framework_guarding.py, and those of each plugin.
"""

from __future__ import annotations

import difflib
import logging
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from pyplugins.core import data
from pyplugins.core.faults import fault
from pyplugins.core.protocol import Guard, Marks
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

logger = logging.getLogger("pyplugins.framework")

#: Key of every plugin alone: refuse unknown keys instead of warning about them.
STRICT_KEY = "strict_config"

#: What was found in a payload, by group of rules: the attributes of the rules.
Found: TypeAlias = Marks


#: Value and path to whether it changes, the value, and what was found in it.
Rewrite: TypeAlias = Callable[[Any, str], tuple[bool, Any, Found]]


#: Why content must not pass, if it must not; and metadata of the result.
Verdict: TypeAlias = tuple[PluginViolation | None, dict[str, Any]]


@dataclass(frozen=True)
class Stage:
    """What one hook reads and answers with."""

    hook: str
    #: Fields of the payload that hold content.
    fields: tuple[str, ...]
    result: type[PluginResult[Any]]
    #: MCP puts images, audio and blobs here, to be left alone. Nowhere else may anything claim to be one.
    holds_media: bool = False


STAGES = {
    stage.hook: stage
    for stage in (
        Stage("prompt_pre_fetch", ("args",), PromptPrehookResult),
        Stage("prompt_post_fetch", ("result",), PromptPosthookResult, holds_media=True),
        Stage("tool_pre_invoke", ("args",), ToolPreInvokeResult),
        Stage("tool_post_invoke", ("result",), ToolPostInvokeResult, holds_media=True),
        Stage("resource_pre_fetch", ("uri", "metadata"), ResourcePreFetchResult),
        Stage("resource_post_fetch", ("content",), ResourcePostFetchResult, holds_media=True),
    )
}


def engine_config(
    kind: str, config: Mapping[str, Any], own_keys: Collection[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """What the engine takes of a host's configuration, and the keys that nobody knows.

    A key without a value means the default. With ``strict_config: true`` unknown keys stay in: the engine refuses them.
    `own_keys` are known too: the direct API understands them, if the engine does not.

    Raises:
        ConfigError: ``strict_config`` is not true or false.
    """
    taken = {key: value for key, value in config.items() if value is not None}
    strict = taken.pop(STRICT_KEY, False)
    if not isinstance(strict, bool):
        raise fault("config_type", path=f"$.{STRICT_KEY}")
    unknown = [] if strict else [key for key in taken if key not in _known_keys(kind) and key not in own_keys]
    return {key: value for key, value in taken.items() if key not in unknown}, unknown


def checked_config(kind: str, config: PluginConfig, own_keys: Collection[str] = ()) -> dict[str, Any]:
    """`engine_config` of a plugin's configuration; keys that nobody knows are warned of and left out."""
    taken, unknown = engine_config(kind, config.config or {}, own_keys)
    _warn_of(unknown, kind, config.name, own_keys)
    return taken


def is_traced(extensions: Extensions | None) -> bool:
    """Metadata is for traces: without a trace id nobody reads it."""
    trace_id = getattr(getattr(extensions, "request", None), "trace_id", None)
    return isinstance(trace_id, str) and trace_id != ""


class GuardPlugin(Plugin):
    """A guard on every hook. A subclass names its engine, opens it, and says what to refuse and what to tell.

    Arguments:
        config: its ``config`` holds the keys of the engine's schema and ``strict_config``.

    Raises:
        ConfigError: a value is wrong; the message names the key.
    """

    #: Name of the engine.
    kind: ClassVar[str]
    #: Keys beside those of the engine's schema.
    own_keys: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: PluginConfig) -> None:
        super().__init__(config)
        taken = checked_config(self.kind, config, self.own_keys)
        #: The configuration of the engine, without what was unknown.
        self.settings = taken
        self.guard = self.open_guard(taken)
        #: Looked up once: it runs for every payload.
        self.rewrite = self.rewriter()

    @abstractmethod
    def open_guard(self, config: dict[str, Any]) -> Guard:
        """The guard for this configuration."""

    @abstractmethod
    def judge(self, stage: Stage, found: Found, extensions: Extensions | None) -> Verdict:
        """Why this content must not pass, or `None`; and what the result tells beside the payload.

        `found` is not empty, and holds no scanned text. What is for traces is told only if `is_traced(extensions)`.
        """

    def rewriter(self) -> Rewrite:
        """What is asked about each field: the guard itself, with no frame between. Asked for once."""
        return self.guard.rewrite_nested

    @property
    def implementation(self) -> str:
        """``"rust"`` or ``"python"``."""
        return self.guard.implementation

    async def prompt_pre_fetch(
        self, payload: PromptPrehookPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[PromptPrehookPayload]:
        """Guards the arguments of a prompt."""
        return self.answer(STAGES["prompt_pre_fetch"], payload, extensions)

    async def prompt_post_fetch(
        self, payload: PromptPosthookPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[PromptPosthookPayload]:
        """Guards the messages of a rendered prompt."""
        return self.answer(STAGES["prompt_post_fetch"], payload, extensions)

    async def tool_pre_invoke(
        self, payload: ToolPreInvokePayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ToolPreInvokePayload]:
        """Guards the arguments of a tool call."""
        return self.answer(STAGES["tool_pre_invoke"], payload, extensions)

    async def tool_post_invoke(
        self, payload: ToolPostInvokePayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ToolPostInvokePayload]:
        """Guards the result of a tool call."""
        return self.answer(STAGES["tool_post_invoke"], payload, extensions)

    async def resource_pre_fetch(
        self, payload: ResourcePreFetchPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ResourcePreFetchPayload]:
        """Guards the address and the metadata of a resource request."""
        return self.answer(STAGES["resource_pre_fetch"], payload, extensions)

    async def resource_post_fetch(
        self, payload: ResourcePostFetchPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ResourcePostFetchPayload]:
        """Guards the content of a resource."""
        return self.answer(STAGES["resource_post_fetch"], payload, extensions)

    def answer(self, stage: Stage, payload: Any, extensions: Extensions | None) -> PluginResult[Any]:
        """The answer of a hook."""
        found: Found | None = None
        updates = {}
        for field in stage.fields:
            value = getattr(payload, field)
            changed, new, here = self._without_media(value, field) if stage.holds_media else self.rewrite(value, field)
            if found:
                merge(found, here)
            else:
                found = here
            if changed:
                updates[field] = new
        answer = stage.result()  # filled in below: named arguments would cost half as much again
        if found:
            answer.violation, answer.metadata = self.judge(stage, found, extensions)
            if answer.violation is not None:
                answer.continue_processing = False
            elif updates:
                answer.modified_payload = payload.model_copy(update=updates)
        return answer

    def _without_media(self, value: Any, path: str) -> tuple[bool, Any, Found]:
        """`rewrite` for everything in a value that is not binary data."""
        found: Found = {}

        def guarding(part: Any, place: str) -> tuple[bool, Any]:
            changed, new, here = self.rewrite(part, place)
            merge(found, here)
            return changed, new

        changed, new = guard_content(value, guarding, path)
        return changed, new, found


def merge(found: Found, more: Found) -> None:
    """Adds what was found in another part."""
    for group, entries in more.items():
        found.setdefault(group, []).extend(entries)


def _known_keys(kind: str) -> Mapping[str, Any]:
    known: Mapping[str, Any] = data.load(kind, "schema.json")["properties"]
    return known


def _warn_of(unknown: list[str], kind: str, name: str, own_keys: Collection[str] = ()) -> None:
    """One line for each key that nobody knows, with the key it resembles."""
    known = [*_known_keys(kind), *own_keys, STRICT_KEY]
    title = data.load(kind, "schema.json")["title"]
    for key in unknown:
        near = difflib.get_close_matches(str(key), known, n=1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        logger.warning("%s: plugin %r: unknown configuration key %r is ignored%s", title, name, key, hint)
