"""What a hook's request is counted by: values of the dimensions from user, tenant, server and tool.

Counts of tenants are apart: what is not the tenant's own value begins with the tenant's name and a slash. Parts are
escaped, so that no name can be taken for two. Tests: tests/unit/test_rate_limiter_plugin.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pyplugins.core.faults import fault

#: What dimensions may be made of, alone or joined by ``+``.
ATTRIBUTES: Final = ("user", "tenant", "server", "tool")
#: Who has no name.
ANONYMOUS: Final = "anonymous"


def parts_of(dimension: str, path: str) -> tuple[str, ...]:
    """The attributes that a dimension's name is made of.

    Raises:
        ConfigError: one is unknown.

    >>> parts_of("user+tool", "$"), parts_of("user_per_server", "$")
    (('user', 'tool'), ('user', 'server'))
    """
    parts = ("user", "server") if dimension == "user_per_server" else tuple(dimension.split("+"))
    if not set(parts) <= set(ATTRIBUTES) or len(set(parts)) < len(parts):
        raise fault("config_attribute", path)
    return parts


def user_of(identity: Any) -> str:
    """The name of a user: a text, or ``email``, ``id`` or ``sub`` of a mapping.

    >>> user_of({"id": 7}), user_of(" alice "), user_of(None)
    ('7', 'alice', 'anonymous')
    """
    if isinstance(identity, Mapping):
        members = dict(identity.items())
        identity = next((members[key] for key in ("email", "id", "sub") if _text(members.get(key))), None)
    return _text(identity) or ANONYMOUS


def tool_of(name: Any) -> str:
    """A tool's name as `by_tool` has it: without white space around it, in lower case."""
    return _text(name).lower()


def attributes(context: Any, name: Any) -> dict[str, str]:
    """The attributes of a request; an empty one is absent."""
    shared = getattr(context, "global_context", None)
    return {
        "user": user_of(getattr(shared, "user", None)),
        "tenant": _text(getattr(shared, "tenant_id", None)),
        "server": _text(getattr(shared, "server_id", None)),
        "tool": tool_of(name),
    }


def value_of(parts: tuple[str, ...], found: Mapping[str, str], always_scoped: bool = False) -> str:
    """The value of a dimension; empty when one of its attributes is absent.

    `always_scoped`: without a tenant the slash behind its name is still there, as the patterns of `scoped_tools` need.

    >>> value_of(("user",), {"user": "a/b", "tenant": "acme"})
    'acme/a%2Fb'
    >>> value_of(("tool",), {"tool": "search", "tenant": ""}, always_scoped=True)
    '/search'
    """
    if not all(found[part] for part in parts):
        return ""
    is_scoped = always_scoped or ("tenant" not in parts and found["tenant"])
    return "/".join(_escaped(found[part]) for part in (("tenant", *parts) if is_scoped else parts))


def scoped_tools(by_tool: Any, scope: str = "*/") -> Any:
    """`by_tool` for values that are always scoped: names fit the tool alone, whoever the tenant is."""
    if not isinstance(by_tool, Mapping):
        return by_tool
    return {scope + _escaped(tool_of(name)): rates for name, rates in by_tool.items()}


def _text(value: Any) -> str:
    known = isinstance(value, (str, int)) and not isinstance(value, bool)
    return str(value).strip() if known else ""


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")
