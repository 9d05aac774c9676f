"""Turns marked texts into vectors. It knows nothing of how anything is found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from pyplugins.core import data

Row: TypeAlias = dict[str, Any]
Marked: TypeAlias = Mapping[str, str]

_MARK = re.compile(r"<<([a-z_]+)(!?):(.*?)>>", re.DOTALL)
REDACTED = "[REDACTED]"


def _scores() -> dict[tuple[str, bool], int]:
    types = data.load("pii_filter", "types.json")
    scores = {(row["name"], False): row["score"] for row in types} | {
        (row["name"], True): row["labelled_score"] for row in types
    }
    return scores | {("custom", False): 1000}


def unmark(marked: str) -> tuple[str, list[tuple[str, bool, int, int]]]:
    """The text without its marks, and the marks: type, labelled, start, end in code points."""
    text, found, last = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[last : mark.start()]
        kind, labelled, value = mark.groups()
        found.append((kind, bool(labelled), len(text), len(text) + len(value)))
        text += value
        last = mark.end()
    return text + marked[last:], found


def row(
    id: str, marked: str, config: Mapping[str, Any] | None = None, *, output: str | None = None, action: str = "replace"
) -> Row:
    """One vector about a text. `output` is by default the text with every finding redacted."""
    text, marks = unmark(marked)
    scores = _scores()
    findings = [[kind, start, end, action, scores[kind, labelled]] for kind, labelled, start, end in marks]
    redacted = _MARK.sub(REDACTED, marked)
    return {
        "id": id,
        "config": dict(config or {}),
        "input": text,
        "expect": {"findings": findings, "output": redacted if output is None else output},
    }


def rows(prefix: str, marked: Marked, config: Mapping[str, Any] | None = None) -> list[Row]:
    """One vector for each marked text, with default output."""
    return [row(f"{prefix}-{name}", text, config) for name, text in marked.items()]


def bytes_row(
    id: str, pieces: Iterable[bytes | tuple[str, bytes]], config: Mapping[str, Any] | None = None, masked: bytes = b""
) -> Row:
    """A vector about bytes: a tuple is a finding, masked as `masked` or redacted. Offsets count bytes."""
    text, output, findings, scores = b"", b"", [], _scores()
    for piece in pieces:
        if isinstance(piece, tuple):
            kind, value = piece[0].rstrip("!"), piece[1]
            labelled = piece[0].endswith("!")
            findings.append([kind, len(text), len(text) + len(value), "replace", scores[kind, labelled]])
            text += value
            output += masked or REDACTED.encode()
        else:
            text += piece
            output += piece
    return {
        "id": id,
        "config": dict(config or {}),
        "input_hex": text.hex(),
        "expect": {"findings": findings, "output_hex": output.hex()},
    }


def error(id: str, config: Mapping[str, Any] | str, name: str, path: str, text: str = "") -> Row:
    """A vector about an error: `config` is refused, or `text` under it. A `str` is JSON text as it stands."""
    code = next(message["code"] for message in data.load("core", "messages.json") if message["id"] == name)
    classes = (
        (20, "UsageError"),
        (40, "ConfigError"),
        (60, "InputTooLarge"),
        (80, "ResourceError"),
        (100, "InternalError"),
    )
    kind = next(kind for limit, kind in classes if code < limit)
    held: Row = {"config_text": config} if isinstance(config, str) else {"config": dict(config)}
    return {"id": id, **held, "input": text, "expect": {"error": {"class": kind, "code": code, "path": path}}}


# Characters that some readers take for the end of a line.
_LINE_ENDS = str.maketrans({end: f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})


def render(all_rows: Iterable[Row]) -> str:
    """The file's text: one JSON object on each line."""
    return "".join(json.dumps(one, ensure_ascii=False).translate(_LINE_ENDS) + "\n" for one in all_rows)
