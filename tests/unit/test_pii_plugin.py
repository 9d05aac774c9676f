"""The PII filter as a plugin: what each hook reads, masks, refuses and tells."""

from __future__ import annotations

import asyncio
import base64
import copy
import dataclasses
import json
import logging
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pyplugins import framework
from pyplugins.core import data
from pyplugins.errors import ConfigError, InputTooLarge
from pyplugins.framework.guarding import STRICT_KEY, engine_config
from pyplugins.pii_filter.pii_filter import PIIFilterPlugin

MAIL, SSN = "alice@example.com", "219-09-9999"
DIRTY = f"mail {MAIL} ssn {SSN} mail bob@example.org"
MASKED = "mail [REDACTED] ssn [REDACTED] mail [REDACTED]"
IMAGE = base64.b64encode(bytes(range(256)) * 3).decode()
TRACED = framework.Extensions(request=framework.RequestExtension(trace_id="0af7651916cd43dd"))

# hook: (payload class, its name field, its guarded field, code, reason, description)
HOOKS: dict[str, tuple[Any, str, str, str, str, str]] = {
    "prompt_pre_fetch": (
        framework.PromptPrehookPayload, "prompt_id", "args", "PII_DETECTED",
        "PII detected in prompt arguments", "Sensitive information detected in prompt arguments",
    ),
    "prompt_post_fetch": (
        framework.PromptPosthookPayload, "prompt_id", "result", "PII_DETECTED_IN_PROMPT_RESULT",
        "PII detected in prompt messages", "Sensitive information detected in prompt result",
    ),
    "tool_pre_invoke": (
        framework.ToolPreInvokePayload, "name", "args", "PII_DETECTED_IN_TOOL_ARGS",
        "PII detected in tool arguments", "Sensitive information detected in tool arguments",
    ),
    "tool_post_invoke": (
        framework.ToolPostInvokePayload, "name", "result", "PII_DETECTED_IN_TOOL_RESULT",
        "PII detected in tool result", "Sensitive information detected in tool result",
    ),
    "resource_pre_fetch": (
        framework.ResourcePreFetchPayload, "uri", "metadata", "PII_DETECTED_IN_RESOURCE_URI",
        "PII detected in resource request", "Sensitive information detected in resource request",
    ),
    "resource_post_fetch": (
        framework.ResourcePostFetchPayload, "uri", "content", "PII_DETECTED_IN_RESOURCE",
        "PII detected in resource content", "Sensitive information detected in resource content",
    ),
}  # fmt: skip
each_hook = pytest.mark.parametrize("hook", HOOKS)


def plugin(**config: Any) -> PIIFilterPlugin:
    return PIIFilterPlugin(framework.PluginConfig(name="pii", kind="k", config=config))


def payload(hook: str, value: Any) -> Any:
    kind, name, field, *_ = HOOKS[hook]
    return kind(**{name: "n", field: value})


def ask(filter_: PIIFilterPlugin, hook: str, given_: Any, extensions: Any = TRACED) -> Any:
    context = framework.PluginContext(global_context=framework.GlobalContext(request_id="r"))
    return asyncio.run(getattr(filter_, hook)(given_, context, extensions))


def guarded(hook: str, value: Any, **config: Any) -> Any:
    """The guarded field as the host sees it after the hook."""
    given_ = payload(hook, value)
    result = ask(plugin(**config), hook, given_)
    return getattr(result.modified_payload or given_, HOOKS[hook][2])


# --- masking, blocking, telling


@each_hook
def test_what_is_found_is_masked_in_a_copy(hook: str) -> None:
    given_ = payload(hook, {"text": DIRTY, "n": "clean"})
    before = copy.deepcopy(given_)
    result = ask(plugin(), hook, given_)
    assert given_ == before
    assert result.continue_processing
    assert result.violation is None
    assert result.modified_payload.model_dump()[HOOKS[hook][2]] == {"text": MASKED, "n": "clean"}
    assert result.metadata == {
        "pii_filter": {
            "total_detections": 3,
            "total_masked": 3,
            "detection_types": ["email", "ssn"],
            "stage": hook,
        }
    }


