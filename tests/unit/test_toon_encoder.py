"""toon_encoder: its examples, and the plugin on its hooks."""

from __future__ import annotations

import asyncio
import doctest
from pathlib import Path
from typing import Any

from pyplugins import framework
from pyplugins.toon_encoder import ToonEncoderPlugin, api


def ask(value: Any, **config: Any) -> Any:
    """The answer of `tool_pre_invoke` to these arguments."""
    plugin = ToonEncoderPlugin(framework.PluginConfig(name="n", kind="k", config=config))
    context = framework.PluginContext(global_context=framework.GlobalContext(request_id="r"))
    return asyncio.run(plugin.tool_pre_invoke(framework.ToolPreInvokePayload(name="t", args=value), context))


def test_examples() -> None:
    assert doctest.testmod(api).failed == 0
    readme = Path(api.__file__).with_name("README.md")
    assert doctest.testfile(str(readme), module_relative=False).failed == 0


def test_a_clean_payload_passes_as_it_is() -> None:
    answer = ask({"a": "nothing here"})
    assert answer.continue_processing
    assert answer.modified_payload is None


def test_what_is_found_is_replaced() -> None:
    answer = ask({"a": "FILL IN: a text"})
    assert answer.modified_payload.args == {"a": "FILL IN: what becomes of it"}
