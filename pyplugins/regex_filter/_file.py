"""Rules from a file: the library opens none, so they are put into the configuration before it sees it.

It must never read more than the limit, and no message may hold what a file holds.
Tests: tests/unit/test_regex_filter_api.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyplugins.core.faults import fault

_PATH = "$.rules_file"
#: Far above 100,000 words.
MAX_BYTES = 16 * 1024 * 1024


def with_rules(members: dict[str, Any]) -> dict[str, Any]:
    """The configuration with the file's words and rules behind its own, and without the name of the file.

    Raises:
        ConfigError: the file cannot be read, or does not hold what its name promises.
    """
    members = dict(members)
    name = members.pop("rules_file")
    if name is None:
        return members
    if not isinstance(name, str):
        raise fault("config_type", _PATH)
    for key, rows in read(Path(name)).items():
        own = members.get(key) or []
        if not isinstance(own, list):
            raise fault("config_type", f"$.{key}")
        members[key] = [*own, *rows]
    return members


def read(path: Path) -> dict[str, list[Any]]:
    """`words` and `rules` of a file.

    ``.json``, ``.yaml`` and ``.yml`` hold a list of rules, or an object with `words` and `rules`. Any other file holds
    one literal on each line; empty lines and those that begin with ``#`` are passed over.
    """
    text = _text(path)
    suffix = path.suffix.lower()
    if suffix not in (".json", ".yaml", ".yml"):
        lines = (line.strip() for line in text.splitlines())
        return {"rules": [{"search": line, "literal": True} for line in lines if line and not line.startswith("#")]}
    held = _loaded(text, suffix)
    if isinstance(held, list):
        held = {"rules": held}
    if not isinstance(held, dict) or not set(held) <= {"words", "rules"}:
        raise fault("config_file", _PATH)
    if not all(isinstance(rows, list) for rows in held.values()):
        raise fault("config_file", _PATH)
    return held


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise fault("config_file", _PATH)
        return raw.decode("utf-8-sig")
    except (OSError, ValueError):
        raise fault("config_file", _PATH) from None


def _loaded(text: str, suffix: str) -> Any:
    import yaml

    try:
        return json.loads(text) if suffix == ".json" else yaml.safe_load(text)
    except (ValueError, RecursionError, yaml.YAMLError):
        raise fault("config_file", _PATH) from None
