"""A text that arrives in parts, through the plugins of one hook, released as soon as each of its places is decided.

Only guards that offer streams can do that, and only where nothing but the guard decides: a plugin that always runs, may
block and fails closed. For any other chain `stream_plan` answers `None`, and the text must be collected and asked about
as a whole. Whatever the parts, the sum of what is released is what the whole text would have become.
Tests: tests/integrations/test_text_stream.py.
"""

from __future__ import annotations

from typing import Any

from pyplugins.errors import PluginError as EngineError
from pyplugins.errors import UsageError
from pyplugins.framework import OnError, PluginMode
from pyplugins.framework.guarding import STAGES, Found, GuardPlugin
from pyplugins.mcp.outcome import NOT_CHECKED, Refusal, Refused


def stream_plan(manager: Any, hook: str) -> list[GuardPlugin] | None:
    """The guards that a text of this hook goes through, in order; `None` when one of them must see the whole text.

    Args:
        manager: an initialised `pyplugins.framework.PluginManager`.
        hook: one of the six hooks.
    """
    loaded = [(config, manager.get_plugin(config.name)) for config in manager.config.plugins or ()]
    asked = [(config, plugin) for config, plugin in loaded if plugin is not None and hook in config.hooks]
    asked.sort(key=lambda pair: pair[0].priority)
    return [plugin for _, plugin in asked] if all(_streams(*pair) for pair in asked) else None


def _streams(config: Any, plugin: Any) -> bool:
    plain = isinstance(plugin, GuardPlugin) and (type(plugin).answer, type(plugin).rewriter) == (
        GuardPlugin.answer,
        GuardPlugin.rewriter,
    )
    always = config.mode is PluginMode.SEQUENTIAL and config.on_error is OnError.FAIL and not config.conditions
    if not (plain and always):
        return False
    try:
        plugin.guard.stream()
    except UsageError:
        return False
    return True


class TextStream:
    """One text. Serves one task at a time; nothing that it holds back is ever shown.

    Args:
        guards: what `stream_plan` answered.
        hook: the hook that a refusal names.
    """

    def __init__(self, guards: list[GuardPlugin], hook: str) -> None:
        self._stage = STAGES[hook]
        self._steps = [_Step(guard) for guard in guards]

    def push(self, text: str) -> str:
        """Takes the next part and returns what may go on; often less than came in, never more than is decided.

        Raises:
            Refused: a guard refuses what came so far, or failed, so that the rest has not been checked. The stream
                takes nothing more.
        """
        for step in self._steps:
            text = step.run(self._stage, text, last=False)
        return text

    def finish(self) -> str:
        """Returns the rest. Raises as `push` does."""
        text = ""
        for step in self._steps:
            text = step.run(self._stage, text, last=True)
        return text


class _Step:
    """One guard and its stream."""

    def __init__(self, plugin: GuardPlugin) -> None:
        self._plugin = plugin
        self._stream = plugin.guard.stream()
        self._rules = {row["name"]: row for row in plugin.guard.describe()["rules"]}

    def run(self, stage: Any, text: str, *, last: bool) -> str:
        """What of the text may go on to the next guard."""
        try:
            parts = [self._stream.push(text)] if text else []
            if last:
                parts.append(self._stream.finish())
        except EngineError as why:
            reason = f"{type(why).__name__} {why.code}: {why}"
            raise Refused(Refusal(self._plugin.name, NOT_CHECKED, reason, failed=True)) from None
        found: Found = {}
        for part in parts:
            self._group(part.findings, found)
        if found:
            self._judge(stage, found)
        return "".join(part.output for part in parts)

    def _group(self, findings: Any, found: Found) -> None:
        """Sorts findings as `detect` does; their values are gone with the text, and no judge needs them."""
        for finding in findings:
            rule = self._rules[finding.rule]
            entry = {"start": finding.start, "end": finding.end, **rule.get("attributes", {})}
            found.setdefault(rule.get("group", finding.rule), []).append(entry)

    def _judge(self, stage: Any, found: Found) -> None:
        violation, _ = self._plugin.judge(stage, found, None)
        if violation is not None:
            raise Refused(Refusal(self._plugin.name, violation.code, violation.reason))
