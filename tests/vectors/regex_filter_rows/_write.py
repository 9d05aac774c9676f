"""Turns marked texts into vectors. It knows nothing of how anything is found.

In a marked text ``{w0:...}`` is what `words[0]` finds, ``{r2!block:...}`` what `rules[2]` finds with that action.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

_MARK = re.compile(r"\{([wr])([0-9]+)(?:!([a-z]+))?:(.*?)\}", re.DOTALL)
_NAMES = {"w": "words", "r": "rules"}


def finding(name: str, start: int, end: int, action: str = "replace", *, derived: bool = False) -> list[Any]:
    """A finding; `name` is ``w0``, ``r1`` or a rule's own name."""
    if re.fullmatch("[wr][0-9]+", name):
        name = f"{_NAMES[name[0]]}[{name[1:]}]"
    return [name, start, end, action, 1000, *(["derived"] if derived else [])]


def unmark(marked: str) -> tuple[str, list[list[Any]]]:
    """The text without its marks, and what they mark, in code points."""
    text, found, last = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[last : mark.start()]
        kind, index, action, value = mark.groups()
        found.append(finding(kind + index, len(text), len(text) + len(value), action or "replace"))
        text += value
        last = mark.end()
    return text + marked[last:], found


def row(
    id: str, config: Mapping[str, Any], marked: str, output: str | None = None, found: Sequence[list[Any]] | None = None
) -> Row:
    """One vector; `output` None is the text itself, `found` replaces the marks."""
    text, marks = unmark(marked) if found is None else (marked, list(found))
    expect = {"findings": marks, "output": text if output is None else output}
    return {"id": id, "config": dict(config), "input": text, "expect": expect}


def bytes_row(id: str, config: Mapping[str, Any], raw: bytes, output: bytes, found: Sequence[list[Any]]) -> Row:
    """One vector about bytes."""
    expect = {"findings": list(found), "output_hex": output.hex()}
    return {"id": id, "config": dict(config), "input_hex": raw.hex(), "expect": expect}


def refused(id: str, config: Mapping[str, Any], code: int, path: str, text: str | None = None) -> Row:
    """A configuration, or a text under it, that is refused."""
    kind = "ConfigError" if code < 40 else "InputTooLarge"
    made: Row = {"id": id, "config": dict(config)}
    if text is not None:
        made["input"] = text
    return made | {"expect": {"error": {"class": kind, "code": code, "path": path}}}


def render(rows: Iterable[Row]) -> str:
    """The file's text."""
    return "".join(json.dumps(row) + "\n" for row in rows)
