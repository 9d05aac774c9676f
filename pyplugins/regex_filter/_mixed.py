"""A guard for rules of which some have ``syntax: python``: runs of portable rules go to guards of the engine, the
others to Python's patterns, one after the other.

It must never give another result than all rules in sequence. Tests: tests/unit/test_regex_filter_python.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from pyplugins.core import config as configuration
from pyplugins.core import data, units
from pyplugins.core.description import version
from pyplugins.core.faults import fault
from pyplugins.core.guard import Answer, BaseGuard
from pyplugins.core.protocol import Guard, Stream
from pyplugins.regex_filter import _rules
from pyplugins.regex_filter._passage import Passage, RawPassage, passage
from pyplugins.regex_filter._python_syntax import FLAGS, PythonPattern
from pyplugins.regex_filter._template import Template
from pyplugins.regex_filter.fallback import KIND, described, limits

#: Opens a guard of the engine for a configuration, JSON text.
Open = Callable[[str], Guard]
#: A rule with its number in the whole configuration.
Numbered = tuple[int, _rules.Rule]


class _Reader(_rules._Reader):
    """Reads rules of both kinds."""

    def rule(self, row: Mapping[str, Any], place: str) -> _rules.Rule:
        if row.get("syntax") != "python" or row.get("literal"):
            return super().rule({**row, "syntax": "portable"}, place)
        path, flags = f"$.{place}", row["flags"]
        if len(set(flags)) < len(flags) or set(flags).difference(FLAGS):
            raise fault("config_enum", f"{path}.flags")
        # The engine reads the rest of the row, with a pattern that has nothing to be refused.
        plain = super().rule({**row, "search": "a", "syntax": "portable", "flags": "", "replace": None}, place)
        options = self.options(row, flags)
        search = PythonPattern(row["search"], options, flags, f"{path}.search", self._settings["regex_timeout_ms"])
        template = plain.template if row["replace"] is None else self._read_template(row["replace"], search, path)
        return replace(plain, search=search, template=template)

    @staticmethod
    def _read_template(text: str, search: PythonPattern, path: str) -> Template:
        return Template.parse(text, search.names, f"{path}.replace")


class _Run:
    """Rules that follow each other: all portable, with a guard that says what they find, or all of Python."""

    def __init__(self, rules: Sequence[Numbered], guard: Guard | None) -> None:
        self.rules = rules
        self.guard = guard


class MixedGuard(BaseGuard):
    """The guard; its implementation is that of the guards within."""

    def __init__(self, settings: Mapping[str, Any], open_guard: Open) -> None:
        reader = _Reader(settings)
        rows = [(key, index, row) for key in ("words", "rules") for index, row in enumerate(settings[key])]
        rules = [reader.rule(row, f"{key}[{index}]") for key, index, row in rows]
        self._max_output_bytes: int = settings["max_output_bytes"]
        super().__init__(KIND, {"rules": [_described(rule) for rule in rules], "limits": limits(settings)})
        self._runs: list[_Run] = []
        # What is forced must be there even when no run needs it.
        first = open_guard("{}")
        self.implementation = first.implementation  # type: ignore[misc]
        self.binding = first.binding  # type: ignore[misc]
        numbered = [(index, rule) for index, rule in enumerate(rules) if rule.enabled]
        for python, run in groupby(numbered, key=lambda one: isinstance(one[1].search, PythonPattern)):
            members = list(run)
            part = [(rows[index][2], rule) for index, rule in members]
            self._runs.append(_Run(members, None if python else open_guard(_part(settings, part))))

    @classmethod
    def open(cls, config_json: str | bytes, open_guard: Open) -> MixedGuard:
        """The guard for a configuration as JSON text.

        Raises:
            ConfigError: the configuration is wrong; `path` names the value.
        """
        return cls(configuration.read(data.load(KIND, "schema.json"), config_json), open_guard)

    def stream(self) -> Stream:
        """Rules need the whole text."""
        raise fault("unsupported", implementation=self.implementation)

    def describe(self) -> dict[str, Any]:
        """Rules, limits and how each rule runs. It never holds what a rule searches or writes."""
        return {"kind": self.kind, "version": version(), **super().describe()}

    def _answers(self, texts: Sequence[str | bytes], *, output: bool, details: bool = True) -> Iterator[Answer]:
        for text in texts:
            units.check_size(text, self.limits.max_text_bytes, self.implementation)
            going = passage(text, self.limits.max_findings, self._max_output_bytes)
            for run in self._runs:
                if run.guard is None or isinstance(going, RawPassage) or not self._ask(run, going):
                    for index, rule in run.rules:
                        going.apply(index, rule)
            yield going.answer(output=output)

    def _ask(self, run: _Run, going: Passage) -> bool:
        """Lets a guard look at the text; false when it would change: Python then knows what came from where."""
        assert run.guard is not None
        result = run.guard.scan(going.views.text)
        if result.changed:
            return False
        # Something written may be what stood there; only findings in the text as it is can be taken over.
        if any(finding.derived for finding in result.findings):
            return False
        if len(result.findings) > going.room:
            raise fault("too_many_findings", a=len(result.findings), b=self.limits.max_findings)
        numbers = {rule.name: (index, rule) for index, rule in run.rules}
        if len(numbers) < len(run.rules):
            return not result.findings
        for finding in result.findings:
            index, rule = numbers[finding.rule]
            going.add(index, rule.action, finding.start, finding.end)
        return True


def _part(settings: Mapping[str, Any], part: Sequence[tuple[Mapping[str, Any], _rules.Rule]]) -> str:
    """The configuration of a run of portable rules, under their names in the whole."""
    rules = [{**row, "name": rule.name[:128], "syntax": "portable"} for row, rule in part]
    # Limits are counted over all runs, by the guard around them; a text may have grown on its way.
    largest = max(settings["max_text_bytes"], settings["max_output_bytes"])
    return json.dumps({**settings, "words": [], "rules": rules, "max_text_bytes": largest, "max_output_bytes": largest})


def _described(rule: _rules.Rule) -> dict[str, Any]:
    syntax = "python" if isinstance(rule.search, PythonPattern) else "portable"
    return described(rule) | {"syntax": syntax}
