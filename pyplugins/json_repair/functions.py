"""Drop-ins for the functions of PyPI `json_repair`: `repair_json`, `loads`, `load`, `from_file`.

The names of their arguments are kept where they make sense; what has no meaning here (`chunk_length`, `stream_stable`)
is accepted and does nothing. What differs on purpose is listed in README.md. Tests: tests/unit/test_json_repair_api.py.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any, TextIO

from pyplugins.core import data
from pyplugins.core.result import ScanResult
from pyplugins.json_repair.api import JSONRepair

__all__ = ["from_file", "load", "loads", "repair_json"]

#: Characters either side of an edit that a log entry quotes, as the peer does.
_CONTEXT = 80


@cache
def _repairing(dialect: str, strict: bool, ensure_ascii: bool) -> JSONRepair:
    return JSONRepair({"dialect": dialect, "strict": strict, "ensure_ascii": ensure_ascii})


def repair_json(
    json_str: str = "",
    return_objects: bool = False,
    skip_json_loads: bool = False,
    logging: bool = False,
    json_fd: TextIO | None = None,
    chunk_length: int = 0,
    stream_stable: bool = False,
    strict: bool = False,
    *,
    dialect: str = "python",
    ensure_ascii: bool = False,
    **json_dumps_args: Any,
) -> Any:
    """The repaired text, or its value.

    Args:
        json_str: what should be JSON.
        return_objects: return the value instead of the text.
        skip_json_loads: for `return_objects`: do not try Python's `json` first.
        logging: return the value and the list of edits, each with ``text``, ``context`` and the edit's detail.
        json_fd: a text file to read instead of `json_str`.
        chunk_length: accepted; the whole text is read.
        stream_stable: accepted; a cut-off text is closed alike either way.
        strict: a `ValueError` with the position instead of a repair.
        dialect: ``python`` or ``js``: whose reading counts where the two libraries disagree.
        ensure_ascii: write characters beyond ASCII as escapes.
        json_dumps_args: with any of them the text is written anew by `json.dumps`.

    Returns:
        The text with the edits applied; valid JSON is the very object that came in. Empty for a text without a value,
        unless `dialect` is ``js``.

    >>> repair_json("{'a': True, 'b': 'it's',}")
    '{"a": true, "b": "it\\'s"}'
    >>> repair_json("{a: 1", return_objects=True)
    {'a': 1}
    >>> repair_json("[1 2", indent=1)
    '[\\n 1,\\n 2\\n]'
    """
    text = json_str if json_fd is None else json_fd.read()
    repair = _repairing(dialect, bool(strict), bool(ensure_ascii))
    if logging:
        result = repair.scan(text)
        return repair.loads(text), _log(text, result)
    if return_objects:
        return loads(text, skip_json_loads, strict=strict, dialect=dialect)
    if json_dumps_args:
        return json.dumps(repair.loads(text), ensure_ascii=ensure_ascii, **json_dumps_args)
    repaired = repair.repair(text)
    return "" if repaired == '""' and text.strip() != '""' and _has_no_value(repair, text) else repaired


def loads(
    json_str: str,
    skip_json_loads: bool = False,
    logging: bool = False,
    stream_stable: bool = False,
    strict: bool = False,
    *,
    dialect: str = "python",
) -> Any:
    """The value of a text that should be JSON; see `repair_json`.

    Python's `json` reads the text first, so that `NaN` and the infinities of an otherwise valid text are floats, as in
    the peer; in a text that has to be repaired they become strings.

    >>> loads("{'a': [1, 2")
    {'a': [1, 2]}
    """
    if logging:
        return repair_json(json_str, logging=True, strict=strict, dialect=dialect)
    if not skip_json_loads:
        try:
            return json.loads(json_str)
        except (ValueError, RecursionError):
            pass
    return _repairing(dialect, bool(strict), False).loads(json_str)


def load(
    fd: TextIO,
    skip_json_loads: bool = False,
    logging: bool = False,
    chunk_length: int = 0,
    strict: bool = False,
    *,
    dialect: str = "python",
) -> Any:
    """`loads` of what a text file holds."""
    return loads(fd.read(), skip_json_loads, logging, strict=strict, dialect=dialect)


def from_file(
    filename: str | os.PathLike[str],
    skip_json_loads: bool = False,
    logging: bool = False,
    chunk_length: int = 0,
    strict: bool = False,
    *,
    dialect: str = "python",
) -> Any:
    """`loads` of the file with this name, read as UTF-8."""
    with open(filename, encoding="utf-8") as fd:
        return load(fd, skip_json_loads, logging, strict=strict, dialect=dialect)


def _has_no_value(repair: JSONRepair, text: str) -> bool:
    return any(finding.rule == "no_json" for finding in repair.scan(text).findings)


def _log(text: str, result: ScanResult[str]) -> list[dict[str, Any]]:
    about = {row["name"]: row["about"] for row in data.load("json_repair", "kinds.json")}
    return [
        {
            "text": about[finding.rule],
            "context": text[max(finding.start - _CONTEXT, 0) : finding.end + _CONTEXT],
            **finding.detail,
            "guess": finding.guess,
        }
        for finding in result.findings
    ]
