"""Runs the plugins of one hook: phases, priorities, time limits, failures, and what each plugin may do.

The order of phases and the rights of a mode are in docs/framework.md. A plugin that fails has not passed the content:
unless its ``on_error`` says otherwise the failure is raised. Tests: tests/unit/test_framework_manager.py, and
tests/cpex/ holds this executor against cpex's own.
"""

from __future__ import annotations

import asyncio
import logging
import time
import types
from collections.abc import Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from pyplugins.framework.embedded.base import HookRef
from pyplugins.framework.embedded.conditions import payload_matches
from pyplugins.framework.embedded.errors import PluginError, PluginViolationError, convert_exception_to_error, describe
from pyplugins.framework.embedded.extensions import Extensions, visible_to
from pyplugins.framework.embedded.models import (
    ControlExecutionRecord,
    ControlExecutionStatus,
    GlobalContext,
    OnError,
    PluginContext,
    PluginContextTable,
    PluginErrorModel,
    PluginMode,
    PluginResult,
    PluginViolation,
)
from pyplugins.framework.embedded.payloads import PluginPayload
from pyplugins.framework.embedded.policy import DefaultHookPolicy, HookPayloadPolicy, accepted, isolated

logger = logging.getLogger("pyplugins.framework")

T = TypeVar("T")

_SERIAL = (PluginMode.SEQUENTIAL, PluginMode.TRANSFORM, PluginMode.AUDIT)
_MAY_BLOCK = frozenset({PluginMode.SEQUENTIAL, PluginMode.CONCURRENT})
_MAY_MODIFY = frozenset({PluginMode.SEQUENTIAL, PluginMode.TRANSFORM})
_SHARES_STATE = frozenset({PluginMode.SEQUENTIAL, PluginMode.TRANSFORM, PluginMode.CONCURRENT})

_LONGEST_REASON = 256  # characters of a plugin's own words in an execution record
_MOST_CONFIG_KEYS = 64


@dataclass
class _Call:
    """One ``invoke_hook``: what came in, and what the plugins have made of it so far."""

    hook_type: str
    payload: PluginPayload
    global_context: GlobalContext
    earlier: PluginContextTable
    raise_violations: bool
    extensions: Extensions | None
    modified: bool = False
    new_extensions: Extensions | None = None
    contexts: PluginContextTable = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    retry_delay_ms: int = 0
    executions: list[ControlExecutionRecord] = field(default_factory=list)


@dataclass
class _Run:
    """One plugin of a call: what it was given, what it answered, how it ended."""

    ref: HookRef
    given: PluginPayload
    context: PluginContext
    result: PluginResult[Any] = field(default_factory=PluginResult)
    status: ControlExecutionStatus = ControlExecutionStatus.COMPLETED
    failure: Exception | None = None
    started_ns: int = field(default_factory=time.monotonic_ns)

    @property
    def mode(self) -> PluginMode:
        return self.ref.plugin_ref.mode

    @property
    def denied(self) -> bool:
        return not self.result.continue_processing

    @property
    def duration_ns(self) -> int:
        return time.monotonic_ns() - self.started_ns


