"""toon_encoder as a plugin: JSON in the texts of tool results becomes TOON.

Drop-in for ``plugins.toon_encoder.toon_encoder.ToonEncoderPlugin`` of the gateway: the same hook, keys, metadata and
``get_stats``. Only text blocks of ``content`` are read; ``structuredContent`` stays as it is. No log line or metadata
holds scanned text. Tests: tests/unit/test_toon_encoder_plugin.py.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from pyplugins.core import data, units
from pyplugins.core.faults import fault
from pyplugins.core.protocol import Guard
from pyplugins.errors import PluginError
from pyplugins.framework import Extensions
from pyplugins.framework.content import fields_of, with_fields
from pyplugins.framework.guarding import Found, GuardPlugin, Stage, Verdict
from pyplugins.toon_encoder.api import ToonEncoder

logger = logging.getLogger("pyplugins.toon_encoder")

#: The one hook that has something to encode.
_HOOK = "tool_post_invoke"
#: What an encoded block says in its annotations.
_MARKER = {"format": "toon"}


class _Encoded(NamedTuple):
    """A block, and its text's size before and after in UTF-8 bytes."""

    block: Any
    before: int
    after: int


class ToonEncoderPlugin(GuardPlugin):
    """Writes JSON in tool results as TOON.

    Arguments:
        config: its ``config`` holds the keys of README.md.

    Raises:
        ConfigError: a value is wrong; the message names the key.
    """

    kind = "toon_encoder"

    def open_guard(self, config: dict[str, Any]) -> Guard:
        """The encoder."""
        guard = ToonEncoder(config)
        if config.get("direction", "encode") != "encode":
            raise fault("config_enum", path="$.direction")
        defaults = data.load(self.kind, "schema.json")["properties"]
        key = {name: config.get(name, rule["default"]) for name, rule in defaults.items()}
        self.include_tools, self.exclude_tools = key["include_tools"], frozenset(key["exclude_tools"])
        self.add_format_marker, self.skip_on_error = key["add_format_marker"], key["skip_on_error"]
        self.sizes = range(key["min_size_bytes"], key["max_size_bytes"] + 1)
        self._counts = dict.fromkeys(
            ("tools_processed", "tools_converted", "items_attempted", "items_converted", "total_bytes_saved"), 0
        )
        return guard

    def judge(self, stage: Stage, found: Found, extensions: Extensions | None) -> Verdict:
        """Nothing is refused: a text that cannot be encoded is left as it is."""
        return None, {}

    def answer(self, stage: Stage, payload: Any, extensions: Extensions | None) -> Any:
        """The result with encoded blocks, and what that saved in the metadata."""
        blocks = fields_of(payload.result).get("content") if stage.hook == _HOOK else None
        if not isinstance(blocks, (list, tuple)) or not blocks or not self._takes(payload.name):
            return stage.result()
        began = time.monotonic()
        answers = [self._encoded(block) for block in blocks]
        made = [answer for answer in answers if answer is not None]
        self._count(made)
        if not made:
            return stage.result()
        new = type(blocks)(answer.block if answer else block for block, answer in zip(blocks, answers, strict=True))
        result = with_fields(payload.result, {"content": new})
        before, after = sum(one.before for one in made), sum(one.after for one in made)
        told = {
            "toon_encoded": True,
            "bytes_saved": before - after,
            "savings_percent": round((before - after) / before * 100, 2),
            "conversion_time_ms": round((time.monotonic() - began) * 1000, 2),
        }
        return stage.result(modified_payload=payload.model_copy(update={"result": result}), metadata=told)

    def get_stats(self) -> dict[str, Any]:
        """Counts since the plugin was made.

        Results and blocks that were looked at and converted, their rates in percent, and UTF-8 bytes saved.
        """
        counts = self._counts
        rates = {
            "tool_conversion_rate": _percent(counts["tools_converted"], counts["tools_processed"]),
            "item_conversion_rate": _percent(counts["items_converted"], counts["items_attempted"]),
        }
        return counts | rates

    def _takes(self, tool: str) -> bool:
        if self.include_tools is not None:
            return tool in self.include_tools
        return tool not in self.exclude_tools

    def _count(self, made: list[_Encoded]) -> None:
        self._counts["tools_processed"] += 1
        self._counts["tools_converted"] += bool(made)
        self._counts["items_converted"] += len(made)
        self._counts["total_bytes_saved"] += sum(one.before - one.after for one in made)

    def _encoded(self, block: Any) -> _Encoded | None:
        """A text block whose text is converted; `None` for every other."""
        fields = fields_of(block)
        text = fields.get("text")
        if fields.get("type") != "text" or not isinstance(text, str):
            return None
        before = units.utf8_length(text)
        if before not in self.sizes:
            return None
        self._counts["items_attempted"] += 1
        try:
            new = self.guard.process(text)
        except PluginError as error:
            if not self.skip_on_error:
                raise
            logger.warning("TOON Encoder: a block of %d bytes stays as it is: error %d", before, error.code)
            return None
        if new is text:
            return None
        made = _marked(block, new) if self.add_format_marker else with_fields(block, {"text": new})
        return _Encoded(made, before, units.utf8_length(new))


def _marked(block: Any, text: str) -> Any:
    """A copy of the block with this text, and the marker in its annotations if there is room for it."""
    validate = getattr(type(block), "model_validate", None)
    fields = block.model_dump(by_alias=True) if validate else fields_of(block)
    annotations = fields.get("annotations") or {}
    if not isinstance(annotations, Mapping):
        return with_fields(block, {"text": text})
    updates = {"text": text, "annotations": {**annotations, **_MARKER}}
    if validate is None:
        return with_fields(block, updates)
    try:
        # The model makes its own annotations, and may know no such field.
        return validate({**fields, **updates})
    except ValueError:
        return with_fields(block, {"text": text})


def _percent(part: int, whole: int) -> float:
    return part / whole * 100 if whole else 0.0
