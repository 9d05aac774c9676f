"""The configuration of one sanitizer, from the strict reader's values to what the steps use.

Twin of rustlib/engines/sql_sanitizer/src/settings.rs. Tests: tests/vectors/sql_sanitizer.jsonl.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyplugins.core import config as configuration
from pyplugins.core import data
from pyplugins.core.description import Limits
from pyplugins.core.overlap import AUDIT, BLOCK
from pyplugins.sql_sanitizer import _tables as t
from pyplugins.sql_sanitizer._injection import value_dialect

if TYPE_CHECKING:
    from pyplugins.core.pattern import Pattern


class Rule(NamedTuple):
    """A rule of `describe`, and what its findings say."""

    name: str
    group: str
    #: The issue as the peer words it; empty for what is no violation.
    issue: str = ""


#: The rules behind the blocked statements, in order.
FIXED: Final = (
    Rule("delete_without_where", "violation", "DELETE without WHERE clause"),
    Rule("update_without_where", "violation", "UPDATE without WHERE clause"),
    Rule("interpolation", "violation", "Possible non-parameterized interpolation detected"),
    Rule("comment", "comment"),
    Rule("unclosed", "unclosed"),
    Rule("injection", "violation", "Possible SQL injection detected"),
)

#: `\bVERB\b` or `(?i)\bVERB\b`.
_VERB: Final = re.compile(r"(?:\(\?i\))?\\b([A-Za-z_]+)\\b")


class Settings:
    """A configured sanitizer's fixed data."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.rules: list[Rule] = []
        #: ``\\bVERB\\b``: the rules of each verb, in lower case.
        self.verbs: dict[str, list[int]] = {}
        #: What is searched in statements, with its rule.
        self.patterns: list[tuple[Pattern, int]] = []
        for number, text in enumerate(values["blocked_statements"]):
            verb = _VERB.fullmatch(text)
            if verb:
                self.verbs.setdefault(verb[1].lower(), []).append(number)
            else:
                self.patterns.append((_parse(text, f"$.blocked_statements[{number}]"), number))
            self.rules.append(Rule("blocked_statement", "violation", f"Blocked statement matched: {text}"))
        first = len(self.rules)
        self.rules += FIXED
        if values["injection_action"] != "block":
            self.rules[-1] = self.rules[-1]._replace(group="suspicion")
        (
            self.delete_rule,
            self.update_rule,
            self.interpolation_rule,
            self.comment_rule,
            self.unclosed_rule,
            self.injection_rule,
        ) = range(first, len(self.rules))
        blocks = values["block_on_violation"]
        self.action = BLOCK if blocks else AUDIT
        self.injection_action = BLOCK if blocks and values["injection_action"] == "block" else AUDIT
        self.delete: bool = values["block_delete_without_where"]
        self.update: bool = values["block_update_without_where"]
        self.strip: bool = values["strip_comments"]
        self.parameterized: bool = values["require_parameterization"]
        self.dialect: t.Dialect = t.DIALECTS[values["dialect"]]
        #: The dialect as it reads a value.
        self.value_dialect = value_dialect(self.dialect)
        self.injection: bool = values["detect_injection"]
        self.threshold: int = values["injection_threshold"]
        self.limits = {name: values[name] for name in Limits._fields}

    @classmethod
    def read(cls, config_json: str | bytes) -> Settings:
        """The settings of a configuration as JSON text."""
        return cls(configuration.read(data.load(t.KIND, "schema.json"), config_json, _check_format))

    def described(self) -> dict[str, Any]:
        """Rules in the order of their numbers, and limits."""
        rules = [
            {"name": name, "group": group, "attributes": {"issue": issue} if issue else {}}
            for name, group, issue in self.rules
        ]
        return {"rules": rules, "limits": self.limits, "dialect": self.dialect.name}


# The portable patterns are loaded when a configuration holds one.


def _parse(text: str, path: str) -> Pattern:
    from pyplugins.sql_sanitizer import _patterns

    return _patterns.parse(text, path)


def _check_format(name: str, text: str, path: str) -> None:
    if name == "portable-pattern" and not _VERB.fullmatch(text):
        from pyplugins.sql_sanitizer import _patterns

        _patterns.check(text, path)
