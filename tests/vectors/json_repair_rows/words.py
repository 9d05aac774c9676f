"""Words without quotes: constants, numbers, calls, keys."""

from __future__ import annotations

from ._write import Row, edited, rows

CONSTANTS = {
    '{"a": True, "b": None, "c": False}': '{"a": true, "b": null, "c": false}',
    "[True False None]": "[true, false, null]",
    "[TRUE, Null, none]": ("[true, null, null]", '["TRUE", "Null", "none"]'),
    '{"a": undefined, "b": NaN, "c": Infinity, "d": -Infinity}': '{"a": null, "b": null, "c": null, "d": null}',
    "[nan, nullx]": '["nan", "nullx"]',
    "True": "true",
}

NUMBERS = {
    "[.5, -.5, 1., 1e, 1e+]": "[0.5, -0.5, 1.0, 1e0, 1e+0]",
    "[+1]": "[1]",
    "[007]": ("[7]", '["007"]'),
    "[1_000]": ("[1000]", '["1_000"]'),
    "[-]": ('["-"]', "[-0]"),
    "[0x1F, 1.2.3, 12abc, 1/2, 5%, --1]": '["0x1F", "1.2.3", "12abc", "1/2", "5%", "--1"]',
    "[2023-01-01]": '["2023-01-01"]',
    '{"a": 1,000}': '{"a": "1,000"}',
    '{"a": 5 apples, "b": $5}': '{"a": "5 apples", "b": "$5"}',
}

WORDS = {
    "{a:1}": '{"a":1}',
    "{a b: 1, c-d: 2, \u00e9: 3}": '{"a b": 1, "c-d": 2, "\u00e9": 3}',
    "{1: 2, 1.5: 2, true: 2, null: 2}": '{"1": 2, "1.5": 2, "true": 2, "null": 2}',
    "{a: b}": '{"a": "b"}',
    '{"a": hello world, "b": 1}': '{"a": "hello world", "b": 1}',
    '{"a": hello, world}': '{"a": "hello, world"}',
    '{"a": http://x.y/z?q=1#f, "b": 1}': '{"a": "http://x.y/z?q=1#f", "b": 1}',
    '{"a": b: c}': '{"a": "b: c"}',
    '{"a": say "hi" now}': '{"a": "say \\"hi\\" now"}',
    '{"a": hello\n"b": 2}': '{"a": "hello",\n"b": 2}',
    "{a: 1\u2018{b: 2}": '{"a": "1\u2018","b": 2}',
    "{a: x{y}z, b: 1}": '{"a": "x{y}z", "b": 1}',
    '{"a": 1, NOTE "b": 2}': '{"a": 1,  "b": 2}',
    '{"a": "x", NOTE "b": 2}': '{"a": "x",  "b": 2}',
    '[a",b"]': '["a","b"]',
    "[one, two words, x[0]]": '["one", "two words", "x[0]"]',
    '{"color": #fff, "b": 1}': '{"color": "#fff", "b": 1}',
}

CALLS = {
    '{"_id": ObjectId("123"), "n": NumberLong(2), "d": ISODate("2012")}': '{"_id": "123", "n": 2, "d": "2012"}',
    '{"s": new Date(5), "d": datetime.date(2020)}': '{"s": 5, "d": 2020}',
    '{"t": Timestamp(1, 2)}': '{"t": [1, 2]}',
    "{'a': Decimal('1.5'), 'b': OrderedDict([[1]])}": '{"a": "1.5", "b": [[1]]}',
    '{"a": ISODate()}': ('{"a": ""}', '{"a": null}'),
    "f(null)": "null",
    '{"a": hello (world)}': '{"a": "hello (world)"}',
    '{"a": (1, 2)}': ('{"a": [1, 2]}', '{"a": "(1, 2)"}'),
    "(1, 'a')": ('[1, "a"]', "\"(1, 'a')\""),
}


def all_rows() -> list[Row]:
    """Every row."""
    return [
        *rows("constant", CONSTANTS),
        *rows("number", NUMBERS),
        *rows("word", WORDS),
        *rows("call", CALLS),
        edited(
            "edits of constants and numbers",
            "[True,NaN,+1.,tr",
            "[true,null,1.0,true]",
            [
                ("python_constant", 1, 5, "true"),
                ("javascript_constant", 6, 9, "null", True),
                ("number", 10, 11, ""),
                ("number", 13, 13, "0"),
                ("truncated_constant", 14, 16, "true", True),
                ("missing_bracket", 16, 16, "]"),
            ],
        ),
        edited(
            "edits of a call",
            "[f(1)]",
            "[1]",
            [("function_call", 1, 3, ""), ("function_call", 4, 5, "")],
        ),
        edited(
            "edits of a call with two arguments",
            "[f(1,2)]",
            "[[1,2]]",
            [("function_call", 1, 3, "[", True), ("wrong_bracket", 6, 7, "]")],
        ),
    ]
