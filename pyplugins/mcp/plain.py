"""Makes plain JSON data of what plugins hand back: they may answer with objects.

Tests: tests/unit/test_mcp_chain.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyplugins.framework.content import fields_of

_SCALARS = (str, int, float, bool, type(None))


def plain(value: Any) -> Any:
    """`value` as dicts, lists, texts and numbers; pydantic models by the names they have on the wire.

    Raises:
        TypeError: there is no JSON for it.
    """
    if type(value) in _SCALARS:
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    fields = fields_of(value)
    if getattr(type(value), "model_fields", None):  # declared ones, with aliases; cpex's structured data has none
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, (bytes, bytearray, memoryview, set, frozenset)) or not hasattr(value, "__dict__"):
        raise TypeError(f"a plugin answered with a value of type {type(value).__name__}")
    return {key: plain(item) for key, item in fields.items()}
