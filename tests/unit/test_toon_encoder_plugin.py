"""toon_encoder as a plugin: which blocks it converts, what it tells, and what it leaves alone."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from gw_tests import ROOT

from pyplugins import framework
from pyplugins.core import data
from pyplugins.errors import ConfigError, InputTooLarge
from pyplugins.toon_encoder import ToonEncoderPlugin, decode

USERS = [{"id": number, "name": f"user{number}"} for number in range(9)]
TEXT = json.dumps({"users": USERS})
HOOKS = {
    "prompt_pre_fetch": framework.PromptPrehookPayload(prompt_id="p", args={"x": TEXT}),
    "prompt_post_fetch": framework.PromptPosthookPayload(prompt_id="p", result={"content": [{"text": TEXT}]}),
    "tool_pre_invoke": framework.ToolPreInvokePayload(name="t", args={"content": [{"type": "text", "text": TEXT}]}),
    "resource_pre_fetch": framework.ResourcePreFetchPayload(uri="u"),
    "resource_post_fetch": framework.ResourcePostFetchPayload(uri="u", content=TEXT),
}


def plugin(**config: Any) -> ToonEncoderPlugin:
    kind = "pyplugins.toon_encoder.toon_encoder.ToonEncoderPlugin"
    return ToonEncoderPlugin(framework.PluginConfig(name="Toon", kind=kind, hooks=["tool_post_invoke"], config=config))


def ask(one: ToonEncoderPlugin, result: Any, tool: str = "t", hook: str = "tool_post_invoke") -> Any:
    payload = HOOKS.get(hook) or framework.ToolPostInvokePayload(name=tool, result=result)
    context = framework.PluginContext(global_context=framework.GlobalContext(request_id="r"))
    return asyncio.run(getattr(one, hook)(payload, context))


def block(text: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


def converted(one: ToonEncoderPlugin, *blocks: Any, tool: str = "t") -> list[Any] | None:
    """The new blocks, `None` if all were left alone. What was given never changes."""
    result = {"content": list(blocks), "isError": False}
    before = copy.deepcopy(result)
    answer = ask(one, result, tool)
    assert result == before
    assert answer.continue_processing
    assert answer.violation is None
    assert bool(answer.metadata) == (answer.modified_payload is not None)
    return answer.modified_payload and answer.modified_payload.result["content"]


def test_a_block_of_json_becomes_toon() -> None:
    new = converted(plugin(), block())
    assert new is not None
    assert new[0]["annotations"] == {"format": "toon"}
    assert new[0]["text"].startswith("users[9]{id,name}:\n  0,user0\n")
    assert decode(new[0]["text"]) == {"users": USERS}


def test_the_metadata_tells_what_was_saved() -> None:
    answer = ask(plugin(), {"content": [block(), block("prose")]})
    after = len(answer.modified_payload.result["content"][0]["text"])
    took = answer.metadata.pop("conversion_time_ms")
    assert took >= 0
    saved = len(TEXT) - after
    percent = round(saved / len(TEXT) * 100, 2)
    assert answer.metadata == {"toon_encoded": True, "bytes_saved": saved, "savings_percent": percent}


def test_everything_else_of_a_result_stays() -> None:
    picture = {"type": "image", "data": "aGk=", "mimeType": "image/png"}
    result = {"content": [picture, block(_meta={"k": 1}), block("x" * 200)], "structuredContent": {"users": USERS}}
    answer = ask(plugin(add_format_marker=False), result)
    new = answer.modified_payload.result
    assert new["structuredContent"] is result["structuredContent"]
    assert new["content"][0] is picture
    assert new["content"][1] == block(new["content"][1]["text"], _meta={"k": 1})
    assert new["content"][2] is result["content"][2]


def test_annotations_are_kept_and_not_changed() -> None:
    given = {"audience": ["user"]}
    new = converted(plugin(), block(annotations=given), block(annotations=None), block(annotations="odd"))
    assert new is not None
    assert [one["annotations"] for one in new] == [{"audience": ["user"], "format": "toon"}, {"format": "toon"}, "odd"]
    assert given == {"audience": ["user"]}


@pytest.mark.parametrize(
    "odd",
    [
        block("x" * 200),
        block('{"a": 1}'),
        block("[" + "1," * 100 + "]"),
        block(None),
        block(TEXT.encode()),
        {"type": "text"},
        {"type": "resource", "text": TEXT},
        {"text": TEXT},
        TEXT,
        None,
        7,
    ],
    ids=["prose", "small", "no JSON", "no text", "bytes", "nothing", "another type", "no type", "str", "None", "int"],
)
def test_other_blocks_are_left_alone(odd: Any) -> None:
    assert converted(plugin(), odd) is None


@pytest.mark.parametrize("result", [None, TEXT, [block()], {"content": TEXT}, {"content": []}, {"users": USERS}, 3])
def test_other_results_are_left_alone(result: Any) -> None:
    answer = ask(plugin(), result)
    assert answer.modified_payload is None
    assert answer.metadata == {}


@pytest.mark.parametrize("hook", HOOKS)
def test_other_hooks_do_nothing(hook: str) -> None:
    answer = ask(plugin(), None, hook=hook)
    assert answer.modified_payload is None
    assert answer.continue_processing


def test_objects_are_read_like_mappings() -> None:
    result = SimpleNamespace(content=(SimpleNamespace(type="text", text=TEXT),), isError=False)
    new = ask(plugin(), result).modified_payload.result
    assert isinstance(new.content, tuple)
    assert decode(new.content[0].text) == {"users": USERS}
    assert new.content[0].annotations == {"format": "toon"}
    assert result.content[0].text == TEXT


def models(extra: str) -> tuple[Any, Any]:
    """Classes as in MCP's Python SDK: annotations that take other fields or not, and a text block."""
    pydantic = pytest.importorskip("pydantic", reason="pydantic is not installed")
    annotations = pydantic.create_model(
        "Annotations", priority=(float | None, None), __config__=pydantic.ConfigDict(extra=extra)
    )
    meta = (dict[str, Any] | None, pydantic.Field(alias="_meta", default=None))
    noted = (annotations | None, None)
    return annotations, pydantic.create_model(
        "Block", type=(str, "text"), text=(str, ...), annotations=noted, meta=meta
    )