@each_hook
def test_blocking_refuses_and_hands_nothing_on(hook: str) -> None:
    _, _, _, code, reason, description = HOOKS[hook]
    result = ask(plugin(block_on_detection=True), hook, payload(hook, {"text": DIRTY}))
    assert not result.continue_processing
    assert result.modified_payload is None
    told = result.violation
    assert (told.code, told.reason, told.description) == (code, reason, description)
    assert told.details == {"detected_types": ["email", "ssn"], "count": 3}
    assert result.metadata["pii_filter"]["total_masked"] == 0
    assert result.metadata["pii_filter"]["total_detections"] == 3


@each_hook
@pytest.mark.parametrize("blocks", [False, True])
def test_clean_content_passes_untouched(hook: str, blocks: bool) -> None:
    result = ask(plugin(block_on_detection=blocks), hook, payload(hook, {"text": "clean", "n": "x"}))
    assert (result.continue_processing, result.modified_payload, result.violation) == (True, None, None)
    assert result.metadata == {}


@each_hook
def test_the_answer_has_the_type_of_its_hook(hook: str) -> None:
    expected = framework.get_hook_registry().get_result_type(hook)
    for value in ({"text": DIRTY}, {"text": "clean"}):
        assert type(ask(plugin(), hook, payload(hook, value))) is expected


@pytest.mark.parametrize(
    ("extensions", "told"),
    [
        (None, False),
        (framework.Extensions(), False),
        (framework.Extensions(request=framework.RequestExtension()), False),
        (framework.Extensions(request=framework.RequestExtension(trace_id="")), False),
        (SimpleNamespace(request=SimpleNamespace(trace_id=7)), False),
        (SimpleNamespace(), False),
        (TRACED, True),
    ],
)
@pytest.mark.parametrize("blocks", [False, True])
def test_metadata_is_for_traces(extensions: Any, told: bool, blocks: bool) -> None:
    result = ask(
        plugin(block_on_detection=blocks), "tool_pre_invoke", payload("tool_pre_invoke", {"a": MAIL}), extensions
    )
    assert bool(result.metadata) is told


def test_details_are_counts_by_type() -> None:
    result = ask(plugin(include_detection_details=True), "tool_pre_invoke", payload("tool_pre_invoke", {"a": DIRTY}))
    assert result.metadata["pii_filter"]["detection_counts"] == {"email": 2, "ssn": 1}


@pytest.mark.parametrize(("blocks", "action"), [(False, "masked"), (True, "blocked")])
def test_the_log_holds_types_and_counts_only(caplog: pytest.LogCaptureFixture, blocks: bool, action: str) -> None:
    caplog.set_level(logging.DEBUG)
    filter_ = plugin(log_detections=True, block_on_detection=blocks)
    kind, name, field, *_ = HOOKS["tool_pre_invoke"]
    ask(filter_, "tool_pre_invoke", kind(**{name: MAIL, field: {"a": DIRTY}}))
    assert f"PII detected during tool_pre_invoke: action={action} total=3 types=email,ssn" in caplog.messages
    assert not any(word in caplog.text for word in (MAIL, SSN, "bob"))


def test_the_log_is_silent_unless_asked(caplog: pytest.LogCaptureFixture) -> None:
    filter_ = plugin()
    caplog.clear()
    ask(filter_, "tool_pre_invoke", payload("tool_pre_invoke", {"a": DIRTY}))
    assert caplog.messages == []


