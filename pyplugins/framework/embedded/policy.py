"""Which payload fields a plugin may change, and the private copy that it gets to work on.

A host that hands out policies does not trust its plugins: each gets a copy, and of what comes back only the writable
fields are taken over. Tests: tests/unit/test_framework_scope.py.
"""

from __future__ import annotations

import copy
import dataclasses
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pyplugins.framework.embedded.payloads import PluginPayload

logger = logging.getLogger("pyplugins.framework")


class DefaultHookPolicy(StrEnum):
    """What happens to modifications on a hook that has no policy."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True)
class HookPayloadPolicy:
    """The payload fields that plugins may change."""

    writable_fields: frozenset[str]


def isolated(payload: PluginPayload) -> PluginPayload:
    """A copy that shares nothing mutable with ``payload``; a value that cannot be copied is shared."""
    copies = {field.name: _deep(getattr(payload, field.name)) for field in dataclasses.fields(payload)}
    return dataclasses.replace(payload, **copies)


def _deep(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except Exception as why:  # whatever a foreign __deepcopy__ raises
        reason = type(why).__name__
    if type(value) is dict:
        return {key: _deep(item) for key, item in value.items()}
    if type(value) is list:
        return [_deep(item) for item in value]
    logger.warning("a value of type %s cannot be copied (%s), it is shared", type(value).__name__, reason)
    return value


def accepted(
    target: PluginPayload, given: PluginPayload, returned: PluginPayload, policy: HookPayloadPolicy
) -> PluginPayload | None:
    """``target`` with the writable fields in which ``returned`` differs from ``given``; None when there are none."""
    updates: dict[str, Any] = {}
    rejected: list[str] = []
    for field in dataclasses.fields(returned):
        before, after = getattr(given, field.name, None), getattr(returned, field.name)
        if after is before or after == before:
            continue
        if field.name in policy.writable_fields:
            updates[field.name] = after
        else:
            rejected.append(field.name)
    if rejected:
        logger.warning("changes to fields that the policy protects were dropped: %s", ", ".join(rejected))
    return dataclasses.replace(target, **updates) if updates else None