@pytest.mark.filterwarnings("error")
def test_models_stay_models() -> None:
    """Nothing in them is a dict that should be a model: pydantic would warn when it writes them."""
    annotations, block_class = models("allow")
    plain = block_class(text=TEXT, _meta={"k": 1})
    new = converted(plugin(), plain, block_class(text=TEXT, annotations=annotations(priority=0.5)))
    assert new is not None
    assert [type(one) for one in new] == [block_class, block_class]
    told = [one.model_dump(by_alias=True) for one in new]
    notes = [{"priority": None, "format": "toon"}, {"priority": 0.5, "format": "toon"}]
    assert [one["annotations"] for one in told] == notes
    assert told[0]["_meta"] == {"k": 1}
    assert decode(new[0].text) == {"users": USERS}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("extra", ["forbid", "ignore"])
def test_models_without_room_for_the_marker_are_converted_without_it(extra: str) -> None:
    annotations, block_class = models(extra)
    new = converted(plugin(), block_class(text=TEXT, annotations=annotations(priority=0.5)))
    assert new is not None
    assert new[0].model_dump()["annotations"] == {"priority": 0.5}
    assert decode(new[0].text) == {"users": USERS}


def test_tools_are_chosen_by_name() -> None:
    assert converted(plugin(exclude_tools=["t"]), block()) is None
    assert converted(plugin(exclude_tools=["t"]), block(), tool="u")
    assert converted(plugin(include_tools=["u"], exclude_tools=["u"]), block(), tool="u")
    assert converted(plugin(include_tools=["u"]), block()) is None
    assert converted(plugin(include_tools=[]), block()) is None


def test_sizes_are_utf8_bytes() -> None:
    text = '{"a": "' + "é" * 50 + '"}'  # 59 characters, 109 bytes
    assert converted(plugin(), block(text))
    assert converted(plugin(min_size_bytes=110), block(text)) is None
    assert converted(plugin(max_size_bytes=109), block(text))
    assert converted(plugin(max_size_bytes=108), block(text)) is None