@each_hook
def test_an_answer_holds_nothing_that_was_found(hook: str) -> None:
    for config in ({}, {"block_on_detection": True}, {"include_detection_details": True}):
        result = ask(plugin(**config), hook, payload(hook, {"text": DIRTY}))
        told = str(result.metadata) + str(result.violation and result.violation.model_dump())
        assert not any(word in told for word in (MAIL, SSN, "bob@"))


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"redaction_text": "#"}, "mail # ssn # mail #"),
        ({"default_mask_strategy": "remove"}, "mail  ssn  mail "),
        ({"detect_email": False}, f"mail {MAIL} ssn [REDACTED] mail bob@example.org"),
        ({"detect_email": False, "detect_ssn": False}, DIRTY),
        ({"mask_strategies": {"ssn": "remove"}}, "mail [REDACTED] ssn  mail [REDACTED]"),
        ({"whitelist_patterns": ["^alice@"]}, f"mail {MAIL} ssn [REDACTED] mail [REDACTED]"),
        ({"custom_patterns": [{"pattern": "mail"}]}, MASKED.replace("mail", "[REDACTED]")),
        ({"custom_patterns": None, "hash_key": None, "redaction_text": None}, MASKED),
    ],
)
def test_the_configuration_reaches_the_engine(config: dict[str, Any], text: str) -> None:
    assert guarded("tool_pre_invoke", {"a": DIRTY}, **config) == {"a": text}


# --- what is read


RESULTS: dict[str, tuple[Any, Any]] = {
    "a text": (DIRTY, MASKED),
    "nothing": (None, None),
    "a list": ([DIRTY, 5, None], [MASKED, 5, None]),
    "text content": (
        {"content": [{"type": "text", "text": DIRTY}], "isError": False},
        {"content": [{"type": "text", "text": MASKED}], "isError": False},
    ),
    "text and structured content alike": (
        {"content": [{"type": "text", "text": DIRTY}], "structuredContent": {"a": [{"b": DIRTY}]}},
        {"content": [{"type": "text", "text": MASKED}], "structuredContent": {"a": [{"b": MASKED}]}},
    ),
    "an embedded resource": (
        {"content": [{"type": "resource", "resource": {"uri": "x://y", "text": DIRTY}}]},
        {"content": [{"type": "resource", "resource": {"uri": "x://y", "text": MASKED}}]},
    ),
    "a link": (
        {"content": [{"type": "resource_link", "uri": "x://y", "description": DIRTY}]},
        {"content": [{"type": "resource_link", "uri": "x://y", "description": MASKED}]},
    ),
    "binary data beside text": (
        {
            "content": [
                {"type": "image", "data": IMAGE, "mimeType": "image/png"},
                {"type": "audio", "data": IMAGE, "mimeType": "audio/wav"},
                {"type": "resource", "resource": {"uri": "x://y", "blob": IMAGE}},
                {"type": "text", "text": DIRTY},
            ],
            "structuredContent": {"a": DIRTY},
        },
        {
            "content": [
                {"type": "image", "data": IMAGE, "mimeType": "image/png"},
                {"type": "audio", "data": IMAGE, "mimeType": "audio/wav"},
                {"type": "resource", "resource": {"uri": "x://y", "blob": IMAGE}},
                {"type": "text", "text": MASKED},
            ],
            "structuredContent": {"a": MASKED},
        },
    ),
    "text that claims to be an image": (
        {"content": [{"type": "image", "data": DIRTY}]},
        {"content": [{"type": "image", "data": MASKED}]},
    ),
    "metadata of a result": ({"_meta": {"note": DIRTY}}, {"_meta": {"note": MASKED}}),
    "a read-only mapping": (MappingProxyType({"a": DIRTY}), {"a": MASKED}),
}


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("hook", ["tool_post_invoke", "resource_post_fetch"])
def test_results_are_read_as_mcp_defines_them(hook: str, name: str) -> None:
    given_, expected = RESULTS[name]
    assert guarded(hook, given_) == expected


def test_a_card_number_among_base64_is_not_looked_for() -> None:
    digits = "4111111111111111"
    assert guarded("tool_post_invoke", {"content": [{"type": "image", "data": digits}]})["content"][0]["data"] == digits
    assert guarded("tool_post_invoke", {"structuredContent": {"type": "image", "data": digits}}) == {
        "structuredContent": {"type": "image", "data": "[REDACTED]"}
    }


