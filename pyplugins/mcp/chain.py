"""A plugin chain that reads MCP messages. Tests: tests/unit/test_mcp_chain.py."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable
from typing import Any

from pyplugins import framework
from pyplugins.mcp import opening
from pyplugins.mcp.methods import METHODS, Other
from pyplugins.mcp.outcome import NOT_CHECKED, Outcome, Refusal, Refused, Run
from pyplugins.mcp.scope import Scope

logger = logging.getLogger("pyplugins.mcp")

_OTHER = Other()


class Chain:
    """Passes MCP requests and results through the hooks of a plugin chain.

    A message that no plugin could read is refused: `Chain` never raises because of a message, and what it did not
    check does not go on. Any number of messages may be under way in one event loop.

    Arguments:
        source: path of the configuration file; or a plugin manager, which then stays the caller's: it is initialised
            unless it is, and not shut down.

    Raises (when it is started):
        ConfigError, RuntimeError: the configuration is wrong, or a plugin of it did not load.
        OSError: the file cannot be read.
    """

    def __init__(self, source: str | os.PathLike[str] | Any) -> None:
        self._file = os.fspath(source) if isinstance(source, (str, os.PathLike)) else None
        self._manager: Any = None if self._file is not None else source

    @property
    def manager(self) -> Any:
        """The plugin manager in use; `None` before the start of a chain that was given a file."""
        return self._manager

    async def start(self) -> None:
        """Loads the plugins; see the class for what it raises."""
        if self._file is not None:
            self._manager = await opening.opened(self._file)
        else:
            await opening.started(self._manager)

    async def stop(self) -> None:
        """Stops the plugins that this chain has started."""
        if self._file is not None and self._manager is not None:
            await self._manager.shutdown()

    async def __aenter__(self) -> Chain:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def reload(self) -> None:
        """Replaces the plugins by those of the configuration file, read again; all of them or none.

        With the embedded framework, hooks under way finish with the old plugins. cpex's manager cannot tell when the
        last has ended: its old plugins are stopped at once, and a hook that still waits in one of them may fail, which
        refuses its message. What a plugin kept in the request of an exchange does not reach the new one.

        Raises:
            Exception: as the start does; the old plugins stay in use.
            RuntimeError: the chain was given a manager that cannot reload.
        """
        if hasattr(self._manager, "reload"):
            await self._manager.reload()
        elif self._file is None:
            raise RuntimeError("this plugin manager cannot reload: give the chain the file instead")
        else:
            fresh = await opening.opened(self._file)
            old, self._manager = self._manager, fresh
            await old.shutdown()

    # What is read

    def reads_request(self, method: str) -> bool:
        """Whether a plugin is configured for requests of this method."""
        return method in METHODS and self.has(METHODS[method].pre)

    def reads_result(self, method: str | None) -> bool:
        """Whether a plugin is configured for results of this method; `None` for a result that nobody asked for."""
        return method in METHODS and any(self.has(hook) for hook in METHODS[method].read_by())

    def subject(self, method: str, params: Any) -> dict[str, Any]:
        """The part of a request's params that `result` needs: small, to be remembered until the result comes."""
        return METHODS[method].subject(params) if method in METHODS else {}

    def has(self, hook: str) -> bool:
        """Whether a plugin is configured for this hook."""
        if self._manager is None:
            raise RuntimeError("the chain is not started")
        return bool(self._manager.has_hooks_for(hook))

    # Messages

    async def request(self, method: str, params: Any, scope: Scope) -> Outcome:
        """Reads the params of a request before the server sees them. Methods of no hook pass unread."""
        if not self.reads_request(method):
            return Outcome(params)
        return await self._read(scope, lambda ask: METHODS[method].request(ask, params), params)

    async def result(self, method: str | None, params: Any, result: Any, scope: Scope) -> Outcome:
        """Reads a result before the client sees it. Methods of no hook pass unread.

        Arguments:
            method: of the request; `None` when nobody asked, and then every hook of results reads it.
            params: of the request, or what `subject` made of them.
            scope: the one of the request.
        """
        if not self.reads_result(method):
            return Outcome(result)
        kind = METHODS[method]
        return await self._read(scope, lambda ask: kind.result(ask, kind.name(params), result), result)

    async def error(self, method: str | None, params: Any, error: Any, scope: Scope) -> Outcome:
        """Reads the error that answers a request: its message and data may quote content. Its code stays."""
        if not self.reads_result(method):
            return Outcome(error)
        kind = METHODS[method]
        return await self._read(scope, lambda ask: kind.error(ask, kind.name(params), error), error)

    async def message(
        self, method: str, data: Any, scope: Scope, *, by_server: bool, is_error: bool = False
    ) -> Outcome:
        """Reads any other message: params of a request or notification, a result or an error, of a method of no hook.

        It goes through `tool_pre_invoke` (said by a client) or `tool_post_invoke` (said by a server), with the method
        as the tool's name. Cursors, tokens, ids, `_meta` and the code of an error stay as they are.
        """
        hook = _OTHER.post if by_server else _OTHER.pre
        if data is None or not self.has(hook):
            return Outcome(data)
        return await self._read(scope, lambda ask: _OTHER.told(ask, method, data, by_server, is_error), data)

    async def text(self, text: str, scope: Scope, *, by_server: bool, name: str = "text") -> Outcome:
        """Reads one text that is no MCP message, as `message` does; `name` is the tool's name for conditions."""
        told = await self.message(name, {"text": text}, scope, by_server=by_server)
        if not (told.allowed and told.changed):
            return Outcome(text if told.allowed else None, False, told.refusal, told.runs)
        return Outcome(told.data["text"], True, None, told.runs)

    async def _read(self, scope: Scope, walk: Any, data: Any) -> Outcome:
        reading = _Reading(self, scope)
        try:
            new = await walk(reading.ask)
        except Refused as why:
            return Outcome(None, False, why.refusal, tuple(reading.runs))
        except Exception as why:  # nobody has read the rest of the message, so it must not go on
            logger.error("a message could not be checked: %s", type(why).__name__)
            refusal = Refusal("", NOT_CHECKED, type(why).__name__, failed=True)
            return Outcome(None, False, refusal, tuple(reading.runs))
        return Outcome(new, new is not data, None, tuple(reading.runs))