def test_an_error_leaves_the_block_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        new = converted(plugin(max_text_bytes=150), block(TEXT), block('{"a": "' + "b" * 100 + '"}'))
    assert new is not None
    assert new[0] == block(TEXT)
    assert new[1]["text"] == f"a: {'b' * 100}"
    assert "error 40" in caplog.text
    assert "user" not in caplog.text


def test_without_skip_on_error_the_error_leaves_the_hook() -> None:
    with pytest.raises(InputTooLarge):
        ask(plugin(max_text_bytes=150, skip_on_error=False), {"content": [block()]})
    with pytest.raises(InputTooLarge, match="not JSON"):
        ask(plugin(strict=True, skip_on_error=False), {"content": [block("x" * 200)]})


def test_strict_with_skip_on_error_leaves_prose_alone() -> None:
    assert converted(plugin(strict=True), block("x" * 200)) is None


def test_the_counts() -> None:
    one = plugin(exclude_tools=["other"])
    assert one.get_stats()["tool_conversion_rate"] == 0.0
    new = converted(one, block(), block("x" * 200), block("small"))
    assert new is not None
    assert converted(one, block("x" * 200)) is None
    assert converted(one, block(), tool="other") is None
    assert one.get_stats() == {
        "tools_processed": 2,
        "tools_converted": 1,
        "tool_conversion_rate": 50.0,
        "items_attempted": 3,
        "items_converted": 1,
        "item_conversion_rate": pytest.approx(100 / 3),
        "total_bytes_saved": len(TEXT) - len(new[0]["text"]),
    }


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"direction": "decode"}, "$.direction"),
        ({"min_size_bytes": "100"}, "$.min_size_bytes"),
        ({"exclude_tools": "t"}, "$.exclude_tools"),
        ({"include_tools": [1]}, "$.include_tools[0]"),
        ({"skip_on_error": 1}, "$.skip_on_error"),
        ({"strict_config": True, "max_size": 1}, "$.max_size"),
    ],
)
def test_a_wrong_value_is_named(config: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as error:
        plugin(**config)
    assert error.value.path == path


def test_a_key_without_a_value_means_its_default() -> None:
    assert converted(plugin(include_tools=None, exclude_tools=None, min_size_bytes=None), block())


def test_the_row_of_the_chain_has_every_key_and_its_default() -> None:
    """It is disabled there, so that nothing else reads it."""
    chain = yaml.safe_load((ROOT / "plugins/config.yaml").read_text("utf-8"))
    (row,) = [row for row in chain["plugins"] if row["name"] == "ToonEncoder"]
    properties = data.load("toon_encoder", "schema.json")["properties"]
    assert row["config"] == {key: rule["default"] for key, rule in properties.items()} | {"strict_config": True}
    assert converted(plugin(**row["config"]), block())


def test_it_runs_last_in_a_chain(tmp_path: Path) -> None:
    """What others do to JSON they have done before."""
    chain = tmp_path / "chain.yaml"
    names = {"json_repair.json_repair.JSONRepairPlugin": 1, "pii_filter.pii_filter.PIIFilterPlugin": 2}
    kinds = names | {"toon_encoder.toon_encoder.ToonEncoderPlugin": 3}
    rows = [
        {"name": kind, "kind": f"pyplugins.{kind}", "hooks": ["tool_post_invoke"], "priority": place}
        for kind, place in kinds.items()
    ]
    chain.write_text(yaml.safe_dump({"plugins": rows}), encoding="utf-8")

    async def use() -> Any:
        manager = framework.PluginManager(str(chain))
        await manager.initialize()
        text = "[" + "{'name': 'Ada', 'mail': 'ada@mail.example'}, " * 5 + "]"
        payload = framework.ToolPostInvokePayload(name="t", result={"content": [block(text)]})
        answer, _ = await manager.invoke_hook("tool_post_invoke", payload, framework.GlobalContext(request_id="r"))
        await manager.shutdown()
        return answer.modified_payload.result["content"][0]["text"]

    assert decode(asyncio.run(use())) == [{"name": "Ada", "mail": "[REDACTED]"}] * 5