class PluginExecutor:
    """Executes hook methods; shared by all calls of one manager."""

    def __init__(
        self,
        timeout: float,
        hook_policies: Mapping[str, HookPayloadPolicy] | None = None,
        default_hook_policy: str | None = None,
    ) -> None:
        self.timeout = timeout
        self.hook_policies = dict(hook_policies or {})
        self.default_hook_policy = DefaultHookPolicy(default_hook_policy or DefaultHookPolicy.ALLOW)
        self._left_out: set[str] = set()

    def reset_runtime_disabled(self) -> None:
        """Lets plugins run again that ``on_error: disable`` has left out."""
        self._left_out.clear()

    async def execute(
        self,
        refs: Sequence[HookRef],
        payload: PluginPayload,
        global_context: GlobalContext,
        hook_type: str,
        local_contexts: PluginContextTable | None = None,
        violations_as_exceptions: bool = False,
        extensions: Extensions | None = None,
    ) -> tuple[PluginResult[Any], PluginContextTable | None]:
        """Runs the chain; see ``PluginManager.invoke_hook``."""
        if not refs:
            return PluginResult(), None
        call = _Call(hook_type, payload, global_context, local_contexts or {}, violations_as_exceptions, extensions)
        phases = self._phases(refs, call)
        for mode in _SERIAL:
            for ref in phases[mode]:
                run = await self._run(ref, call)
                if self._settle(run, call):
                    return self._finish(call, phases, run)
        stopper = await self._run_together(phases[PluginMode.CONCURRENT], call)
        return self._finish(call, phases, stopper)

    async def execute_one(
        self,
        ref: HookRef,
        payload: PluginPayload,
        context: PluginContext,
        violations_as_exceptions: bool = False,
        extensions: Extensions | None = None,
    ) -> PluginResult[Any]:
        """Runs one hook of one plugin outside any chain."""
        call = _Call(ref.hook_type, payload, context.global_context, {}, violations_as_exceptions, extensions)
        run = _Run(ref, payload, context)
        await self._execute(run, call)
        self._raise_violation(run, call)
        return run.result

    def _phases(self, refs: Sequence[HookRef], call: _Call) -> dict[PluginMode, list[HookRef]]:
        phases: dict[PluginMode, list[HookRef]] = {mode: [] for mode in PluginMode}
        for ref in sorted(refs, key=lambda ref: ref.plugin_ref.priority):
            config = ref.plugin_ref.trusted_config
            if config.name in self._left_out:
                continue
            if payload_matches(call.payload, call.hook_type, config.conditions, call.global_context):
                phases[config.mode].append(ref)
        return phases

    # One plugin

    async def _run(self, ref: HookRef, call: _Call) -> _Run:
        run = _Run(ref, self._input(call), self._context(ref, call))
        await self._execute(run, call)
        return run

    async def _execute(self, run: _Run, call: _Call) -> None:
        """Awaits the hook within the time limit; a failure raises or is kept in ``run``, as ``on_error`` says."""
        limit = None
        hook = self._invoke(run, call)
        try:
            waiting = hook.send(None)
            # Most hooks have answered by now, and a time limit would cost as much as they do.
            async with asyncio.timeout(self.timeout - run.duration_ns / 1e9) as limit:
                run.result = await _resumed(hook, waiting)
            return
        except StopIteration as answered:
            run.result = answered.value
            return
        except PluginViolationError as raised:  # the other way to say no
            run.result = PluginResult(continue_processing=False, violation=raised.violation)
            return
        except Exception as why:
            run.failure = why
            expired = limit is not None and limit.expired()
            run.status = ControlExecutionStatus.TIMEOUT if expired else ControlExecutionStatus.ERROR
        self._fail(run, call)

    async def _invoke(self, run: _Run, call: _Call) -> PluginResult[Any]:
        if run.ref.accepts_extensions:
            seen = visible_to(run.ref.plugin_ref.trusted_config.capabilities, call.extensions)
            result = await run.ref.method(run.given, run.context, seen)
        else:
            result = await run.ref.method(run.given, run.context)
        if not isinstance(result, PluginResult):
            raise TypeError("the hook did not return a PluginResult")
        return result

    def _fail(self, run: _Run, call: _Call) -> None:
        plugin, failure = run.ref.plugin_ref, run.failure
        assert failure is not None
        timed_out = run.status is ControlExecutionStatus.TIMEOUT
        words = f"exceeded {self.timeout}s timeout" if timed_out else f"failed: {describe(failure)}"
        logger.error("plugin %s %s in %s (on_error: %s)", plugin.name, words, call.hook_type, plugin.on_error.value)
        if plugin.on_error is OnError.DISABLE:
            self._left_out.add(plugin.name)
        if plugin.on_error is not OnError.FAIL:
            return
        error = convert_exception_to_error(failure, plugin.name)
        if timed_out:
            error.message = f"Plugin {plugin.name} {words}"
        raise PluginError(error) from failure

    def _input(self, call: _Call) -> PluginPayload:
        trusted = call.hook_type not in self.hook_policies and self.default_hook_policy is DefaultHookPolicy.ALLOW
        return call.payload if trusted else isolated(call.payload)

    def _context(self, ref: HookRef, call: _Call) -> PluginContext:
        key = call.global_context.request_id + ref.plugin_ref.uuid
        shared = _twin(call.global_context)
        context = call.earlier.get(key)
        if context is None:
            context = PluginContext(global_context=shared)
        context.global_context = shared
        call.contexts[key] = context
        return context

    # What becomes of its answer

    def _settle(self, run: _Run, call: _Call) -> bool:
        """Takes over what the mode allows and writes the record; True when the plugin stops the chain."""
        result = run.result
        if result.violation:
            result.violation.plugin_name = run.ref.plugin_ref.name
        if run.mode in _SHARES_STATE and run.failure is None:
            call.global_context.state.update(run.context.global_context.state)
            call.global_context.metadata.update(run.context.global_context.metadata)
        call.metadata.update(result.metadata or {})
        call.headers.update(result.http_headers or {})
        call.retry_delay_ms = max(call.retry_delay_ms, result.retry_delay_ms)
        stops = run.denied and run.mode in _MAY_BLOCK
        payload_modified = not stops and self._take_payload(run, call)
        extensions_modified = result.modified_extensions is not None and run.mode in _MAY_MODIFY
        if extensions_modified:
            call.new_extensions = result.modified_extensions
        applied = stops or payload_modified or extensions_modified
        record = self._record(
            run,
            call,
            effective_allow=not stops,
            applied=applied,
            matched=None if run.failure else run.denied or payload_modified or extensions_modified,
            payload_modified=payload_modified,
            extensions_modified=extensions_modified,
        )
        call.executions.append(record)
        if run.denied:
            code = result.violation.code if result.violation else "no violation given"
            outcome = "stopped" if stops else "may not stop"
            logger.warning(
                "plugin %s (%s) %s %s: %s", record.plugin_name, run.mode.value, outcome, call.hook_type, code
            )
        self._raise_violation(run, call)
        return stops

    def _take_payload(self, run: _Run, call: _Call) -> bool:
        returned = run.result.modified_payload
        if returned is None or run.mode not in _MAY_MODIFY:
            return False
        policy = self.hook_policies.get(call.hook_type)
        if policy is None and self.default_hook_policy is DefaultHookPolicy.DENY:
            logger.warning("plugin %s may not modify %s: no policy", run.ref.plugin_ref.name, call.hook_type)
            return False
        if policy is not None:
            if type(returned) is not type(run.given):
                logger.warning("plugin %s returned a payload of another type, dropped", run.ref.plugin_ref.name)
                return False
            returned = accepted(call.payload, run.given, returned, policy)
            if returned is None:
                return False
        call.payload, call.modified = returned, True
        return True

    def _raise_violation(self, run: _Run, call: _Call) -> None:
        if not (call.raise_violations and run.denied and run.mode in _MAY_BLOCK):
            return
        violation = run.result.violation
        message = f"{call.hook_type} blocked by plugin {run.ref.plugin_ref.name}"
        if violation:
            message += f": {violation.code} - {violation.reason} ({violation.description})"
        error = PluginViolationError(message, violation)
        error.executions = list(call.executions)
        raise error

    def _record(
        self,
        run: _Run,
        call: _Call,
        *,
        effective_allow: bool,
        applied: bool,
        matched: bool | None = None,
        payload_modified: bool = False,
        extensions_modified: bool = False,
    ) -> ControlExecutionRecord:
        plugin, violation = run.ref.plugin_ref, run.result.violation
        failed = run.failure is not None
        reason = describe(run.failure) if run.failure else violation.reason if violation else None
        failure_code = "plugin_timeout" if run.status is ControlExecutionStatus.TIMEOUT else "plugin_error"
        return ControlExecutionRecord(
            plugin_id=plugin.uuid,
            plugin_name=plugin.name,
            plugin_kind=plugin.trusted_config.kind,
            hook_name=call.hook_type,
            mode=run.mode,
            status=run.status,
            requested_allow=None if failed else not run.denied,
            effective_allow=effective_allow,
            matched=matched,
            applied=applied,
            payload_modified=payload_modified,
            extensions_modified=extensions_modified,
            duration_ns=run.duration_ns,
            reason=reason[:_LONGEST_REASON] if reason else None,
            error_code=failure_code if failed else violation.code if violation else None,
            config_keys=list(plugin.trusted_config.config or ())[:_MOST_CONFIG_KEYS],
        )

    # Phases that are not serial

    async def _run_together(self, refs: Sequence[HookRef], call: _Call) -> _Run | None:
        """Runs the concurrent phase; the first plugin that says no stops the others and is returned."""
        if not refs:  # as nearly always; it runs for every payload
            return None
        tasks = [asyncio.create_task(self._run(ref, call)) for ref in refs]
        try:
            for done in asyncio.as_completed(tasks):
                run = await done
                if self._settle(run, call):
                    return run
            return None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _start_background(self, refs: Sequence[HookRef], call: _Call) -> list[asyncio.Task[PluginErrorModel | None]]:
        tasks = []
        for ref in refs:
            run = _Run(ref, isolated(call.payload), self._context(ref, call))
            # Written when it starts: how it will end is not known when the host gets its answer.
            begun = self._record(run, call, effective_allow=True, applied=False)
            call.executions.append(begun.model_copy(update={"requested_allow": None, "duration_ns": 0}))
            tasks.append(asyncio.create_task(self._run_in_background(run, call)))
        return tasks

    async def _run_in_background(self, run: _Run, call: _Call) -> PluginErrorModel | None:
        try:
            await self._execute(run, call)
        except PluginError as why:
            return why.error
        return convert_exception_to_error(run.failure, run.ref.plugin_ref.name) if run.failure else None

    def _finish(
        self, call: _Call, phases: Mapping[PluginMode, Sequence[HookRef]], stopper: _Run | None
    ) -> tuple[PluginResult[Any], PluginContextTable]:
        tasks = self._start_background(phases[PluginMode.FIRE_AND_FORGET], call)
        violation: PluginViolation | None = stopper.result.violation if stopper else None
        result: PluginResult[Any] = PluginResult(
            continue_processing=stopper is None,
            modified_payload=call.payload if call.modified else None,
            modified_extensions=call.new_extensions if stopper is None else None,
            violation=violation,
            metadata=call.metadata,
            background_tasks=tasks,
            http_headers=call.headers or None,
            retry_delay_ms=call.retry_delay_ms if stopper is None else 0,
            executions=call.executions,
        )
        return result, call.contexts


@types.coroutine
def _resumed(hook: Coroutine[Any, Any, T], waiting: Any) -> Generator[Any, Any, T]:
    """Awaits the rest of a coroutine that waits for something already."""
    while True:
        try:
            told = yield waiting
        except BaseException as why:  # cancelled, as by a time limit
            step = partial(hook.throw, why)
        else:
            step = partial(hook.send, told)
        try:
            waiting = step()
        except StopIteration as answered:
            answer: T = answered.value
            return answer


def _twin(context: GlobalContext) -> GlobalContext:
    """A copy whose state and metadata are its own. `copy.copy` takes several times as long, and this runs for every
    plugin of every payload."""
    twin = object.__new__(type(context))
    vars(twin).update(vars(context), state=dict(context.state), metadata=dict(context.metadata))
    return twin
