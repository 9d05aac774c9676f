"""Quotes, escapes, and what stands inside strings."""

from __future__ import annotations

from ._write import Row, edited, of_bytes, rows

QUOTES = {
    "{'a': 'b'}": '{"a": "b"}',
    "{'a': 'it\\'s'}": '{"a": "it\'s"}',
    "{'name': 'O'Brien', 'x': 'don't'}": '{"name": "O\'Brien", "x": "don\'t"}',
    "{'a': 'b \"c\" d'}": '{"a": "b \\"c\\" d"}',
    "{\u201ca\u201d: \u201cb\u201d}": '{"a": "b"}',
    "{\u2018a\u2019: \u2018b\u2019}": '{"a": "b"}',
    "{`a`: `b`}": '{"a": "b"}',
    "{\u00b4a\u00b4: 1}": '{"a": 1}',
    '{"a": \u201che said \u2018x\u2019\u201d}': '{"a": "he said \u2018x\u2019"}',
    '{"a": "keep \u201cthese\u201d and `those`",}': '{"a": "keep \u201cthese\u201d and `those`"}',
    '{"a": ""hello"", "b": 1}': '{"a": "hello", "b": 1}',
    '{""a"": 1}': '{"a": 1}',
    "{'a': ''hello'', ''b'': 1}": '{"a": "hello", "b": 1}',
    '{"a": ""hello", "b": 1}': '{"a": "hello", "b": 1}',
    "''": '""',
    "'hello'": '"hello"',
}

MISSING = {
    '{"a: 1}': '{"a": 1}',
    '{"a: 1, "b": 2}': '{"a": 1, "b": 2}',
    '{"a: "x", "b": 2}': '{"a": "x", "b": 2}',
    '{a": 1}': '{"a": 1}',
    '{"a": "x",b": 1}': '{"a": "x","b": 1}',
    '{"a": 1,b": 1}': '{"a": 1,"b": 1}',
    '{"a": 1, "b: "x"}': '{"a": 1, "b": "x"}',
    '{"a": hello"}': '{"a": "hello"}',
    '{"a": "hello, "b": 2}': '{"a": "hello", "b": 2}',
    '{"a": "hello\n"b": 2}': '{"a": "hello",\n"b": 2}',
    '{\n  "a": "hello,\n  "b": 3\n}': '{\n  "a": "hello",\n  "b": 3\n}',
    '{"a": "hello}': '{"a": "hello"}',
    '{"a": "hello\n}': '{"a": "hello"\n}',
    '["hello]': '["hello"]',
    '["hello, "b"]': '["hello", "b"]',
    '{"a": {"b": "x}, "c": 1}': '{"a": {"b": "x"}, "c": 1}',
    '[{"a": "x}, {"a": "y"}]': '[{"a": "x"}, {"a": "y"}]',
    '"hello': '"hello"',
    '"': '""',
}

INNER = {
    '{"a": "he said "hi" to me"}': '{"a": "he said \\"hi\\" to me"}',
    '{"a": "he said "hi", ok", "b": 1}': '{"a": "he said \\"hi\\", ok", "b": 1}',
    '{"text": "He said: "Hello, you!" and left.", "n": 1}': '{"text": "He said: \\"Hello, you!\\" and left.", "n": 1}',
    '{"a": "<a href="x">y</a>", "b": 1}': '{"a": "<a href=\\"x\\">y</a>", "b": 1}',
    '{"a": "{"b": 1}"}': '{"a": "{\\"b\\": 1}"}',
    '{"code": "if (a == "b") { return [1]; }", "n": 1}': '{"code": "if (a == \\"b\\") { return [1]; }", "n": 1}',
    '["he said "hi", then", "b"]': '["he said \\"hi\\", then", "b"]',
    '["a" b", "c"]': ('["a", "b", "c"]', '["a\\" b", "c"]'),
    '{"a": "line1\nline2\tx\r\n"}': '{"a": "line1\\nline2\\tx\\r\\n"}',
    '{"a": "x\x01y\x08\x0c"}': '{"a": "x\\u0001y\\b\\f"}',
}

ESCAPES = {
    r'{"a": "C:\path\new"}': (r'{"a": "C:\\path\new"}', r'{"a": "C:path\new"}'),
    r'{"a": "\d+\."}': (r'{"a": "\\d+\\."}', r'{"a": "d+."}'),
    r'{"a": "\x41"}': (r'{"a": "\u0041"}', r'{"a": "x41"}'),
    r'{"a": "\u12"}': r'{"a": "\\u12"}',
    r'{"a": "it\'s"}': '{"a": "it\'s"}',
    r'{"a": "trail\"}': r'{"a": "trail\""}',
    '{"a": "one \\\ntwo"}': '{"a": "one two"}',
    r"{\"a\": \"b\"}": '{"a": "b"}',
    r"{\"a\": \"he said \\\"hi\\\"\"}": r'{"a": "he said \"hi\""}',
    r"{\"a\": \"one\\ntwo\"}": r'{"a": "one\ntwo"}',
    r"\n{\n\"a\": 1\n}": '{"a": 1}',
    r"{\n  \"a\": [1,\n 2\n ]\n}": '{  "a": [1, 2 ]}',
}

PARTS = {
    '{"a": "b" + "c"}': '{"a": "bc"}',
    "{'a': 'b' + \"c\"}": '{"a": "bc"}',
    "[\"a\" + \"b\", 'c' + 'd']": '["ab", "cd"]',
    '["a" +': '["a" ]',
    '"a" + "b"': '"ab"',
    '"a" + /* c */ "b"': '"ab"',
    '{"a": "b" "c"}': '{"a": "bc"}',
    "{'a': b'x', 'c': u\"y\", 'd': rb'z'}": '{"a": "x", "c": "y", "d": "z"}',
}


def all_rows() -> list[Row]:
    """Every row."""
    return [
        *rows("quote", QUOTES),
        *rows("missing quote", MISSING),
        *rows("inner quote", INNER),
        *rows("escape", ESCAPES),
        *rows("parts", PARTS),
        edited(
            "edits inside a string",
            '{"a": "x "y" \\d"}',
            '{"a": "x \\"y\\" \\\\d"}',
            [
                ("unescaped_quote", 9, 9, "\\", True),
                ("unescaped_quote", 11, 11, "\\", True),
                ("bad_escape", 13, 13, "\\"),
            ],
        ),
        edited(
            "edits of a concatenation",
            "['a' + 'b']",
            '["ab"]',
            [("quote_style", 1, 2, '"'), ("concatenation", 3, 8, ""), ("quote_style", 9, 10, '"')],
        ),
        of_bytes("bytes that are no UTF-8", b'["a\xff\xfeb"]', '["a\ufffd\ufffdb"]'.encode()),
        of_bytes("a sequence cut short", b'{"a": "\xe2\x82"}', '{"a": "\ufffd"}'.encode()),
        of_bytes("a surrogate in three bytes", b'["\xed\xa0\xbd"]', b'["\\ud83d"]'),
        of_bytes("no UTF-8 in a comment", b"[1 /* \xff */]", b"[1 ]"),
    ]
