"""Which MCP method goes through which hooks, and how its params and results become payloads and data again.

Adding a method means adding its class to `METHODS`. Every class reads all that its result may hold: what is not
handed to a plugin has not been checked. Tests: tests/unit/test_mcp_chain.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from pyplugins import framework
from pyplugins.mcp.outcome import malformed
from pyplugins.mcp.plain import plain

#: Hands a payload to a hook; the payload that takes its place, or None. Raises `Refused`.
Ask = Callable[[str, Any], Awaitable[Any]]
Data = dict[str, Any]

# For the protocol, not for anyone's eyes: they must come back as they were sent, so no plugin may change them.
_OPAQUE = frozenset({"requestState"})
_PROTOCOL = frozenset(
    {"_meta", "cursor", "nextCursor", "progressToken", "protocolVersion", "requestId", "requestState", "taskId"}
)


class Method:
    """One method. Its request is checked before the server sees it, its result before the client does."""

    pre: ClassVar[str]
    post: ClassVar[str]
    #: Keys of the params that a request must not have in another case: some servers would read them.
    keys: ClassVar[frozenset[str]] = frozenset({"name", "arguments"})
    #: Key of the params that says what is asked for.
    key: ClassVar[str] = "name"

    def read_by(self) -> tuple[str, ...]:
        """The hooks that a result goes through."""
        return (self.post,)

    def subject(self, params: Any) -> Data:
        """What has to be remembered of the params to read the result."""
        return {self.key: params[self.key]} if isinstance(params, Mapping) and self.key in params else {}

    async def request(self, ask: Ask, params: Any) -> Any:
        """The params that may go on."""
        raise NotImplementedError

    async def result(self, ask: Ask, subject: str, result: Any) -> Any:
        """The result that may go on."""
        raise NotImplementedError

    async def error(self, ask: Ask, subject: str, error: Any) -> Any:
        """The error that may go on: its words are read like a result, its number is kept."""
        if not isinstance(error, dict):
            return await self.result(ask, subject, error)
        read, kept = _split(error, _number_of(error))
        new = await self.result(ask, subject, read)
        return error if new is read else _joined(_object(new, "the error"), kept)

    def name(self, params: Any) -> str:
        """What is asked for."""
        return _text(_object(params, "params"), self.key)


class ToolCall(Method):
    """`tools/call`."""

    pre, post = "tool_pre_invoke", "tool_post_invoke"

    async def request(self, ask: Ask, params: Any) -> Any:
        """Reads the arguments."""
        payload = framework.ToolPreInvokePayload(name=self.name(params), args=_arguments(params))
        new = await ask(self.pre, payload)
        return params if new is None else _called(params, new.name, new.args)

    async def result(self, ask: Ask, subject: str, result: Any) -> Any:
        """Reads all of the result but what only the protocol reads."""
        read, kept = _split(result, _OPAQUE)
        new = await ask(self.post, framework.ToolPostInvokePayload(name=subject, result=read))
        return result if new is None else _joined(plain(new.result), kept)


class PromptGet(Method):
    """`prompts/get`."""

    pre, post = "prompt_pre_fetch", "prompt_post_fetch"

    async def request(self, ask: Ask, params: Any) -> Any:
        """Reads the arguments."""
        args = _arguments(params)
        if not all(isinstance(value, str) for value in args.values()):
            raise malformed("params.arguments of a prompt must be texts")
        new = await ask(self.pre, framework.PromptPrehookPayload(prompt_id=self.name(params), args=args))
        return params if new is None else _called(params, new.prompt_id, new.args)

    async def result(self, ask: Ask, subject: str, result: Any) -> Any:
        """Reads messages, description and all else of the result."""
        read, kept = _split(result, _OPAQUE)
        new = await ask(self.post, framework.PromptPosthookPayload(prompt_id=subject, result=read))
        return result if new is None else _joined(plain(new.result), kept)


class ResourceRead(Method):
    """`resources/read`."""

    pre, post = "resource_pre_fetch", "resource_post_fetch"
    keys = frozenset({"uri"})
    key = "uri"

    async def request(self, ask: Ask, params: Any) -> Any:
        """Reads the address."""
        uri = self.name(params)
        new = await ask(self.pre, framework.ResourcePreFetchPayload(uri=uri, metadata={}))
        return params if new is None or new.uri == uri else {**params, "uri": new.uri}

    async def result(self, ask: Ask, subject: str, result: Any) -> Any:
        """Reads each content by itself, as gateways do, and then whatever else the result holds."""
        read, kept = _split(result, _OPAQUE)
        if not (isinstance(read, dict) and isinstance(read.get("contents"), list)):
            new = await self._content(ask, subject, read)
            return result if new is read else _joined(new, kept)
        parts = [await self._content(ask, subject, part) for part in read["contents"]]
        rest = {key: value for key, value in read.items() if key != "contents"}
        new_rest = await self._content(ask, subject, rest) if rest else rest
        if new_rest is rest and all(new is old for new, old in zip(parts, read["contents"], strict=True)):
            return result
        return _joined({**_object(new_rest, "the result"), "contents": parts}, kept)

    async def _content(self, ask: Ask, uri: str, content: Any) -> Any:
        new = await ask(self.post, framework.ResourcePostFetchPayload(uri=uri, content=content))
        return content if new is None else plain(new.content)


class TaskResult(ToolCall):
    """`tasks/result` and `tasks/get`: what a tool call answers later. The request names a task and holds no content."""

    keys = frozenset({"taskId"})

    async def request(self, ask: Ask, params: Any) -> Any:
        """Nothing to read."""
        return params

    def name(self, params: Any) -> str:
        """The tool, where whoever asks has remembered it; else none, so that every condition applies."""
        known = params.get("name") if isinstance(params, Mapping) else None
        return known if isinstance(known, str) else ""


class Unasked(Method):
    """No request at all, but an answer: nobody knows what it is, so it is read as each of those that it could be."""

    keys = frozenset()
    kinds: ClassVar[tuple[Method, ...]] = (ToolCall(), PromptGet(), ResourceRead())

    def read_by(self) -> tuple[str, ...]:
        """The hooks of them all."""
        return tuple(kind.post for kind in self.kinds)

    async def result(self, ask: Ask, subject: str, result: Any) -> Any:
        """Reads the result once for each hook."""
        for kind in self.kinds:
            result = await kind.result(ask, subject, result)
        return result

    def name(self, params: Any) -> str:
        """None, so that every condition applies."""
        return ""


#: The methods that plugins speak about, and `None` for an answer to none. Others pass, unless all is to be read.
METHODS: Mapping[str | None, Method] = {
    None: Unasked(),
    "tools/call": ToolCall(),
    "prompts/get": PromptGet(),
    "resources/read": ResourceRead(),
    "tasks/result": TaskResult(),
    "tasks/get": TaskResult(),
}


class Other(ToolCall):
    """Any other message, when all is to be read: what a client asks or tells as arguments of a tool that is named like
    the method, everything else as its result."""

    async def request(self, ask: Ask, params: Any) -> Any:
        """Not to be called: `told` needs the method's name."""
        raise TypeError("Other reads messages by told")

    async def told(self, ask: Ask, method: str, data: Any, by_server: bool, is_error: bool) -> Any:
        """Params of a request or notification, a result or an error."""
        read, kept = _split(data, _PROTOCOL | _number_of(data) if is_error else _PROTOCOL)
        if by_server:
            new = await self.result(ask, method, read)
        else:
            args = read if isinstance(read, dict) else {"value": read}
            answer = await ask(self.pre, framework.ToolPreInvokePayload(name=method, args=args))
            new = read if answer is None else plain(answer.args or {})
            new = new if isinstance(read, dict) else new.get("value")
        return data if new is read else _joined(new, kept)


