"""The compression plugin: envelopes only for who can read them, never larger, opened before anybody else reads."""

from __future__ import annotations

import asyncio
import base64
import json
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from gw_tests import need_binding

from pyplugins.compression import Compression, CompressionPlugin, is_envelope, open_envelope, seal
from pyplugins.compression.envelope import KEY
from pyplugins.errors import BadData, ConfigError, InputTooLarge, PluginError
from pyplugins.framework import (
    Extensions,
    GlobalContext,
    PluginConfig,
    PluginContext,
    PromptPrehookPayload,
    RequestExtension,
    ResourcePostFetchPayload,
    ResourcePreFetchPayload,
    ToolPostInvokePayload,
    ToolPreInvokePayload,
)

TEXT = "The quick brown fox jumps over the lazy dog. " * 60
RECORDS = [{"id": n, "name": f"user {n}", "active": n % 2 == 0, "note": None} for n in range(60)]
ACCEPT = "gwplugins_accept_encoding"


@pytest.fixture(params=["cffi", "ctypes", "python"], autouse=True)
def implementation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    if name != "python":
        need_binding(name)
    monkeypatch.setenv("GWPLUGINS_IMPL", name)
    return name


def plugin(**config: Any) -> CompressionPlugin:
    settings = {**config, "strict_config": True}
    return CompressionPlugin(PluginConfig(name="p", kind="x.CompressionPlugin", config=settings))


def context(accept: str | None = "zstd, gzip, br", where: str = "metadata") -> PluginContext:
    said = {} if accept is None else {ACCEPT: accept}
    return PluginContext(global_context=GlobalContext(request_id="1", **{where: said}))


def traced() -> Extensions:
    return Extensions(request=RequestExtension(trace_id="t"))


def after(result: Any, own: CompressionPlugin | None = None, where: PluginContext | None = None) -> Any:
    payload = ToolPostInvokePayload(name="t", result=result)
    answer = asyncio.run((own or plugin()).tool_post_invoke(payload, where or context()))
    return payload.result if answer.modified_payload is None else answer.modified_payload.result


def before(args: dict[str, Any], own: CompressionPlugin | None = None) -> Any:
    payload = ToolPreInvokePayload(name="t", args=args)
    answer = asyncio.run((own or plugin()).tool_pre_invoke(payload, context()))
    return payload.args if answer.modified_payload is None else answer.modified_payload.args


@pytest.mark.parametrize(
    "value", [TEXT, RECORDS, {"rows": RECORDS}, TEXT.encode()], ids=["text", "list", "map", "bytes"]
)
@pytest.mark.parametrize("encoding", ["base64", "bytes"])
def test_a_large_result_goes_out_smaller_and_comes_back(value: Any, encoding: str) -> None:
    sealed = after(value, plugin(encoding=encoding))
    assert is_envelope(sealed)
    assert isinstance(sealed, str) == isinstance(value, str)
    assert open_envelope(sealed) == value
    facts = (json.loads(sealed) if isinstance(sealed, str) else sealed)[KEY]
    assert facts["codec"] == "zstd"
    assert facts["size"] > 3 * len(facts["data"])
    assert isinstance(facts["data"], bytes) == (encoding == "bytes" and not isinstance(value, str))
    assert before({"deep": [{"value": sealed}], "other": 1}) == {"deep": [{"value": value}], "other": 1}


def test_an_mcp_result_keeps_its_shape() -> None:
    image = {"type": "image", "data": base64.b64encode(bytes(5000)).decode(), "mimeType": "image/png"}
    small = {"type": "text", "text": "short"}
    result = {
        "content": [{"type": "text", "text": TEXT}, small, image],
        "structuredContent": {"rows": RECORDS},
        "isError": False,
    }
    sealed = after(result)
    assert open_envelope(sealed["content"][0]["text"]) == TEXT
    assert sealed["content"][1:] == [small, image]
    assert open_envelope(sealed["structuredContent"]) == {"rows": RECORDS}
    assert sealed["isError"] is False
    assert result["content"][0]["text"] == TEXT


def test_objects_are_rebuilt_not_changed() -> None:
    block = SimpleNamespace(type="text", text=TEXT)
    result = SimpleNamespace(content=[block], isError=False)
    sealed = after(result)
    assert open_envelope(sealed.content[0].text) == TEXT
    assert result.content[0].text == TEXT
    assert block.text == TEXT
    assert after(SimpleNamespace(a=1)) == SimpleNamespace(a=1)


@pytest.mark.parametrize("content", [TEXT, {"uri": "a", "text": TEXT}, SimpleNamespace(uri="a", text=TEXT)])
def test_resources(content: Any) -> None:
    payload = ResourcePostFetchPayload(uri="file:///a", content=content)
    answer = asyncio.run(plugin().resource_post_fetch(payload, context()))
    assert answer.modified_payload is not None
    sealed = answer.modified_payload.content
    text = sealed if isinstance(sealed, str) else sealed["text"] if isinstance(sealed, dict) else sealed.text
    assert open_envelope(text) == TEXT


