"""What stands around values: comments, prose, code blocks, several values, white space."""

from __future__ import annotations

from ._write import Row, edited, rows

COMMENTS = {
    '{// c\n"a":1}': '{\n"a":1}',
    '{"a":1 // c\n}': '{"a":1 \n}',
    '{"a":1 /* c */}': '{"a":1 }',
    '{"a":1, # c\n"b":2}': '{"a":1, \n"b":2}',
    '{"a": /* "b": */ 1, /* , */ }': '{"a":  1  }',
    '{"a":1 /* c': '{"a":1 }',
    '// c\n{"a":1}': '\n{"a":1}',
    "# c\n[1] # d": "\n[1] ",
    '{"a": "http://x" // y\n}': '{"a": "http://x" \n}',
}

AROUND = {
    '```json\n{"a":1}\n```': '\n{"a":1}\n',
    "```\n[1]\n```\n": "\n[1]\n\n",
    '```json\n{"a":1}': '\n{"a":1}',
    '{"a":1}\n```': '{"a":1}\n',
    'Here it is:\n```json\n{"a":1}\n```\nHope it helps!': '\n{"a":1}\n\n',
    '```json\n{"a": "x\n```': '\n{"a": "x"\n}',
    'Sure! {"a": 1} hope {this} helps': '{"a": 1} ',
    '{"a":"b"} trailing text': '{"a":"b"} ',
    "As in [1], the answer is [true, 2].": "[true, 2]",
    'callback({"a":1});': '{"a":1}',
    "/* x */ callback([1])": " [1]",
    "callback ([1])": "[1]",
    "nothing: {} found": "{} ",
    "a {} and [1, 2]": "[1, 2]",
    '{"a": "x}```': '{"a": "x"}',
    'result = {"a": 1};': '{"a": 1}',
    'The {name} is {"a": 1}': '{"a": 1}',
}

LISTS = {
    '{"a":1}\n{"b":2}\n': '[{"a":1},\n{"b":2}]\n',
    '{"a":1}{"a":2}': '[{"a":1},{"a":2}]',
    '{"a":1},{"b":2},': '[{"a":1},{"b":2}]',
    "1\n2\n3": "[1,\n2,\n3]",
    '"a"\n"b"': '["a",\n"b"]',
    "[1] [2]": "[[1], [2]]",
    'Here is {"a":1} and {"b":2} ok': '[{"a":1}, {"b":2}] ',
    '```json\n{"a":1}\n```\nand\n```json\n{"b":2}\n```': '\n[{"a":1},\n\n\n{"b":2}]\n',
}

ELLIPSES = {
    "[1,2,...]": "[1,2]",
    "[1,...,9]": "[1,9]",
    "[...]": "[]",
    "{...}": "{}",
    '{"a":1,...}': '{"a":1}',
    "[1, 2, \u2026]": "[1, 2 ]",
    '{"a": ...}': ('{"a": ""}', '{"a": null}'),
}

SPACES = {
    '\ufeff{"a":1}': '{"a":1}',
    '{\u00a0"a":\u20031}': '{ "a": 1}',
    '{"a":\x00 1}': '{"a":  1}',
    '{"a":\u2028\u30001}': '{"a": 1}',
    '{"a": 1}\u200b': '{"a": 1} ',
}

NOTHING = {
    "": ('""', "null"),
    " \n": ('""', "null"),
    "hello": ('""', '"hello"'),
    ' hello "world"\n': ('""', '"hello \\"world\\""'),
    "name: John\nage: 3": ('""', '"name: John\\nage: 3"'),
    "}": ('""', '"}"'),
    ":": ('""', '":"'),
    "12abc": ('""', '"12abc"'),
}


def all_rows() -> list[Row]:
    """Every row."""
    return [
        *rows("comment", COMMENTS),
        *rows("around", AROUND),
        *rows("list", LISTS),
        *rows("ellipsis", ELLIPSES),
        *rows("space", SPACES),
        *rows("nothing", NOTHING),
        edited(
            "edits of prose and a code block",
            "Look:\n```json\n[1]\n```\nBye",
            "\n[1]\n\n",
            [("prose", 0, 6, ""), ("code_fence", 6, 13, ""), ("code_fence", 18, 21, ""), ("prose", 22, 25, "")],
        ),
        edited(
            "edits of a list of values",
            "[1] [2]",
            "[[1], [2]]",
            [("value_list", 0, 0, "["), ("value_list", 3, 3, ","), ("value_list", 7, 7, "]")],
        ),
        edited("edits of nothing", "hello", '""', [("no_json", 0, 5, '""', True)]),
    ]
