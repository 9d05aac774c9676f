"""Decides about every message of one session: it goes on as it came, it goes on changed, or its sender is told why not.

Knows JSON-RPC and the plugin chain, no transport. The answer of a request is read as what was asked; an answer that
nobody asked for is read by every hook of results. Tests: tests/proxy/test_gate.py.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any

from pyplugins.mcp import Outcome, Refusal, Scope
from pyplugins.proxy import messages
from pyplugins.proxy.guarded import Guarded, Passage
from pyplugins.proxy.ledger import Ledger, Pending
from pyplugins.proxy.messages import BadMessage, Message
from pyplugins.proxy.refusals import refused

logger = logging.getLogger("pyplugins.proxy")

_ENVELOPE_KEY = "io.modelcontextprotocol/protocolVersion"
_TASKS = ("tasks/result", "tasks/get")

# Of requests that have a hook: what the hook reads, and what says which it is.
_OF_HOOKS = frozenset({"name", "uri", "arguments", "_meta"})

_MOST_TASKS = 1_000

_INNER_CR = re.compile(rb"\r(?!\n\Z)")


class _Side:
    """One of the two that talk."""

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.is_server = name == "server"
        self.asked = Ledger(limit)


class Gate:
    """The gate of one session. Lines of one side must be handed over one after the other."""

    def __init__(self, guarded: Guarded) -> None:
        self._guarded = guarded
        self._client = _Side("client", guarded.max_pending)
        self._server = _Side("server", guarded.max_pending)
        self._tasks: dict[str, dict[str, Any]] = {}

    async def from_client(self, line: bytes) -> Passage:
        """What becomes of a line of the client."""
        return await self._line(line, self._client, self._server)

    async def from_server(self, line: bytes) -> Passage:
        """What becomes of a line of the server."""
        return await self._line(line, self._server, self._client)

    @property
    def pending(self) -> int:
        """Requests of the client that wait for an answer."""
        return len(self._client.asked)

    def method_of(self, id_: Any) -> str | None:
        """The method of the client's request that waits under this id."""
        found = self._client.asked.find(id_)
        return found.method if found else None

    def forget(self, id_: Any) -> None:
        """The client does not wait for this answer any more."""
        self._client.asked.take(id_)

    def too_large(self, head: bytes, tail: bytes, size: int, by_server: bool) -> Passage:
        """What becomes of a message over the limit, of which only the ends are known and that goes nowhere."""
        sender, receiver = (self._server, self._client) if by_server else (self._client, self._server)
        counts, limit = self._guarded.counts, self._guarded.max_message_bytes
        counts.messages["too_large"] += 1
        logger.warning("a message of the %s has %d bytes, over the limit of %d", sender.name, size, limit)
        id_text = messages.id_in_pieces(head, tail)
        error = messages.error_line(
            id_text or "null",
            messages.INVALID_REQUEST,
            f"a message of the {sender.name} is over the limit of {limit} bytes",
        )
        if not messages.has_method(head) and id_text is not None:
            # Whoever waits for this answer would wait for ever.
            pending = receiver.asked.take(messages.value_of(id_text))
            if pending is not None:
                return Passage(forward=error)
        return Passage(reply=b"" if by_server and id_text is None else error)

    async def _line(self, line: bytes, sender: _Side, receiver: _Side) -> Passage:
        self._guarded.counts.messages[f"from_{sender.name}"] += 1
        try:
            is_batch, parts = messages.read(line)
        except BadMessage as why:
            self._guarded.counts.messages["bad"] += 1
            logger.warning("a line of the %s is no message and was dropped: %s", sender.name, why)
            # A server's line that is no message is most often a stray print; to answer it would only confuse it.
            reply = b"" if sender.is_server else messages.error_line(why.id_text, why.code, str(why))
            return Passage(reply=reply)
        if not is_batch:
            return await self._single(line, parts[0], sender, receiver)
        return await self._batch(line, parts, sender, receiver)

    async def _single(self, line: bytes, message: Message, sender: _Side, receiver: _Side) -> Passage:
        text, reply = await self._message(message, sender, receiver)
        if text is None:
            return Passage(reply=reply)
        if text is message.text:
            return Passage(_sent(line), reply, (message,))
        return Passage(_sent(text.strip().encode()), reply, (message,))

    async def _batch(self, line: bytes, parts: list[Message], sender: _Side, receiver: _Side) -> Passage:
        answers = [await self._message(message, sender, receiver) for message in parts]
        replies = b"".join(reply for _, reply in answers)
        kept = [(message, text) for message, (text, _) in zip(parts, answers, strict=True) if text is not None]
        passed = tuple(message for message, _ in kept)
        if len(kept) == len(parts) and all(text is message.text for message, text in kept):
            return Passage(_sent(line), replies, passed)
        texts = [
            message.text[message.start : message.end] if text is message.text else text.strip()
            for message, text in kept
        ]
        return Passage(_sent(f"[{','.join(texts)}]".encode()) if texts else b"", replies, passed)

    async def _message(self, message: Message, sender: _Side, receiver: _Side) -> tuple[str | None, bytes]:
        """What goes on, if anything (the message's very text when it is unchanged), and what the sender is told."""
        if message.method is not None:
            return await self._asks(message, message.method, sender)
        return await self._answers(message, sender, receiver)

    # Requests and notifications

    async def _asks(self, message: Message, method: str, sender: _Side) -> tuple[str | None, bytes]:
        params = message.members.get("params")
        if method == "notifications/cancelled" and isinstance(params, dict):
            sender.asked.take(params.get("requestId"))
        pending = Pending(method)
        if message.has_id:
            pending = self._pending(method, params)
            if why := sender.asked.add(message.id, pending):
                return None, messages.error_line(message.id_text, messages.INVALID_REQUEST, why)
        try:
            outcome = await self._read_params(method, params, pending, sender)
        except BaseException:  # who asked over HTTP may leave meanwhile, and ask again
            sender.asked.take(message.id)
            raise
        if outcome is None:
            return message.text, b""
        text, refusal = self._written(message, "params", outcome, method)
        if refusal is None:
            return text, b""
        if not message.has_id:
            return None, b""
        sender.asked.take(message.id)
        return None, refused(message.id_text, pending, refusal)

    async def _read_params(self, method: str, params: Any, pending: Pending, sender: _Side) -> Outcome | None:
        chain = self._guarded.chain
        if not sender.is_server and chain.reads_request(method):
            outcome = await chain.request(method, params, self._scope(pending))
            return await self._read_rest(method, outcome, pending) if self._guarded.scan_all else outcome
        if self._guarded.scan_all and params is not None:
            return await chain.message(method, params, self._scope(pending), by_server=sender.is_server)
        return None

    async def _read_rest(self, method: str, outcome: Outcome, pending: Pending) -> Outcome:
        """What else a request of a hook holds: since protocol 2026-07-28 answers to elicitation and sampling."""
        params = outcome.data if isinstance(outcome.data, dict) else {}
        rest = {key: value for key, value in params.items() if key not in _OF_HOOKS}
        if not rest:
            return outcome
        told = await self._guarded.chain.message(method, rest, self._scope(pending), by_server=False)
        told = replace(told, runs=(*outcome.runs, *told.runs))
        if not told.allowed:
            return told
        named = {key: value for key, value in params.items() if key not in rest}
        data = {**named, **told.data} if told.changed else outcome.data
        return replace(told, data=data, changed=outcome.changed or told.changed)

    def _scope(self, pending: Pending) -> Scope:
        """The scope of an exchange; most messages need none, so it is made when it is needed."""
        if pending.scope is None:
            pending.scope = Scope(server_id=self._guarded.server_id)
        return pending.scope

    def _pending(self, method: str, params: Any) -> Pending:
        chain = self._guarded.chain
        subject = chain.subject(method, params)
        if method in _TASKS and isinstance(params, dict):
            subject = self._tasks.get(str(params.get("taskId")), {})
        meta = params.get("_meta") if isinstance(params, dict) else None
        return Pending(method, subject, None, isinstance(meta, dict) and _ENVELOPE_KEY in meta)

    # Answers

    async def _answers(self, message: Message, sender: _Side, receiver: _Side) -> tuple[str | None, bytes]:
        pending = receiver.asked.take(message.id) if message.has_id else None
        if pending is None:
            # Nobody asked, so nobody knows what this is; a client might still show it, and some take "1" for 1.
            pending = Pending(None)
        name = "result" if "result" in message.members else "error"
        outcome = await self._read_answer(name, message.members[name], pending, sender)
        if outcome is None:
            return message.text, b""
        text, refusal = self._written(message, name, outcome, pending.method)
        if refusal is not None:
            # In its place, so that whoever waits for it is told.
            return refused(message.id_text, pending, refusal).decode(), b""
        if name == "result":
            self._remember_task(pending, outcome.data)
        return text, b""

    async def _read_answer(self, name: str, value: Any, pending: Pending, sender: _Side) -> Outcome | None:
        chain = self._guarded.chain
        if sender.is_server and chain.reads_result(pending.method):
            read = chain.result if name == "result" else chain.error
            return await read(pending.method, pending.subject, value, self._scope(pending))
        if not self._guarded.scan_all:
            return None
        return await chain.message(
            pending.method or "", value, self._scope(pending), by_server=sender.is_server, is_error=name == "error"
        )

    def _remember_task(self, pending: Pending, result: Any) -> None:
        """A tool that answers later: what `tasks/result` brings is the result of that tool."""
        task = result.get("task") if pending.method == "tools/call" and isinstance(result, dict) else None
        if isinstance(task, dict) and isinstance(task.get("taskId"), str):
            while len(self._tasks) >= _MOST_TASKS:
                del self._tasks[next(iter(self._tasks))]
            self._tasks[task["taskId"]] = pending.subject

    def _written(self, message: Message, name: str, outcome: Outcome, method: str | None) -> tuple[str, Refusal | None]:
        """The message that goes on, or why none does; counted and logged."""
        text, refusal = message.text, outcome.refusal
        if outcome.changed:
            try:
                text = message.written(**{name: outcome.data})
            except (ValueError, TypeError, RecursionError):
                refusal = Refusal("", "NOT_CHECKED", "the changed message cannot be written as JSON", failed=True)
        self._guarded.counts.take(outcome if refusal is outcome.refusal else replace(outcome, refusal=refusal))
        if refusal is not None:
            logger.warning("%s: %s", _known(method or ""), refusal.message)
        return text, refusal


def _sent(raw: bytes) -> bytes:
    """What goes on, with a newline. Some readers end a line at a CR, and could find another message behind it; in a
    message it can only be white space."""
    line = raw if raw.endswith(b"\n") else raw + b"\n"
    return _INNER_CR.sub(b" ", line) if b"\r" in line else line


def _known(method: str) -> str:
    """A method as it may be logged: what a peer wrote there need not be one."""
    return method if len(method) <= 64 and method.replace("/", "").replace("_", "").isalnum() else "a message"
