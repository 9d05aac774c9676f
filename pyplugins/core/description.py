"""What `describe` says about a configured engine, as the bindings and the fallback use it.

Shape of the JSON, the same from Rust and Python::

    {"kind": "pii_filter", "version": "0.1.0",
     "rules": [{"name": "ssn", "group": "ssn", "attributes": {"mask_strategy": "redact"}}, ...],
     "limits": {"max_text_bytes": 1, "max_nested_depth": 1, "max_collection_items": 1, "max_findings": 1}}

A rule's `group` defaults to its name and its `attributes` to none. Tests: tests/unit/test_core_guard.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """One rule: its name, the key it has in `detect` and what `detect` adds to each of its findings."""

    name: str
    group: str
    attributes: dict[str, Any]


def version() -> str:
    """Version of the package, as setup.py wrote it; a checkout that was never built has none."""
    try:
        from pyplugins._build_info import VERSION
    except ImportError:
        return "unknown"
    return str(VERSION)


class Limits(NamedTuple):
    """Limits of one call. Sizes are UTF-8 bytes. Engines that do not name the middle two have the usual ones."""

    max_text_bytes: int
    max_findings: int
    max_nested_depth: int = 32
    max_collection_items: int = 4096


def rules_of(described: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules, by the index that findings carry."""
    return tuple(
        Rule(row["name"], row.get("group", row["name"]), dict(row.get("attributes", {}))) for row in described["rules"]
    )


def limits_of(described: Mapping[str, Any]) -> Limits:
    """The limits."""
    limits = described["limits"]
    return Limits(**{name: limits[name] for name in Limits._fields if name in limits})
