"""Configuration, contexts, violations and results of the embedded framework, named as in ``cpex.framework``.

Must stay free of asyncio and yaml: importing a plugin class imports this module, and it has 30 ms for everything.
Tests: tests/unit/test_framework_models.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from pyplugins.framework.embedded._model import (
    Check,
    FieldError,
    Later,
    Model,
    filled,
    flag,
    integer,
    mapping_or_none,
    one_of,
    optional,
    refuse_unknown,
    text,
    text_set,
    texts,
)
from pyplugins.framework.embedded.extensions import Capability, Extensions

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


class PluginMode(StrEnum):
    """What a plugin may do, and when: the phases run in the order of docs/framework.md."""

    SEQUENTIAL = "sequential"
    TRANSFORM = "transform"
    AUDIT = "audit"
    CONCURRENT = "concurrent"
    FIRE_AND_FORGET = "fire_and_forget"
    DISABLED = "disabled"


class OnError(StrEnum):
    """What a failure or a timeout means: stop, carry on, or carry on and leave the plugin out from now on."""

    FAIL = "fail"
    IGNORE = "ignore"
    DISABLE = "disable"


class ControlExecutionStatus(StrEnum):
    """How one run of one plugin ended."""

    COMPLETED = "completed"
    ERROR = "error"
    TIMEOUT = "timeout"


# Mode names of older configuration files: the mode of today, and the on_error they imply when none is written.
_OLDER_MODES: dict[str, tuple[PluginMode, OnError]] = {
    "enforce": (PluginMode.SEQUENTIAL, OnError.FAIL),
    "enforce_ignore_error": (PluginMode.SEQUENTIAL, OnError.IGNORE),
    "permissive": (PluginMode.TRANSFORM, OnError.FAIL),
}


def normalize_content_type(value: str) -> str:
    """``text/HTML; charset=x`` -> ``text/html``."""
    return value.split(";", maxsplit=1)[0].strip().lower()


def _content_types(value: Any) -> list[str]:
    return [normalize_content_type(item) for item in texts(value)]


def _header_text(value: Any) -> str:
    if len(text(value)) > 200 or not value.isprintable():
        raise ValueError("must be printable and at most 200 characters")
    return str(value)


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class PluginCondition(Model):
    """When a plugin runs: every field that is set must match; of several conditions one is enough."""

    server_ids: frozenset[str] | None = None
    tenant_ids: frozenset[str] | None = None
    tools: frozenset[str] | None = None
    prompts: frozenset[str] | None = None
    resources: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    user_patterns: list[str] | None = None
    content_types: list[str] | None = None

    CHECKS: ClassVar[Mapping[str, Check]] = {
        **dict.fromkeys(("server_ids", "tenant_ids", "tools", "prompts", "resources", "agents"), optional(text_set)),
        "user_patterns": optional(texts),
        "content_types": optional(_content_types),
    }


def _conditions(value: Any) -> list[PluginCondition]:
    if not isinstance(value, (list, tuple)):
        raise ValueError("must be a list")
    return [_condition(item, index) for index, item in enumerate(value)]


def _condition(value: Any, index: int) -> PluginCondition:
    try:
        return PluginCondition.model_validate(value)
    except FieldError as why:
        raise ValueError(f"[{index}].{why.field}: {why.why}") from None


def _capabilities(value: Any) -> frozenset[str]:
    return frozenset(one_of(Capability)(item).value for item in texts(value))


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class PluginConfig(Model):
    """One plugin of the chain, as written in the configuration file; ``config`` is the plugin's own part."""

    name: str
    kind: str
    description: str | None = None
    author: str | None = None
    namespace: str | None = None
    version: str | None = None
    hooks: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    mode: PluginMode = PluginMode.SEQUENTIAL
    # None means "not written"; __post_init__ replaces it, so readers always see a member.
    on_error: OnError = cast(OnError, None)  # noqa: RUF009
    priority: int = 100
    max_content_size: int = 10_000_000
    conditions: list[PluginCondition] = field(default_factory=list)
    applied_to: Mapping[str, Any] | None = None
    capabilities: frozenset[str] = frozenset()
    config: dict[str, Any] | None = None

    SHOWN: ClassVar[tuple[str, ...]] = ("name", "kind", "mode")
    CHECKS: ClassVar[Mapping[str, Check]] = {
        "name": filled,
        "kind": filled,
        **dict.fromkeys(("description", "author", "namespace", "version"), optional(text)),
        "hooks": texts,
        "tags": texts,
        "mode": one_of(PluginMode),
        "on_error": one_of(OnError),
        "priority": integer,
        "max_content_size": integer,
        "conditions": _conditions,
        "applied_to": mapping_or_none,
        "capabilities": _capabilities,
        "config": mapping_or_none,
    }

    def __post_init__(self) -> None:
        mode, implied = _OLDER_MODES.get(self.mode, (self.mode, OnError.FAIL))
        object.__setattr__(self, "mode", mode)
        if self.on_error is None:
            object.__setattr__(self, "on_error", implied)
        self.check()


@dataclass(repr=False, eq=False, match_args=False)
class Config(Model):
    """A configuration file: the chain and where to look for plugin modules."""

    plugins: list[PluginConfig] = field(default_factory=list)
    plugin_dirs: list[str] = field(default_factory=list)
    source: str = ""


