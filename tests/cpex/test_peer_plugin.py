"""Our plugin against the peer's in cpex: on values that both find, every hook gives the same result.

Labels, spans and types on which the engines differ on purpose are the business of bench/ and of the vectors; this is
about what the plugin makes of findings: payload, violation, metadata, copies.
"""

from __future__ import annotations

import asyncio
import copy
from types import SimpleNamespace
from typing import Any

import pytest

from pyplugins import framework
from pyplugins.pii_filter.pii_filter import PIIFilterPlugin

pytest.importorskip("cpex", reason="cpex is not installed: pip install gwplugins[cpex]")
peer = pytest.importorskip(
    "cpex_pii_filter.pii_filter", reason="the peer is not installed: pip install cpex-pii-filter"
)

if framework.FRAMEWORK != "cpex":
    pytest.skip("GWPLUGINS_FRAMEWORK forces the embedded framework", allow_module_level=True)

TEXTS = {
    "clean": "nothing to see here, order ORD-2024-000181",
    "empty": "",
    "email": "write to alice@example.com now",
    "ssn": "it is 219-09-9999 today",
    "card": "paid with 4111 1111 1111 1111 yesterday",
    "address": "seen from 198.51.100.23 twice",
    "phone": "ring 212-555-0123 please",
    "several": "alice@example.com, 219-09-9999, bob@example.org and 198.51.100.23",
    "twice": "alice@example.com alice@example.com",
    "not ASCII": "Grüße an alice@example.com \u2013 日本 219-09-9999",
}
CONFIGS: dict[str, dict[str, Any]] = {
    "default": {},
    "blocks": {"block_on_detection": True},
    "removes": {"default_mask_strategy": "remove"},
    "partial": {"default_mask_strategy": "partial"},
    "other text": {"redaction_text": "<gone>"},
    "no mail": {"detect_email": False},
    "telling": {"log_detections": True},
    "allowed": {"whitelist_patterns": ["alice@example[.]com"]},
    "custom": {"custom_patterns": [{"pattern": "ORD-[0-9]{4}", "description": "order", "mask_strategy": "redact"}]},
}


def payloads(text: str) -> dict[str, tuple[str, Any]]:
    # One message with findings: when it blocks, the peer stops counting at the first, ours counts all.
    message, clean = ({"role": "user", "content": {"type": "text", "text": words}} for words in (text, "clean"))
    return {
        "prompt arguments": (
            "prompt_pre_fetch",
            framework.PromptPrehookPayload(prompt_id="p", args={"a": text, "b": "x"}),
        ),
        "no arguments": ("prompt_pre_fetch", framework.PromptPrehookPayload(prompt_id="p", args=None)),
        "prompt messages": (
            "prompt_post_fetch",
            framework.PromptPosthookPayload(prompt_id="p", result={"messages": [clean, message]}),
        ),
        "prompt objects": (
            "prompt_post_fetch",
            framework.PromptPosthookPayload(
                prompt_id="p",
                result=SimpleNamespace(messages=[SimpleNamespace(role="user", content=SimpleNamespace(text=text))]),
            ),
        ),
        "tool arguments": (
            "tool_pre_invoke",
            framework.ToolPreInvokePayload(name="t", args={"a": text, "n": {"l": [text, 5, None, True, (text,)]}}),
        ),
        "tool text": ("tool_post_invoke", framework.ToolPostInvokePayload(name="t", result=text)),
        "tool list": ("tool_post_invoke", framework.ToolPostInvokePayload(name="t", result=[text, {"a": text}])),
        "tool content": (
            "tool_post_invoke",
            framework.ToolPostInvokePayload(
                name="t",
                result={
                    "content": [{"type": "text", "text": text}],
                    "structuredContent": {"a": text},
                    "isError": False,
                },
            ),
        ),
        "tool nothing": ("tool_post_invoke", framework.ToolPostInvokePayload(name="t", result=None)),
    }


EXTENSIONS = {
    "traced": framework.Extensions(request=framework.RequestExtension(trace_id="t")),
    "blank trace": framework.Extensions(request=framework.RequestExtension(trace_id=" ")),
    "empty trace": framework.Extensions(request=framework.RequestExtension(trace_id="")),
    "untraced": framework.Extensions(),
    "none": None,
}


def seen(plugin_class: Any, config: dict[str, Any], hook: str, payload: Any, extensions: Any) -> Any:
    """What a host sees of one hook call."""
    plugin = plugin_class(framework.PluginConfig(name="pii", kind="k", config=copy.deepcopy(config)))
    context = framework.PluginContext(global_context=framework.GlobalContext(request_id="r"))
    result = asyncio.run(getattr(plugin, hook)(payload, context, extensions))
    assert context.is_empty()
    return type(result), plain(result)


def plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        value = dict(value)
    if isinstance(value, SimpleNamespace):
        value = vars(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return type(value)(map(plain, value)) if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("text", TEXTS)
def test_every_hook_gives_the_peers_result(text: str, config: str) -> None:
    for name, (hook, payload) in payloads(TEXTS[text]).items():
        extensions = EXTENSIONS["traced"]
        ours, theirs = (
            seen(kind, CONFIGS[config], hook, payload, extensions) for kind in (PIIFilterPlugin, peer.PIIFilterPlugin)
        )
        assert ours == theirs, name


@pytest.mark.parametrize("extensions", EXTENSIONS)
@pytest.mark.parametrize("config", ["default", "blocks"])
def test_metadata_is_given_when_the_peer_gives_it(extensions: str, config: str) -> None:
    for name, (hook, payload) in payloads(TEXTS["several"]).items():
        ours, theirs = (
            seen(kind, CONFIGS[config], hook, payload, EXTENSIONS[extensions])
            for kind in (PIIFilterPlugin, peer.PIIFilterPlugin)
        )
        assert ours == theirs, name


def test_the_corpus_holds_findings_of_every_kind() -> None:
    found = set()
    for text in TEXTS.values():
        payload = framework.ToolPostInvokePayload(name="t", result=text)
        _, told = seen(peer.PIIFilterPlugin, {}, "tool_post_invoke", payload, EXTENSIONS["traced"])
        found |= set(told["metadata"].get("pii_filter", {}).get("detection_types", ()))
    assert found == {"email", "ssn", "credit_card", "ip_address", "phone"}