@pytest.mark.parametrize("hook", ["tool_pre_invoke", "resource_pre_fetch"])
def test_nothing_in_a_request_passes_as_an_image(hook: str) -> None:
    block = {"type": "image", "data": "4111111111111111"}
    assert guarded(hook, {"content": [block]}) == {"content": [{"type": "image", "data": "[REDACTED]"}]}


MESSAGES: dict[str, tuple[Any, Any]] = {
    "text": ({"type": "text", "text": DIRTY}, {"type": "text", "text": MASKED}),
    "list of blocks": ([{"type": "text", "text": DIRTY}], [{"type": "text", "text": MASKED}]),
    "bare text": (DIRTY, MASKED),
    "embedded resource": (
        {"type": "resource", "resource": {"uri": "x://y", "text": DIRTY}},
        {"type": "resource", "resource": {"uri": "x://y", "text": MASKED}},
    ),
    "image": ({"type": "image", "data": IMAGE, "note": DIRTY}, {"type": "image", "data": IMAGE, "note": MASKED}),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_prompt_messages(name: str) -> None:
    given_, expected = MESSAGES[name]
    result = {"description": DIRTY, "messages": [{"role": "user", "content": given_}]}
    answer = ask(plugin(), "prompt_post_fetch", payload("prompt_post_fetch", result))
    dumped = answer.modified_payload.model_dump()["result"]
    assert dumped == {"description": MASKED, "messages": [{"role": "user", "content": expected}]}


@dataclasses.dataclass(frozen=True)
class Block:
    type: str
    text: str


class Slotted:
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Lazy(dict[str, Any]):
    """A host's wrapper: the storage of the `dict` is empty, its methods know better."""

    def __init__(self, known: dict[str, Any]) -> None:
        super().__init__()
        self.known = known

    def items(self) -> Any:
        return self.known.items()


@pytest.mark.parametrize("hook", ["tool_pre_invoke", "tool_post_invoke"])
@pytest.mark.parametrize("media", [[], [{"type": "image", "data": IMAGE}]], ids=["text", "media"])
def test_wrapped_mappings_are_read_through_items(hook: str, media: list[Any]) -> None:
    wrapped = Lazy({"content": [Lazy({"type": "text", "text": DIRTY}), *media], "more": Lazy({"a": DIRTY})})
    given_ = payload(hook, {}).model_copy(update={HOOKS[hook][2]: wrapped})
    modified = ask(plugin(), hook, given_).modified_payload
    expected = {"content": [{"type": "text", "text": MASKED}, *media], "more": {"a": MASKED}}
    assert getattr(modified, HOOKS[hook][2]) == expected


def test_typed_results_are_rebuilt() -> None:
    block, slotted = Block("text", DIRTY), Slotted(DIRTY)
    result = SimpleNamespace(content=[block, slotted, SimpleNamespace(type="image", data=IMAGE)], isError=False)
    new = guarded("tool_post_invoke", result)
    assert isinstance(new, SimpleNamespace)
    assert new.content[0] == Block("text", MASKED)
    assert new.content[1].text == MASKED
    assert new.content[2] is result.content[2]
    assert (block.text, slotted.text) == (DIRTY, DIRTY)


def test_pydantic_results_are_rebuilt() -> None:
    pydantic = pytest.importorskip("pydantic", reason="pydantic is not installed")
    block = pydantic.create_model("Block", type=(str, ...), text=(str, ""), data=(str, ""), __config__={"frozen": True})
    kind = pydantic.create_model(
        "Result", content=(list[block], ...), __config__=pydantic.ConfigDict(extra="allow", frozen=True)
    )
    result = kind(content=[block(type="text", text=DIRTY), block(type="image", data=IMAGE)], more={"a": DIRTY})
    before = result.model_dump()
    new = guarded("tool_post_invoke", result)
    assert type(new) is kind
    assert [part.text for part in new.content] == [MASKED, ""]
    assert new.content[1].data == IMAGE
    assert new.more == {"a": MASKED}
    assert result.model_dump() == before


def test_the_address_of_a_resource_is_guarded() -> None:
    given_ = framework.ResourcePreFetchPayload(uri=f"file:///home/{MAIL}/notes", metadata={"owner": MAIL})
    result = ask(plugin(), "resource_pre_fetch", given_)
    assert result.modified_payload.uri == "file:///home/[REDACTED]/notes"
    assert result.modified_payload.metadata == {"owner": "[REDACTED]"}
    assert result.metadata["pii_filter"]["total_detections"] == 2


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook != "resource_pre_fetch"])
def test_names_and_ids_are_not_content(hook: str) -> None:
    kind, name, field, *_ = HOOKS[hook]
    result = ask(plugin(), hook, kind(**{name: MAIL, field: {"a": "clean"}}))
    assert result.modified_payload is None


