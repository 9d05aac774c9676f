"""Our filter, and Python's `re` in sequence, as the gateway's own plugin does it.

One operation for each set of rules, `process <set>`, and for the ten rules `nested`, `many` and `new` too.
Tests: tests/bench/test_verify.py.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from bench.plugin import Opened, Subject, own
from bench.plugins.regex_filter.rules import RULES, Rule


def config(rules: Iterable[Rule]) -> dict[str, Any]:
    """The rules as our filter is told them."""
    marks = ("literal", "unicode")
    return {
        "rules": [
            {"search": rule.search, "replace": rule.replace} | {mark: True for mark in marks if getattr(rule, mark)}
            for rule in rules
        ]
    }


def _own(implementation: str) -> Opened:
    filter_class = importlib.import_module("pyplugins.regex_filter").RegexFilter
    filters = {name: filter_class(config(rules), implementation) for name, rules in RULES.items()}
    ten = filters["ten"]
    operations = {f"process {name}": one.process for name, one in filters.items()}
    operations |= {
        "nested": ten.process_nested,
        "many": ten.process_many,
        "new": lambda _: filter_class(config(RULES["ten"]), implementation),
    }
    return Opened(operations, read={"nested": lambda answer: answer[1]})


Compiled = list[tuple[re.Pattern[str], str]]


def compiled(rules: Iterable[Rule]) -> Compiled:
    """The rules as `re` is told them."""
    return [(re.compile(re.escape(rule.search) if rule.literal else rule.search), rule.replace) for rule in rules]


def in_sequence(rules: Compiled, text: str) -> str:
    """Each rule applied to what the one before left."""
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def _nested(rules: Compiled, data: Any) -> Any:
    if isinstance(data, str):
        return in_sequence(rules, data)
    if isinstance(data, dict):
        return {key: _nested(rules, value) for key, value in data.items()}
    return [_nested(rules, value) for value in data] if isinstance(data, list) else data


def _re() -> Opened:
    sets = {name: compiled(rules) for name, rules in RULES.items()}
    ten = sets["ten"]
    operations: dict[str, Any] = {f"process {name}": partial(in_sequence, rules) for name, rules in sets.items()}
    operations |= {
        "nested": partial(_nested, ten),
        "many": lambda texts: [in_sequence(ten, text) for text in texts],
        "new": lambda _: _compiled_anew(),
    }
    return Opened(operations)


def _compiled_anew() -> Compiled:
    re.purge()
    return compiled(RULES["ten"])


SUBJECTS = {
    **own(_own, "pyplugins.regex_filter.RegexFilter"),
    "re": Subject("Python re, in sequence", _re, colour="#c2410c"),
}
