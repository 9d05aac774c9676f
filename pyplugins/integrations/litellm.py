"""A guardrail for the LiteLLM proxy: what models read, what they answer, and the tools they call, through the chain.

It must never let through what a plugin refused or failed to read, nor a stream that it cannot read.
Tests: tests/integrations/test_litellm.py.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from typing import Any

from pyplugins.integrations._chat_scan import scan_answer, scan_request
from pyplugins.integrations._chat_stream import ChatStream
from pyplugins.integrations._event_stream import MessagesStream, ResponsesStream, unreadable
from pyplugins.integrations._gate import Gate
from pyplugins.mcp import Refusal, Scope
from pyplugins.mcp.outcome import Refused

try:
    from fastapi import HTTPException
    from litellm.exceptions import GuardrailRaisedException
    from litellm.integrations.custom_guardrail import CustomGuardrail
    from litellm.types.guardrails import GuardrailEventHooks
except ImportError as why:
    raise ImportError(f"pyplugins.integrations.litellm ({why}): pip install 'gwplugins[litellm]'") from why

logger = logging.getLogger("pyplugins.integrations")

_MASKS_TOO_LATE = Refusal(
    "", "MUST_CHANGE", "plugins would change the request, which during_call cannot do", failed=True
)


class GwpluginsGuardrail(CustomGuardrail):  # type: ignore[misc]  # LiteLLM need not be installed
    """Guards a LiteLLM proxy; docs/integrations.md shows its configuration.

    A refusal is an HTTP error 400 with `plugin`, `code` and `reason`; in a stream that has begun it is an error event.
    Neither holds a value that was found.

    Arguments:
        plugins_config: path of the chain's configuration file, or a plugin manager.
        options: what LiteLLM gives every guardrail, its name and mode among it.

    Raises:
        RuntimeError: `plugins_config` is missing or wrong, or the mode is none of pre_call, during_call and post_call.
            Never a `ValueError` or `TypeError`: LiteLLM takes those as a reason to start without the guardrail.
    """

    def __init__(self, plugins_config: Any = None, **options: Any) -> None:
        if plugins_config is None:
            raise RuntimeError("the guardrail needs plugins_config, the path of the chain's configuration file")
        modes = [GuardrailEventHooks.pre_call, GuardrailEventHooks.during_call, GuardrailEventHooks.post_call]
        try:
            super().__init__(supported_event_hooks=modes, **options)
            self._gate = Gate(plugins_config)
            self._gate.check()
        except (ValueError, TypeError) as why:
            raise RuntimeError(f"the guardrail cannot start: {why}") from why

    async def async_pre_call_hook(self, user_api_key_dict: Any, cache: Any, data: Any, call_type: Any) -> Any:
        """What the model is to read, before it does; changed in place."""
        try:
            await scan_request(self._gate, data, _scope(user_api_key_dict))
        except Refused as why:
            raise _refused(why.refusal) from None
        return data

    async def async_moderation_hook(self, data: Any, user_api_key_dict: Any, call_type: Any) -> Any:
        """The same while the model reads it already: refuses, also what would have to be changed."""
        try:
            if await scan_request(self._gate, data, _scope(user_api_key_dict), change=False):
                raise Refused(_MASKS_TOO_LATE)
        except Refused as why:
            raise _refused(why.refusal) from None
        return data

    async def async_post_call_success_hook(self, data: Any, user_api_key_dict: Any, response: Any) -> Any:
        """What the model answers, and the arguments with which it calls tools; changed in place."""
        try:
            await scan_answer(self._gate, response, _scope(user_api_key_dict))
        except Refused as why:
            raise _refused(why.refusal) from None
        return response

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: Any, request_data: Any
    ) -> AsyncGenerator[Any, None]:
        """The same for an answer that streams."""
        stream: Any = None
        try:
            async for chunk in response:
                stream = stream or _stream_of(chunk)(self._gate, _scope(user_api_key_dict))
                for ready in await stream.take(chunk):
                    yield ready
            for ready in await stream.finish() if stream else ():
                yield ready
        except Refused as why:
            logger.warning("stream: %s", why.refusal.message)
            raise GuardrailRaisedException(
                guardrail_name=self.guardrail_name,
                message=why.refusal.message,
                should_wrap_with_default_message=False,
                blocked_content=not why.refusal.failed,
            ) from None


def _stream_of(chunk: Any) -> Any:
    """The class that reads streams which begin like this."""
    if isinstance(chunk, (bytes, str)):
        return MessagesStream
    if hasattr(chunk, "choices"):
        return ChatStream
    if hasattr(chunk, "type"):
        return ResponsesStream
    raise unreadable("a stream of this API cannot be read")


def _scope(user: Any) -> Scope:
    name = getattr(user, "user_id", None)
    team = getattr(user, "team_id", None)
    return Scope(user=name if isinstance(name, str) else None, tenant_id=team if isinstance(team, str) else None)


def _refused(refusal: Refusal) -> Exception:
    logger.warning("%s", refusal.message)
    error: Exception = HTTPException(status_code=400, detail={"error": refusal.message, **refusal.data()})
    return error
