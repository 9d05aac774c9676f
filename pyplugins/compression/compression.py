"""Compression as a plugin: large results go out compressed to a side that can read them, and what it sends is opened.

Results: a text, the texts of an MCP result's content, its structured content, or any other JSON, each as an envelope
(`envelope.py`) when that is smaller. It must never compress for a side that has not said it can read it, nor let an
envelope through the pre hooks unread: one that cannot be opened is an error, and the host's ``on_error`` decides.
No log line or metadata holds content. Tests: tests/unit/test_compression_plugin.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from pyplugins.compression.api import Compression, accepts, choose, coding
from pyplugins.compression.envelope import OVERHEAD_BYTES, is_envelope, opened, packed, seal
from pyplugins.core import config as configs
from pyplugins.core.faults import fault
from pyplugins.errors import BadData
from pyplugins.framework import (
    Extensions,
    Plugin,
    PluginConfig,
    PluginContext,
    PluginResult,
    PromptPrehookPayload,
    PromptPrehookResult,
    ResourcePostFetchPayload,
    ResourcePostFetchResult,
    ResourcePreFetchPayload,
    ResourcePreFetchResult,
    ToolPostInvokePayload,
    ToolPostInvokeResult,
    ToolPreInvokePayload,
    ToolPreInvokeResult,
)
from pyplugins.framework.content import fields_of, with_fields
from pyplugins.framework.guarding import checked_config, is_traced

#: Header in which a request may say what its sender reads; it needs the capability ``read_headers``.
HEADER = "x-gwplugins-accept-encoding"


class CompressionPlugin(Plugin):
    """Compresses results and opens envelopes.

    Arguments:
        config: its ``config`` holds the keys of README.md.

    Raises:
        ConfigError: a value is wrong; the message names the key.
        ImportError: Python needs a package for the codec that is not installed.
    """

    kind = "compression"

    def __init__(self, config: PluginConfig) -> None:
        super().__init__(config)
        taken = checked_config(self.kind, config)
        self.settings: dict[str, Any] = configs.read_for(self.kind, configs.to_json(taken))
        codec, level = self.settings["codec"], self.settings["level"]
        if codec == "auto" and level is not None:
            raise fault("codec_level", "$.level")
        names = ("zstd", "gzip", "zlib", "brotli") if codec == "auto" else (codec,)
        self._codecs = {name: opened for name in names if (opened := _opened(name, level, codec)) is not None}

    @property
    def implementation(self) -> str:
        """``"rust"`` or ``"python"``."""
        return next(iter(self._codecs.values())).implementation

    async def tool_post_invoke(
        self, payload: ToolPostInvokePayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ToolPostInvokePayload]:
        """Compresses the result of a tool."""
        return self._sealed(payload, "result", context, extensions, ToolPostInvokeResult)

    async def resource_post_fetch(
        self, payload: ResourcePostFetchPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ResourcePostFetchPayload]:
        """Compresses the content of a resource."""
        return self._sealed(payload, "content", context, extensions, ResourcePostFetchResult)

    async def tool_pre_invoke(
        self, payload: ToolPreInvokePayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ToolPreInvokePayload]:
        """Opens envelopes in the arguments of a tool call."""
        return self._opened(payload, "args", extensions, ToolPreInvokeResult)

    async def prompt_pre_fetch(
        self, payload: PromptPrehookPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[PromptPrehookPayload]:
        """Opens envelopes in the arguments of a prompt."""
        return self._opened(payload, "args", extensions, PromptPrehookResult)

    async def resource_pre_fetch(
        self, payload: ResourcePreFetchPayload, context: PluginContext, extensions: Extensions | None = None
    ) -> PluginResult[ResourcePreFetchPayload]:
        """Opens envelopes in the metadata of a resource request."""
        return self._opened(payload, "metadata", extensions, ResourcePreFetchResult)

    def _sealed(
        self, payload: Any, field: str, context: Any, extensions: Any, result: type[PluginResult[Any]]
    ) -> PluginResult[Any]:
        accept = self._accepted(context, extensions)
        if accept is None:
            return result()
        sizes: list[tuple[int, int]] = []
        value = getattr(payload, field)
        new = _content_sealed(value, partial(self._seal, accept=accept, sizes=sizes))
        if not sizes:
            return result()
        told = {"values": len(sizes), "bytes": sum(size for size, _ in sizes), "sent": sum(sent for _, sent in sizes)}
        metadata = {self.kind: told} if is_traced(extensions) else {}
        return result(modified_payload=payload.model_copy(update={field: new}), metadata=metadata)

    def _accepted(self, context: Any, extensions: Any) -> str | None:
        """What the other side accepts; `None` when nobody said anything."""
        shared = getattr(context, "global_context", None)
        http = getattr(extensions, "http", None)
        headers = {str(name).lower(): text for name, text in dict(getattr(http, "headers", None) or {}).items()}
        key = self.settings["context_key"]
        said = [(getattr(shared, place, None) or {}).get(key) for place in ("metadata", "state")]
        answers = (*said, headers.get(HEADER), self.settings["accept"])
        return next((answer for answer in answers if isinstance(answer, str)), None)

    def _seal(self, value: Any, *, accept: str, sizes: list[tuple[int, int]]) -> Any:
        """One value, sealed where that pays."""
        content = None if is_envelope(value) else packed(value)
        if content is None or len(content[0]) < max(self.settings["min_bytes"], OVERHEAD_BYTES):
            return value
        data, media_type = content
        codec = self._codec_for(data, media_type, accept)
        sealed = value if codec is None else seal(value, codec, encoding=self.settings["encoding"])
        if sealed is not value:
            sizes.append((len(data), len(packed_envelope(sealed))))
        return sealed

    def _codec_for(self, data: bytes, media_type: str, accept: str) -> Compression | None:
        only = self.settings["codec"]
        if only != "auto":
            if not accepts(accept, only):
                return None
            accept = str(coding(only))
        try:
            return self._codecs.get(choose(data, accept, media_type))
        except BadData:
            return None  # nothing is accepted, not even plain data: it is not for this plugin to refuse

    def _opened(self, payload: Any, field: str, extensions: Any, result: type[PluginResult[Any]]) -> PluginResult[Any]:
        if not self.settings["open_envelopes"]:
            return result()
        value = getattr(payload, field)
        opening = _Opening(self.settings)
        new = opening.walk(value, 0)
        if new is value:
            return result()
        metadata = {self.kind: {"opened": opening.count}} if is_traced(extensions) else {}
        return result(modified_payload=payload.model_copy(update={field: new}), metadata=metadata)


class _Opening:
    """One payload: all its envelopes share one limit."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.count = 0
        self._left: int = settings["max_output_bytes"]
        self._config = {"max_ratio": settings["max_ratio"]}
        self._depth: int = settings["max_nested_depth"]

    def walk(self, value: Any, depth: int) -> Any:
        """The value with its envelopes opened, and those that were in them; the very value when it has none."""
        is_closed = is_envelope(value)
        if not is_closed and not isinstance(value, (Mapping, list, tuple)):
            return value
        if depth > self._depth:
            raise fault("too_deep", b=self._depth)
        if is_closed:
            return self.walk(self._open(value), depth + 1)
        if isinstance(value, Mapping):
            updates = {key: new for key, part in value.items() if (new := self.walk(part, depth + 1)) is not part}
            return with_fields(value, updates) if updates else value
        parts = [self.walk(part, depth + 1) for part in value]
        same = all(new is part for new, part in zip(parts, value, strict=True))
        return value if same else type(value)(parts)

    def _open(self, value: Any) -> Any:
        found = opened(value, self._left, self._config)
        self._left -= found.size
        self.count += 1
        return found.value


