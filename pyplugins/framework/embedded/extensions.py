"""Request extensions of the embedded framework and which of them a plugin may see.

``request`` and ``http`` are typed; the other slots hold whatever the host puts there. A slot that names an identity, a
header or a label is hidden unless the plugin's configuration declares the capability for it.
Tests: tests/unit/test_framework_scope.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from pyplugins.framework.embedded._model import Check, Model, optional, text


class Capability(StrEnum):
    """What a plugin may declare under ``capabilities``."""

    READ_SUBJECT = "read_subject"
    READ_ROLES = "read_roles"
    READ_TEAMS = "read_teams"
    READ_CLAIMS = "read_claims"
    READ_PERMISSIONS = "read_permissions"
    READ_AGENT = "read_agent"
    READ_HEADERS = "read_headers"
    WRITE_HEADERS = "write_headers"
    READ_LABELS = "read_labels"
    APPEND_LABELS = "append_labels"
    READ_DELEGATION = "read_delegation"
    APPEND_DELEGATION = "append_delegation"


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class RequestExtension(Model):
    """Where and in which trace the request runs; always visible."""

    environment: str | None = None
    request_id: str | None = None
    timestamp: str | None = None
    trace_id: str | None = None
    span_id: str | None = None

    CHECKS: ClassVar[Mapping[str, Check]] = dict.fromkeys(
        ("environment", "request_id", "timestamp", "trace_id", "span_id"), optional(text)
    )


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class HttpExtension(Model):
    """Headers of the request; needs ``read_headers`` or ``write_headers``."""

    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, repr=False, eq=False, match_args=False)
class Extensions(Model):
    """Typed facts about the request that travel beside the payload."""

    request: RequestExtension | None = None
    agent: Any = None
    http: HttpExtension | None = None
    security: Any = None
    delegation: Any = None
    mcp: Any = None
    completion: Any = None
    provenance: Any = None
    llm: Any = None
    framework: Any = None
    meta: Any = None
    custom: dict[str, Any] | None = None


# Slots that stay hidden unless one of these is declared. A slot that is not named here is open to every plugin.
_GATED: dict[str, frozenset[str]] = {
    "agent": frozenset({"read_agent"}),
    "http": frozenset({"read_headers", "write_headers"}),
    "delegation": frozenset({"read_delegation", "append_delegation"}),
    "security": frozenset(
        {"read_subject", "read_roles", "read_teams", "read_claims", "read_permissions", "read_labels", "append_labels"}
    ),
}


def visible_to(capabilities: frozenset[str], extensions: Extensions | None) -> Extensions | None:
    """``extensions`` without the slots that a plugin with these capabilities may not see."""
    if extensions is None:
        return None
    hidden = [s for s, keys in _GATED.items() if not keys & capabilities and getattr(extensions, s) is not None]
    return extensions.model_copy(update=dict.fromkeys(hidden)) if hidden else extensions
