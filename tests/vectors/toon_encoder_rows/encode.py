"""Steps of `encode`: scalars, keys, members, arrays, tables, items."""

from __future__ import annotations

import json

from ._write import Row, encoded

LITERALS = {
    "null": "null",
    "a number": "42",
    "minus zero": "-0",
    "a fraction keeps its zeros": "1.500",
    "an exponent": "-1E+09",
    "a long integer": "123456789012345678901234567890",
}
#: Strings that must be quoted, as themselves.
QUOTED = {
    "empty": "",
    "true": "true",
    "null": "null",
    "number": "42",
    "leading zeros": "05",
    "plus": "+1",
    "negative exponent": "-1e-5",
    "hyphen": "-",
    "hyphens": "--",
    "hyphen first": "-a",
    "hash first": "#a",
    "blank first": " a",
    "blank last": "a ",
    "no-break space last": "a\u00a0",
    "line separator first": "\u2028a",
    "byte order mark first": "\ufeffa",
    "colon": "a:b",
    "quote": 'say "a"',
    "backslash": "a\\b",
    "brackets": "a[1]",
    "braces": "{}",
    "comma": "a,b",
    "line feed": "a\nb",
    "tab": "a\tb",
    "return": "a\rb",
}
BARE = ("a-b", "a#b", "1a", "1.", "e5", ".5", "True", "a b", "0x10", "1_000", "é", "a|b", "nullx", "+", "1.2.3")

SCALARS = (
    ("scalar: blanks around", "\r\n\t true ", "true"),
    ("scalar: a bare string", '"hello world"', "hello world"),
    ("needs_quotes: control characters", r'"\u0000\b\f\u001f"', r'"\u0000\u0008\u000c\u001f"'),
    ("needs_quotes: lone surrogates", r'["\ud800","x\udfff\ud83d"]', r'[2]: "\ud800","x\udfff\ud83d"'),
    ("needs_quotes: a pair is one character", r'"\ud83d\ude00"', "\U0001f600"),
    ("needs_quotes: a lone half before a pair", r'"\ud83d\ud83d\ude00"', '"\\ud83d\U0001f600"'),
    ("needs_quotes: an exponent", '"1e5"', '"1e5"'),
    ("bare: escapes that need none", r'"a\/b\u00e9"', "a/bé"),
)
FIELDS = (
    ("fields: flat", '{"id": 1, "name": "Ada", "ok": true, "no": null}', "id: 1\nname: Ada\nok: true\nno: null"),
    ("fields: nested", '{"a":{"b":{"c":1},"d":{}},"e":2}', "a:\n  b:\n    c: 1\n  d:\ne: 2"),
    ("fields: an empty document", "{ }", ""),
    ("fields: a key twice", '{"a":1,"a":{"b":2},"a":1}', "a: 1\na:\n  b: 2\na: 1"),
    (
        "key: quoted",
        '{"a b":1,"":2,"1a":3,"é":4,"a-b":5,"a\\nb":6,"a\\"":7,"true":8,"_a.b9":9}',
        '"a b": 1\n"": 2\n"1a": 3\n"é": 4\n"a-b": 5\n"a\\nb": 6\n"a\\"": 7\ntrue: 8\n_a.b9: 9',
    ),
    ("key: escapes that need none", r'{"\u0061\u005f":1,"\ud800":2}', 'a_: 1\n"\\ud800": 2'),
)
ARRAYS = (
    ("array: empty", "[]", "[0]:"),
    ("array: scalars", '[1,"a","b c","x,y",null]', '[5]: 1,a,b c,"x,y",null'),
    ("array: members", '{"a":[],"b":[1,2],"c d":["-"]}', 'a[0]:\nb[2]: 1,2\n"c d"[1]: "-"'),
    ("table: root", '[{"id":1,"name":"Ada"},{"id":2,"name":"B, C"}]', '[2]{id,name}:\n  1,Ada\n  2,"B, C"'),
    ("table: member, keys quoted", '{"t":[{"a b":1,"c":"x"}]}', 't[1]{"a b",c}:\n  1,x'),
    ("table: keys in another order", '[{"a":1,"b":2,"c":3},{"c":6,"a":4,"b":5}]', "[2]{a,b,c}:\n  1,2,3\n  4,5,6"),
    ("table: keys spelt differently", r'[{"a":1,"b":2},{"\u0062":4,"\u0061":3}]', "[2]{a,b}:\n  1,2\n  3,4"),
    ("items: other keys", '[{"a":1},{"b":2}]', "[2]:\n  - a: 1\n  - b: 2"),
    ("items: more keys", '[{"a":1},{"a":2,"b":3}]', "[2]:\n  - a: 1\n  - a: 2\n    b: 3"),
    ("items: a value that is no scalar", '[{"a":1},{"a":[]}]', "[2]:\n  - a: 1\n  - a[0]:"),
    ("items: an empty object inside", '[{"a":{}},{"a":{}}]', "[2]:\n  - a:\n  - a:"),
    ("items: keys twice", '[{"a":1,"a":2},{"a":3,"a":4}]', "[2]:\n  - a: 1\n    a: 2\n  - a: 3\n    a: 4"),
    ("items: keys twice in one", '[{"a":1,"b":2},{"a":3,"a":4}]', "[2]:\n  - a: 1\n    b: 2\n  - a: 3\n    a: 4"),
    (
        "items: of every kind",
        '[1,"a:b",[],[1,2],{},{"a":1,"b":[1]}]',
        '[6]:\n  - 1\n  - "a:b"\n  - [0]:\n  - [2]: 1,2\n  -\n  - a: 1\n    b[1]: 1',
    ),
    (
        "items: arrays in arrays",
        '[[[1],[[]]],[{"a":1},{"a":2}]]',
        "[2]:\n  - [2]:\n    - [1]: 1\n    - [1]:\n      - [0]:\n  - [2]:\n    - a: 1\n    - a: 2",
    ),
    (
        "items: a table first in an object",
        '[{"t":[{"a":1},{"a":2}],"u":1}]',
        "[1]:\n  - t[2]{a}:\n      1\n      2\n    u: 1",
    ),
    (
        "items: an object first in an object",
        '[{"o":{"a":1},"u":{"b":2}}]',
        "[1]:\n  - o:\n      a: 1\n    u:\n      b: 2",
    ),
    (
        "items: items first in an object",
        '{"x":[{"l":[1,[2]],"m":3}]}',
        "x[1]:\n  - l[2]:\n      - 1\n      - [1]: 2\n    m: 3",
    ),
)
TABS = '{"a":["x,y","p\\tq","r|s"],"t":[{"a":1,"b":"x,y"}],"v":"x,y"}'
PIPES = '{"a":["x,y","r|s"],"t":[{"a":1,"b":2}],"e":[]}'


def all_rows() -> list[Row]:
    """Every row, in the order of the file."""
    return [
        *(encoded(f"scalar: {name}", text, text) for name, text in LITERALS.items()),
        *(encoded(f"needs_quotes: {name}", _json(text), _json(text)) for name, text in QUOTED.items()),
        *(encoded(f"bare: {text}", _json(text), text) for text in BARE),
        *(encoded(*row) for row in (*SCALARS, *FIELDS, *ARRAYS)),
        encoded("delimiter: tab", TABS, 'a[3\t]: x,y\t"p\\tq"\tr|s\nt[1\t]{a\tb}:\n  1\tx,y\nv: x,y', delimiter="tab"),
        encoded("delimiter: pipe", PIPES, 'a[2|]: x,y|"r|s"\nt[1|]{a|b}:\n  1|2\ne[0|]:', delimiter="pipe"),
    ]


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
