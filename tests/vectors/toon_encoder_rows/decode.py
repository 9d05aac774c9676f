"""Steps of `decode`: what is read, and every line that is wrong."""

from __future__ import annotations

import json

from ._write import DECODE, Row, decoded, failed, left

LITERALS = ("null", "-0", "1.50", "1E+9", "123456789012345678901234567890")
STRINGS = ("hello world", "05", "+1", "1.", "True", "- a", "-", "é", "#a", "{}", "a,b", ": 1", "a[1", "a[1] 1")

READ = (
    ("empty", "", "{}"),
    ("blanks only", " \n\n", "{}"),
    ("quoted", '"a\\"\\\\\\n\\r\\t\\u00e9\\u0001\\ud800"', '"a\\"\\\\\\n\\r\\té\\u0001\\ud800"'),
    ("halves side by side", r'"\ud83d\ude00\ud83d\ud83d\ude00"', '"\U0001f600\\ud83d\U0001f600"'),
    ("quoted words", '[3]: "true","1",""', '["true","1",""]'),
    ("fields", 'a: 1\nb:\n  c: x y\n  d:\ne:2\n"f g" : "h"', '{"a":1,"b":{"c":"x y","d":{}},"e":2,"f g":"h"}'),
    ("keys of any words", "full name: x\na.b: 1", '{"full name":"x","a.b":1}'),
    ("keys twice", "a: 1\na: 2", '{"a":1,"a":2}'),
    ("empty arrays", "a[0]:\nb: []", '{"a":[],"b":[]}'),
    ("an empty array", "[0]:", "[]"),
    ("an empty array, version 4", "[]", "[]"),
    ("inline", '[4]: a , b,,"c,d"', '["a","b","","c,d"]'),
    (
        "delimiters",
        'a[2|]: x,y|z\nb[2\t]: p\tq\nc[1|]{"a|b"|c}:\n  1|2',
        '{"a":["x,y","z"],"b":["p","q"],"c":[{"a|b":1,"c":2}]}',
    ),
    ("a table", '[2]{id,"a b"}:\n  1,x\n  2,"y,z"', '[{"id":1,"a b":"x"},{"id":2,"a b":"y,z"}]'),
    ("a colon in a row", "[1]{a,b}:\n  1,x:y", '[{"a":1,"b":"x:y"}]'),
    ("an empty table", "[0]{a}:", "[]"),
    ("spaces in a header", "a[1] { b , c } :\n  1, 2", '{"a":[{"b":1,"c":2}]}'),
    (
        "items",
        '[6]:\n  - 1\n  - "a:b"\n  - [0]:\n  - [2]: 1,2\n  -\n  - a: 1\n    b[1]: 1',
        '[1,"a:b",[],[1,2],{},{"a":1,"b":[1]}]',
    ),
    (
        "a table first in an object",
        "[1]:\n  - t[2]{a}:\n      1\n      2\n    u: 1",
        '[{"t":[{"a":1},{"a":2}],"u":1}]',
    ),
    ("an object first in an object", "[1]:\n  - o:\n      a: 1\n    u: 2", '[{"o":{"a":1},"u":2}]'),
    ("members below a hyphen", "[1]:\n  -\n    a: 1\n    b: 2", '[{"a":1,"b":2}]'),
    ("a table in an item", "[1]:\n  - [1]{a}:\n    1", '[[{"a":1}]]'),
    ("line ends of Windows", "a: 1\r\nb: 2\r\n", '{"a":1,"b":2}'),
    ("blank lines between members", "a: 1\n\n  \nb[2]:\n\n  - 1\n  - 2\n\nc: 3\n", '{"a":1,"b":[1,2],"c":3}'),
)
WRONG = (
    ("two values", "a\nb"),
    ("a line too many", "[1]: a\nb"),
    ("indentation of one", "a:\n b: 1"),
    ("a tab", "a:\n\tb: 1"),
    ("a jump", "a:\n    b: 1"),
    ("indented first", "  a: 1"),
    ("members below a value", "a: 1\n  b: 2"),
    ("too few values", "[3]: 1,2"),
    ("too many values", "[1]: 1,2"),
    ("too few rows", "[2]{a}:\n  1"),
    ("too many rows", "[1]{a}:\n  1\n  2"),
    ("a narrow row", "[1]{a,b}:\n  1"),
    ("a wide row", "[1]{a}:\n  1,2"),
    ("too few items", "[2]:\n  - 1\nb: 1"),
    ("too many items", "[1]:\n  - 1\n  - 2"),
    ("no hyphen", "[1]:\n  1"),
    ("a hyphen without a blank", "[1]:\n  -1"),
    ("a blank line in a table", "[2]{a}:\n  1\n\n  2"),
    ("a blank line in items", "[2]:\n  - a:\n\n      b: 1\n  - 2"),
    ("no length", "[]: 1"),
    ("a length of 19 digits", "[1234567890123456789]:"),
    ("the length of version 1", "[#1]: 1"),
    ("keyed names", "a[2:]{b}:\n  c: 1"),
    ("nested names", "[1]{a{b}}:\n  1"),
    ("no name", "[1]{a,}:\n  1,2"),
    ("names with a tail", "[1]{a}: 1"),
    ("another delimiter in names", "[1|]{a,b}:\n  1|2"),
    ("no end of a quote", 'a: "b'),
    ("a tail of a quote", 'a: "b" c'),
    ("an escape that is none", 'a: "\\x"'),
    ("a short escape", 'a: "\\u12"'),
    ("an escape of JSON", 'a: "\\/"'),
    ("a key with an escape that is none", '"\\q": 1'),
    ("a word after members", "a: 1\nb"),
    ("an item that is a bracket", "[1]:\n  - [x"),
    ("a comment", "# c\na: 1"),
)
DEEP = "a:\n  b[1]:\n    - [0]:"
LONG = "[3]{name}:\n  1\n  2\n  3"


def all_rows() -> list[Row]:
    """Every row, in the order of the file."""
    strict = DECODE | {"strict": True}
    small = {"max_output_bytes": 20}
    return [
        *(decoded(f"decode: {text}", text, text) for text in LITERALS),
        *(decoded(f"decode: string {text}", text, json.dumps(text, ensure_ascii=False)) for text in STRINGS),
        *(decoded(f"decode: {name}", text, output) for name, text, output in READ),
        *(left(f"not TOON: {name}", text, DECODE) for name, text in WRONG),
        *(failed(f"not TOON, strict: {name}", text, 43, strict) for name, text in WRONG),
        failed("not TOON, strict: too deep", DEEP, 41, strict | {"max_depth": 3}),
        left("not TOON: too deep", DEEP, DECODE | {"max_depth": 3}),
        decoded("decode: deep enough", DEEP, '{"a":{"b":[[]]}}', max_depth=4),
        left("not TOON: a table that is too deep", "[1]{a}:\n  1", DECODE | {"max_depth": 1}),
        failed("decode: output over its limit", LONG, 40, DECODE | small),
        failed("decode: output over its limit before a wrong line", LONG.replace("  3", " 3"), 40, DECODE | small),
        failed("decode: a wrong line before output over its limit", LONG.replace("  2", " 2"), 43, strict | small),
        {
            "id": "not TOON: bytes that are no UTF-8",
            "config": DECODE,
            "input_hex": "613a20ff",
            "expect": {"findings": [], "output_hex": "613a20ff"},
        },
        {
            "id": "not TOON, strict: bytes that are no UTF-8",
            "config": strict,
            "input_hex": "613a20ff",
            "expect": {"error": {"class": "InputTooLarge", "code": 43, "path": ""}},
        },
    ]