def _object(value: Any, what: str) -> Data:
    if not isinstance(value, dict):
        raise malformed(f"{what} must be an object")
    return value


def _text(params: Data, key: str) -> str:
    if not isinstance(params.get(key), str):
        raise malformed(f"params.{key} must be a text")
    return str(params[key])


def _arguments(params: Any) -> Data:
    arguments = _object(params, "params").get("arguments")
    return {} if arguments is None else _object(arguments, "params.arguments")


def _called(params: Data, name: str, args: Any) -> Data:
    new = {**params, "name": name}
    if args or "arguments" in params:
        new["arguments"] = plain(args)
    return new


def _split(data: Any, unread: frozenset[str]) -> tuple[Any, Data]:
    """What is to be read, and what is to be kept as it is."""
    if not isinstance(data, dict) or unread.isdisjoint(data):
        return data, {}
    kept = {key: data[key] for key in data if key in unread}
    return {key: value for key, value in data.items() if key not in kept}, kept


def _number_of(error: Any) -> frozenset[str]:
    """The key of an error's code, which no plugin may change; what is no number is words and read as such."""
    return frozenset({"code"} if isinstance(error, dict) and isinstance(error.get("code"), int) else ())


def _joined(new: Any, kept: Data) -> Any:
    return {**new, **kept} if kept and isinstance(new, dict) else new