class _Reading:
    """One message on its way through one or more hooks."""

    def __init__(self, chain: Chain, scope: Scope) -> None:
        self._chain = chain
        self._scope = scope
        self.runs: list[Run] = []

    async def ask(self, hook: str, payload: Any) -> Any:
        """The payload that takes the place of this one, or None; raises `Refused`."""
        if not self._chain.has(hook):
            return None
        scope = self._scope
        try:
            result, contexts = await self._invoke(hook, payload)
        except framework.PluginError as why:
            raise Refused(_failure(why)) from None
        # Plugins that were not asked by this hook keep what they have.
        scope.contexts.update(contexts or {})
        self.runs += [Run(record, result.metadata or {}) for record in result.executions]
        if not result.continue_processing:
            raise Refused(_refusal(result))
        return result.modified_payload

    def _invoke(self, hook: str, payload: Any) -> Awaitable[Any]:
        scope = self._scope
        answer: Awaitable[Any] = self._chain.manager.invoke_hook(
            hook, payload, scope.global_context, local_contexts=scope.contexts, extensions=scope.extensions
        )
        return answer


def _refusal(result: Any) -> Refusal:
    violation = result.violation
    if violation is not None:
        return Refusal(violation.plugin_name or _last_plugin(result), violation.code, violation.reason)
    return Refusal(_last_plugin(result), "REFUSED", "the plugin gave no reason")


def _last_plugin(result: Any) -> str:
    return str(result.executions[-1].plugin_name) if result.executions else ""


def _failure(why: framework.PluginError) -> Refusal:
    # cpex passes on the words of any exception, the embedded framework only safe ones.
    words = why.error.message if framework.FRAMEWORK == "embedded" else "the plugin raised an exception"
    return Refusal(why.error.plugin_name, NOT_CHECKED, words, failed=True)