@dataclass(repr=False, eq=False, match_args=False)
class PluginErrorModel(Model):
    """What a failed plugin reports; ``message`` never holds guarded text."""

    message: str
    plugin_name: str
    code: str | None = ""
    details: dict[str, Any] | None = field(default_factory=dict)
    mcp_error_code: int = -32603

    SHOWN: ClassVar[tuple[str, ...]] = ("plugin_name", "code")


@dataclass(repr=False, eq=False, match_args=False)
class PluginViolation(Model):
    """Why content was refused. The manager fills in ``plugin_name``."""

    reason: str
    description: str
    code: str
    details: dict[str, Any] | None = field(default_factory=dict)
    mcp_error_code: int | None = None
    http_status_code: int | None = None
    http_headers: dict[str, str] | None = None
    plugin_name: str = field(default="", metadata={"transient": True})

    SHOWN: ClassVar[tuple[str, ...]] = ("code",)
    CHECKS: ClassVar[Mapping[str, Check]] = {"reason": text, "description": text, "code": text}


@dataclass(repr=False, eq=False, match_args=False)
class UserContext(Model):
    """Who is calling."""

    user_id: str
    email: str | None = None
    full_name: str | None = None
    is_admin: bool = False
    groups: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    team_id: str | None = None
    teams: list[str] | None = None
    department: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    auth_method: str | None = None
    authenticated_at: Any = None
    service_account: str | None = None
    delegation_chain: list[str] = field(default_factory=list)

    CHECKS: ClassVar[Mapping[str, Check]] = {"user_id": text, "is_admin": flag}


@dataclass(repr=False, eq=False, match_args=False)
class GlobalContext(Model):
    """What all plugins of one request share."""

    request_id: str
    user: str | dict[str, Any] | None = None
    user_context: UserContext | None = None
    tenant_id: str | None = None
    server_id: str | None = None
    content_type: str | None = None
    state: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    SHOWN: ClassVar[tuple[str, ...]] = ("request_id",)
    CHECKS: ClassVar[Mapping[str, Check]] = {"request_id": text, "content_type": optional(_header_text)}

    def user_name(self) -> str:
        """The caller as one string: a name, the e-mail address of a mapping, or nothing."""
        user = self.user.get("email") if isinstance(self.user, Mapping) else self.user
        return user if isinstance(user, str) else ""


@dataclass(repr=False, eq=False, match_args=False)
class PluginContext(Model):
    """What one plugin keeps for one request, from its pre hook to its post hook."""

    global_context: GlobalContext
    state: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def user_context(self) -> UserContext | None:
        """The caller, when the host knows."""
        return self.global_context.user_context

    @property
    def user_email(self) -> str | None:
        """The caller's e-mail address, when the host knows."""
        known = self.global_context.user_context
        return known.email if known else self.global_context.user_name() or None

    @property
    def user_groups(self) -> list[str]:
        """The caller's groups."""
        known = self.global_context.user_context
        return known.groups if known else []

    def get_state(self, key: str, default: Any = None) -> Any:
        """What an earlier hook of the same plugin kept under ``key``."""
        return self.state.get(key, default)

    def set_state(self, key: str, value: Any) -> None:
        """Keeps ``value`` for a later hook of the same plugin and request."""
        self.state[key] = value

    async def cleanup(self) -> None:
        """Forgets everything kept."""
        self.state.clear()
        self.metadata.clear()

    def is_empty(self) -> bool:
        """True when nothing is kept."""
        return not (self.state or self.metadata or self.global_context.state)


PluginContextTable = dict[str, PluginContext]


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class ControlExecutionRecord(Model):
    """One run of one plugin, written by the manager from its own configuration: a plugin cannot forge it."""

    plugin_id: str
    plugin_name: str
    plugin_kind: str
    hook_name: str
    mode: PluginMode
    status: ControlExecutionStatus
    requested_allow: bool | None = None
    effective_allow: bool = True
    matched: bool | None = None
    applied: bool = False
    payload_modified: bool = False
    extensions_modified: bool = False
    duration_ns: int = 0
    reason: str | None = None
    error_code: str | None = None
    config_keys: list[str] = field(default_factory=list)

    SHOWN: ClassVar[tuple[str, ...]] = ("plugin_name", "hook_name", "status", "effective_allow")


@dataclass(repr=False, eq=False, match_args=False)
class PluginResult(Model, Generic[T]):
    """What a hook decides: go on or not, with which payload, and what to tell the host.

    One is made for every message, so it holds what it was given and no more; the rest is the class's.
    """

    continue_processing: bool = True
    modified_payload: T | None = None
    modified_extensions: Extensions | None = None
    violation: PluginViolation | None = None
    metadata: dict[str, Any] | None = field(default=cast(Any, Later(dict)))
    denial_metadata: dict[str, Any] | None = None
    background_tasks: list[asyncio.Task[PluginErrorModel | None]] = field(
        default=cast(Any, Later(list)), metadata={"transient": True}
    )
    http_headers: dict[str, str] | None = None
    retry_delay_ms: int = 0
    executions: list[ControlExecutionRecord] = field(default=cast(Any, Later(list)))

    SHOWN: ClassVar[tuple[str, ...]] = ("continue_processing", "violation")

    if not TYPE_CHECKING:  # type checkers see the fields above

        def __init__(self, **fields: Any) -> None:
            if fields:
                refuse_unknown(type(self), fields)
                self.__dict__.update(fields)

    async def wait_for_background_tasks(self) -> list[PluginErrorModel]:
        """Waits for the fire-and-forget plugins of this call and returns what failed."""
        done = [await task for task in self.background_tasks]
        return [error for error in done if error is not None]
