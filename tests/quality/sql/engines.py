"""The detectors: ours in each implementation, and libinjection in an environment of its own.

For: `test_sql_quality.py` and `python -m tests.quality.sql`. Never: changes what a detector says.
Tests: `test_sql_quality.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from .. import peers

Detect = Callable[[list[str]], list[bool]]

_WORKER = """
import json, sys
from urllib.parse import unquote_plus
from libinjection import is_sql_injection

def answer(text, times):
    found = bool(is_sql_injection(text)["is_sqli"])
    return found or (times > 0 and answer(unquote_plus(text), times - 1))

asked = json.load(sys.stdin)
print(json.dumps([answer(text, asked["times"]) for text in asked["texts"]]))
"""


def ours(implementation: str = "auto") -> Detect:
    """Our detector as an argument guard uses it; raises ImportError when it cannot be had."""
    from pyplugins.sql_sanitizer import SQLSanitizer

    guard = SQLSanitizer({"detect_injection": True}, implementation=implementation)
    return lambda values: [bool(guard.scan(value).blocked) for value in values]


def libinjection(values: list[str], times: int = 0) -> list[bool]:
    """The peer's answers; it takes the text as UTF-8, and the text URL-decoded up to `times` times as firewalls do."""
    answers: list[bool] = peers.python("sql_sanitizer", _WORKER, {"texts": values, "times": times})
    return answers