# --- failures and configuration


@each_hook
def test_what_cannot_be_checked_does_not_pass(hook: str) -> None:
    with pytest.raises(InputTooLarge) as refused:
        ask(plugin(max_text_bytes=10), hook, payload(hook, {"text": "x" * 11}))
    assert refused.value.code == 40
    assert refused.value.path == HOOKS[hook][2]


@pytest.mark.parametrize(
    ("config", "value", "code"),
    [
        ({"max_nested_depth": 2}, {"a": {"b": {"c": "x"}}}, 41),
        ({"max_collection_items": 2}, {"a": ["x", "y", "z"]}, 42),
        ({"max_findings": 1}, {"a": DIRTY}, 43),
    ],
)
def test_limits_raise(config: dict[str, Any], value: Any, code: int) -> None:
    with pytest.raises(InputTooLarge) as refused:
        ask(plugin(**config), "tool_post_invoke", payload("tool_post_invoke", value))
    assert refused.value.code == code
    assert MAIL not in str(refused.value)


def test_a_cycle_raises() -> None:
    loop: dict[str, Any] = {}
    loop["content"] = [loop]
    with pytest.raises(InputTooLarge) as refused:
        ask(plugin(), "tool_post_invoke", payload("tool_post_invoke", loop))
    assert refused.value.code == 44


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"detect_ssn": "yes"}, "$.detect_ssn"),
        ({"detect_ssn": 1}, "$.detect_ssn"),
        ({"default_mask_strategy": "redcat"}, "$.default_mask_strategy"),
        ({"max_text_bytes": 0}, "$.max_text_bytes"),
        ({"max_text_bytes": 1.0}, "$.max_text_bytes"),
        ({"custom_patterns": "x"}, "$.custom_patterns"),
        ({"custom_patterns": [{"pattern": "("}]}, "$.custom_patterns[0].pattern"),
        ({"custom_patterns": [{"pattern": "a", "patern": "b"}]}, "$.custom_patterns[0].patern"),
        ({"mask_strategies": {"ssn": "x"}}, "$.mask_strategies.ssn"),
        ({STRICT_KEY: "yes"}, "$.strict_config"),
        ({STRICT_KEY: True, "detect_snn": True}, "$.detect_snn"),
    ],
)
def test_a_wrong_configuration_is_refused_by_key(config: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as refused:
        plugin(**config)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("detect_snn", ", did you mean 'detect_ssn'?"),
        ("block_on_detecton", ", did you mean 'block_on_detection'?"),
        ("x", ""),
    ],
)
def test_unknown_keys_are_named_and_the_guard_stays_on(caplog: pytest.LogCaptureFixture, key: str, hint: str) -> None:
    filter_ = plugin(**{key: True, "redaction_text": "#"})
    assert f"PII Filter: plugin 'pii': unknown configuration key {key!r} is ignored{hint}" in caplog.messages
    assert ask(filter_, "tool_pre_invoke", payload("tool_pre_invoke", {"a": MAIL})).modified_payload.args == {"a": "#"}


