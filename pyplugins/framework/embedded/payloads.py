"""Payloads of the hooks, their result types, the hook names, and the registry that maps one to the other.

Payloads are frozen: a plugin returns ``payload.model_copy(update=...)`` and never changes what it was given.
Tests: tests/unit/test_framework_models.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from pyplugins.framework.embedded._model import Check, Model, mapping, mapping_or_none, optional, plain, text
from pyplugins.framework.embedded.models import PluginResult


class PromptHookType(StrEnum):
    """Hooks around the rendering of a prompt."""

    PROMPT_PRE_FETCH = "prompt_pre_fetch"
    PROMPT_POST_FETCH = "prompt_post_fetch"


class ToolHookType(StrEnum):
    """Hooks around a tool call."""

    TOOL_PRE_INVOKE = "tool_pre_invoke"
    TOOL_POST_INVOKE = "tool_post_invoke"


class ResourceHookType(StrEnum):
    """Hooks around the reading of a resource."""

    RESOURCE_PRE_FETCH = "resource_pre_fetch"
    RESOURCE_POST_FETCH = "resource_post_fetch"


class StructuredData:
    """A mapping read by attribute: ``result.messages[0].content.text`` works however the result arrived."""

    def __init__(self, /, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StructuredData) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"StructuredData({', '.join(vars(self))})"

    def model_copy(self, *, update: Mapping[str, Any] | None = None) -> StructuredData:
        """A copy with ``update`` applied."""
        return StructuredData(**{**vars(self), **(update or {})})

    def model_dump(self, *, mode: str = "python") -> dict[str, Any]:
        """Plain dicts and lists again."""
        return {key: plain(value, mode == "json") for key, value in vars(self).items()}


# The depth to which mappings are turned into objects; deeper ones stay mappings, as in cpex.
_STRUCTURED_DEPTH = 20


def structured(value: Any, depth: int = 0) -> Any:
    """``value`` with its mappings turned into ``StructuredData``; everything else is kept as it is."""
    if depth < _STRUCTURED_DEPTH:
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return StructuredData(**{key: structured(item, depth + 1) for key, item in value.items()})
        if isinstance(value, list):
            return [structured(item, depth + 1) for item in value]
    return value


def _text_mapping(value: Any) -> Mapping[Any, Any]:
    if not all(isinstance(item, str) for item in mapping(value).values()):
        raise ValueError("must be a mapping of strings to strings")
    return value  # type: ignore[no-any-return]


def _structured_mapping(value: Any) -> Any:
    return structured(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class PluginPayload(Model):
    """Base of all payloads."""


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class PromptPrehookPayload(PluginPayload):
    """A prompt is about to be rendered with ``args``."""

    prompt_id: str
    args: dict[str, str] | None = field(default_factory=dict)

    CHECKS: ClassVar[Mapping[str, Check]] = {"prompt_id": text, "args": optional(_text_mapping)}


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class PromptPosthookPayload(PluginPayload):
    """A prompt was rendered; a mapping as ``result`` becomes an object read by attribute."""

    prompt_id: str
    result: Any

    CHECKS: ClassVar[Mapping[str, Check]] = {"prompt_id": text, "result": _structured_mapping}


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class ToolPreInvokePayload(PluginPayload):
    """A tool is about to be called with ``args``."""

    name: str
    args: dict[str, Any] | None = field(default_factory=dict)
    headers: Any = None

    CHECKS: ClassVar[Mapping[str, Check]] = {"name": text, "args": mapping_or_none}


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class ToolPostInvokePayload(PluginPayload):
    """A tool answered."""

    name: str
    result: Any

    CHECKS: ClassVar[Mapping[str, Check]] = {"name": text}


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class ResourcePreFetchPayload(PluginPayload):
    """A resource is about to be read."""

    uri: str
    metadata: dict[str, Any] | None = field(default_factory=dict)

    CHECKS: ClassVar[Mapping[str, Check]] = {"uri": text, "metadata": mapping_or_none}


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class ResourcePostFetchPayload(PluginPayload):
    """A resource was read."""

    uri: str
    content: Any

    CHECKS: ClassVar[Mapping[str, Check]] = {"uri": text}


class PromptPrehookResult(PluginResult[PromptPrehookPayload]):
    """Answer of ``prompt_pre_fetch``."""


class PromptPosthookResult(PluginResult[PromptPosthookPayload]):
    """Answer of ``prompt_post_fetch``."""


class ToolPreInvokeResult(PluginResult[ToolPreInvokePayload]):
    """Answer of ``tool_pre_invoke``."""


class ToolPostInvokeResult(PluginResult[ToolPostInvokePayload]):
    """Answer of ``tool_post_invoke``."""


class ResourcePreFetchResult(PluginResult[ResourcePreFetchPayload]):
    """Answer of ``resource_pre_fetch``."""


class ResourcePostFetchResult(PluginResult[ResourcePostFetchPayload]):
    """Answer of ``resource_post_fetch``."""


_Types = tuple[type[PluginPayload], type[PluginResult[Any]]]


class HookRegistry:
    """Which payload and result belong to a hook name; plugins with hooks of their own add theirs."""

    def __init__(self) -> None:
        self._types: dict[str, _Types] = {
            PromptHookType.PROMPT_PRE_FETCH.value: (PromptPrehookPayload, PromptPrehookResult),
            PromptHookType.PROMPT_POST_FETCH.value: (PromptPosthookPayload, PromptPosthookResult),
            ToolHookType.TOOL_PRE_INVOKE.value: (ToolPreInvokePayload, ToolPreInvokeResult),
            ToolHookType.TOOL_POST_INVOKE.value: (ToolPostInvokePayload, ToolPostInvokeResult),
            ResourceHookType.RESOURCE_PRE_FETCH.value: (ResourcePreFetchPayload, ResourcePreFetchResult),
            ResourceHookType.RESOURCE_POST_FETCH.value: (ResourcePostFetchPayload, ResourcePostFetchResult),
        }

    def register_hook(
        self, hook_type: str, payload_class: type[PluginPayload], result_class: type[PluginResult[Any]]
    ) -> None:
        """Adds a hook, or replaces its types."""
        self._types[hook_type] = (payload_class, result_class)

    def is_registered(self, hook_type: str) -> bool:
        """True when the hook is known."""
        return hook_type in self._types

    def get_registered_hooks(self) -> list[str]:
        """The names of all known hooks."""
        return list(self._types)

    def get_payload_type(self, hook_type: str) -> type[PluginPayload] | None:
        """The payload class of a hook, or None."""
        return self._types[hook_type][0] if hook_type in self._types else None

    def get_result_type(self, hook_type: str) -> type[PluginResult[Any]] | None:
        """The result class of a hook, or None."""
        return self._types[hook_type][1] if hook_type in self._types else None

    def json_to_payload(self, hook_type: str, payload: str | Mapping[str, Any]) -> PluginPayload:
        """The payload made from JSON text or a mapping.

        Raises:
            ValueError: the hook is unknown, or the data does not fit its payload.
        """
        kind = self.get_payload_type(hook_type)
        if kind is None:
            raise ValueError(f"no payload type is registered for hook {hook_type!r}")
        return kind.model_validate_json(payload) if isinstance(payload, str) else kind.model_validate(payload)


_REGISTRY = HookRegistry()


def get_hook_registry() -> HookRegistry:
    """The registry of this process."""
    return _REGISTRY
