"""JSON-RPC messages as texts: what is read, what is refused, and that changes touch nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyplugins.proxy import messages
from pyplugins.proxy.messages import BadMessage

IDS = ["1", "1.0", "1e2", '"1"', '"\\u0061"', "-5", "123456789012345678901234567890", "0.10", '"a\\"b"', "null"]


@pytest.mark.parametrize("id_text", IDS)
def test_an_id_stays_as_it_was_written(id_text: str) -> None:
    line = f' {{"jsonrpc" : "2.0","x":[1.50], "id":{id_text} , "method":"m", "params" : {{"a":1}} , "y":1e1}} '.encode()
    batch, (message,) = messages.read(line)
    assert not batch
    assert message.id_text == id_text
    expected = line.decode().strip().replace('{"a":1}', '{"a":"é"}')
    assert message.written(params={"a": "é"}) == expected


def test_a_batch_is_read_element_by_element() -> None:
    line = b' [ {"id":1,"method":"a"} ,{"method":"b","params":[]}, {"id":2,"result":{}} ] '
    batch, parts = messages.read(line)
    assert batch
    assert [part.text[part.start : part.end] for part in parts] == [
        '{"id":1,"method":"a"}',
        '{"method":"b","params":[]}',
        '{"id":2,"result":{}}',
    ]


BAD = {
    "empty": (b"", -32700),
    "text": (b"hello", -32700),
    "cut": (b'{"id":1,"method":"m"', -32700),
    "cut key": (b'{"id":1,"method', -32700),
    "two values": (b'{"id":1,"method":"m"} {}', -32700),
    "trailing comma": (b'{"id":1,"method":"m",}', -32700),
    "no colon": (b'{"id" 1}', -32700),
    "NaN": (b'{"id":1,"method":"m","params":{"a":NaN}}', -32700),
    "not UTF-8": (b'{"id":1,"method":"\xff"}', -32700),
    "BOM": (b'\xef\xbb\xbf{"id":1,"method":"m"}', -32700),
    "control character": (b'{"id":1,"method":"a\x01b"}', -32700),
    "CR in a text": (b'{"id":1,"method":"a\rb"}', -32700),
    "CR in a key": (b'{"id":1,"method":"m","a\rb":1}', -32700),
    "CR in a text inside": (b'{"id":1,"method":"m","params":["a\rb"]}', -32700),
    "too deep": (b'{"id":1,"method":"m","params":' + b"[" * 100_000 + b"]" * 100_000 + b"}", -32700),
    "a number of 5000 digits": (b'{"id":' + b"9" * 5000 + b',"method":"m"}', -32700),
    "a number": (b"5", -32600),
    "empty batch": (b"[]", -32600),
    "batch of numbers": (b"[1]", -32600),
    "nested batch": (b'[[{"method":"m"}]]', -32600),
    "key twice": (b'{"id":1,"method":"m","method":"tools/call"}', -32600),
    "key twice by escape": (b'{"id":1,"method":"m","m\\u0065thod":"tools/call"}', -32600),
    "key twice inside": (b'{"id":1,"method":"m","params":{"a":[{"b":1,"b":2}]}}', -32600),
    "key in another case": (b'{"id":1,"result":{},"Result":{"content":[]}}', -32600),
    "key in another case alone": (b'{"ID":1,"id":2,"method":"m"}', -32600),
    "key in another case by escape": (b'{"id":1,"method":"m","p\\u0041rams":{}}', -32600),
    "long s": (b'{"id":1,"result":{},"re\xc5\xbfult":{}}', -32600),
    "no method but in another case": (b'{"id":1,"Method":"tools/call"}', -32600),
    "arguments in another case": (b'{"id":1,"method":"tools/call","params":{"name":"t","Arguments":{}}}', -32600),
    "name in another case": (b'{"id":1,"method":"prompts/get","params":{"name":"t","NAME":"u"}}', -32600),
    "uri in another case": (b'{"id":1,"method":"resources/read","params":{"uri":"a:b","URI":"a:c"}}', -32600),
    "task in another case": (b'{"id":1,"method":"tasks/result","params":{"tas\xe2\x84\xaaId":"a"}}', -32600),
    "id is an object": (b'{"id":{},"method":"m"}', -32600),
    "id is true": (b'{"id":true,"method":"m"}', -32600),
    "method is a number": (b'{"id":1,"method":5}', -32600),
    "nothing": (b'{"id":1}', -32600),
    "both": (b'{"id":1,"method":"m","result":{}}', -32600),
    "result and error": (b'{"id":1,"error":{},"result":{}}', -32600),
}


@pytest.mark.parametrize(("line", "code"), BAD.values(), ids=BAD)
def test_what_is_no_message_is_refused(line: bytes, code: int) -> None:
    with pytest.raises(BadMessage) as caught:
        messages.read(line)
    assert caught.value.code == code
    assert "tools/call" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":1,"method":"m","params":{"Name":"a","Arguments":{},"URI":"b"},"Extra":1,"ids":2}',
        b'{"id":1,"method":"tools/call","params":{"name":"t","arguments":{"Name":1,"name":2},"Uri":1}}',
        b'{"id":1,"method":"tools/call","params":["Name"]}',
        b'{"id":1,"result":{"Result":1,"ID":2,"content":[],"Content":[]}}',
    ],
)
def test_other_keys_may_have_any_case(line: bytes) -> None:
    assert messages.read(line)[1][0].id == 1


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = ("id", "jsonrpc", "method", "params", "result", "error")
members = st.dictionaries(st.text().filter(lambda key: key.casefold() not in NAMES), values)


@settings(deadline=None)
@given(members, st.integers() | st.text(), st.text(), values, values)
def test_only_the_named_member_changes(rest: dict[str, Any], id_: Any, method: str, before: Any, after: Any) -> None:
    data = {**rest, "id": id_, "method": method, "params": before}
    _, (message,) = messages.read(json.dumps(data, indent=1).replace("\n", " ").encode())
    assert message.members == data
    assert json.loads(message.written(params=after)) == {**data, "params": after}


def test_a_surrogate_that_stands_alone_stays_an_escape() -> None:
    _, (message,) = messages.read(b'{"id":1,"result":"\\ud800"}')
    message.written(result=["\ud800", "é"]).encode()
    assert json.loads(message.written(result=["\ud800", "é"]))["result"] == ["\ud800", "é"]


def test_a_number_that_was_lost_is_not_written() -> None:
    _, (message,) = messages.read(b'{"id":1,"result":[1e999]}')
    with pytest.raises(ValueError, match="JSON"):
        message.written(result=message.members["result"])


PIECES = {
    "first": ('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"id":9', "zzz", "7", True),
    "after the method": ('{"method":"tools/call", "id" : "a\\"b","params":', "zzz", '"a\\"b"', True),
    "last": ('{"method":"m","params":{"x":"', 'zz"}, "jsonrpc":"2.0","id":-1.5e3 }', "-1.5e3", True),
    "answer": ('{"result":{"id":4,"x":"', 'zz"},"jsonrpc":"2.0","id":3}', "3", False),
    "between": ('{"params":"xxx', '"x":1},"jsonrpc":"2.0"}', None, False),
    "inside": ('{"result":"', '{\\"id\\":5}"}', None, False),
    "of something else": ('{"result":{"a":', '"id":5}}', None, False),
    "no number": ('{"id":1..2,', "", None, False),
}


@pytest.mark.parametrize(("head", "tail", "id_text", "method"), PIECES.values(), ids=PIECES)
def test_the_id_of_what_was_not_kept(head: str, tail: str, id_text: str | None, method: bool) -> None:
    assert messages.id_in_pieces(head.encode(), tail.encode()) == id_text
    assert messages.has_method(head.encode()) is method