@pytest.mark.parametrize(
    ("accept", "codec"),
    [("gzip", "gzip"), ("br;q=0.5, gzip;q=0.6", "gzip"), ("br", "brotli"), ("deflate", "zlib"), ("*", "zstd")],
)
def test_the_codec_is_what_the_other_side_likes(accept: str, codec: str) -> None:
    assert json.loads(after(TEXT, where=context(accept)))[KEY]["codec"] == codec
    assert json.loads(after(TEXT, where=context(accept, "state")))[KEY]["codec"] == codec
    assert json.loads(after(TEXT, plugin(accept=accept), context(None)))[KEY]["codec"] == codec


@pytest.mark.parametrize("accept", [None, "", "lzma", "zstd;q=0", "*;q=0", "identity"])
def test_who_does_not_say_it_can_read_gets_plain_data(accept: str | None) -> None:
    assert after(TEXT, where=context(accept)) is TEXT


def test_a_header_says_it_too() -> None:
    payload = ToolPostInvokePayload(name="t", result=TEXT)
    extensions = SimpleNamespace(request=None, http=SimpleNamespace(headers={"X-Gwplugins-Accept-Encoding": "gzip"}))
    answer = asyncio.run(plugin().tool_post_invoke(payload, context(None), extensions))  # type: ignore[arg-type]
    assert answer.modified_payload is not None
    assert open_envelope(answer.modified_payload.result) == TEXT


def test_a_codec_that_is_not_accepted_is_not_used() -> None:
    only = plugin(codec="brotli", level=4)
    assert json.loads(after(TEXT, only, context("br, zstd")))[KEY]["codec"] == "brotli"
    assert json.loads(after(TEXT, only, context("br;q=0.1, gzip")))[KEY]["codec"] == "brotli"
    assert after(TEXT, only, context("zstd, gzip")) is TEXT


def test_twice_is_once_and_nothing_grows() -> None:
    sealed = after(TEXT)
    assert after(sealed) is sealed
    mapping = after(RECORDS)
    assert after(mapping) is mapping
    for value in ("short", "x" * 1023, {"a": 1}, 17, None, "".join(chr(33 + n * n % 90) for n in range(1100))):
        kept = after(value, plugin(min_bytes=0))
        assert kept is value or len(json.dumps(kept)) < len(json.dumps(value))
    odd = {1: "a" * 5000}
    assert after(odd) is odd
    assert seal(TEXT, Compression("identity")) is TEXT


@pytest.mark.parametrize("codec", ["zstd", "brotli"])
def test_at_the_border_nothing_grows(codec: str) -> None:
    """Each quote of an envelope that is a text takes two bytes in the JSON around it."""
    own, saved = Compression(codec), []
    for size in range(200, 350):
        text = Random(size).randbytes(size).hex()
        sealed = seal(text, own)
        if sealed is not text:
            saved.append(len(json.dumps(text)) - len(json.dumps(sealed)))
    assert 0 < len(saved) < 150
    assert min(saved) > 0


def test_min_bytes() -> None:
    assert after("a" * 2000, plugin(min_bytes=2001)) == "a" * 2000
    assert is_envelope(after("a" * 2000, plugin(min_bytes=2000)))


def test_all_pre_hooks_open() -> None:
    own, sealed = plugin(), after(TEXT)
    prompt = asyncio.run(own.prompt_pre_fetch(PromptPrehookPayload(prompt_id="p", args={"a": sealed}), context()))
    assert prompt.modified_payload is not None
    assert prompt.modified_payload.args == {"a": TEXT}
    metadata = ResourcePreFetchPayload(uri="u", metadata={"a": sealed})
    resource = asyncio.run(own.resource_pre_fetch(metadata, context()))
    assert resource.modified_payload is not None
    assert resource.modified_payload.metadata == {"a": TEXT}
    args = {"a": sealed}
    assert before(args, plugin(open_envelopes=False)) == args
    assert before({"a": [1, "b"]}) == {"a": [1, "b"]}
    assert (
        asyncio.run(own.tool_pre_invoke(ToolPreInvokePayload(name="t", args=None), context())).modified_payload is None
    )


def broken(**changes: Any) -> dict[str, Any]:
    mapping = after(RECORDS)
    return {KEY: {**mapping[KEY], **changes}}


@pytest.mark.parametrize(
    "envelope",
    [
        broken(size=1),
        broken(codec="lzma"),
        broken(codec="auto"),
        broken(codec="gzip"),
        broken(codec=None),
        broken(data="!!"),
        broken(data="AAAA"),
        broken(encoding="bytes"),
        broken(media_type="text/html"),
        broken(media_type="application/octet-stream", size=True),
        broken(more=1),
        {KEY: {}},
        f'{{"{KEY}": 1}}',
        f'{{"{KEY}":',
        f'{{"{KEY}":' + "[" * 100_000,
    ],
    ids=range(15),
)
def test_what_is_no_good_envelope_does_not_pass(envelope: Any) -> None:
    opened = plugin()
    with pytest.raises(BadData) as raised:
        before({"a": envelope}, opened)
    assert "AAAA" not in str(raised.value)