def test_known_keys_give_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    plugin(block_on_detection=False, log_detections=False, include_detection_details=False, strict_config=True)
    assert [record for record in caplog.records if "unknown" in record.message] == []


def test_no_configuration_is_the_default_configuration() -> None:
    filter_ = PIIFilterPlugin(framework.PluginConfig(name="pii", kind="k"))
    result = ask(filter_, "tool_pre_invoke", payload("tool_pre_invoke", {"a": DIRTY}))
    assert result.modified_payload.args == {"a": MASKED}


def test_engine_config_splits_and_leaves_its_input_alone() -> None:
    given_ = {"detect_ssn": True, "hash_key": None, "colour": 1, STRICT_KEY: False}
    assert engine_config("pii_filter", given_) == ({"detect_ssn": True}, ["colour"])
    assert engine_config("pii_filter", {"colour": 1, STRICT_KEY: True}) == ({"colour": 1}, [])
    assert given_ == {"detect_ssn": True, "hash_key": None, "colour": 1, STRICT_KEY: False}


def test_the_implementation_is_told() -> None:
    assert plugin().implementation in ("rust", "python")


# --- properties

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([MAIL, SSN, DIRTY, f"x{MAIL}y"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
BLOCKS = st.lists(
    st.one_of(
        st.builds(lambda text: {"type": "text", "text": text}, JSON),
        st.builds(
            lambda data: {"type": "image", "data": data}, st.binary().map(lambda b: base64.b64encode(b).decode())
        ),
        st.builds(lambda data: {"type": "image", "data": data}, st.sampled_from([DIRTY, MAIL])),
        st.builds(lambda text: {"type": "resource", "resource": {"uri": "x://y", "text": text}}, JSON),
    ),
    max_size=4,
)
FILTER = plugin()


@given(content=BLOCKS, structured=JSON)
def test_no_payload_is_changed_and_no_value_is_left(content: Any, structured: Any) -> None:
    result = {"content": content, "structuredContent": structured}
    before = copy.deepcopy(result)
    given_ = payload("tool_post_invoke", result)
    answer = ask(FILTER, "tool_post_invoke", given_)
    assert result == before
    after = answer.modified_payload.result if answer.modified_payload else result
    assert (after == before) is (answer.modified_payload is None)
    again = ask(FILTER, "tool_post_invoke", payload("tool_post_invoke", after))
    assert again.modified_payload is None
    images = [block["data"] for block in content if block["type"] == "image" and "@" not in block["data"]]
    assert [b["data"] for b in after["content"] if b["type"] == "image" and "[" not in b["data"]] == images


# --- documents that must follow the schema

ROOT = Path(__file__).resolve().parents[2]
KEYS = {*data.load("pii_filter", "schema.json")["properties"], STRICT_KEY}


def test_the_example_chain_shows_every_key_and_where_it_leaves_the_default() -> None:
    written = yaml.safe_load((ROOT / "plugins" / "config.yaml").read_text(encoding="utf-8"))["plugins"][0]["config"]
    defaults = {key: row["default"] for key, row in data.load("pii_filter", "schema.json")["properties"].items()}
    assert written == {**defaults, "include_detection_details": True, STRICT_KEY: True}


def test_the_page_explains_every_key_with_its_default() -> None:
    page = (ROOT / "docs" / "framework.md").read_text(encoding="utf-8")
    table = page.partition("### Configuration of the PII filter")[2].partition("A wrong value")[0]
    explained: dict[str, str] = {}
    for row in table.splitlines():
        names, _, rest = row.removeprefix("| `").partition("` | ")
        explained |= dict.fromkeys(names.split("`, `"), rest.partition(" | ")[0].strip("`"))
    assert explained.keys() & KEYS == KEYS
    for key, row in data.load("pii_filter", "schema.json")["properties"].items():
        default = "none" if row["default"] is None else row["default"]
        assert explained[key] == (default if isinstance(default, str) else json.dumps(default)), key
