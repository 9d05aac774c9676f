"""Whether the conditions of a plugin let it run for a request.

Tests: tests/unit/test_framework_scope.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyplugins.framework.embedded.models import GlobalContext, PluginCondition, normalize_content_type

# hook -> (field of the condition, field of the payload)
_SUBJECTS: dict[str, tuple[str, str]] = {
    "prompt_pre_fetch": ("prompts", "prompt_id"),
    "prompt_post_fetch": ("prompts", "prompt_id"),
    "tool_pre_invoke": ("tools", "name"),
    "tool_post_invoke": ("tools", "name"),
    "resource_pre_fetch": ("resources", "uri"),
    "resource_post_fetch": ("resources", "uri"),
    "agent_pre_invoke": ("agents", "agent_id"),
    "agent_post_invoke": ("agents", "agent_id"),
}


def payload_matches(
    payload: Any, hook_type: str, conditions: Sequence[PluginCondition], context: GlobalContext
) -> bool:
    """True when there are no conditions or one of them matches in every field that it sets."""
    return not conditions or any(
        _context_matches(condition, context) and _subject_matches(condition, payload, hook_type)
        for condition in conditions
    )


def _context_matches(condition: PluginCondition, context: GlobalContext) -> bool:
    if condition.server_ids and context.server_id not in condition.server_ids:
        return False
    if condition.tenant_ids and context.tenant_id not in condition.tenant_ids:
        return False
    if condition.content_types and normalize_content_type(context.content_type or "") not in condition.content_types:
        return False
    user = context.user_name()
    return not condition.user_patterns or any(user and part in user for part in condition.user_patterns)


def _subject_matches(condition: PluginCondition, payload: Any, hook_type: str) -> bool:
    allowed_field, value_field = _SUBJECTS.get(hook_type, ("", ""))
    allowed = getattr(condition, allowed_field, None)
    value = getattr(payload, value_field, None)
    return not (allowed and value and value not in allowed)
