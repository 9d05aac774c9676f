"""Turns tables of texts into vectors. It knows nothing of how anything is repaired."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

#: The table's form of a pair whose dialects differ: what `python` says, and what `js` says.
Both: TypeAlias = tuple[str, str]


def rows(prefix: str, table: Mapping[str, str | Both], config: Mapping[str, Any] | None = None) -> list[Row]:
    """Vectors for texts and their repaired forms: one for each dialect.

    A form alone is that of both dialects.
    """
    made = []
    for number, (text, forms) in enumerate(table.items(), 1):
        python, js = (forms, forms) if isinstance(forms, str) else forms
        for dialect, output in (("python", python), ("js", js)):
            chosen = {**(config or {}), **({} if dialect == "python" else {"dialect": "js"})}
            made.append(
                {"id": f"{prefix} {number}, {dialect}", "config": chosen, "input": text, "expect": {"output": output}}
            )
    return made


def valid(prefix: str, texts: Iterable[str]) -> list[Row]:
    """Texts that nothing may touch, in both dialects and under `strict`."""
    configs = ({}, {"dialect": "js"}, {"strict": True})
    return [
        {
            "id": f"{prefix} {number}, {name}",
            "config": config,
            "input": text,
            "expect": {"findings": [], "output": text},
        }
        for number, text in enumerate(texts, 1)
        for name, config in zip(("python", "js", "strict"), configs, strict=True)
    ]


def edited(
    id: str, text: str, output: str, edits: Iterable[tuple[Any, ...]], config: Mapping[str, Any] | None = None
) -> Row:
    """A vector that names every edit: `(kind, start, end, inserted)`, and `True` behind it for a guess. ASCII only."""
    findings, details = [], []
    for kind, start, end, inserted, *guess in edits:
        findings.append([kind, start, end, "replace", 0, *(["guess"] if guess else [])])
        details.append({"offset": start, "kind": kind, "inserted": inserted, "removed": text[start:end]})
    expect = {"findings": findings, "details": details, "output": output}
    return {"id": id, "config": dict(config or {}), "input": text, "expect": expect}


def refused(id: str, text: str, config: Mapping[str, Any], code: int) -> Row:
    """A text that passes a limit."""
    error = {"class": "InputTooLarge", "code": code, "path": ""}
    return {"id": id, "config": dict(config), "input": text, "expect": {"error": error}}


def of_bytes(id: str, raw: bytes, output: bytes, config: Mapping[str, Any] | None = None) -> Row:
    """A vector of bytes."""
    expect = {"output_hex": output.hex()}
    return {"id": id, "config": dict(config or {}), "input_hex": raw.hex(), "expect": expect}


def render(all_rows: Iterable[Row]) -> str:
    """The file."""
    return "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in all_rows)