def packed_envelope(sealed: Any) -> bytes:
    """The data of an envelope as it goes out, for the figures in the metadata."""
    if isinstance(sealed, str):
        return sealed.encode("ascii")
    data = next(iter(sealed.values()))["data"]
    return data if isinstance(data, bytes) else str(data).encode("ascii")


def _content_sealed(value: Any, sealing: Any) -> Any:
    """A value with `sealing` applied where content stands; the very value when nothing changed.

    Of an MCP result those are the texts of its content and its structured content, of a resource its text; anything
    else is content as a whole.
    """
    fields = {} if isinstance(value, (str, bytes, list)) else fields_of(value)
    blocks = fields.get("content")
    if isinstance(blocks, (list, tuple)):
        return _replaced(value, {"content": _each(blocks, sealing), **_structured(fields, sealing)}, fields)
    if isinstance(fields.get("text"), str) and ("uri" in fields or fields.get("type") == "text"):
        return _replaced(value, {"text": sealing(fields["text"])}, fields)
    return sealing(value)


def _structured(fields: Mapping[Any, Any], sealing: Any) -> dict[str, Any]:
    names = ("structuredContent", "structured_content")
    return {name: sealing(fields[name]) for name in names if isinstance(fields.get(name), dict)}


def _each(blocks: Any, sealing: Any) -> Any:
    sealed = [_block_sealed(block, sealing) for block in blocks]
    same = all(new is block for new, block in zip(sealed, blocks, strict=True))
    return blocks if same else type(blocks)(sealed)


def _block_sealed(block: Any, sealing: Any) -> Any:
    fields = fields_of(block)
    if fields.get("type") == "text" and isinstance(fields.get("text"), str):
        return _replaced(block, {"text": sealing(fields["text"])}, fields)
    return block


def _replaced(value: Any, parts: Mapping[str, Any], fields: Mapping[Any, Any]) -> Any:
    updates = {name: part for name, part in parts.items() if part is not fields[name]}
    return with_fields(value, updates) if updates else value


def _opened(name: str, level: int | None, wanted: str) -> Compression | None:
    """A codec; `None` when it was not asked for by name and its package is missing."""
    try:
        return Compression(name, {"level": level})
    except ImportError:
        if wanted == name:
            raise
        return None