def enclosed(value: Any) -> Any:
    """An envelope around a value, whatever `seal` says to it."""
    data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    facts = {
        "codec": "identity",
        "size": len(data),
        "media_type": "text/plain; charset=utf-8" if isinstance(value, str) else "application/json",
        "encoding": "base64",
        "data": base64.b64encode(data).decode(),
    }
    return {KEY: facts}


def test_nothing_that_comes_out_is_closed() -> None:
    text, mapping = after(TEXT), after(RECORDS)
    assert before({"a": enclosed(text)}) == {"a": TEXT}
    assert before({"a": enclosed(mapping)}) == {"a": RECORDS}
    assert before({"a": enclosed({"x": [text, mapping], "y": 1})}) == {"a": {"x": [TEXT, RECORDS], "y": 1}}
    deep: Any = text
    for _ in range(10):
        deep = enclosed(deep)
    assert before({"a": deep}) == {"a": TEXT}
    for least, value in ((11, deep), (4, enclosed({"x": [text]}))):
        assert before({"a": value}, plugin(max_nested_depth=least))
        with pytest.raises(PluginError) as raised:
            before({"a": value}, plugin(max_nested_depth=least - 1))
        assert raised.value.code == 41


def test_a_text_that_does_not_look_like_an_envelope_is_none_to_whoever_opens() -> None:
    """What the hooks let pass nobody opens behind the guards."""
    sealed = after(TEXT)
    for other in (
        json.dumps(json.loads(sealed), indent=1),
        " " + sealed,
        sealed.replace(KEY, "gwplugins\\u002ecompressed"),
    ):
        assert json.loads(other) == json.loads(sealed)
        assert before({"a": other}) == {"a": other}
        with pytest.raises(BadData):
            open_envelope(other)


def test_all_envelopes_of_a_payload_share_the_limit() -> None:
    sealed = after(TEXT)
    size = len(TEXT)
    assert before({"a": sealed, "b": sealed}, plugin(max_output_bytes=2 * size)) == {"a": TEXT, "b": TEXT}
    with pytest.raises(InputTooLarge):
        before({"a": sealed, "b": sealed}, plugin(max_output_bytes=2 * size - 1))
    inner, outer = after(RECORDS), json.dumps([float("nan")] * 500)
    nan = enclosed(json.loads(outer))
    for value, held in ((nan, len(outer)), (enclosed([inner]), inner[KEY]["size"] + len(json.dumps([inner])))):
        assert before({"a": value}, plugin(max_output_bytes=held))
        for limit in (held - 1, held):
            with pytest.raises(InputTooLarge):
                before({"a": value, "b": sealed}, plugin(max_output_bytes=limit))
    deep: Any = sealed
    for _ in range(40):
        deep = [deep]
    with pytest.raises(PluginError) as raised:
        before({"a": deep})
    assert raised.value.code == 41
    bomb = seal("0" * 5_000_000, Compression("zstd"))
    with pytest.raises(InputTooLarge):
        before({"a": bomb}, plugin(max_ratio=100))


def test_metadata_is_for_traces_and_holds_no_content() -> None:
    payload = ToolPostInvokePayload(name="t", result={"content": [{"type": "text", "text": TEXT}] * 2})
    quiet = asyncio.run(plugin().tool_post_invoke(payload, context()))
    assert not quiet.metadata
    told = asyncio.run(plugin().tool_post_invoke(payload, context(), traced()))
    assert told.metadata is not None
    facts = told.metadata["compression"]
    assert facts["values"] == 2
    assert facts["bytes"] == 2 * len(TEXT)
    assert 0 < facts["sent"] < len(TEXT)
    args = ToolPreInvokePayload(name="t", args={"a": after(TEXT)})
    opened = asyncio.run(plugin().tool_pre_invoke(args, context(), traced()))
    assert opened.metadata == {"compression": {"opened": 1}}


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"codec": "lzma"}, "$.codec"),
        ({"level": 3}, "$.level"),
        ({"codec": "gzip", "level": 10}, "$.level"),
        ({"min_bytes": -1}, "$.min_bytes"),
        ({"min_byte": 1}, "$.min_byte"),
        ({"encoding": "hex"}, "$.encoding"),
    ],
)
def test_configurations_are_refused(config: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as raised:
        plugin(**config)
    assert raised.value.path == path


def test_the_implementation_is_told(implementation: str) -> None:
    expected = "python" if implementation == "python" else "rust"
    assert plugin().implementation == plugin(codec="gzip").implementation == expected
