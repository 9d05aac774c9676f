"""Runs payload lines through a plugin chain, one after the other. Tests: tests/cli/test_run.py."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyplugins import framework
from pyplugins.cli import exits
from pyplugins.cli.exits import Failure
from pyplugins.mcp import opening


class BadLine(Exception):
    """A line that got no answer; the message holds nothing of it."""


@dataclass(frozen=True)
class Answer:
    """What the chain said about one line."""

    line: int
    hook: str
    #: The payload that may go on, as JSON data; `None` when it may not.
    payload: Any
    changed: bool
    violation: dict[str, Any] | None
    metadata: dict[str, Any]
    #: Plugins that failed and whose ``on_error`` let the payload go on, with the reason.
    ignored: list[str]

    def public(self) -> dict[str, Any]:
        """The result line; it has the form of an input line too, so that it can be run again."""
        told: dict[str, Any] = {
            "line": self.line,
            "hook": self.hook,
            "continue_processing": self.payload is not None,
            "changed": self.changed,
        }
        if self.payload is not None:
            told["payload"] = self.payload
        if self.violation is not None:
            told["violation"] = self.violation
        return told | ({"metadata": self.metadata} if self.metadata else {})


class Chain:
    """A loaded chain; use it in a ``with`` block."""

    def __init__(self, config: str, hook: str | None) -> None:
        # Each failure is told once, with its line, by whoever uses the answers.
        logging.getLogger("pyplugins.framework").setLevel(logging.CRITICAL)
        self._hook = hook
        self._runner = asyncio.Runner()
        self._registry = framework.get_hook_registry()
        try:
            self._manager = self._runner.run(opening.opened(config))
        except Exception as why:  # nothing has been scanned yet, so the message is safe
            self._runner.close()
            raise Failure(str(why) or type(why).__name__) from None

    def __enter__(self) -> Chain:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._manager.shutdown())
        self._runner.close()

    def answers(self, lines: Iterable[bytes]) -> Iterator[Answer | tuple[int, str]]:
        """One answer for each line that is not blank, or its number and what is wrong with it."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                hook, payload = self._read(line)
                yield self._runner.run(self._ask(number, hook, payload))
            except Exception as why:
                yield number, _reason(why)

    def _read(self, line: bytes) -> tuple[str, Any]:
        try:
            data = json.loads(line.decode("utf-8").rstrip(), parse_constant=_refuse)
        except RecursionError:
            raise BadLine("nested too deeply") from None
        except UnicodeDecodeError as why:
            raise BadLine(f"not UTF-8 at byte {why.start + 1}") from None
        except json.JSONDecodeError as why:
            raise BadLine(f"not JSON at column {why.pos + 1}") from None
        if not isinstance(data, dict):
            raise BadLine("not a JSON object")
        hook, payload = (data["hook"], data["payload"]) if {"hook", "payload"} <= data.keys() else (self._hook, data)
        if hook is None:
            raise BadLine('names no hook: give --hook, or write {"hook": ..., "payload": {...}}')
        if not isinstance(hook, str) or not self._registry.is_registered(hook):
            raise BadLine(f"unknown hook; known: {', '.join(self._registry.get_registered_hooks())}")
        return hook, payload

    def _payload(self, hook: str, data: Any) -> Any:
        try:
            return self._registry.json_to_payload(hook, data)
        except ValueError as why:
            # Neither a value nor an unknown key may be told: both are content.
            kind: Any = self._registry.get_payload_type(hook)
            known = inspect.signature(kind).parameters
            field = getattr(why, "field", None)
            place = f" at {field}" if field in known else ""
            raise BadLine(f"not a payload of {hook}{place}; it has the keys {', '.join(known)}") from None

    async def _ask(self, number: int, hook: str, data: Any) -> Answer:
        payload = self._payload(hook, data)
        context = framework.GlobalContext(request_id=f"line-{number}")
        # Plugins write metadata for requests that are traced, and metadata is what is counted here.
        extensions = framework.Extensions(request=framework.RequestExtension(trace_id=f"gwplugins-run-{number}"))
        result, _ = await self._manager.invoke_hook(hook, payload, context, extensions=extensions)
        background = await result.wait_for_background_tasks()
        changed = result.modified_payload is not None
        passed = payload if result.modified_payload is None else result.modified_payload
        return Answer(
            number,
            hook,
            passed.model_dump(mode="json", exclude_none=True) if result.continue_processing else None,
            changed and result.continue_processing,
            result.violation.model_dump(mode="json", exclude_none=True) if result.violation else None,
            dict(result.metadata or {}),
            [*_failures(result.executions), *(error.plugin_name for error in background)],
        )


def _refuse(_: str) -> Any:
    raise BadLine("NaN and Infinity are not JSON")


def _failures(executions: Iterable[Any]) -> Iterator[str]:
    for record in executions:
        if str(record.status.value) != "completed":
            yield f"{record.plugin_name} ({record.reason or record.error_code or record.status.value})"


def _reason(why: Exception) -> str:
    if isinstance(why, BadLine):
        return str(why)
    if isinstance(why, framework.PluginError):
        return f"not checked: {_told(why)}"
    return exits.describe(why)


def _told(why: framework.PluginError) -> str:
    plugin = f"plugin {why.error.plugin_name} failed"
    # cpex passes on the words of any exception, the embedded framework only safe ones.
    return f"{plugin}: {why.error.message}" if framework.FRAMEWORK == "embedded" else plugin
